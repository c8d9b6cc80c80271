"""Sets of records, as unions of boxes: one condition per field, decided exactly.

A box names for some fields which values they may have; a field that it does not name may have any value, or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Cut: TypeAlias = tuple[Any, ...]
"""A place between values: before all, just before or just behind one of them, behind all. Cuts of one type compare."""

FIRST: Cut = (-1,)
LAST: Cut = (1,)


def before(value: object) -> Cut:
    """Return the cut just before a value."""
    return (0, value, 0)


def behind(value: object) -> Cut:
    """Return the cut just behind a value."""
    return (0, value, 1)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of separate values a field may have: these, or (`others`) all but these; `missing` if it may have none."""

    values: frozenset[Any]
    others: bool = False
    missing: bool = False

    @property
    def empty(self) -> bool:
        """Return whether nothing is left."""
        return not (self.values or self.others or self.missing)

    def meet(self, other: Choice) -> Choice:
        """Return what both allow."""
        missing = self.missing and other.missing
        if self.others and other.others:
            return Choice(self.values | other.values, others=True, missing=missing)
        if self.others:
            return Choice(other.values - self.values, missing=missing)
        return Choice(self.values - other.values if other.others else self.values & other.values, missing=missing)

    def minus(self, other: Choice) -> Choice:
        """Return what this allows and the other does not."""
        turned = Choice(other.values, others=not other.others, missing=not other.missing)
        return self.meet(turned)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Which of ordered values a field may have: those between pairs of cuts, in order and apart from each other."""

    parts: tuple[tuple[Cut, Cut], ...]
    missing: bool = False

    @property
    def empty(self) -> bool:
        """Return whether nothing is left."""
        return not (self.parts or self.missing)

    def meet(self, other: Stretches) -> Stretches:
        """Return what both allow."""
        met = [
            (max(start, low), min(end, high))
            for start, end in self.parts
            for low, high in other.parts
            if max(start, low) < min(end, high)
        ]
        return Stretches(tuple(sorted(met)), missing=self.missing and other.missing)

    def minus(self, other: Stretches) -> Stretches:
        """Return what this allows and the other does not."""
        cuts = [FIRST, *(cut for part in other.parts for cut in part), LAST]
        gaps = tuple((cuts[i], cuts[i + 1]) for i in range(0, len(cuts), 2) if cuts[i] < cuts[i + 1])
        return self.meet(Stretches(gaps, missing=not other.missing))


Domain: TypeAlias = Choice | Stretches

ANY_CHOICE = Choice(frozenset(), others=True, missing=True)
ANY_STRETCH = Stretches(((FIRST, LAST),), missing=True)

Box: TypeAlias = Mapping[str, Domain]


def meet(one: Box, other: Box) -> Box | None:
    """Return the records that are in both boxes, or None if there are none."""
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    met = dict(large)
    for field, domain in small.items():
        both = _both(domain, met[field]) if field in met else domain
        if both.empty:
            return None
        met[field] = both
    return met


def minus(one: Box, other: Box) -> list[Box]:
    """Return the records of one box that are not in the other, as boxes apart from each other."""
    rest = dict(one)
    left: list[Box] = []
    for field, domain in other.items():
        held = rest.get(field) or _whole(domain)
        inside = _both(held, domain)
        if inside.empty:
            return [one]
        outside = _without(held, domain)
        if not outside.empty:
            left.append({**rest, field: outside})
        rest[field] = inside
    return left


def _whole(domain: Domain) -> Domain:
    return ANY_CHOICE if isinstance(domain, Choice) else ANY_STRETCH


def _both(one: Domain, other: Domain) -> Domain:
    if isinstance(one, Choice):
        return one.meet(other) if isinstance(other, Choice) else one
    return one.meet(other) if isinstance(other, Stretches) else one


def _without(one: Domain, other: Domain) -> Domain:
    if isinstance(one, Choice):
        return one.minus(other) if isinstance(other, Choice) else one
    return one.minus(other) if isinstance(other, Stretches) else one
