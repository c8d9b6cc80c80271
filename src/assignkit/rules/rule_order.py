"""The rules of a set in an order: mostly a tuple; with long tables, a sequence that makes rules of rows on demand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import accumulate
from typing import Any, overload

from assignkit.rules.compiler import Matcher
from assignkit.rules.field_types import Raw
from assignkit.rules.long_tables import LongTable
from assignkit.rules.plan import Rule

Part = tuple[Rule, ...] | LongTable


class RuleList(Sequence[Rule]):
    """Rules, and rows of long tables, in an order. Looking at a row makes its rule, which is not kept for ever."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.parts = tuple(parts)
        self.starts = (0, *accumulate(map(len, self.parts)))

    def __len__(self) -> int:
        return self.starts[-1]

    @overload
    def __getitem__(self, index: int) -> Rule: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Rule]: ...
    def __getitem__(self, index: int | slice) -> Rule | Sequence[Rule]:
        """Return the rule at an index, or those of a slice as a tuple."""
        if isinstance(index, slice):
            return tuple(self[each] for each in range(*index.indices(len(self))))
        at = range(len(self))[index]
        number = bisect_right(self.starts, at) - 1
        part = self.parts[number]
        return part.rule(at - self.starts[number]) if isinstance(part, LongTable) else part[at - self.starts[number]]

    def __iter__(self) -> Iterator[Rule]:
        """Yield the rules in order; those of long tables are made one after the other."""
        for part in self.parts:
            yield from map(part.rule, range(len(part))) if isinstance(part, LongTable) else part


def in_order(rules: Iterable[Rule], tables: Sequence[LongTable], *, tried: bool = False) -> Sequence[Rule]:
    """Return rules and rows as they stand in the files, or as they are tried: by priority, then as in the files."""
    units: list[Rule | LongTable] = [*rules, *tables]
    units.sort(key=lambda each: (-each.priority if tried else 0, each.position))
    if not tables:
        return tuple(each for each in units if isinstance(each, Rule))
    parts: list[Part] = []
    run: list[Rule] = []
    for each in units:
        if isinstance(each, Rule):
            run.append(each)
        else:
            parts += [tuple(run), each]
            run = []
    return RuleList(part for part in (*parts, tuple(run)) if len(part))


def representatives(rules: Sequence[Rule], *, through: int | None = None) -> Iterator[Rule]:
    """Yield rules in order, of each long table only rows that have all of its fields and actions together.

    Ends with the rule at position `through`, or with the long table that it is in.
    """
    for part in rules.parts if isinstance(rules, RuleList) else (rules,):
        if isinstance(part, LongTable):
            yield from part.representatives()
            if through is not None and 0 <= through - part.position < len(part):
                return
            continue
        for rule in part:
            yield rule
            if rule.position == through:
                return


def singly(rules: Sequence[Rule]) -> Sequence[Rule]:
    """Return the rules that are no rows of long tables."""
    if not isinstance(rules, RuleList):
        return rules
    return [rule for part in rules.parts if not isinstance(part, LongTable) for rule in part]


def find_rule(rules: Sequence[Rule], name: str) -> Rule | None:
    """Return the rule, or the row, of a name; None if there is none."""
    for part in rules.parts if isinstance(rules, RuleList) else (rules,):
        if not isinstance(part, LongTable):
            found = next((rule for rule in part if rule.name == name), None)
            if found is not None:
                return found
        elif (number := part.number_of(name)) is not None:
            return part.rule(number)
    return None


def reads_now(rules: Sequence[Rule]) -> bool:
    """Return whether the conditions or dates of rules read `now`."""
    parts = rules.parts if isinstance(rules, RuleList) else (rules,)
    return any(part.reads_now() if isinstance(part, LongTable) else any(map(_reads_now, part)) for part in parts)


def _reads_now(rule: Rule) -> bool:
    dated = rule.active_from is not None or rule.active_until is not None
    return dated or (rule.condition is not None and "now" in rule.condition.roots)


class PartedMatcher:
    """Finds matching rules where some are rows of long tables: each part of the order is asked in turn."""

    def __init__(self, order: RuleList) -> None:
        self._parts: list[tuple[int, int, Matcher | LongTable]] = []
        for start, part in zip(order.starts, order.parts, strict=False):
            self._parts.append((start, start + len(part), part if isinstance(part, LongTable) else Matcher(part)))

    def first(
        self,
        item: Raw,
        *,
        owner: Raw = None,
        customer: Raw = None,
        now: datetime | None = None,
        zone: tzinfo,
        start: int = 0,
    ) -> int:
        """Return the index of the first rule from `start` on that decides about the item, or -1."""
        for begin, end, part in self._parts:
            if start < end:
                within = max(0, start - begin)
                found = part.first(item, owner=owner, customer=customer, now=now, zone=zone, start=within)
                if found >= 0:
                    return begin + found
        return -1

    def all_of(
        self, items: Iterable[Any], *, now: datetime | None = None, zone: tzinfo, answers: Sequence[Any]
    ) -> list[Any]:
        """Return for each item the answer at the index of its first rule; the last answer is for none."""
        return [answers[self.first(item, now=now, zone=zone)] for item in items]


def matcher_of(order: Sequence[Rule]) -> Matcher | PartedMatcher:
    """Return what finds the matching rules of an order."""
    return PartedMatcher(order) if isinstance(order, RuleList) else Matcher(order)
