"""The agents of a simulation, as the engines see them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say
from assignkit.model.agent import Agent
from assignkit.model.availability import available_from, next_leave_start, shift_end

_MOST_ALIKE = 1_000_000

AgentsLike = int | Iterable[Agent | str | Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Server:
    """One agent who works on one item at a time and can hold `capacity` at once, those that wait included."""

    agent: Agent
    capacity: float

    @property
    def id(self) -> str:
        """The agent's identity."""
        return self.agent.id

    @property
    def always_there(self) -> bool:
        """Whether the agent has neither shifts nor leaves."""
        return self.agent.active and self.agent.shifts is None and not self.agent.leaves

    def can_serve(self, skill: str | None) -> bool:
        """Return whether the agent has the skill, if one is needed."""
        return skill is None or skill in self.agent.skills

    def there_from(self, at: datetime) -> datetime | None:
        """Return the first instant from `at` on at which the agent works; None for never again."""
        if not self.agent.active:
            return None
        return at if self.always_there else available_from(self.agent, at)

    def there_until(self, at: datetime) -> datetime | None:
        """Return when the agent, who works at `at`, next stops; None for never."""
        ends = [end for end in (shift_end(self.agent, at), next_leave_start(self.agent, at)) if end is not None]
        return min(ends, default=None)


def read_agents(agents: AgentsLike) -> list[Agent]:
    """Return the agents: a number of alike ones who hold one item each, or models, mappings and ids.

    Raises `ConfigurationError` for none at all, for what is no agent, and for an identity that stands twice.
    """
    if isinstance(agents, int):
        if agents > _MOST_ALIKE:
            msg = f"a simulation has at most {_MOST_ALIKE:,} alike agents"
            raise ConfigurationError(msg)
        names = [f"agent {number + 1}" for number in range(agents)]
        found = [Agent(id=name, capacity={"customers": 1, "tasks": 1}) for name in names]
    else:
        found = [_agent(one) for one in _listed(agents)]
    if not found:
        msg = say("error.no_agents")
        raise ConfigurationError(msg)
    twice = [id for id, times in Counter(agent.id for agent in found).items() if times > 1]
    if twice:
        msg = say("error.agents_twice", agent=min(twice))
        raise ConfigurationError(msg)
    return found


def _listed(agents: object) -> Iterable[Any]:
    if isinstance(agents, str | bytes | Mapping | Agent) or not isinstance(agents, Iterable):
        msg = f"agents are a list of them, or how many alike ones there are, not {agents!r:.60}"
        raise ConfigurationError(msg)
    return agents


def _agent(one: Agent | str | Mapping[str, Any]) -> Agent:
    if isinstance(one, Agent):
        return one
    try:
        return Agent(id=one) if isinstance(one, str) else Agent.model_validate(dict(one))
    except (ValidationError, TypeError, ValueError) as error:
        msg = f"{one!r} is no agent: {error}"
        raise ConfigurationError(msg) from error


def staff(agents: Iterable[Agent], kind: str | None) -> list[Server]:
    """Return the agents with what they can hold of `kind`, or of the one kind that they name; missing is unlimited."""
    listed = list(agents)
    named = {name for agent in listed for name in agent.capacity}
    settled = kind or ("customers" if len(named) != 1 else next(iter(named)))
    return [Server(agent, float(agent.capacity.get(settled, math.inf))) for agent in listed]
