"""Lints about the agents at hand: teams that none of them is in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assignkit.diagnostics import Severity, Span
from assignkit.language import syntax
from assignkit.messages.text import Text, say
from assignkit.rules import codes
from assignkit.rules.draft import Draft
from assignkit.rules.facts import Facts, get
from assignkit.rules.interpreter import truth
from assignkit.rules.plan import Team
from assignkit.rules.terms import Term


def lint_agents(draft: Draft) -> None:
    """Warn of teams that no agent satisfies, and of members that are no agents, where agents are at hand."""
    if draft.agents is None:
        return
    for source, statement in draft.statements():
        if isinstance(statement, syntax.TeamStatement):
            team = draft.teams[statement.name.value]
            for message, span in nobody_in(statement, team, draft.agents):
                draft.report(codes.NOBODY_QUALIFIES, message, source, span, severity=Severity.WARNING)


def nobody_in(statement: syntax.TeamStatement, team: Team, agents: Sequence[Any]) -> Iterator[tuple[Text, Span]]:
    """Yield what is to be said of a team that none of the agents is in, and of members that are not among them."""
    if team.term is not None and not has_members(team.term, agents):
        yield say("meaning.nobody_in_team", agents=len(agents), team=team.name), statement.name.span
    known = {str(get(agent, "id")) for agent in agents} if statement.members else set()
    for member in statement.members:
        if member.value not in known:
            yield say("meaning.no_agent", agent=member.value), member.span


def has_members(term: Term, agents: Sequence[Any]) -> bool:
    """Return whether a team's condition is true of an agent; `load` and the like count as 0."""
    idle = {"load": 0, "open": 0, "received": 0}
    return any(truth(term, Facts(agent=agent, agent_facts=idle)) is True for agent in agents)
