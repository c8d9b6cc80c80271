"""What an order is: a rule for sorting candidates. The smallest key wins; the last word is a stable hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

from assignkit.model.agent import Agent
from assignkit.model.building import maker_of
from assignkit.model.customer import Location
from assignkit.model.placement import Rotation, Seat


@dataclass(slots=True)
class Candidate:
    """One agent as an order sees it.

    `load`, `capacity` and `received` are for the kind of item at hand, in units of effort (`capacity` None is
    unlimited) and counts; `idle_since` is the latest of sign-on, assignment and release, over all kinds. `position` is
    the place in a listed team, else 0. `preference` is the sum of weight × degree of the rule's `prefer`s, and
    `surplus` that of weight × how far beyond the wanted level, in parts of it. `received_in_period` counts what came
    in the agent's current quota period, through the same target.
    `values` holds what the `lowest`/`highest` expressions gave, by their place in the chain; None is missing.
    """

    agent_id: str
    agent: Agent
    tie: int
    load: int | Decimal = 0
    capacity: int | Decimal | None = None
    received: int = 0
    idle_since: datetime | None = None
    position: int = 0
    seat: Seat | None = None
    preference: Fraction | Decimal | float = 0
    surplus: Fraction | Decimal | float = 0
    received_in_period: int = 0
    values: Mapping[int, Any] = field(default_factory=dict)


# What a candidate in a line has besides its agent, with its seat's turn and last: the garbage collector looks at none.
Stance = tuple[int, int | Decimal, int | Decimal | None, int, datetime | None, int, int | Fraction | None, int]


def stance(candidate: Candidate) -> Stance:
    """Return what `stands_again` makes the candidate of, but for its agent."""
    seat = candidate.seat
    return (
        candidate.tie,
        candidate.load,
        candidate.capacity,
        candidate.received,
        candidate.idle_since,
        candidate.position,
        None if seat is None else seat.turn,
        0 if seat is None else seat.last,
    )


def stands_again(agent: Agent, told: Stance) -> Candidate:
    """Return a candidate as it stood in a line whose orders read nothing that is particular to an item."""
    tie, load, capacity, received, idle_since, position, turn, last = told
    seat = None if turn is None else Seat(agent_id=agent.id, turn=turn, last=last)
    return Candidate(agent.id, agent, tie, load, capacity, received, idle_since, position, seat)


@dataclass(frozen=True, slots=True)
class Question:
    """What is being decided: for which item, when, by which seed; `rotation` is the state of the turn-taking.

    `location` and `category` are the item's, where they are known.
    """

    item_id: str
    now: datetime
    seed: str
    rotation: Rotation
    location: Location | None = None
    category: str | None = None


@runtime_checkable
class Order(Protocol):
    """Sorts candidates. A host registers its own with `register_order`."""

    def key(self, candidate: Candidate, question: Question) -> Any:  # noqa: ANN401 - anything that compares
        """Return what the candidate is sorted by; the smallest wins."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What a decision did to a rotation: its new shared state, and the seats that changed."""

    rotation: Rotation
    seats: tuple[Seat, ...] = ()


class BaseOrder:
    """An order with everything that a chain may ask of it; the library's own orders derive from it.

    `standing`: the key depends on nothing but the agent's own facts, load and seat, so that agents can be kept sorted
    between decisions; it is then a tuple, and never the beginning of another agent's key. `rotating`: decisions change
    a rotation, and a listed team's order breaks ties. `draws`: it is a draw, see `chances`.
    """

    name: str
    standing: bool = False
    rotating: bool = False
    draws: bool = False

    def key(self, candidate: Candidate, question: Question) -> Any:  # noqa: ANN401 - anything that compares
        """Return what the candidate is sorted by; the smallest wins."""
        raise NotImplementedError

    def keys(self, eligible: Sequence[Candidate], question: Question) -> list[Any]:
        """Return one key per candidate, in their order; for orders whose keys depend on who else is eligible."""
        return [self.key(candidate, question) for candidate in eligible]

    def turn(
        self,
        winner: Candidate,  # noqa: ARG002 - for the orders that rotate
        eligible: Sequence[Candidate],  # noqa: ARG002
        question: Question,  # noqa: ARG002
    ) -> Turn | None:
        """Return what choosing `winner` does to the rotation, or None if the order does not rotate."""
        return None

    def chances(self, ranked: Sequence[Candidate], question: Question) -> list[Fraction]:
        """Return the chance of each to be first, over all draws; `ranked` stand as they would without the draw."""
        raise NotImplementedError

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the key as a person reads it, in a few words."""
        raise NotImplementedError


# Made on every decision.
new_question = maker_of(Question)
new_turn = maker_of(Turn)
