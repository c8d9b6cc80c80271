"""Deciding one record after the other: what matches says which team, and the agent with the least load gets it."""

from __future__ import annotations

from collections.abc import Callable

from engines.policies.workload import Workload
from engines.spelling import Match


def least_loaded(workload: Workload, match: Match) -> Callable[[], list[str]]:
    """Return what decides all records, each with `min` over the members of its team who have room."""
    loads = {agent: 0 for members in workload.agents.values() for agent in members}
    today: dict[tuple[str, str], int] = {}

    def room(team: str, agent: str, *, limited: bool) -> bool:
        return loads[agent] < workload.capacity and not (limited and today.get((team, agent), 0) >= workload.daily)

    def one(number: int) -> str:
        """Give a record that this rule matches, -1 for none, to whoever of the team has least to do."""
        team, limited = workload.teams[number], number >= 0
        members = [agent for agent in workload.agents[team] if room(team, agent, limited=limited)]
        winner: str = min(members, key=loads.__getitem__)
        loads[winner] += 1
        if limited:
            today[team, winner] = today.get((team, winner), 0) + 1
        return winner

    return lambda: [one(match([record])[0]) for record in workload.records]
