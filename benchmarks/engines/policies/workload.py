"""What is to be decided: records, rules with the team of each, and the agents of each team."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from engines.spelling import Record, Rules


@dataclass(frozen=True, slots=True)
class Workload:
    """`rules` are tried in order, `teams` has the team of each, and last that of records that no rule matches.

    An agent carries `capacity` at most, and gets `daily` of a day through a team's rules, which are all but the last.
    """

    records: list[Record]
    rules: Rules
    teams: list[str]
    agents: dict[str, list[str]]
    capacity: int
    daily: int

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the workload of a JSON file."""
        told = json.loads(path.read_text(encoding="utf-8"))
        told["rules"] = [[tuple(condition) for condition in rule] for rule in told["rules"]]
        return cls(**told)
