"""Orders by name: the library's own, and those that a host registers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Protocol, TypeVar

from assignkit.errors import ConfigurationError, UnknownStrategyError
from assignkit.order_names import remember
from assignkit.strategies.base import BaseOrder, Order
from assignkit.strategies.best_rated import BestRated
from assignkit.strategies.by_value import Highest, Lowest
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.fair_share import FairShare
from assignkit.strategies.hosted import HostedOrder
from assignkit.strategies.least_loaded import DEFAULT_CAPACITY, LeastLoaded
from assignkit.strategies.longest_idle import LongestIdle
from assignkit.strategies.nearest import Nearest
from assignkit.strategies.priority_queue import PriorityQueue
from assignkit.strategies.quota import Quota
from assignkit.strategies.random_order import RandomOrder
from assignkit.strategies.round_robin import RoundRobin
from assignkit.strategies.skill_match import ClosestSkillMatch, SkillMatch
from assignkit.strategies.two_choices import TwoChoices
from assignkit.strategies.weighted_balance import WeightedBalance
from assignkit.strategies.weighted_round_robin import WeightedRoundRobin

HostClass = TypeVar("HostClass", bound=type)


class Term(Protocol):
    """Something that names an order, as a parsed `by` clause does."""

    @property
    def name(self) -> str:
        """The order's canonical or registered name."""
        ...


DEFAULT_ORDER = RoundRobin.name

_PLAIN: tuple[type[BaseOrder], ...] = (
    BestRated,
    FairShare,
    LongestIdle,
    Nearest,
    Quota,
    RandomOrder,
    RoundRobin,
    WeightedRoundRobin,
)
_BY_LOAD: tuple[type[LeastLoaded], ...] = (
    ClosestSkillMatch,
    LeastLoaded,
    PriorityQueue,
    SkillMatch,
    TwoChoices,
    WeightedBalance,
)
_BY_VALUE: tuple[type[Lowest], ...] = (Lowest, Highest)

BUILT_IN: tuple[str, ...] = tuple(sorted(kind.name for kind in (*_PLAIN, *_BY_LOAD, *_BY_VALUE)))

_hosted: dict[str, type] = {}
remember(TwoChoices.name)  # the language has no word of its own for it: rules name it as they name a host's


def register_order(name: str) -> Callable[[HostClass], HostClass]:
    """Return a class decorator that makes a host's order known as `name`: `by "my order"`.

    The class is made without arguments and needs `key(candidate, question)`; see `Order`. Registering a class again
    (a notebook cell run twice) replaces it. `ConfigurationError` for an empty name, the name of a built-in order,
    a name that another class has, or a class without `key`.
    """

    def register(kind: HostClass) -> HostClass:
        _check_registration(name, kind)
        _hosted[name] = kind
        remember(name)
        return kind

    return register


def _check_registration(name: str, kind: type) -> None:
    taken = _hosted.get(name)
    msg = ""
    given: object = name
    if not isinstance(given, str) or not given.strip():
        msg = f"an order needs a name, a text, not {given!r}"
    elif name in BUILT_IN:
        msg = f"`{name}` is an order of the library: choose another name"
    elif taken is not None and _label(taken) != _label(kind):
        msg = f"the order `{name}` is registered already, by {_label(taken)}"
    elif not callable(getattr(kind, "key", None)):
        msg = f"the order `{name}` needs a method `key(candidate, question)`"
    if msg:
        raise ConfigurationError(msg)


def _label(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def find_order(
    name: str,
    *,
    place: int = 0,
    reads_agent_only: bool = False,
    default_capacity: int | Decimal = DEFAULT_CAPACITY,
) -> BaseOrder:
    """Return a new order of this name.

    `place` and `reads_agent_only` are for `lowest` and `highest`: where in `Candidate.values` their value stands,
    and whether their expression reads nothing but the agent. `default_capacity` is what an unlimited capacity counts
    as, in units. Raises `UnknownStrategyError` with the nearest known name.
    """
    for plain in _PLAIN:
        if plain.name == name:
            return plain()
    for by_load in _BY_LOAD:
        if by_load.name == name:
            return by_load(default_capacity=default_capacity)
    for by_value in _BY_VALUE:
        if by_value.name == name:
            return by_value(place, reads_agent_only=reads_agent_only)
    return _find_hosted(name)


def _find_hosted(name: str) -> BaseOrder:
    kind = _hosted.get(name)
    if kind is None:
        near = get_close_matches(name, [*BUILT_IN, *_hosted], n=1)
        raise UnknownStrategyError(name=name, suggestion=near[0] if near else None)
    try:
        order: Order = kind()
    except Exception as error:
        msg = f"the order `{name}` cannot be made without arguments: {type(error).__name__}: {error}"
        raise ConfigurationError(msg) from error
    return HostedOrder(order, name=name)


def build_chain(
    terms: Sequence[str | Term],
    *,
    name: str = "",
    agent_only: Collection[int] = (),
    default_capacity: int | Decimal = DEFAULT_CAPACITY,
) -> OrderChain:
    """Return the chain of these orders, or `round robin` for none.

    A `lowest` or `highest` reads `Candidate.values` at its own place among `terms` (from 0); `agent_only` holds the
    places whose expression reads nothing but the agent. `priority queue` orders items: other orders beside it
    say who gets them. Raises as `find_order` and `OrderChain`.
    """
    names = [term if isinstance(term, str) else term.name for term in terms] or [DEFAULT_ORDER]
    orders = [
        find_order(called, place=place, reads_agent_only=place in agent_only, default_capacity=default_capacity)
        for place, called in enumerate(names)
    ]
    for_agents = [order for order in orders if not isinstance(order, PriorityQueue)] or orders[:1]
    return OrderChain(for_agents, name or " then ".join(names))
