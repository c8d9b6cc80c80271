"""The policy of `deciding` by other means, each in a process of its own; who got what is checked."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.environments import ENGINES, answer_of, python_with, versions_of

BY_HAND = "bare loop by hand"
PACKAGES = ("business-rules", "numpy", "pandas")
PEERS = {
    BY_HAND: "by_hand",
    "business-rules and min()": "business_rules",
    "pandas, the batch at once": "pandas_frames",
    "SQLite, the batch in one statement": "one_statement",
}


class WrongAgentError(AssertionError):
    """Somebody else got a record than the policy says."""


Condition = tuple[str, str, str | int]


@contextmanager
def others(
    records: Sequence[Mapping[str, object]],
    rules: Sequence[tuple[Sequence[Condition], str]],
    agents: Mapping[str, Sequence[str]],
    *,
    otherwise: str,
    capacity: int,
    daily: int,
) -> Iterator[dict[str, Callable[[], float]]]:
    """Yield, by name, what decides the records by other means and returns the seconds of processor time it took.

    `rules` are conditions with the team that they lead to, tried in order; `otherwise` is the team of everybody else.
    `WrongAgentError` if a record goes to another team than it should, or a team's agents do not get the same number.
    """
    python = python_with(PACKAGES, folder=ENGINES)
    told = {
        "records": records,
        "rules": [conditions for conditions, _ in rules],
        "teams": [*(team for _, team in rules), otherwise],
        "agents": agents,
        "capacity": capacity,
        "daily": daily,
    }
    team_of = {agent: team for team, members in agents.items() for agent in members}
    wanted = [_team(record, rules, otherwise) for record in records]

    def seconds_of(policy: str) -> float:
        answer = answer_of(python, "engines.policies", policy, str(path))
        given = answer["agents"]
        if [team_of[agent] for agent in given] != wanted:
            raise WrongAgentError(policy, "another team than the rules say")
        _refuse_unequal(policy, Counter(given), agents)
        return float(answer["seconds"])

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workload.json"
        path.write_text(json.dumps(told), encoding="utf-8")
        yield {name: partial(seconds_of, policy) for name, policy in PEERS.items()}


def versions() -> dict[str, str]:
    """Return the versions of the packages that peers are made of."""
    return versions_of(PACKAGES, python=python_with(PACKAGES, folder=ENGINES))


def _team(record: Mapping[str, Any], rules: Sequence[tuple[Sequence[Condition], str]], otherwise: str) -> str:
    for conditions, team in rules:
        if all(record[name] == value if sign == "=" else record[name] >= value for name, sign, value in conditions):
            return team
    return otherwise


def _refuse_unequal(policy: str, given: Counter[str], agents: Mapping[str, Sequence[str]]) -> None:
    for team, members in agents.items():
        counts = [given[agent] for agent in members]
        if max(counts) - min(counts) > 1:
            raise WrongAgentError(policy, f"the agents of {team} got {min(counts)} to {max(counts)}")
