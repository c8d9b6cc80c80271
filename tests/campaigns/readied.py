"""Loaded once by the process that others are forked from: all rules are read, all statements spelled already."""

from __future__ import annotations

from assignkit.repositories.sql.work import statements_for
from tests.campaigns.auditing import PREFIX
from tests.campaigns.playing import DATABASES
from tests.campaigns.scenes import SCENES

READY = {name: (scene.rules.version, len(scene.people)) for name, scene in SCENES.items()}
SPELLED = [statements_for(database, schema=None, prefix=PREFIX) for database in DATABASES]
