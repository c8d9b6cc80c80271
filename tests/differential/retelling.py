"""Plays that one process wrote down and others tell again: `python -m tests.differential.retelling FILE`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tests.differential.lockstep import Lockstep, Setting
from tests.differential.playing import Databases


class Play(NamedTuple):
    """What was played, and the digest of all that it told."""

    setting: Setting
    steps: tuple[str, ...]
    digest: str


def write(plays: Iterable[Play], file: Path) -> None:
    """Write plays down."""
    told = [
        {"texts": s.texts, "at": s.at.isoformat(), "zone": s.zone, "seed": s.seed, "steps": steps}
        for s, steps, _ in plays
    ]
    file.write_text(json.dumps(told), encoding="utf-8")


def retold(file: Path) -> list[str]:
    """Return the digest of each play of a file, played anew in memory and on SQLite, which have to agree."""
    digests = []
    with closing(Databases({"sqlite memory": "sqlite://"})) as databases:
        for told in json.loads(file.read_text(encoding="utf-8")):
            at = datetime.fromisoformat(told["at"])
            setting = Setting(tuple(told["texts"]), at, zone=told["zone"], seed=told["seed"])
            with databases.stores() as stores:
                both = Lockstep(setting, stores)
                for step in told["steps"]:
                    both.take(step)
                both.finish()
                digests.append(both.told.hexdigest())
    return digests


if __name__ == "__main__":
    print(*retold(Path(sys.argv[1])), sep="\n")  # noqa: T201 - for whoever started it
