"""The general engine for orders: skills, priorities, patience, shifts; one event after the other.

Agents work on one item at a time and never interrupt it. An item that nobody has room for waits in the common line;
what an agent holds beyond the item in work waits with the agent.
"""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta
from enum import IntEnum

from assignkit.simulation.alike import STRIDE, Progress
from assignkit.simulation.arrivals import Arrivals
from assignkit.simulation.picking import NOBODY, Picker
from assignkit.simulation.queueing import Ageing, WaitingLine, most_urgent
from assignkit.simulation.tracing import ABANDONED, SERVED, UNSERVED, Trace

_PATIENT = float("inf")


class _Event(IntEnum):
    """What happens; at the same instant in this order."""

    DONE = 0
    CAME = 1
    LEFT = 2
    ARRIVED = 3
    GAVE_UP = 4


class EventEngine:
    """One run of one order over one list of arrivals; call `run` once."""

    def __init__(self, arrivals: Arrivals, picker: Picker, *, start: datetime, ageing: Ageing) -> None:
        self._arrivals, self._picker, self._start, self._ageing = arrivals, picker, start, ageing
        self._line = WaitingLine(arrivals, ageing)
        self._trace = Trace.empty(len(arrivals))
        self._events: list[tuple[float, int, int, int]] = []
        self._held: list[list[int]] = [[] for _ in picker.servers]  # not yet begun
        self._working = [NOBODY] * len(picker.servers)
        self._sequence = 0
        self._open = 0
        self._in_line: set[int] = set()
        self._skilled = any(one.skill is not None for one in arrivals.classes)
        self._skills = {None, *(skill for server in picker.servers for skill in server.agent.skills)}

    def run(self, *, progress: Progress | None = None) -> Trace:
        """Return what became of the items."""
        total = self._open = len(self._arrivals)
        for agent, server in enumerate(self._picker.servers):
            if not server.always_there:
                self._picker.left(agent)
                self._expect_return(agent, 0.0)
        events, times, coming, arrived = self._events, self._arrivals.times, 0, int(_Event.ARRIVED)
        while self._open and (events or coming < total):
            # What is to arrive is sorted already, and need not go through the heap.
            if coming < total and (not events or (times[coming], arrived) < events[0]):
                self._arrive(times[coming], coming)
                coming += 1
                if progress is not None and not coming % STRIDE:
                    progress(coming, total)
            else:
                now, what, _, subject = heapq.heappop(events)
                self._handle(now, what, subject)
        if progress is not None:
            progress(total, total)
        return self._trace

    def _handle(self, now: float, what: int, subject: int) -> None:
        if what == _Event.DONE:
            self._finish(now, subject)
        elif what == _Event.GAVE_UP:
            self._give_up(now, subject)
        elif what == _Event.CAME:
            self._come(now, subject)
        else:
            self._leave(now, subject)

    def _expect(self, when: float, what: _Event, subject: int) -> None:
        self._sequence += 1
        heapq.heappush(self._events, (when, what, self._sequence, subject))

    def _arrive(self, now: float, item: int) -> None:
        skill = self._skill_of(item)
        if skill not in self._skills:
            self._open -= 1  # nobody will ever serve it
            return
        agent = self._picker.pick(item, now, skill)
        if agent == NOBODY:
            self._line.add(item)
            self._in_line.add(item)
        else:
            self._give(now, item, agent)
        patience = self._arrivals.patience
        if patience is not None and self._waits(item) and patience[item] != _PATIENT:
            self._expect(now + patience[item], _Event.GAVE_UP, item)

    def _skill_of(self, item: int) -> str | None:
        return None if not self._skilled else self._arrivals.class_at(item).skill

    def _waits(self, item: int) -> bool:
        return self._trace.outcome(item) == UNSERVED

    def _give(self, now: float, item: int, agent: int) -> None:
        self._picker.took(agent, now)
        self._trace.agent_of[item] = agent
        skill = self._skill_of(item)
        if skill is not None:
            self._trace.quality[item] = float(self._picker.servers[agent].agent.skills[skill])
        self._held[agent].append(item)
        self._work(now, agent)

    def _work(self, now: float, agent: int) -> None:
        """Let the agent begin with the most urgent of its items, if it is free and there."""
        held = self._held[agent]
        if not held or self._working[agent] != NOBODY or not self._picker.there[agent]:
            return
        item = most_urgent(held, self._arrivals, self._ageing, now)
        held.remove(item)
        self._working[agent] = item
        self._trace.starts[item] = now
        self._trace.ends[item] = now + self._arrivals.services[item]
        self._trace.outcomes[item] = SERVED  # type: ignore[index]
        self._expect(self._trace.ends[item], _Event.DONE, agent)

    def _finish(self, now: float, agent: int) -> None:
        self._working[agent] = NOBODY
        self._open -= 1
        self._picker.freed(agent, now)
        self._work(now, agent)
        self._drain(now)

    def _drain(self, now: float) -> None:
        """Hand waiting items to whoever has room now, the most urgent first."""
        while self._line:
            for item in self._line.heads(now):
                skill = self._skill_of(item)
                agent = self._picker.pick(item, now, skill)
                if agent == NOBODY and skill is None:
                    return  # nobody has room for anything
                if agent != NOBODY:
                    self._line.remove(item)
                    self._in_line.discard(item)
                    self._give(now, item, agent)
                    break
            else:
                return

    def _give_up(self, now: float, item: int) -> None:
        if not self._waits(item):
            return
        self._trace.outcomes[item] = ABANDONED  # type: ignore[index]
        self._open -= 1
        if item in self._in_line:
            self._line.remove(item)
            self._in_line.discard(item)
            return
        agent = self._trace.agent_of[item]
        self._held[agent].remove(item)
        self._picker.freed(agent, now)
        self._drain(now)

    def _come(self, now: float, agent: int) -> None:
        self._picker.came(agent)
        until = self._picker.servers[agent].there_until(self._instant(now))
        if until is not None:
            self._expect(max((until - self._start).total_seconds(), now), _Event.LEFT, agent)
        self._work(now, agent)
        self._drain(now)

    def _leave(self, now: float, agent: int) -> None:
        self._picker.left(agent)
        self._expect_return(agent, now)

    def _expect_return(self, agent: int, now: float) -> None:
        back = self._picker.servers[agent].there_from(self._instant(now))
        if back is not None:
            self._expect(max((back - self._start).total_seconds(), now), _Event.CAME, agent)

    def _instant(self, now: float) -> datetime:
        return self._start + timedelta(seconds=now)
