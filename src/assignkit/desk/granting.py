"""Granting: what a plain decision comes to, and what it was made of, for whoever asks why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from assignkit.desk.committing.noting import TURN, facts_of
from assignkit.desk.committing.remembering import remembered
from assignkit.desk.deciding.chains import Lane
from assignkit.desk.deciding.choosing import Search
from assignkit.desk.deciding.deciding import Attempt, Case, Verdict
from assignkit.desk.deciding.explaining import Said, Told, explain_verdict, in_words, words_for
from assignkit.desk.deciding.world import World
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision, decision_of
from assignkit.model.explanation import Explanation
from assignkit.model.grant import Grant, Path, Terms
from assignkit.model.placement import Rotation, Seat, new_rotation
from assignkit.rules.ruleset import RuleSet
from assignkit.strategies.base import Candidate, Question, new_question, new_turn, stance, stands_again

# The first two in line, the rotation as it was, and what the grant does to it.
AtHand = tuple[Sequence[Candidate], Rotation, tuple[Rotation, Seat] | None]

_STEP: Path = ("facts", "steps", 0)


@dataclass(slots=True, eq=False, kw_only=True)
class LaneTerms(Terms):
    """The terms of grants along one lane, and by what they were decided; `decided` is all that decisions share."""

    lane: Lane
    rules: RuleSet
    zone: str
    seed: str
    decided: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.decided = {
            "kind": self.kind,
            "item_id": "",
            "outcome": "assigned",
            "agent_id": None,
            "rule": self.rule,
            "step": self.step,
            "target": self.target,
            "fence": 1,
            "assignment_id": None,
            "offer_id": None,
            "until": None,
            "pool": None,
            "queue": None,
            "next_retry_at": None,
            "reasons": (),
            "rules_version": self.rules_version,
            "at": None,
        }


class Granted(Grant):
    """A grant along a lane, which also tells why. `ceiling` is the agent's, if it is another one than before."""

    __slots__ = ("_ceiling",)

    terms: LaneTerms
    item: Customer
    _ceiling: tuple[int | Decimal | None] | None

    def __call__(self) -> Explanation:
        """Return why: it is what explains the decision."""
        return explain_verdict(self.verdict(), seed=self.terms.seed)

    def __reduce__(self) -> tuple[Callable[[Any], object], tuple[Any]]:
        return Told, (self(),)  # another process gets it with the decision

    def search(self) -> Search:
        """Return what looking for the agent found."""
        raise NotImplementedError

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
            agent=self.agent,
            target=lane.label,
            attempts=[attempt_of(lane, self.search())],
        )

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
        """Keep what the fields are made of: the decision is explained by it."""

    def values(self) -> Sequence[Any]:
        """Return what stands where `varying_with` says; see `Grant.values`."""
        search = self.search()
        first, *others = search.ranked
        values: list[Any] = [self.id, self.at, self.item_id, self.agent.id, search.members, search.examined]
        values.append(words_for(first, search))
        for candidate in others:
            values += (candidate.agent_id, words_for(candidate, search))
        if search.turn is not None:
            (seat,) = search.turn.seats
            values += _turned(search.turn.rotation, seat)
        return values

    def decision(self) -> Decision:
        """Return the decision."""
        decided = self.terms.decided.copy()  # in the order of the model's fields, which is quicker than to name them
        decided["item_id"] = self.item_id
        decided["agent_id"] = self.agent.id
        decided["assignment_id"] = self.id
        decided["at"] = self.at
        return decision_of(decided, self)

    def _verdict_facts(self) -> dict[str, Any]:
        terms = self.terms
        return Said((attempt_of(terms.lane, self.search()),), terms.zone, terms.rules_version, None)()

    def _notes(self) -> dict[str, Any]:
        ceilings = None if self._ceiling is None else {self.agent.id: self._ceiling[0]}
        return facts_of(ceilings, self.search().turn)


class Walked(Granted):
    """A grant to whoever was found by going along the line."""

    __slots__ = ("_search",)

    def __init__(
        self,
        terms: LaneTerms,
        item: Customer,
        at: datetime,
        search: Search,
        ceiling: tuple[int | Decimal | None] | None,
    ) -> None:
        super().__init__(terms, item, search.ranked[0].agent, at)
        self._search = search
        self._ceiling = ceiling

    def search(self) -> Search:
        """Return what looking for the agent found."""
        return self._search


class Glanced(Granted):
    """A grant to the first of two who stood at the front of the line, and may both have the item.

    Most are of this kind, and most are kept without being read: all but these few is made when somebody asks.
    `before` is the rotation as it was, of which its level and the number of its decisions say all.
    """

    __slots__ = ("_at_hand", "_decisions", "_level", "_members", "_next", "_next_stood", "_stood")

    def __init__(
        self,
        terms: LaneTerms,
        item: Customer,
        at: datetime,
        front: Sequence[Candidate],
        ceiling: tuple[int | Decimal | None] | None,
        *,
        members: int,
        before: Rotation,
    ) -> None:
        first, other = front
        super().__init__(terms, item, first.agent, at)
        self._ceiling = ceiling
        self._stood = stance(first)
        self._next = other.agent
        self._next_stood = stance(other)
        self._members = members
        self._level = before.level
        self._decisions = before.decisions
        self._at_hand: AtHand | None = None

    def keep_at_hand(self, at_hand: AtHand) -> None:
        """Keep what `values` are made of, as they are going to be asked for at once."""
        self._at_hand = at_hand

    def search(self) -> Search:
        """Return what looking for the agent found."""
        question, front = self._question(), self._front()
        chain = self.terms.lane.chain.orders
        search = Search(self._members, front, examined=len(front), chain=chain, question=question)
        if chain.step is not None:
            after, seat = chain.step(front[0], question.rotation)
            search.turn = new_turn(rotation=after, seats=(seat,))
        return search

    def values(self) -> Sequence[Any]:
        """Return the same as `Granted.values`, without a search."""
        chain, at_hand, self._at_hand = self.terms.lane.chain.orders, self._at_hand, None
        if at_hand is None:
            (first, other), question = self._front(), self._question()
            turn = None if chain.step is None else chain.step(first, question.rotation)
        else:
            (first, other), before, turn = at_hand
            question = self._question(before)
        values = [self.id, self.at, self.item_id, first.agent_id, self._members, 2, in_words(first, chain, question)]
        values += (other.agent_id, in_words(other, chain, question))
        if turn is not None:
            values += _turned(*turn)
        return values

    def _front(self) -> list[Candidate]:
        return [stands_again(self.agent, self._stood), stands_again(self._next, self._next_stood)]

    def _question(self, before: Rotation | None = None) -> Question:
        terms = self.terms
        if before is None:
            before = new_rotation(name=terms.lane.rotation, level=self._level, decisions=self._decisions)
        return new_question(item_id=self.item_id, now=self.at, seed=terms.seed, rotation=before)


def attempt_of(lane: Lane, search: Search) -> Attempt:
    """Return how the lane's step fared."""
    return Attempt(lane.rule, lane.step, "chosen", search=search, target=lane.label)


def varying_with(ranked: int, *, turning: bool) -> Sequence[Sequence[Path]]:
    """Return where the events of grants differ that found so many candidates, at least one; see `Terms.varying`."""
    turn, candidates = ("facts", TURN), (*_STEP, "candidates")
    agent: list[Path] = [("agent_id",), (*candidates, 0, "agent_id"), (*_STEP, "winner")]
    if turning:
        agent.append((*turn, "seats", 0, 0))
    places: list[Sequence[Path]] = [[("id",)], [("at",)], [("item_id",)], agent]
    places += [[(*_STEP, "members")], [(*_STEP, "examined")], [(*candidates, 0, "key")]]
    for place in range(1, ranked):
        other = [(*candidates, place, "agent_id"), *([(*_STEP, "runner_up")] if place == 1 else [])]
        places += [other, [(*candidates, place, "key")]]
    if turning:
        places += [[(*turn, *path)] for path in (("level",), ("decisions",), ("seats", 0, 1), ("seats", 0, 2))]
    return places


def _turned(rotation: Rotation, seat: Seat) -> tuple[Any, ...]:
    return str(rotation.level), rotation.decisions, str(seat.turn), seat.last
