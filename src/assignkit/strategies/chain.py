"""`by ORDER then ORDER …`: orders applied one after the other, each to the ties that those before it left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from fractions import Fraction
from operator import itemgetter
from typing import Any

from assignkit.errors import AssignkitError, ConfigurationError
from assignkit.model.placement import Rotation
from assignkit.strategies.base import BaseOrder, Candidate, Order, Question, Turn
from assignkit.strategies.hosted import HostedOrder
from assignkit.strategies.nearest import Nearest
from assignkit.strategies.place_index import PlaceIndex
from assignkit.strategies.round_robin import RoundRobin
from assignkit.strategies.skill_index import SkillIndex, Traits
from assignkit.strategies.skill_match import SkillMatch
from assignkit.strategies.standing import RotatingStanding, Standing
from assignkit.strategies.two_choices import TwoChoices

# Standing orders do not read the question, but for a rotation's floor, which the standing keeps itself.
_NO_QUESTION = Question("", datetime.min.replace(tzinfo=UTC), "", Rotation(name=""))


class OrderChain:
    """Orders in the sequence in which they apply; `name` is theirs together (`skill match then least loaded`).

    `standing`: candidates can be kept sorted between decisions, see `stand`; `indexable`: by what they have, see
    `index`; `mappable`: by where they are, see `map`. `kept`: any of these. `rotating`: decisions change a rotation,
    see `turn`; `step` does the same more directly, where the winner alone says what a turn does, and is None elsewhere.
    `hosted`: an order of a host's is among them. `counts_surplus`: one reads `Candidate.surplus`. Raises
    `ConfigurationError` for no order, or for more than one that rotates.
    """

    def __init__(self, orders: Sequence[Order], name: str = "") -> None:
        if not orders:
            msg = "a chain needs at least one order"
            raise ConfigurationError(msg)
        self.orders = tuple(_dressed(order) for order in orders)
        self.name = name or " then ".join(order.name for order in self.orders)
        rotating = [place for place, order in enumerate(self.orders) if order.rotating]
        if len(rotating) > 1:
            msg = f"`{self.name}`: only one order of a chain can take turns"
            raise ConfigurationError(msg)
        self.rotating = bool(rotating)
        self.standing = all(order.standing for order in self.orders) and rotating in ([], [0])
        first, *others = self.orders
        others_stand = all(order.standing and not order.rotating for order in others)
        self.indexable = isinstance(first, SkillMatch) and others_stand
        self.mappable = isinstance(first, Nearest) and others_stand
        self.kept = self.standing or self.indexable or self.mappable
        self.counts_surplus = any(isinstance(order, SkillMatch) and order.overqualification for order in self.orders)
        self.hosted = any(isinstance(order, HostedOrder) for order in self.orders)
        self.step = first.step if self.standing and isinstance(first, RoundRobin) else None
        self._turn_place = rotating[0] if rotating else None
        self._draw_place = next((place for place, order in enumerate(self.orders) if order.draws), None)

    def rank(self, eligible: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Return the candidates, the best first; the order in which they come in makes no difference.

        Sorted by the keys, then by position in a listed team if the chain rotates, then by tie, then by id in the
        order of its UTF-8 bytes. `ConfigurationError` if a host's order raises, or gives keys that do not compare.
        """
        return [candidate for tied in self._tied(self.orders, eligible, question) for candidate in tied]

    def turn(self, winner: Candidate, eligible: Sequence[Candidate], question: Question) -> Turn | None:
        """Return what choosing `winner` among the `eligible` does to the rotation; None if the chain has none.

        Where other orders come first, the rotation is among those who tie with the winner in them.
        """
        if self._turn_place is None:
            return None
        rivals = eligible
        if self._turn_place:
            groups = self._tied(self.orders[: self._turn_place], eligible, question)
            rivals = next((g for g in groups if any(c.agent_id == winner.agent_id for c in g)), [])
        return self.orders[self._turn_place].turn(winner, rivals, question)

    @property
    def draws(self) -> bool:
        """Whether agents are drawn, so that others might have been chosen; a host's order is taken for no draw."""
        return self._draw_place is not None

    def chances(self, eligible: Sequence[Candidate], question: Question) -> dict[str, Fraction]:
        """Return each eligible agent's chance of being chosen, over all seeds; empty if the chain does not draw.

        Where other orders come first, only those who tie in them are drawn from: the others have no chance.
        """
        if self._draw_place is None or not eligible:
            return {}
        draw = self.orders[self._draw_place]
        best = self._tied(self.orders[: self._draw_place], eligible, question)[0]
        rivalry = (draw.rivalry(), *self.orders[self._draw_place + 1 :]) if isinstance(draw, TwoChoices) else ()
        ranked = [candidate for tied in self._tied(rivalry, best, question) for candidate in tied]
        found = dict.fromkeys((candidate.agent_id for candidate in eligible), Fraction(0))
        found.update(zip((one.agent_id for one in ranked), draw.chances(ranked, question), strict=True))
        return found

    def stand(self) -> Standing:
        """Return an empty sorted pool whose walk is `rank` over its members; `ConfigurationError` unless `standing`."""
        if not self.standing:
            msg = f"`{self.name}` depends on more than the agent: candidates cannot be kept sorted by it"
            raise ConfigurationError(msg)
        entry = self._entry if len(self.orders) > 1 or not self.rotating else self._last_word
        return RotatingStanding(entry) if self.rotating else Standing(entry)

    def index(self, traits: Callable[[Candidate], Traits]) -> SkillIndex:
        """Return an empty index of what candidates have; a walk of it by wishes is `rank` over its members.

        Only for chains that begin with `skill match` and go on with orders that stand: `ConfigurationError` for others.
        """
        first = self.orders[0]
        if not self.indexable or not isinstance(first, SkillMatch):
            msg = f"`{self.name}` does not begin with `skill match`, or goes on with more than the agent"
            raise ConfigurationError(msg)

        def entry(candidate: Candidate) -> tuple[Any, ...]:
            return (*first.rest(candidate, _NO_QUESTION), *self._others_entry(candidate))

        return SkillIndex(entry, traits, overqualification=first.overqualification)

    def map(self) -> PlaceIndex:
        """Return an empty index of where candidates are; a walk of it from the item's place is `rank` over its members.

        Only for chains that begin with `nearest` and go on with orders that stand: `ConfigurationError` for others.
        """
        if not self.mappable:
            msg = f"`{self.name}` does not begin with `nearest`, or goes on with more than the agent"
            raise ConfigurationError(msg)
        return PlaceIndex(self._others_entry)

    def describe(self, candidate: Candidate, question: Question) -> tuple[str, ...]:
        """Return the candidate's keys in words, one per order."""
        if not self.hosted:
            return tuple([order.describe(candidate, question) for order in self.orders])
        return tuple(_described(order, candidate, question) for order in self.orders)

    def _entry(self, candidate: Candidate) -> tuple[Any, ...]:
        """Return what a standing sorts by, flat, which compares fastest; the standing adds a rotation's own part.

        Flat tuples compare as nested ones do, because no key of an order is the beginning of another one.
        """
        entry: list[Any] = []
        for order in self.orders:
            if not order.rotating:
                entry += order.key(candidate, _NO_QUESTION)
        return (*entry, *self._last_word(candidate))

    def _others_entry(self, candidate: Candidate) -> tuple[Any, ...]:
        """Return what candidates who tie in the first order are sorted by."""
        keys: list[Any] = []
        for order in self.orders[1:]:
            keys += order.key(candidate, _NO_QUESTION)
        return (*keys, *self._last_word(candidate))

    def _last_word(self, candidate: Candidate) -> tuple[int, int, str]:
        # Code points sort as their UTF-8 bytes do, so that text compares as in the database's COLLATE "C".
        return (candidate.position if self.rotating else 0, candidate.tie, candidate.agent_id)

    def _tied(
        self, orders: Sequence[BaseOrder], eligible: Sequence[Candidate], question: Question
    ) -> list[list[Candidate]]:
        """Return the candidates in groups, the best group first, each tied in all of `orders`."""
        groups = [sorted(eligible, key=self._last_word)] if eligible else []
        for place, order in enumerate(orders):
            parted: list[list[Candidate]] = []
            for group in groups:
                parted.extend(_part(order, group, question) if len(group) > 1 or not place else [group])
            groups = parted
        return groups


def _dressed(order: Order) -> BaseOrder:
    if isinstance(order, BaseOrder):
        return order
    return HostedOrder(order, name=str(getattr(order, "name", type(order).__name__)))


def _part(order: BaseOrder, group: Sequence[Candidate], question: Question) -> list[list[Candidate]]:
    """Return the group sorted by the order's keys, and parted where they differ; needs nothing of a key but `<`."""
    with _blaming(order):
        pairs = sorted(zip(order.keys(group, question), group, strict=True), key=itemgetter(0))
        parts: list[list[Candidate]] = []
        before: Any = None
        for key, candidate in pairs:
            if not parts or before < key:
                parts.append([])
            parts[-1].append(candidate)
            before = key
        return parts


def _described(order: BaseOrder, candidate: Candidate, question: Question) -> str:
    if not isinstance(order, HostedOrder):
        return order.describe(candidate, question)
    with _blaming(order):
        return order.describe(candidate, question)


@contextmanager
def _blaming(order: BaseOrder) -> Iterator[None]:
    """Turn whatever a host's order raises into an error that names the order."""
    try:
        yield
    except AssignkitError:
        raise
    except Exception as error:
        msg = f"the order `{order.name}` failed: {type(error).__name__}: {error}"
        raise ConfigurationError(msg) from error
