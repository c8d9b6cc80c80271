"""The engine for rules: every item goes through a real desk, whose clock stands where the simulation is."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from assignkit.clock import ManualClock
from assignkit.desk.desk import Desk
from assignkit.model.decision import Decision
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.ruleset import RuleSet
from assignkit.simulation.alike import Progress
from assignkit.simulation.arrivals import Arrivals
from assignkit.simulation.queueing import Ageing, most_urgent
from assignkit.simulation.staffing import Server
from assignkit.simulation.tracing import ABANDONED, SERVED, UNSERVED, Trace

_ACTOR = "simulation"
_STRIDE = 64


class _Event(IntEnum):
    """What happens; at the same instant in this order."""

    DONE = 0
    CAME = 1
    LEFT = 2
    ARRIVED = 3
    RETRY = 4
    GAVE_UP = 5


class DeskEngine:
    """One run of one rule set over one list of arrivals; call `run` once.

    An agent works on one item at a time, the most urgent first; when it is done, the desk is told to release it and to
    look at whatever waits. Items that the rules pool, reject or do not match are lost to this workload.
    """

    def __init__(
        self, rules: RuleSet, arrivals: Arrivals, servers: Sequence[Server], *, kind: str, seed: str, start: datetime
    ) -> None:
        self._arrivals, self._servers, self._kind, self._start = arrivals, servers, kind, start
        self._clock = ManualClock(start)
        self._store = MemoryStore()
        self._desk = Desk(rules, self._store, clock=self._clock, seed=seed)
        for server in servers:
            self._desk.agents.add(server.agent)
        self._number = {server.id: number for number, server in enumerate(servers)}
        self._item_of: dict[str, int] = {}
        self._trace = Trace.empty(len(arrivals))
        self._trace.rules = [None] * len(arrivals)
        self._held: list[list[int]] = [[] for _ in servers]
        self._working: list[int | None] = [None] * len(servers)
        self._there = [server.always_there for server in servers]
        self._waiting: set[int] = set()
        self._events: list[tuple[float, int, int, int]] = []
        self._retries: set[float] = set()
        self._sequence = 0
        self._open = len(arrivals)

    def run(self, *, progress: Progress | None = None) -> Trace:
        """Return what became of the items."""
        total = len(self._arrivals)
        for agent, server in enumerate(self._servers):
            if not server.always_there:
                self._expect_return(agent, 0.0)
        if total:
            self._expect(self._arrivals.times[0], _Event.ARRIVED, 0)
        while self._events and self._open and not self._stuck():
            now, what, _, subject = heapq.heappop(self._events)
            self._clock.set(self._instant(now))
            self._handle(now, what, subject)
            if progress is not None and what == _Event.ARRIVED and not (subject + 1) % _STRIDE:
                progress(subject + 1, total)
        if progress is not None:
            progress(total, total)
        return self._trace

    def _stuck(self) -> bool:
        """Return whether only comings and goings are left, and have changed nothing for a week."""
        idle = all(what in (_Event.CAME, _Event.LEFT) for _, what, _, _ in self._events[:2]) and not any(self._held)
        if not idle or any(item is not None for item in self._working):
            return False
        if any(what not in (_Event.CAME, _Event.LEFT) for _, what, _, _ in self._events):
            return False
        return self._events[0][0] > self._arrivals.times[-1] + timedelta(weeks=1).total_seconds()

    def _handle(self, now: float, what: int, subject: int) -> None:
        if what == _Event.ARRIVED:
            self._arrive(now, subject)
        elif what == _Event.DONE:
            self._finish(now, subject)
        elif what == _Event.RETRY:
            self._retries.discard(now)
            self._look_again(now)
        elif what == _Event.GAVE_UP:
            self._give_up(now, subject)
        elif what == _Event.CAME:
            self._come(now, subject)
        else:
            self._there[subject] = False
            self._expect_return(subject, now)

    def _expect(self, when: float, what: _Event, subject: int) -> None:
        self._sequence += 1
        heapq.heappush(self._events, (when, what, self._sequence, subject))

    def _arrive(self, now: float, item: int) -> None:
        if item + 1 < len(self._arrivals):
            self._expect(self._arrivals.times[item + 1], _Event.ARRIVED, item + 1)
        identity = self._arrivals.id_at(item)
        self._item_of[identity] = item
        self._follow(now, item, self._desk.assign(self._record(item, identity), kind=self._kind))
        patience = self._arrivals.patience
        if patience is not None and self._trace.outcome(item) == UNSERVED and patience[item] != float("inf"):
            self._expect(now + patience[item], _Event.GAVE_UP, item)

    def _record(self, item: int, identity: str) -> Mapping[str, Any]:
        sort = self._arrivals.class_at(item)
        fields: dict[str, Any] = {}
        if sort.priority:
            fields["priority"] = sort.priority
        if sort.skill is not None:
            fields["skill"] = sort.skill
        return {**fields, **self._arrivals.fields_at(item), "id": identity}

    def _follow(self, now: float, item: int, decision: Decision) -> None:
        """Do what a decision says."""
        self._note_rule(item, decision.rule)
        if decision.agent_id is not None:
            self._give(now, item, decision.agent_id, decision.offer_id, decision.fence)
        elif decision.outcome == "waiting":
            self._waiting.add(item)
            if decision.next_retry_at is not None:
                self._expect_retry(max((decision.next_retry_at - self._start).total_seconds(), now))
        else:
            self._waiting.discard(item)
            self._lose(item, decision.outcome)

    def _note_rule(self, item: int, rule: str | None) -> None:
        if self._trace.rules is not None:
            self._trace.rules[item] = rule

    def _give(self, now: float, item: int, agent_id: str, offer_id: str | None, fence: int | None) -> None:
        """Let the agent have the item, which takes whatever it is offered, and work on it if it is free."""
        if offer_id is not None and fence is not None:
            self._desk.accept(offer_id, fence)
        self._waiting.discard(item)
        agent = self._trace.agent_of[item] = self._number[agent_id]
        self._held[agent].append(item)
        self._work(now, agent)

    def _lose(self, item: int, outcome: str) -> None:
        self._trace.outcomes[item] = outcome  # type: ignore[index]
        self._open -= 1

    def _expect_retry(self, when: float) -> None:
        if when not in self._retries:
            self._retries.add(when)
            self._expect(when, _Event.RETRY, 0)

    def _work(self, now: float, agent: int) -> None:
        held = self._held[agent]
        if not held or self._working[agent] is not None or not self._there[agent]:
            return
        item = most_urgent(held, self._arrivals, Ageing(), now)
        held.remove(item)
        self._working[agent] = item
        self._trace.starts[item] = now
        self._trace.ends[item] = now + self._arrivals.services[item]
        self._trace.outcomes[item] = SERVED  # type: ignore[index]
        self._expect(self._trace.ends[item], _Event.DONE, agent)

    def _finish(self, now: float, agent: int) -> None:
        item, self._working[agent] = self._working[agent], None
        self._open -= 1
        if item is not None:
            self._release(now, item, "done")
        self._work(now, agent)
        self._look_again(now)

    def _release(self, now: float, item: int, reason: str) -> None:
        self._desk.release((self._kind, self._arrivals.id_at(item)), actor=_ACTOR, reason=reason)
        agent = self._trace.agent_of[item]
        if agent < 0 or not self._waiting:
            return
        for placement in self._store.placements.of_agent(self._servers[agent].id):
            pulled = self._item_of[placement.item_id]
            if pulled in self._waiting:  # the desk gave it to the agent who became free, at once
                offer_id = placement.assignment_id if placement.state == "offered" else None
                self._note_rule(pulled, placement.rule)
                self._give(now, pulled, self._servers[agent].id, offer_id, placement.fence)

    def _look_again(self, now: float) -> None:
        """Let the desk try whatever waits; also items that an offer, or a recycling, brought to somebody else."""
        if not self._waiting:
            return
        for decision in self._desk.tick():
            item = self._item_of[decision.item_id]
            if item in self._waiting:
                self._follow(now, item, decision)

    def _give_up(self, now: float, item: int) -> None:
        if self._trace.outcome(item) != UNSERVED:
            return
        agent = self._trace.agent_of[item]
        self._waiting.discard(item)
        if agent >= 0:
            self._held[agent].remove(item)
        self._release(now, item, "gave up")
        self._lose(item, ABANDONED)
        self._look_again(now)

    def _come(self, now: float, agent: int) -> None:
        self._there[agent] = True
        until = self._servers[agent].there_until(self._instant(now))
        if until is not None:
            self._expect(max((until - self._start).total_seconds(), now), _Event.LEFT, agent)
        self._work(now, agent)
        self._look_again(now)

    def _expect_return(self, agent: int, now: float) -> None:
        back = self._servers[agent].there_from(self._instant(now))
        if back is not None:
            self._expect(max((back - self._start).total_seconds(), now), _Event.CAME, agent)

    def _instant(self, now: float) -> datetime:
        return self._start + timedelta(seconds=now)
