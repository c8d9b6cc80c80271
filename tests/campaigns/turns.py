"""Turns, told from the history: whether counts stay within 1 in all windows in which two agents were eligible.

A decision looks who is there once it has its rotation, and is written when it is committed: who comes back in between
stands in the history before a decision that did not know of it. The next decision of the rotation does.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from assignkit.desk.committing.remembering import placement_after
from assignkit.desk.committing.replaying import replay
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.repositories.base import Store
from tests.soak.churn import PairGaps

CUSTOMERS = "customers"
# One that was under way, and one more where what is written first is committed last.
_LATE = 2


class Attendance:
    """Who was there and had room, after each event: told by presence, load and who declined."""

    def __init__(self, agents: Mapping[str, Agent]) -> None:
        self._agents = agents
        self._here = {id for id, agent in agents.items() if agent.active and agent.presence in (None, "online")}
        self._replayed = replay(())

    def see(self, event: Event) -> None:
        """Take one more event into account."""
        if event.type == "presence":
            (self._here.add if event.facts["presence"] == "online" else self._here.discard)(event.item_id)
        self._replayed.apply(event)

    def eligible(self, team: str, effort: int | Decimal, event: Event) -> frozenset[str]:
        """Return which members of a team could be given the event's item then; who declined it could not."""
        before = self._replayed.placements.get((event.kind, event.item_id))
        excluded = {agent_id for agent_id, _ in before.excluded_at(event.at)} if before is not None else set()
        return frozenset(
            id for id in self._here - excluded if team in self._agents[id].teams and self._room(id) >= effort
        )

    def away(self) -> list[str]:
        """Return who could be given nothing now, not even the smallest item."""
        return [id for id in self._agents if id not in self._here or self._room(id) < 1]

    def passed_over(self, event: Event) -> list[str]:
        """Return whom a decision took for away, though they were there by then."""
        steps = event.facts.get("steps", ())
        looked_at = [candidate for step in steps for candidate in step.get("candidates", ())]
        return [one["agent_id"] for one in looked_at if one.get("code") == "away" and one["agent_id"] in self._here]

    def _room(self, agent_id: str) -> Any:  # noqa: ANN401 - an amount
        carried = self._replayed.loads.get((agent_id, CUSTOMERS))
        return self._agents[agent_id].capacity.get(CUSTOMERS, 10**9) - (carried.load if carried is not None else 0)


def check_turns(
    events: Sequence[Event], *, agents: Mapping[str, Agent], teams: Mapping[str, str], at_most: int = 1
) -> Iterator[str]:
    """Yield picks after which two agents' counts were too far apart; `teams` by the name of the rule that rotates."""
    attendance = Attendance(agents)
    gaps = {team: PairGaps() for team in teams.values()}
    for event in events:
        team, after = teams.get(event.rule or ""), placement_after(event)
        if team is not None and after is not None and event.type == "assigned" and event.agent_id is not None:
            eligible = attendance.eligible(team, after.effort, event)
            if event.agent_id not in eligible:
                yield f"promise 3: {event.id} goes to {event.agent_id}, who had no room or was not there"
            else:
                before = gaps[team].worst
                gaps[team].see(eligible, event.agent_id)
                if gaps[team].worst > max(before, at_most):
                    yield f"promise 5: with {event.id}, counts in {team} are {gaps[team].worst} apart"
        attendance.see(event)
        away = attendance.away()
        for each in gaps.values():
            each.away(away)


def check_views(events: Sequence[Event], *, agents: Mapping[str, Agent]) -> Iterator[str]:
    """Yield decisions that took somebody for away who had been back for several, by the same rule, before."""
    attendance = Attendance(agents)
    late: dict[str, Counter[str]] = {id: Counter() for id in agents}  # by rule: how many knew of no return so far
    for event in events:
        for agent_id in attendance.passed_over(event):
            late[agent_id][event.rule or ""] += 1
            if late[agent_id][event.rule or ""] > _LATE:
                yield f"promise 8: {event.id} passes over {agent_id}, who was back long before"
        if event.type == "presence":
            late[event.item_id].clear()
        attendance.see(event)


def check_rotations(store: Store, events: Sequence[Event], *, teams: Mapping[str, str]) -> Iterator[str]:
    """Yield rotations that count other decisions than the history has."""
    chosen: defaultdict[str, int] = defaultdict(int)
    for event in events:
        team = teams.get(event.rule or "")
        if team is not None and event.type in ("assigned", "offered") and "steps" in event.facts:
            chosen[f'team "{team}" by round robin'] += 1
    counted = {rotation.name: rotation.decisions for rotation in store.rotations.list()}
    for name, decisions in sorted(chosen.items()):
        if counted.get(name) != decisions:
            yield f"promise 5: {name} counts {counted.get(name)} decisions, the history has {decisions}"
