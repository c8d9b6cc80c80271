"""Who is a member of which team, or of `agents where …`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from assignkit.desk.deciding.world import World, agent_facts, reads_agent_records_only
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad
from assignkit.rules.plan import AgentsWhere, Target, TeamTarget
from assignkit.rules.ruleset import RuleSet

Belongs = Callable[[Agent], int | None]
LoadOf = Callable[[str, str], AgentLoad | None]


@dataclass(slots=True)
class Roster:
    """The members of one target, each with its position in a listed team (0 elsewhere)."""

    label: str
    belongs: Belongs
    members: dict[str, int] = field(default_factory=dict)

    def place(self, agent_id: str, agent: Agent | None) -> None:
        """Take the agent in or out, as its record now says."""
        position = self.belongs(agent) if agent is not None else None
        if position is None:
            self.members.pop(agent_id, None)
        else:
            self.members[agent_id] = position


def membership(rules: RuleSet, target: Target, world: World, load: LoadOf) -> tuple[Belongs, bool]:
    """Return the membership test of a target, and whether it depends on nothing but the agents' records.

    The test gives the position in a listed team, 0 for another member, None for who is none. `load` gives what an agent
    carries of a kind. `TypeError` for a target that has no members.
    """
    if isinstance(target, TeamTarget):
        team = rules.teams.get(target.name)
        if team is None:
            return (lambda agent: 0 if target.name in agent.teams else None), True
        if team.term is None:
            positions = {agent_id: place for place, agent_id in enumerate(team.members)}
            return (lambda agent: positions.get(agent.id)), True
        term = team.term
    elif isinstance(target, AgentsWhere):
        term = target.term
    else:
        msg = f"{target.label} has no roster"
        raise TypeError(msg)
    holds = world.true_for_agents(term)
    kind = world.kind
    lasting = reads_agent_records_only(term)
    return (lambda agent: 0 if holds(agent, agent_facts(load(agent.id, kind))) else None), lasting
