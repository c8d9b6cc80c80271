"""Agents by what they have, so that `skill match` finds the best ones without looking at everybody.

The walk is the threshold algorithm over one sorted list per wish: R. Fagin, A. Lotem, M. Naor: "Optimal aggregation
algorithms for middleware", Journal of Computer and System Sciences 66 (4), 2003. Its naive twin is `OrderChain.rank`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from heapq import heappop, heappush, merge
from itertools import groupby
from types import MappingProxyType
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.strategies.base import Candidate
from assignkit.strategies.exact import exact, simplest
from assignkit.strategies.standing import Entry, Line, new_line

Exact = int | Fraction
Level = Exact | None  # None for a level that is no number
Traits = Mapping[Any, float | Decimal | Fraction]
Measure = Callable[[Level], Exact | Decimal]
Worth = Mapping[Level, tuple[int, int]]  # what a level gains and costs, in whole units of one walk
Key = tuple[int, int, Entry]

_NOBODY: Mapping[Level, Line] = MappingProxyType({})


def present(level: Level) -> Exact:  # noqa: ARG001 - whatever it is
    """Return the degree of `has y`: having it is enough."""
    return 1


@dataclass(frozen=True, slots=True)
class Wish:
    """One `prefer`: a trait, what having it at a level is worth (`degree`, from 0 to 1), and its weight, above 0.

    `surplus` says how far beyond the wanted level a level is, for the overqualification.
    """

    trait: Hashable
    weight: float | Decimal | Fraction = 1
    degree: Measure = present
    surplus: Measure | None = None

    @classmethod
    def at(cls, trait: Hashable, wanted: float | Decimal | Fraction, weight: float | Decimal | Fraction = 1) -> Wish:
        """Return the wish `has y at wanted`: the degree is min(level / wanted, 1), the surplus what is beyond."""
        goal = exact(wanted)
        if goal is None or goal <= 0:
            msg = f"a level that can be wanted is above 0, not {wanted}"
            raise ConfigurationError(msg)

        return cls(trait, weight, lambda level: _reached(level, goal), lambda level: beyond(level, goal))


@lru_cache(maxsize=2**12)
def _reached(level: Level, goal: Exact) -> Exact:
    return simplest(min(max(Fraction(level or 0) / goal, Fraction(0)), Fraction(1)))


@lru_cache(maxsize=2**12)
def beyond(level: Level, goal: Exact) -> Exact:
    """Return how far a level is beyond the one that is wanted, in parts of it."""
    return simplest(max(Fraction(level or 0) / goal - 1, Fraction(0)))


@dataclass(frozen=True, slots=True)
class _Member:
    entry: Entry
    levels: Mapping[Hashable, Level]
    candidate: Candidate


class SkillIndex:
    """The members of a roster, by each of their traits and its level, sorted by everything but the wishes.

    `entry` gives the tuple to sort by, the agent's id last; `traits` what an agent has, with levels. `put` and
    `discard` cost O(log n) per trait. A walk looks at few agents where some meet all wishes well, and where hardly
    anybody does, at about as many as meet the rarest one; at worst at all who have anything that is wished.
    """

    def __init__(
        self,
        entry: Callable[[Candidate], Entry],
        traits: Callable[[Candidate], Traits],
        *,
        overqualification: Exact = 0,
    ) -> None:
        self._entry = entry
        self._traits = traits
        self._overqualification = overqualification
        self._members: dict[str, _Member] = {}
        self._everybody: Line = new_line()
        self._lines: dict[Hashable, dict[Level, Line]] = {}

    def put(self, candidate: Candidate) -> None:
        """Add the candidate, or move it to where it belongs now."""
        entry = self._entry(candidate)
        levels = {trait: exact(level) for trait, level in self._traits(candidate).items()}
        known = self._members.get(candidate.agent_id)
        if known is None or known.entry != entry or known.levels != levels:
            if known is not None:
                self._remove(known)
            self._everybody.add(entry)
            for trait, level in levels.items():
                self._lines.setdefault(trait, {}).setdefault(level, new_line()).add(entry)
        self._members[candidate.agent_id] = _Member(entry, levels, candidate)

    def discard(self, agent_id: str) -> None:
        """Take the agent out, if it is in."""
        known = self._members.pop(agent_id, None)
        if known is not None:
            self._remove(known)

    def walk(self, wishes: Sequence[Wish]) -> Iterator[Candidate]:
        """Walk the candidates, the best first, each with its `preference` and `surplus`; nothing may be put meanwhile.

        Raises `ConfigurationError` for a weight that is not above 0: who lacks a trait cannot be found by it.
        """
        unit, worths = _in_whole_units([self._worth(wish) for wish in wishes])
        lanes = [_Lane(self._lines.get(wish.trait, _NOBODY), worth) for wish, worth in zip(wishes, worths, strict=True)]
        scored = [(wish.trait, worth) for wish, worth in zip(wishes, worths, strict=True)]
        found: list[Key] = []
        seen: set[str] = set()
        while lanes := [lane for lane in lanes if lane.next is not None]:
            entry = min(lanes, key=_left).take()
            if entry[-1] not in seen:
                seen.add(entry[-1])
                heappush(found, self._key(entry, scored))
            bound = _bound(lanes)
            while found and (bound is None or found[0] <= bound):
                yield self._made(heappop(found), unit)
        while found:
            yield self._made(heappop(found), unit)
        for entry in self._everybody:
            if entry[-1] not in seen:
                yield self._made((0, 0, entry), unit)

    def raise_floor(self, level: Exact) -> None:
        """Take the floor of a rotation: there is none where skills come first."""

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, agent_id: object) -> bool:
        return agent_id in self._members

    def _remove(self, known: _Member) -> None:
        self._everybody.remove(known.entry)
        for trait, level in known.levels.items():
            lines = self._lines[trait]
            lines[level].remove(known.entry)
            if not lines[level]:
                del lines[level]
            if not lines:
                del self._lines[trait]

    def _worth(self, wish: Wish) -> dict[Level, tuple[Exact, Exact]]:
        """Return what each level of the trait that somebody has is worth: (gain, cost)."""
        weight = exact(wish.weight)
        if weight is None or weight <= 0:
            msg = f"a wish needs a weight above 0, not {wish.weight}"
            raise ConfigurationError(msg)
        worth: dict[Level, tuple[Exact, Exact]] = {}
        for level in self._lines.get(wish.trait, _NOBODY):
            gain = weight * (exact(wish.degree(level)) or 0)
            beyond = wish.surplus(level) if wish.surplus is not None and self._overqualification else 0
            worth[level] = gain, weight * (exact(beyond) or 0)
        return worth

    def _key(self, entry: Entry, scored: Sequence[tuple[Hashable, Worth]]) -> Key:
        levels = self._members[entry[-1]].levels
        gain = cost = 0
        for trait, worth in scored:
            if trait in levels:
                more, beyond = worth[levels[trait]]
                gain += more
                cost += beyond
        return -gain, cost, entry

    def _made(self, key: Key, unit: int) -> Candidate:
        fit, surplus, entry = key
        found = self._members[entry[-1]].candidate
        return replace(found, preference=simplest(Fraction(-fit, unit)), surplus=simplest(Fraction(surplus, unit)))

    def _check(self) -> None:
        """Verify every invariant; raises AssertionError."""
        assert sorted(m.entry for m in self._members.values()) == list(self._everybody)  # noqa: S101
        wanted: dict[Hashable, dict[Level, list[Entry]]] = {}
        for member in self._members.values():
            for trait, level in member.levels.items():
                wanted.setdefault(trait, {}).setdefault(level, []).append(member.entry)
        found = {trait: {level: list(line) for level, line in lines.items()} for trait, lines in self._lines.items()}
        assert found == {t: {lv: sorted(es) for lv, es in levels.items()} for t, levels in wanted.items()}  # noqa: S101


class _Lane:
    """Who meets one wish, the best first: groups of equal worth, each sorted by entry.

    `next` is the key of who comes next, None at the end; `left` how many of its group are left.
    """

    __slots__ = ("_entries", "_groups", "left", "next")

    def __init__(self, lines: Mapping[Level, Line], worth: Worth) -> None:
        ranked = sorted(((-worth[level][0], worth[level][1], line) for level, line in lines.items()), key=_worth_of)
        grouped = groupby((one for one in ranked if one[0]), key=_worth_of)
        self._groups = iter([(key, [line for *_, line in group]) for key, group in grouped])
        self._entries: Iterator[Entry] = iter(())
        self.left = 0
        self.next: Key | None = None
        self._advance()

    def take(self) -> Entry:
        """Return the next entry and go on behind it."""
        assert self.next is not None  # noqa: S101 - the walk drops lanes that are at their end
        entry = self.next[2]
        self.left -= 1
        self._advance()
        return entry

    def _advance(self) -> None:
        entry = next(self._entries, None)
        if entry is not None and self.next is not None:
            self.next = (*self.next[:2], entry)
            return
        group = next(self._groups, None)
        if group is None:
            self.next = None
            return
        (fit, surplus), lines = group
        self.left = sum(map(len, lines))
        self._entries = merge(*lines) if len(lines) > 1 else iter(lines[0])
        self.next = (fit, surplus, next(self._entries))


def _worth_of(one: tuple[int, int, Line]) -> tuple[int, int]:
    return one[0], one[1]


def _left(lane: _Lane) -> int:
    return lane.left


def _in_whole_units(worths: Sequence[Mapping[Level, tuple[Exact, Exact]]]) -> tuple[int, list[Worth]]:
    """Return a unit, and what levels are worth in 1/unit: whole numbers, which add up and compare fastest."""
    unit = math.lcm(*{amount.denominator for worth in worths for pair in worth.values() for amount in pair})
    whole: list[Worth] = [
        {level: (int(gain * unit), int(cost * unit)) for level, (gain, cost) in worth.items()} for worth in worths
    ]
    return unit, whole


def _bound(lanes: Sequence[_Lane]) -> Key | None:
    """Return a key that nobody who has not been seen can be below; None when everybody who meets a wish was seen.

    Whoever was not seen is, in each lane, not before its next one. So the sum of their worths cannot be beaten, and
    who reaches it is in all lanes, behind the latest of the next ones.
    """
    keys = [lane.next for lane in lanes if lane.next is not None]
    if not keys:
        return None
    return sum(key[0] for key in keys), sum(key[1] for key in keys), max(key[2] for key in keys)
