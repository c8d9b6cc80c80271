"""Loaded once by the process that others are forked from: the rules of all scenes are read already.

The others are silent about errors that campaigns make happen.
"""

from __future__ import annotations

import logging

from tests.campaigns.scenes import SCENES

READY = {name: (scene.rules.version, len(scene.people)) for name, scene in SCENES.items()}
logging.getLogger("assignkit").setLevel(logging.CRITICAL)
