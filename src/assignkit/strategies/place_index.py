"""Agents by where they are, so that `nearest` finds the closest ones without looking at everybody.

An octree over the whole-number points of `nearest`, walked best first: G. R. Hjaltason, H. Samet: "Distance browsing in
spatial databases", ACM Transactions on Database Systems 24 (2), 1999. Its naive twin is `OrderChain.rank`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from heapq import heappop, heappush
from itertools import pairwise, product
from typing import Any

from assignkit.model.customer import Location
from assignkit.strategies.base import Candidate
from assignkit.strategies.nearest import POINT_BITS, Point, point_at, squared_chord
from assignkit.strategies.standing import Entry, Line, new_line

_COARSEST = POINT_BITS + 1  # one cell of this many bits an edge is an eighth of everything
_STEP = 2
_FINEST = _COARSEST - 9 * _STEP  # about fifty metres

Cell = tuple[int, int, int, int]  # the bits of its edge, and its corner in units of the edge

_EIGHTHS: tuple[Cell, ...] = tuple((_COARSEST, x, y, z) for x, y, z in product((-1, 0), repeat=3))


class PlaceIndex:
    """The members of a roster by place, and at equal distance by `entry`, which ends in the agent's id.

    `put` and `discard` cost O(log n); the first agents of a `walk` cost about as much as there are agents around the
    place, whatever the number of all.
    """

    def __init__(self, entry: Callable[[Candidate], Entry]) -> None:
        self._entry = entry
        self._members: dict[str, tuple[Entry, Location | None, Candidate]] = {}
        self._everybody: Line = new_line()
        self._nowhere: Line = new_line()
        self._inside: dict[Cell, set[Cell]] = {}
        self._leaves: dict[Cell, dict[Location, Line]] = {}

    def put(self, candidate: Candidate) -> None:
        """Add the candidate, or move it to where it belongs now."""
        entry, place = self._entry(candidate), candidate.agent.location
        known = self._members.get(candidate.agent_id)
        if known is None or known[:2] != (entry, place):
            self.discard(candidate.agent_id)
            self._everybody.add(entry)
            if place is None:
                self._nowhere.add(entry)
            else:
                self._settle(place).add(entry)
        self._members[candidate.agent_id] = entry, place, candidate

    def discard(self, agent_id: str) -> None:
        """Take the agent out, if it is in."""
        known = self._members.pop(agent_id, None)
        if known is None:
            return
        entry, place, _ = known
        self._everybody.remove(entry)
        if place is None:
            self._nowhere.remove(entry)
        else:
            self._leave(place, entry)

    def walk(self, place: Location | None) -> Iterator[Candidate]:
        """Walk the candidates, the closest first, those without a place last; nothing may be put meanwhile.

        Without a place of the item, everybody is equally far.
        """
        if place is None:
            return (self._members[entry[-1]][2] for entry in self._everybody)
        return (self._members[entry[-1]][2] for entry in self._by_distance(place))

    def raise_floor(self, level: int | Fraction) -> None:
        """Take the floor of a rotation: there is none where places come first."""

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, agent_id: object) -> bool:
        return agent_id in self._members

    def _settle(self, place: Location) -> Line:
        """Return the line of those who are at the place, and make it known to the cells around it."""
        inner, *outer = _cells(point_at(*place))
        lines = self._leaves.setdefault(inner, {})
        for cell in outer:
            self._inside.setdefault(cell, set()).add(inner)
            inner = cell
        return lines.setdefault(place, new_line())

    def _leave(self, place: Location, entry: Entry) -> None:
        cells = _cells(point_at(*place))
        lines = self._leaves[cells[0]]
        lines[place].remove(entry)
        if not lines[place]:
            del lines[place]
        if lines:
            return
        del self._leaves[cells[0]]
        for inner, cell in pairwise(cells):
            self._inside[cell].remove(inner)
            if self._inside[cell]:
                return
            del self._inside[cell]

    def _by_distance(self, place: Location) -> Iterator[Entry]:
        here = point_at(*place)
        # At equal distance a cell comes before people, for some inside may be before them. Of those at one spot only
        # the first is in the heap, with the rest of its line.
        heap: list[tuple[int, int, Any, Any]] = []
        for cell in _EIGHTHS:
            if cell in self._inside:
                heappush(heap, (_squared_distance(here, cell), 0, cell, None))
        while heap:
            distance, _, found, others = heappop(heap)
            if others is not None:
                yield found
                self._push_next(heap, distance, others)
            elif found in self._leaves:
                for spot, line in self._leaves[found].items():
                    self._push_next(heap, squared_chord(place, spot), iter(line))
            else:
                for cell in self._inside[found]:
                    heappush(heap, (_squared_distance(here, cell), 0, cell, None))
        yield from self._nowhere

    @staticmethod
    def _push_next(heap: list[tuple[int, int, Any, Any]], distance: int, line: Iterator[Entry]) -> None:
        entry = next(line, None)
        if entry is not None:
            heappush(heap, (distance, 1, entry, line))

    def _check(self) -> None:
        """Verify every invariant; raises AssertionError."""
        settled = [(place, entry) for lines in self._leaves.values() for place, line in lines.items() for entry in line]
        placed = [(place, entry) for entry, place, _ in self._members.values() if place is not None]
        assert sorted(settled) == sorted(placed)  # noqa: S101
        assert list(self._nowhere) == sorted(e for e, place, _ in self._members.values() if place is None)  # noqa: S101
        assert list(self._everybody) == sorted(e for e, *_ in self._members.values())  # noqa: S101
        cells = [_cells(point_at(*place)) for place, _ in placed]
        assert set(self._leaves) == {inner for inner, *_ in cells}  # noqa: S101
        inside = {(outer, inner) for each in cells for inner, outer in pairwise(each)}
        assert {(outer, inner) for outer, found in self._inside.items() for inner in found} == inside  # noqa: S101


def _cells(point: Point) -> list[Cell]:
    """Return the cells around a point, the finest first."""
    x, y, z = point
    return [(bits, x >> bits, y >> bits, z >> bits) for bits in range(_FINEST, _COARSEST + 1, _STEP)]


def _squared_distance(point: Point, cell: Cell) -> int:
    """Return the square of the distance from a point to the nearest point of a cell."""
    bits, *corner = cell
    edge = 1 << bits
    total = 0
    for at, place in zip(point, corner, strict=True):
        low = place << bits
        away = low - at if at < low else max(at - (low + edge - 1), 0)
        total += away * away
    return total
