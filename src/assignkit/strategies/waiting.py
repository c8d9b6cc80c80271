"""The line of waiting items: who is next, how classes of items are weighed, and that each class gets its share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.strategies.exact import exact
from assignkit.strategies.longest_idle import instant_key
from assignkit.strategies.priority_queue import HALF_STEP_SECONDS, MAX_BOOST, waiting_key

Number = int | float | Decimal | Fraction
Dues = Mapping[str, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingItem:
    """An item in line: since when it is known, how urgent it is, and the class by which it is weighed."""

    item_id: str
    received_at: datetime
    urgency: float | Decimal = 0
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePolicy:
    """How waiting items are weighed.

    `half_step` seconds of waiting count as one point of urgency, up to `max_boost` points. `credit_seconds` is, by
    class, what an item counts as having waited when it comes. `shares` is, by class, which part of all items served
    goes to the class at least while it waits; they sum up to 1 at most. An item that has waited for `patience_seconds`
    (None is for ever) goes before all that have not, the oldest first: nothing waits behind newcomers without end.
    Raises `ConfigurationError` for other figures.
    """

    half_step: Number = HALF_STEP_SECONDS
    max_boost: Number = MAX_BOOST
    credit_seconds: Mapping[str, Number] = field(default_factory=dict)
    shares: Mapping[str, Number] = field(default_factory=dict)
    patience_seconds: Number | None = None

    def __post_init__(self) -> None:
        _check("half_step", self.half_step, above=0)
        _check("max_boost", self.max_boost, least=0)
        for name, seconds in self.credit_seconds.items():
            _check(f"the credit of `{name}`", seconds, least=0)
        for name, share in self.shares.items():
            _check(f"the share of `{name}`", share, above=0)
        if sum(map(self.share_of, self.shares)) > 1:
            msg = "the shares of all classes sum up to more than 1"
            raise ConfigurationError(msg)
        if self.patience_seconds is not None:
            _check("patience_seconds", self.patience_seconds, least=0)

    def share_of(self, category: str) -> Fraction:
        """Return the share that a class is guaranteed, 0 if none."""
        return Fraction(exact(self.shares.get(category, 0)) or 0)

    def key(self, item: WaitingItem, now: datetime) -> tuple[Any, ...]:
        """Return what the item is sorted by, the smallest first: impatient ones, urgency with age, age, id."""
        age = Fraction(instant_key(now) - instant_key(item.received_at), 10**6)
        if self.patience_seconds is not None and age >= Fraction(exact(self.patience_seconds) or 0):
            return (0, instant_key(item.received_at), item.item_id)
        key = waiting_key(
            item.urgency,
            age_seconds=age,
            half_step=self.half_step,
            max_boost=self.max_boost,
            credit_seconds=self.credit_seconds.get(item.category, 0),
        )
        return (1, *key, item.item_id)


def line(
    items: Iterable[WaitingItem], *, now: datetime, policy: QueuePolicy, dues: Dues | None = None
) -> list[WaitingItem]:
    """Return the items in the order in which they are to be served, the next one first.

    Items of a class whose turn has come by its guaranteed share go first, of the class that is due most; the others
    follow by `QueuePolicy.key`. `dues` is what `after_serving` returned last, nothing at the beginning.
    """
    waiting = sorted(items, key=lambda item: policy.key(item, now))
    ranks = _ranks({item.category for item in waiting}, policy, dues or {})
    return sorted(waiting, key=lambda item: ranks.get(item.category, len(ranks)))


def after_serving(
    category: str, *, waiting: Collection[str], policy: QueuePolicy, dues: Dues | None = None
) -> dict[str, Fraction]:
    """Return the classes' dues after one item of `category` was served while the classes in `waiting` had items.

    Every class that waits earns its share, the served one pays one item, but never gets into debt by what it got beyond
    its share. A class that does not wait is due nothing. While the same classes wait, one with share s gets at least
    s·L − 2 of any L items served, as long as its items can be (M. Adler, P. Berenbrink, T. Friedetzky, L. A. Goldberg,
    P. Goldberg, M. Paterson: "A proportionate fair scheduling rule with good worst-case performance", SPAA 2003).
    """
    kept = dues or {}
    after: dict[str, Fraction] = {}
    for name in sorted({*waiting, category}):
        if name in policy.shares:
            earned = kept.get(name, Fraction(0)) + policy.share_of(name)
            after[name] = max(earned - 1, Fraction(0)) if name == category else earned
    return after


def _ranks(categories: Collection[str], policy: QueuePolicy, dues: Dues) -> dict[str, int]:
    """Return the classes that are due an item now, by rank: the largest due first, then by name."""
    earned = {name: dues.get(name, Fraction(0)) + policy.share_of(name) for name in categories if name in policy.shares}
    due = sorted((-amount, name) for name, amount in earned.items() if amount >= 1)
    return {name: rank for rank, (_, name) in enumerate(due)}


def _check(what: str, value: Number, *, above: int | None = None, least: int | None = None) -> None:
    number = exact(value)
    if number is None or (above is not None and number <= above) or (least is not None and number < least):
        bound = f"above {above}" if above is not None else f"at least {least}"
        msg = f"{what} must be a number {bound}, not {value}"
        raise ConfigurationError(msg)
