"""Granting: what a plain decision comes to, and what it was made of, for whoever asks why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from assignkit.desk.committing.noting import TURN, facts_of
from assignkit.desk.committing.remembering import remembered
from assignkit.desk.deciding.chains import Lane
from assignkit.desk.deciding.choosing import Search
from assignkit.desk.deciding.deciding import Attempt, Case, Verdict
from assignkit.desk.deciding.explaining import Said, Told, explain_verdict, words_for
from assignkit.desk.deciding.world import World
from assignkit.model.building import whole
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.model.explanation import Explanation
from assignkit.model.grant import Grant, Path, Terms
from assignkit.rules.ruleset import RuleSet

_STEP: Path = ("facts", "steps", 0)


@dataclass(slots=True, eq=False, kw_only=True)
class LaneTerms(Terms):
    """The terms of grants along one lane, and by what they were decided."""

    lane: Lane
    rules: RuleSet
    zone: str
    seed: str


@dataclass(slots=True)
class Account:
    """What a plain decision was made of, for whoever asks why."""

    terms: LaneTerms
    item: Customer
    search: Search
    at: datetime

    def __call__(self) -> Explanation:
        """Return the explanation."""
        return explain_verdict(self.verdict(), seed=self.terms.seed)

    def __reduce__(self) -> tuple[type[Told], tuple[Explanation]]:
        return Told, (self(),)

    def verdict(self) -> Verdict:
        """Return what the long way would have come to."""
        terms, item = self.terms, self.item
        lane = terms.lane
        world = World(terms.rules, terms.kind, item, None, None, self.at, terms.zone)
        return Verdict(
            Case(item.id, world, item.effort, None, self.at),
            "assigned",
            rule=lane.rule,
            step=lane.step,
            agent=self.search.ranked[0].agent,
            target=lane.label,
            attempts=[attempt_of(lane, self.search)],
        )


class Granted(Grant):
    """A grant along a lane. `ceiling` is the agent's, if it is another one than before, within a tuple."""

    __slots__ = ("_ceiling", "_search")

    terms: LaneTerms

    def __init__(
        self,
        terms: LaneTerms,
        item: Customer,
        at: datetime,
        search: Search,
        ceiling: tuple[int | Decimal | None] | None,
    ) -> None:
        super().__init__(terms, item, search.ranked[0].agent, at)
        self._search: Search | None = search
        self._ceiling = ceiling

    def fields(self) -> dict[str, Any]:
        """Return the event's fields; see `Happening.fields`."""
        terms, placement = self.terms, self.placement()
        return {
            "id": self.id,
            "type": "assigned",
            "at": self.at,
            "kind": self.kind,
            "item_id": self.item_id,
            "agent_id": self.agent.id,
            "fence": 1,
            "rule": terms.rule,
            "actor": terms.actor,
            "reason": None,
            "facts": {
                **self._verdict_facts(),
                **remembered(placement, at=self.at, rule=terms.rule, origin="rule"),
                **self._notes(),
            },
        }

    def let_go(self) -> None:
        """Forget the search."""
        self._search = None

    def values(self) -> tuple[Any, ...]:
        """Return what stands where `varying_with` says; see `Grant.values`."""
        search, agent_id = self._kept(), self.agent.id
        values: list[Any] = [self.id, self.at, self.item_id, agent_id, search.members, search.examined]
        for candidate in search.ranked:
            values += (candidate.agent_id, words_for(candidate, search))
        values += [candidate.agent_id for candidate in search.ranked]
        if search.turn is not None:
            ((seat,), rotation) = search.turn.seats, search.turn.rotation
            values += (str(rotation.level), rotation.decisions, agent_id, str(seat.turn), seat.last)
        return tuple(values)

    def decision(self) -> Decision:
        """Return the decision."""
        terms = self.terms
        return whole(
            Decision,
            {
                "kind": terms.kind,
                "item_id": self.item_id,
                "outcome": "assigned",
                "agent_id": self.agent.id,
                "rule": terms.rule,
                "step": terms.step,
                "target": terms.target,
                "fence": 1,
                "assignment_id": self.id,
                "offer_id": None,
                "until": None,
                "pool": None,
                "queue": None,
                "next_retry_at": None,
                "reasons": (),
                "rules_version": terms.rules_version,
                "at": self.at,
            },
            {"_explainer": Account(terms, self.item, self._kept(), self.at)},  # type: ignore[arg-type]  # as it was given
        )

    def _verdict_facts(self) -> dict[str, Any]:
        terms = self.terms
        return Said((attempt_of(terms.lane, self._kept()),), terms.zone, terms.rules_version, None)()

    def _notes(self) -> dict[str, Any]:
        ceilings = None if self._ceiling is None else {self.agent.id: self._ceiling[0]}
        return facts_of(ceilings, self._kept().turn)

    def _kept(self) -> Search:
        search = self._search
        assert search is not None, "the event is in words already: nobody asks again what it was made of"  # noqa: S101
        return search


def attempt_of(lane: Lane, search: Search) -> Attempt:
    """Return how the lane's step fared."""
    return Attempt(lane.rule, lane.step, "chosen", search=search, target=lane.label)


def varying_with(ranked: int, *, turning: bool) -> Sequence[Path]:
    """Return where the events of grants differ that found so many candidates; see `Terms.varying`."""
    return (
        ("id",),
        ("at",),
        ("item_id",),
        ("agent_id",),
        (*_STEP, "members"),
        (*_STEP, "examined"),
        *((*_STEP, "candidates", place, name) for place in range(ranked) for name in ("agent_id", "key")),
        *((*_STEP, name) for name in ("winner", "runner_up")[:ranked]),
        *((("facts", TURN, name) for name in ("level", "decisions")) if turning else ()),
        *((("facts", TURN, "seats", 0, place) for place in range(3)) if turning else ()),
    )
