"""What rules would have decided on recorded items, at the times at which they came."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from assignkit.clock import ManualClock
from assignkit.desk.desk import Desk
from assignkit.errors import ConfigurationError
from assignkit.messages.text import say
from assignkit.model.agent import Agent
from assignkit.model.decision import Decision, Outcome
from assignkit.model.explanation import Explanation
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.ruleset import RuleSet
from assignkit.simulation.histories import Recorded, chances_in
from assignkit.simulation.simulating import DEFAULT_START

Progress = Callable[[int, int], None]
WITH_AGENT = ("assigned", "kept", "offered")
_ACTOR = "backtest"


@dataclass(slots=True)
class Replayed:
    """What became of one recorded item: by which rule, who has it, and why the recorded agent has not.

    `chances` are the agents' chances of getting it: those of a draw where the rule draws, else 1 for who got it.
    `why_not` is a reason code, `not_member`, or `ranked lower`; None where the recorded agent has it.
    """

    record: Recorded
    agent_id: str | None
    outcome: str
    rule: str | None
    reasons: tuple[str, ...] = ()
    chances: Mapping[str, float] = field(default_factory=dict)
    why_not: str | None = None

    @property
    def moved(self) -> bool:
        """Whether somebody else has it, or nobody."""
        return self.agent_id != self.record.agent_id


def replay(
    rules: RuleSet,
    agents: Sequence[Agent],
    records: Sequence[Recorded],
    *,
    seed: str = "",
    kind: str = "customers",
    zone: str = "UTC",
    progress: Progress | None = None,
) -> list[Replayed]:
    """Return what the rules make of each recorded item, in the order of `records`.

    A real desk decides them in the order of their times. An item that was closed by then has freed its agent; one that
    waits is tried again whenever that happens. Items without a time come last.
    """
    timed = [record.at for record in records if record.at is not None]
    first, last = (min(timed), max(timed)) if timed else (DEFAULT_START, DEFAULT_START)
    desk = _ReplayDesk(rules, agents, seed=seed, kind=kind, zone=zone, start=first)
    order = sorted(range(len(records)), key=lambda place: (records[place].at or last, records[place].at is None, place))
    found: dict[int, Replayed] = {}
    for done, place in enumerate(order, start=1):
        record = records[place]
        found[place] = desk.decide(record, record.at or last)
        if progress is not None:
            progress(done, len(records))
    return [found[place] for place in range(len(records))]


class _ReplayDesk:
    """A desk in memory that lives through the history."""

    def __init__(
        self, rules: RuleSet, agents: Sequence[Agent], *, seed: str, kind: str, zone: str, start: datetime
    ) -> None:
        self._rules, self._kind = rules, kind
        self._clock = ManualClock(start)
        self._store = MemoryStore()
        self._desk = Desk(rules, self._store, clock=self._clock, seed=seed, zone=zone)
        for agent in agents:
            self._desk.agents.add(agent)
        self._closing: list[tuple[datetime, str]] = []
        self._decided: dict[str, Replayed] = {}
        self._waiting = 0

    def decide(self, record: Recorded, at: datetime) -> Replayed:
        self._close_until(at)
        self._clock.set(at)
        item = {**record.fields, "id": record.item_id}
        why = self._desk.explain(item, kind=self._kind)
        decision = self._desk.assign(item, kind=self._kind)
        replayed = Replayed(
            record=record,
            agent_id=decision.agent_id,
            outcome=decision.outcome,
            rule=decision.rule,
            reasons=decision.reasons,
            chances=self._chances(decision, why),
            why_not=_why_not(record.agent_id, decision, why),
        )
        self._decided[record.item_id] = replayed
        self._waiting += decision.outcome == "waiting"
        if record.closed_at is not None:
            heapq.heappush(self._closing, (max(record.closed_at, at), record.item_id))
        return replayed

    def _close_until(self, now: datetime) -> None:
        """Free the agents of items that were closed by now, and let waiting items have the room."""
        while self._closing and self._closing[0][0] <= now:
            at, item_id = heapq.heappop(self._closing)
            self._clock.set(at)
            if self._decided[item_id].outcome in (*WITH_AGENT, "waiting"):
                self._waiting -= self._decided[item_id].outcome == "waiting"
                self._desk.release((self._kind, item_id), actor=_ACTOR, reason="closed")
                self._note_pulled(self._decided[item_id].agent_id)
            if self._waiting:
                for decision in self._desk.tick():
                    self._move(decision.item_id, decision.agent_id, decision.outcome, decision.rule, decision.reasons)

    def _note_pulled(self, agent_id: str | None) -> None:
        """Note what the desk gave an agent who became free, at once."""
        for place in self._store.placements.of_agent(agent_id) if agent_id is not None and self._waiting else ():
            if self._decided[place.item_id].outcome == "waiting":
                outcome: Outcome = "offered" if place.state == "offered" else "assigned"
                self._move(place.item_id, agent_id, outcome, place.rule, ())

    def _move(
        self, item_id: str, agent_id: str | None, outcome: Outcome, rule: str | None, reasons: tuple[str, ...]
    ) -> None:
        replayed = self._decided[item_id]
        self._waiting -= replayed.outcome == "waiting"
        replayed.agent_id, replayed.outcome = agent_id, outcome
        replayed.rule, replayed.reasons = rule, reasons
        replayed.chances = {} if agent_id is None else self._chances_later(item_id, agent_id)
        if not replayed.moved:
            replayed.why_not = None

    def _chances_later(self, item_id: str, agent_id: str) -> dict[str, float]:
        """Return the chances in the draw by which a waiting item came to its agent, from the desk's own history."""
        drawn = chances_in(self._desk.history((self._kind, item_id))[-1])
        return drawn if drawn.get(agent_id) and math.isclose(sum(drawn.values()), 1) else {agent_id: 1.0}

    def _chances(self, decision: Decision, why: Explanation) -> dict[str, float]:
        if decision.agent_id is None:
            return {}
        views = why.steps[-1].candidates if why.steps else ()
        drawn = {view.agent_id: view.chance for view in views if view.chance}
        return drawn if drawn.get(decision.agent_id) else {decision.agent_id: 1.0}


def _why_not(agent_id: str | None, decision: Decision, why: Explanation) -> str | None:
    if agent_id is None or decision.agent_id == agent_id:
        return None
    views: list[Any] = [view for step in why.steps for view in step.candidates if view.agent_id == agent_id]
    if not views:
        return "not_member" if decision.rule is not None else "no_rule"
    return views[-1].code or "ranked lower"


def check_agents(records: Sequence[Recorded], agents: Sequence[Agent]) -> None:
    """Raise `ConfigurationError` if the history names none of the agents: the wrong column, or the wrong file."""
    named = {record.agent_id for record in records if record.agent_id is not None}
    if named and named.isdisjoint(agent.id for agent in agents):
        msg = say("error.no_common_agent", named=min(named), known=agents[0].id)
        raise ConfigurationError(msg)
