"""The line of waiting items: who is next, how classes of items are weighed, and that each class gets its share."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.strategies.exact import exact
from assignkit.strategies.longest_idle import instant_key
from assignkit.strategies.priority_queue import HALF_STEP_SECONDS, MAX_BOOST

Number = int | float | Decimal | Fraction
Dues = Mapping[str, Fraction]

MOST_DUE = 10  # items of a class that could not be served while others were, and are made up for
PATIENCE_SECONDS = 7 * 24 * 3600
_MICROSECONDS = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingItem:
    """An item in line: since when it is known, how urgent it is, and the class by which it is weighed."""

    item_id: str
    received_at: datetime
    urgency: float | Decimal = 0
    category: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePolicy:
    """How waiting items are weighed.

    `half_step` seconds of waiting count as one point of urgency, up to `max_boost` points. `credit_seconds` is, by
    class, what an item counts as having waited when it comes. `shares` is, by class, which part of all items served
    goes to the class at least while it waits; they sum up to 1 at most. An item that has waited for `patience_seconds`,
    a week unless it is said otherwise (None is for ever), goes before all that have not, the oldest first: nothing
    waits behind newcomers without end, however urgent they are.
    Raises `ConfigurationError` for other figures.

    At a desk, an item's class is its category: the first `category` of the rules that it meets, else what its field
    `category` says.
    """

    half_step: Number = HALF_STEP_SECONDS
    max_boost: Number = MAX_BOOST
    credit_seconds: Mapping[str, Number] = field(default_factory=dict)
    shares: Mapping[str, Number] = field(default_factory=dict)
    patience_seconds: Number | None = PATIENCE_SECONDS

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

    @property
    def has_classes(self) -> bool:
        """Whether it matters which class an item is of."""
        return bool(self.credit_seconds or self.shares)

    def share_of(self, category: str) -> Fraction:
        """Return the share that a class is guaranteed, 0 if none."""
        return Fraction(exact(self.shares.get(category, 0)) or 0)

    def is_patient(self, item: WaitingItem, now: datetime) -> bool:
        """Return whether the item has not waited for so long that it goes before all that have not."""
        age = instant_key(now) - instant_key(item.received_at)
        return self.patience_seconds is None or age < (exact(self.patience_seconds) or 0) * _MICROSECONDS

    def boost(self, item: WaitingItem, now: datetime) -> Fraction:
        """Return the points that waiting adds to the item's urgency."""
        return Fraction(self._boost(item, now)) / self._step

    def key(self, item: WaitingItem, now: datetime) -> tuple[Any, ...]:
        """Return what the item is sorted by, the smallest first: impatient ones, urgency with age, age, kind and id.

        It sorts as `waiting_key` does, in units of a microsecond of waiting: mostly by whole numbers.
        """
        received_at = instant_key(item.received_at)
        if not self.is_patient(item, now):
            return (0, received_at, item.kind, item.item_id)
        urgency = exact(item.urgency) or 0
        points = self._boost(item, now) + (urgency * self._step if urgency else 0)
        return (1, -points, received_at, item.kind, item.item_id)

    @property
    def _step(self) -> int | Fraction:
        return (exact(self.half_step) or 1) * _MICROSECONDS

    def _boost(self, item: WaitingItem, now: datetime) -> int | Fraction:
        """Return the points that waiting adds, in microseconds of waiting."""
        credit = exact(self.credit_seconds.get(item.category, 0)) or 0
        waited = instant_key(now) - instant_key(item.received_at) + credit * _MICROSECONDS
        return min(waited, (exact(self.max_boost) or 0) * self._step)


def line(
    items: Iterable[WaitingItem], *, now: datetime, policy: QueuePolicy, dues: Dues | None = None
) -> list[WaitingItem]:
    """Return the items in the order in which they are to be served, the next one first.

    Impatient items go first; then those of a class whose turn has come by its guaranteed share, of the class that is
    due most; the others follow by `QueuePolicy.key`. `dues` is what `after_serving` returned last, nothing at the
    beginning.
    """
    waiting = sorted(items, key=lambda item: policy.key(item, now))
    ranks = _ranks({item.category for item in waiting}, policy, dues or {})

    def rank(item: WaitingItem) -> int:
        return ranks.get(item.category, len(ranks)) if policy.is_patient(item, now) else -1

    return sorted(waiting, key=rank)


def after_serving(
    category: str, *, waiting: Collection[str], policy: QueuePolicy, dues: Dues | None = None
) -> dict[str, Fraction]:
    """Return the classes' dues after one item of `category` was served while the classes in `waiting` had items.

    Every class that waits earns its share, the served one pays one item, but never gets into debt by what it got beyond
    its share. A class that does not wait is due nothing, and none is due more than `MOST_DUE` items. While the same
    classes wait, and nothing is impatient, one with share s gets at least s·L − 2 of any L items served, as long as its
    items can be (M. Adler, P. Berenbrink, T. Friedetzky, L. A. Goldberg, P. Goldberg, M. Paterson: "A proportionate
    fair scheduling rule with good worst-case performance", SPAA 2003).
    """
    kept = dues or {}
    after: dict[str, Fraction] = {}
    for name in sorted({*waiting, category}):
        if name in policy.shares:
            earned = kept.get(name, Fraction(0)) + policy.share_of(name)
            after[name] = max(earned - 1, Fraction(0)) if name == category else min(earned, Fraction(MOST_DUE))
    return after


class Serving:
    """Who is next in line, while one after the other is tried: served, gone for another reason, or left waiting.

    Its naive twin is `line`, asked again whenever somebody was served. `beside` counts, by class, the items that wait
    and are not to be tried now. Making one costs O(n log n) in the number of items, `next` a look at each class.
    """

    def __init__(
        self,
        items: Iterable[WaitingItem],
        *,
        now: datetime,
        policy: QueuePolicy,
        dues: Dues | None = None,
        beside: Mapping[str, int] | None = None,
    ) -> None:
        self.dues: Dues = dues or {}
        self._policy = policy
        self._impatient: deque[WaitingItem] = deque()
        self._classes: dict[str, deque[tuple[int, WaitingItem]]] = {}
        self._waiting = Counter(beside or {})
        for place, item in enumerate(sorted(items, key=lambda item: policy.key(item, now))):
            self._waiting[item.category] += 1
            if policy.is_patient(item, now):
                # Those without a share stand in one line.
                self._classes.setdefault(self._class(item), deque()).append((place, item))
            else:
                self._impatient.append(item)

    def next(self) -> WaitingItem | None:
        """Return who is to be tried next, once each; None at the end."""
        if self._impatient:
            return self._impatient.popleft()
        filled = {name: line for name, line in self._classes.items() if line}
        if not filled:
            return None
        ranks = _ranks(filled, self._policy, self.dues)
        name = min(filled, key=lambda name: (ranks.get(name, len(ranks)), filled[name][0][0]))
        return filled[name].popleft()[1]

    def served(self, item: WaitingItem, dues: Dues | None = None) -> Dues:
        """Note that the item was served, and return what the classes are due now; `dues` if they were not as here."""
        waiting = [name for name, count in self._waiting.items() if count > 0]
        self.dues = after_serving(
            item.category, waiting=waiting, policy=self._policy, dues=self.dues if dues is None else dues
        )
        self.gone(item)
        return self.dues

    def due(self, item: WaitingItem) -> Fraction:
        """Return how many items the item's class is due with the next one that is served; 0 without a share."""
        return _earned(item.category, self._policy, self.dues)

    def gone(self, item: WaitingItem) -> None:
        """Note that the item does not wait any more."""
        self._waiting[item.category] -= 1

    def _class(self, item: WaitingItem) -> str:
        return item.category if item.category in self._policy.shares else ""


def _ranks(categories: Collection[str], policy: QueuePolicy, dues: Dues) -> dict[str, int]:
    """Return the classes that are due an item now, by rank: the largest due first, then by name."""
    earned = {name: _earned(name, policy, dues) for name in categories if name in policy.shares}
    due = sorted((-amount, name) for name, amount in earned.items() if amount >= 1)
    return {name: rank for rank, (_, name) in enumerate(due)}


def _earned(category: str, policy: QueuePolicy, dues: Dues) -> Fraction:
    return dues.get(category, Fraction(0)) + policy.share_of(category)


def _check(what: str, value: Number, *, above: int | None = None, least: int | None = None) -> None:
    number = exact(value)
    if number is None or (above is not None and number <= above) or (least is not None and number < least):
        bound = f"above {above}" if above is not None else f"at least {least}"
        msg = f"{what} must be a number {bound}, not {value}"
        raise ConfigurationError(msg)
