"""Shadows: what other rules would have decided, beside what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

KEPT_DIFFERENCES = 1000

Pair = tuple[str | None, str | None]


class Difference(BaseModel):
    """One item that the two rule sets decided differently: what was done, and what the shadow would have done."""

    model_config = ConfigDict(frozen=True)

    kind: str
    item_id: str
    at: AwareDatetime | None
    outcome: str
    agent_id: str | None
    rule: str | None
    shadow_outcome: str
    shadow_agent_id: str | None
    shadow_rule: str | None


class ShadowReport(BaseModel):
    """How two rule sets compare so far: `decided` = `same` + `different` + `failed`.

    `differences` are the newest thousand of each desk that looked on, oldest first. `moves` counts all differences by
    (rule, rule of the shadow), `hands` by (agent, agent of the shadow), the most frequent first; None is no rule, or
    nobody. An item on which the shadow raised an error counts as `failed`; the log says why. `actors` had the rules
    look on.
    """

    model_config = ConfigDict(frozen=True)

    shadow_version: str
    actors: tuple[str, ...] = ()
    decided: int
    same: int
    different: int
    failed: int
    moves: tuple[tuple[str | None, str | None, int], ...]
    hands: tuple[tuple[str | None, str | None, int], ...]
    differences: tuple[Difference, ...]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the differences as one flat row each."""
        return [difference.model_dump(mode="json") for difference in self.differences]

    def by_rule(self) -> list[dict[str, Any]]:
        """Return one row per pair of rules with the number of items, the most frequent first."""
        return [{"rule": rule, "shadow_rule": other, "items": count} for rule, other, count in self.moves]

    def by_agent(self) -> list[dict[str, Any]]:
        """Return one row per agent of a difference, by id: how many of the items it got, and would have got.

        An item that both give to the same agent, by different rules, counts on both sides.
        """
        got: Counter[str] = Counter()
        would: Counter[str] = Counter()
        for agent_id, other, count in self.hands:
            got.update({agent_id: count} if agent_id is not None else {})
            would.update({other: count} if other is not None else {})
        return [
            {"agent_id": name, "items": got[name], "shadow_items": would[name], "change": would[name] - got[name]}
            for name in sorted({*got, *would})
        ]

    @classmethod
    def together(cls, reports: Iterable[ShadowReport]) -> ShadowReport:
        """Return what several desks have seen of one version, at least one, as one report."""
        found = list(reports)
        differences = sorted((one for report in found for one in report.differences), key=_when)
        return cls(
            shadow_version=found[0].shadow_version,
            actors=tuple(dict.fromkeys(actor for report in found for actor in report.actors)),
            decided=sum(report.decided for report in found),
            same=sum(report.same for report in found),
            different=sum(report.different for report in found),
            failed=sum(report.failed for report in found),
            moves=ranked(_summed(report.moves for report in found)),
            hands=ranked(_summed(report.hands for report in found)),
            differences=tuple(differences),
        )


def ranked(counts: Counter[Pair]) -> tuple[tuple[str | None, str | None, int], ...]:
    """Return pairs with their counts, the most frequent first, then by name."""
    return tuple((*pair, count) for pair, count in sorted(counts.items(), key=lambda one: (-one[1], str(one[0]))))


def _summed(counted: Iterable[Iterable[tuple[str | None, str | None, int]]]) -> Counter[Pair]:
    total: Counter[Pair] = Counter()
    for rows in counted:
        for before, after, count in rows:
            total[before, after] += count
    return total


def _when(difference: Difference) -> datetime:
    return difference.at or datetime.min.replace(tzinfo=UTC)
