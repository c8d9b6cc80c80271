"""Whether the owners that items name are there, and what is said of anybody who is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from types import MappingProxyType

from assignkit.desk.membership import ABSENT_AGENT, ABSENT_TEAM
from assignkit.diagnostics import Diagnostic, Severity
from assignkit.messages.text import say
from assignkit.model.agent import Agent
from assignkit.model.record import Item

ABSENT_OWNER = "AK643"
TITLES = MappingProxyType(
    {
        ABSENT_TEAM: "a team that neither the rules define nor any agent is in",
        ABSENT_AGENT: "an agent that is not in the file of agents",
        ABSENT_OWNER: "an owner that is not in the file of agents",
    }
)
_LISTED = 5  # owners that a message names


def absent_owners(items: Iterable[Item], agents: Sequence[Agent]) -> list[Diagnostic]:
    """Return one warning about all items whose owner is not there, or none."""
    ids = {agent.id for agent in agents}
    owners = Counter(item.owner for item in items if item.owner is not None and item.owner not in ids)
    if not owners:
        return []
    total = owners.total()
    named = tuple(f"`{owner}`" for owner in sorted(owners)[:_LISTED]) + (("…",) if len(owners) > _LISTED else ())
    message = say("cli.absent_owners", count=total, owners=named)
    return [Diagnostic(ABSENT_OWNER, Severity.WARNING, message, help=say("cli.as_if_no_owner"))]
