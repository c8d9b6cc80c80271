"""Loaded once by the process that others are forked from: the rules of all scenes are read already."""

from __future__ import annotations

from tests.campaigns.scenes import SCENES

READY = {name: (scene.rules.version, len(scene.people)) for name, scene in SCENES.items()}
