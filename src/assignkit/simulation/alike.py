"""The fast engine: items that are all alike, served first come first served by agents who are always there.

As nobody overtakes, one pass over the arrivals is enough (the recursion of Kiefer & Wolfowitz 1955, with agents who
hold several items): an item that finds nobody with room gets the agent whose next item ends first.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

from assignkit.simulation.arrivals import Arrivals
from assignkit.simulation.picking import Picker
from assignkit.simulation.tracing import Trace

Progress = Callable[[int, int], None]
STRIDE = 16_384  # arrivals between two reports of progress


def serve_alike(arrivals: Arrivals, picker: Picker, *, progress: Progress | None = None) -> Trace:
    """Return what became of the items; about two microseconds each for the quickest orders."""
    pick, took, freed, swapped = picker.pick, picker.took, picker.freed, picker.swapped
    push, pop = heapq.heappush, heapq.heappop
    agent_of: list[int] = []
    starts: list[float] = []
    ends: list[float] = []
    departures: list[tuple[float, int]] = []
    free_at = [0.0] * len(picker.servers)
    total = len(arrivals)
    for item, (now, service) in enumerate(zip(arrivals.times, arrivals.services, strict=True)):
        while departures and departures[0][0] <= now:
            gone, agent = pop(departures)
            freed(agent, gone)
        assigned = now
        agent = pick(item, now, None)
        if agent >= 0:
            took(agent, now)
        else:
            assigned, agent = pop(departures)
            swapped(item, agent, assigned)
        start = free_at[agent]
        if start < assigned:  # noqa: PLR1730 - a call of max() costs as much as the rest of the line
            start = assigned
        end = free_at[agent] = start + service
        push(departures, (end, agent))
        agent_of.append(agent)
        starts.append(start)
        ends.append(end)
        if progress is not None and not (item + 1) % STRIDE:
            progress(item + 1, total)
    if progress is not None:
        progress(total, total)
    return Trace(agent_of, starts, ends)
