"""Whether the teams and agents that rules name are there: a misspelt team would wait for ever."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType

from assignkit.diagnostics import Diagnostic, Location, Severity
from assignkit.model.agent import Agent
from assignkit.model.record import Item
from assignkit.rules.plan import AgentTarget, AssignTo, HoldInTeam, Rule, Split, Step, TeamTarget
from assignkit.rules.ruleset import RuleSet

ABSENT_TEAM = "AK641"
ABSENT_AGENT = "AK642"
ABSENT_OWNER = "AK643"
TITLES = MappingProxyType(
    {
        ABSENT_TEAM: "a team that neither the rules define nor any agent is in",
        ABSENT_AGENT: "an agent that is not in the file of agents",
        ABSENT_OWNER: "an owner that is not in the file of agents",
    }
)


_LISTED = 5  # owners that a message names


def absentees(rules: RuleSet, agents: Sequence[Agent]) -> list[Diagnostic]:
    """Return a warning for each team or agent that a rule gives items to, and that is not there."""
    teams = {team for agent in agents for team in agent.teams} | set(rules.teams)
    ids = {agent.id for agent in agents}
    found: list[Diagnostic] = []
    told: set[tuple[str, str]] = set()
    for rule in rules.rules:
        for code, noun, name, known in _named(rule, teams, ids):
            if name not in known and (code, name) not in told:
                told.add((code, name))
                found.append(_absent(rule, code, noun, name, known))
    return found


def absent_owners(items: Iterable[Item], agents: Sequence[Agent]) -> list[Diagnostic]:
    """Return one warning about all items whose owner is not there, or none."""
    ids = {agent.id for agent in agents}
    owners = Counter(item.owner for item in items if item.owner is not None and item.owner not in ids)
    if not owners:
        return []
    total = owners.total()
    named = ", ".join(f"`{owner}`" for owner in sorted(owners)[:_LISTED]) + (", …" if len(owners) > _LISTED else "")
    items_say = "1 item names an owner" if total == 1 else f"{total:,} items name owners"
    message = (
        f"{items_say}, and there {'is' if total == 1 else 'are'} no such {'agent' if total == 1 else 'agents'}: {named}"
    )
    advice = "they are decided as if they had no owner: add the agents, with active `no` if they have left"
    return [Diagnostic(ABSENT_OWNER, Severity.WARNING, message, help=advice)]


def _named(rule: Rule, teams: set[str], ids: set[str]) -> Iterator[tuple[str, str, str, set[str]]]:
    for step in rule.steps:
        for target in _targets(step):
            if isinstance(target, TeamTarget):
                yield ABSENT_TEAM, "team", target.name, teams
            elif isinstance(target, AgentTarget):
                yield ABSENT_AGENT, "agent", target.agent_id, ids


def _targets(step: Step) -> Iterable[object]:
    match step.action:
        case AssignTo(target=target):
            return (target,)
        case Split(parts=parts):
            return [part.target for part in parts]
        case HoldInTeam(team=team):
            return (TeamTarget(team),)
        case _:
            return ()


def _absent(rule: Rule, code: str, noun: str, name: str, known: set[str]) -> Diagnostic:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    if near:
        advice = f"did you mean `{near[0]}`?"
    elif noun == "team":
        advice = (
            f'put it into the column `teams` of the agents, name its column (--agent-team), or define team "{name}"'
        )
    else:
        advice = "add the agent to the file of agents, or name another one"
    message = (
        f'rule "{rule.name}" names {noun} "{name}", and {"no agent is in it" if noun == "team" else "there is none"}'
    )
    place = Location(rule.file, rule.line, 1, rule.line, 1)
    return Diagnostic(code, Severity.WARNING, message, place, help=advice)
