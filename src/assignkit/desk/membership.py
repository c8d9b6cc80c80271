"""Whether the teams and agents that rules name are there: a misspelt team would wait for ever."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from assignkit.diagnostics import Diagnostic, Location, Severity
from assignkit.messages.text import say
from assignkit.model.agent import Agent
from assignkit.rules import codes
from assignkit.rules.plan import AgentTarget, AssignTo, HoldInTeam, Rule, Split, Step, TeamTarget
from assignkit.rules.ruleset import RuleSet

if TYPE_CHECKING:
    from assignkit.language.syntax import RuleFile

ABSENT_TEAM = "AK641"
ABSENT_AGENT = "AK642"


def absentees(rules: RuleSet, agents: Sequence[Agent], teams: Collection[str] = ()) -> list[Diagnostic]:
    """Return a warning for each team or agent that a rule gives items to, and that is not there.

    `teams` are there although nobody may be in them yet.
    """
    known_teams = {team for agent in agents for team in agent.teams} | {*rules.teams, *teams}
    ids = {agent.id for agent in agents}
    found: list[Diagnostic] = []
    told: set[tuple[str, str]] = set()
    for rule in rules.representatives():
        for code, noun, name, known in _named(rule, known_teams, ids):
            if name not in known and (code, name) not in told:
                told.add((code, name))
                found.append(_absent(rule, code, noun, name, known))
    return found


def unmanned(rules: RuleSet, agents: Sequence[Agent]) -> list[Diagnostic]:
    """Return a warning for each team that the rules define and nobody is in, unless a comment accepts it."""
    return [found for file in rules.files for found in _unmanned(file, rules, agents)]


def _unmanned(file: RuleFile, rules: RuleSet, agents: Sequence[Agent]) -> Iterator[Diagnostic]:
    # what reads the syntax is loaded with the first text
    from assignkit.language.syntax import TeamStatement  # noqa: PLC0415
    from assignkit.rules.passes.lint_agents import nobody_in  # noqa: PLC0415
    from assignkit.rules.silencing import silenced_by  # noqa: PLC0415

    silenced = set(silenced_by(file))
    for statement in file.statements:
        if isinstance(statement, TeamStatement):
            for message, span in nobody_in(statement, rules.teams[statement.name.value], agents):
                place = file.source.locate(span)
                if (place.file, place.line, codes.NOBODY_QUALIFIES) not in silenced:
                    yield file.source.diagnostic(codes.NOBODY_QUALIFIES, message, span, severity=Severity.WARNING)


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
        advice = say("form.did_you_mean", name=near[0])
    elif noun == "team":
        advice = say("meaning.man_the_team", name=name)
    else:
        advice = say("meaning.add_the_agent")
    message = say(f"meaning.absent_{noun}", rule=rule.name, name=name)
    place = Location(rule.file, rule.line, 1, rule.line, 1)
    return Diagnostic(code, Severity.WARNING, message, place, help=advice)
