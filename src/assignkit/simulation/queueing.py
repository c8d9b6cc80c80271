"""The items that wait: one line per sort, compared at their heads, so that choosing costs the number of sorts."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from assignkit.simulation.arrivals import Arrivals, ItemClass


@dataclass(frozen=True, slots=True)
class Ageing:
    """How waiting raises an item's priority: by one for every `half_step` seconds, up to `max_boost`.

    Without a half step it does not: priorities are strict.
    """

    half_step: float = math.inf
    max_boost: float = 10

    def key(self, sort: ItemClass, age: float) -> float:
        """Return what items are sorted by, smallest first; the library's `waiting_key` in plain floats."""
        if self.half_step == math.inf:
            return -sort.priority
        return -sort.priority - min((age + sort.wait_credit) / self.half_step, self.max_boost)


class WaitingLine:
    """Waiting items, the most urgent first, then first come first served."""

    def __init__(self, arrivals: Arrivals, ageing: Ageing) -> None:
        self._arrivals, self._ageing = arrivals, ageing
        places: dict[tuple[float, float, str | None], int] = {}
        self._line_of = [places.setdefault(one.sort, len(places)) for one in arrivals.classes]
        self._lines: list[deque[int]] = [deque() for _ in places]
        # Where waiting raises nothing, the lines have their keys for good.
        self._fixed = [ageing.key(one, 0.0) for one in _first_of_each(arrivals.classes, self._line_of)]
        self._strict = ageing.half_step == math.inf
        self._gone: set[int] = set()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, item: int) -> None:
        """Let an item wait."""
        of = self._arrivals.class_of
        self._lines[self._line_of[0 if of is None else of[item]]].append(item)
        self._count += 1

    def remove(self, item: int) -> None:
        """Take out an item that is waiting."""
        self._gone.add(item)
        self._count -= 1

    def heads(self, now: float) -> list[int]:
        """Return the first item of each sort, the most urgent first."""
        found = []
        times, ageing, gone = self._arrivals.times, self._ageing, self._gone
        for line, fixed in zip(self._lines, self._fixed, strict=True):
            while line and line[0] in gone:
                gone.discard(line.popleft())
            if line:
                item = line[0]
                key = fixed if self._strict else ageing.key(self._arrivals.class_at(item), now - times[item])
                found.append((key, times[item], item))
        found.sort()
        return [item for _, _, item in found]


def _first_of_each(classes: Sequence[ItemClass], line_of: Sequence[int]) -> list[ItemClass]:
    """Return one of the classes of each line, by the numbers of the lines."""
    return [classes[line_of.index(line)] for line in range(len(set(line_of)))]


def most_urgent(items: Sequence[int], arrivals: Arrivals, ageing: Ageing, now: float) -> int:
    """Return which of an agent's own items is worked on next."""
    if len(items) == 1:
        return items[0]
    return min(items, key=lambda item: (ageing.key(arrivals.class_at(item), now - arrivals.times[item]), item))
