"""Furnishing: what a desk is made with, looked at before the first item comes."""

from __future__ import annotations

from typing import TypeVar

from assignkit.clock import Clock, ManualClock, SystemClock
from assignkit.desk.said import said_instant, text_given
from assignkit.errors import ConfigurationError
from assignkit.repositories.base import Store
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.moments import zone_named
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.suggestions import nearest
from assignkit.strategies.waiting import QueuePolicy

T = TypeVar("T")

_ALL_BUT = 0.8


def rules_given(rules: RuleSet) -> RuleSet:
    """Return the rules of a desk; `ConfigurationError` for what is no rule set."""
    return _of_class(RuleSet, rules, "a desk's rules are a `RuleSet`, such as RuleSet.load(path) gives")


def store_given(store: Store | None) -> Store:
    """Return the store of a desk, a new one in memory for None; `ConfigurationError` for what is none."""
    if store is None:
        return MemoryStore()
    if isinstance(store, type) or not callable(getattr(store, "transact", None)):
        raise _refused(store, "a desk's store is a `MemoryStore()`, a `SqlStore(url)`, or what does as `Store` says")
    return store


def refuse_misspelt_hosts(store: Store, kinds: frozenset[str]) -> None:
    """Raise `ConfigurationError` if a store has a host's repository for what is all but the name of a kind.

    Its records would be kept in tables of ours, and nobody would be told. Any other kind may be another desk's.
    """
    hosted: frozenset[str] = getattr(store, "hosted_kinds", frozenset())
    for kind in sorted(hosted - kinds):
        meant = nearest(kind, kinds - hosted, likeness=_ALL_BUT)
        if meant is not None:
            msg = f"a repository was handed over for `{kind}`, which no rule can speak of: did you mean `{meant}`?"
            raise ConfigurationError(msg)


def clock_given(clock: Clock | None) -> Clock:
    """Return the clock of a desk, that of the system for None; `ConfigurationError` for one that tells no instants."""
    if clock is None:
        return SystemClock()
    if isinstance(clock, type) or not callable(getattr(clock, "now", None)):
        raise _refused(clock, "a desk's clock has a method `now()`, such as ManualClock(datetime)")
    if not isinstance(clock, SystemClock | ManualClock):
        said_instant("now()", clock.now())
    return clock


def seed_given(seed: str | int) -> str:
    """Return the seed of a desk; `ConfigurationError` for what is neither a text nor an integer."""
    return text_given("seed", seed)


def zone_given(zone: str) -> str:
    """Return the time zone of a desk; `ConfigurationError` for what names none."""
    found = text_given("zone", zone)
    zone_named(found)
    return found


def queue_given(queue: QueuePolicy | None) -> QueuePolicy:
    """Return how waiting items are weighed; `ConfigurationError` for what does not say so."""
    return QueuePolicy() if queue is None else _of_class(QueuePolicy, queue, "a desk's queue is a `QueuePolicy`")


def _of_class(wanted: type[T], given: object, told: str) -> T:
    if not isinstance(given, wanted):
        raise _refused(given, told)
    return given


def _refused(given: object, told: str) -> ConfigurationError:
    name = f"the class {given.__name__}" if isinstance(given, type) else f"one of the class {type(given).__name__}"
    return ConfigurationError(f"{told}, not {name}")
