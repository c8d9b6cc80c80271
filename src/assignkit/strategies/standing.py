"""Agents kept sorted between decisions, so that choosing costs O(log n). The only owner of sortedcontainers.

What is sorted are immutable tuples that end in the agent's id, never the candidates themselves: those may change, and
are moved by `put`. The naive twin is `OrderChain.rank`; both give the same order at any time.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any, Protocol

from sortedcontainers import SortedList

from assignkit.strategies.base import Candidate

Entry = tuple[Any, ...]

SHORT = 2_000  # entries of a line, up to which moving all that stand behind costs less than a tree of lists


class Line(Protocol):
    """Entries that are kept sorted: adding and removing one costs O(log n)."""

    def add(self, value: Entry, /) -> None:
        """Put the entry where it belongs."""
        ...

    def remove(self, value: Entry, /) -> None:
        """Take the entry out; ValueError if it is not in."""
        ...

    def __iter__(self) -> Iterator[Entry]:
        """Walk the entries in order."""
        ...

    def __len__(self) -> int: ...


def new_line() -> Line:
    """Return an empty line."""
    return SortedList()


class Row(list[Entry]):
    """A short sorted line: what stands behind an entry moves as one block, which is quicker up to `SHORT` entries."""

    __slots__ = ()

    def add(self, value: Entry, /) -> None:
        """Put the entry where it belongs."""
        insort(self, value)

    def remove(self, value: Entry, /) -> None:
        """Take the entry out; `ValueError` if it is not in, as of `SortedList`."""
        place = bisect_left(self, value)
        if place == len(self) or self[place] != value:
            msg = f"{value!r} is not in the line"
            raise ValueError(msg)
        del self[place]

    def update(self, others: Sequence[Entry], /) -> None:
        """Put a sorted line's entries where they belong."""
        if len(others) * 8 < len(self):
            for other in others:
                insort(self, other)
        else:
            self.extend(others)
            self.sort()


Sorted = Row | SortedList[Entry]


def _with(line: Sorted, entry: Entry) -> Sorted:
    """Return the line with one more entry; another line, once it is no longer short."""
    if isinstance(line, Row) and len(line) >= SHORT:
        line = SortedList(line)
    line.add(entry)
    return line


class Standing:
    """Candidates in the order of a chain, the best first; `entry` gives the tuple to sort by, the agent's id last."""

    def __init__(self, entry: Callable[[Candidate], Entry]) -> None:
        self._entry = entry
        self._members: dict[str, tuple[Entry, Candidate]] = {}
        self._sorted: Sorted = Row()

    def put(self, candidate: Candidate) -> None:
        """Add the candidate, or move it to where it belongs now; O(log n)."""
        self._put(candidate, self._entry(candidate))

    def _put(self, candidate: Candidate, entry: Entry) -> None:
        known = self._members.get(candidate.agent_id)
        if known is None or known[0] != entry:
            if known is not None:
                del self._members[candidate.agent_id]  # first: nobody is told of who stands nowhere
                self._remove(known[0])
            self._add(entry)
        self._members[candidate.agent_id] = (entry, candidate)

    def discard(self, agent_id: str) -> None:
        """Take the agent out, if it is in; O(log n)."""
        known = self._members.pop(agent_id, None)
        if known is not None:
            self._remove(known[0])

    def __iter__(self) -> Iterator[Candidate]:
        """Walk the candidates, the best first; nothing may be put or discarded meanwhile."""
        members = self._members
        return (members[entry[-1]][1] for entry in self._entries())

    def front(self) -> Sequence[Candidate]:
        """Return the first two of the walk, or as many as there are; quicker than to begin to walk."""
        members, line = self._members, self._sorted
        if len(line) > 1:
            return members[line[0][-1]][1], members[line[1][-1]][1]
        return tuple(islice(self, 2))

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, agent_id: object) -> bool:
        return agent_id in self._members

    def raise_floor(self, level: int | Fraction) -> None:
        """Take the rotation's new floor; without a rotation there is nothing to do."""

    def _add(self, entry: Entry) -> None:
        self._sorted = _with(self._sorted, entry)

    def _remove(self, entry: Entry) -> None:
        self._sorted.remove(entry)

    def _entries(self) -> Iterator[Entry]:
        return iter(self._sorted)

    def _check(self) -> None:
        """Verify every invariant; raises AssertionError."""
        _check_sorted(self._sorted)
        assert [e[-1] for e in self._entries()] == [c.agent_id for c in self]  # noqa: S101
        assert {e[-1]: e for e in self._entries()} == {i: e for i, (e, _) in self._members.items()}  # noqa: S101
        assert len(list(self._entries())) == len(self._members)  # noqa: S101


class RotatingStanding(Standing):
    """As `Standing`, for chains that begin with `round robin`: sorted by (max(turn, floor), last, entry).

    Agents at or below the floor stand in one list, by (last, entry); those above it in one list per turn. A rising
    floor moves whole lists, the shorter into the longer: amortised O(log n) per choice.
    """

    def __init__(self, entry: Callable[[Candidate], Entry]) -> None:
        super().__init__(entry)
        self._floor: int | Fraction = 0
        self._ahead: dict[int | Fraction, Sorted] = {}

    def put(self, candidate: Candidate) -> None:
        """Add the candidate, or move it to where it belongs now; O(log n)."""
        seat = candidate.seat
        turn, last = (0, 0) if seat is None else (seat.turn, seat.last)
        self._put(candidate, (turn, last, *self._entry(candidate)))

    def raise_floor(self, level: int | Fraction) -> None:
        """Take the rotation's new floor. A lower one (a correction by hand) sorts everybody anew, in O(n log n)."""
        if level == self._floor:
            return
        if level < self._floor:
            self._lower_floor(level)
        self._floor = level
        for turn in [turn for turn in self._ahead if turn <= level]:
            shorter, longer = sorted((self._sorted, self._ahead.pop(turn)), key=len)
            longer.update(shorter)
            self._sorted = longer

    def _lower_floor(self, level: int | Fraction) -> None:
        entries = [entry for entry, _ in self._members.values()]
        self._floor, self._ahead, self._sorted = level, {}, Row()
        for entry in entries:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        turn = entry[0]
        if turn <= self._floor:
            self._sorted = _with(self._sorted, entry[1:])
        else:
            line = self._ahead.get(turn)
            self._ahead[turn] = _with(Row() if line is None else line, entry[1:])

    def _remove(self, entry: Entry) -> None:
        turn = entry[0]
        if turn <= self._floor:
            self._sorted.remove(entry[1:])
            return
        self._ahead[turn].remove(entry[1:])
        if not self._ahead[turn]:
            del self._ahead[turn]

    def _entries(self) -> Iterator[Entry]:
        yield from self._sorted
        for turn in sorted(self._ahead):
            yield from self._ahead[turn]

    def _check(self) -> None:
        """Verify every invariant; raises AssertionError."""
        for turn, line in [(self._floor, self._sorted), *self._ahead.items()]:
            _check_sorted(line)
            for entry in line:
                own, *rest = self._members[entry[-1]][0]
                assert tuple(rest) == entry  # noqa: S101
                assert max(own, self._floor) == turn  # noqa: S101
        assert all(turn > self._floor and line for turn, line in self._ahead.items())  # noqa: S101
        assert len(list(self._entries())) == len(self._members)  # noqa: S101


def _check_sorted(line: Sorted) -> None:
    entries = list(line)
    assert entries == sorted(entries)  # noqa: S101
    assert all(entry in line for entry in entries)  # noqa: S101
