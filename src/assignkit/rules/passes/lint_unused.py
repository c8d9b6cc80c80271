"""Lints about definitions: what is never used, and teams that can be empty."""

from __future__ import annotations

from collections.abc import Iterator

from assignkit.diagnostics import Severity
from assignkit.language import syntax
from assignkit.messages.text import say
from assignkit.rules import codes
from assignkit.rules.draft import Draft, walk
from assignkit.rules.passes.lint_agents import has_members
from assignkit.rules.plan import AssignTo, Split, Step, TeamTarget


def lint_unused(draft: Draft) -> None:
    """Warn of definitions that nothing uses."""
    used = {use for _, statement in draft.statements() for node in walk(statement) for use in _uses(node)}
    for source, statement in draft.statements():
        noun = _NOUNS.get(type(statement))
        name = getattr(statement, "name", None)
        if noun is not None and isinstance(name, syntax.TextLiteral) and (noun, name.value) not in used:
            message = say("meaning.noun_never_used", noun=say(f"meaning.noun_{noun}"), name=name.value)
            draft.report(codes.UNUSED_DEFINITION, message, source, name.span, severity=Severity.WARNING)


def lint_unread_prefers(draft: Draft) -> None:
    """Note each `prefer` of a rule that has no order which looks at it."""
    for source, statement in draft.statements():
        if isinstance(statement, syntax.RuleStatement):
            orders = [node for node in walk(statement) if isinstance(node, syntax.OrderTerm)]
            if any(order.hosted or order.name == "skill match" for order in orders):
                continue
            for clause in statement.clauses:
                if isinstance(clause, syntax.PreferClause):
                    message, help = say("meaning.unread_prefer"), say("meaning.by_skill_match")
                    draft.report(codes.UNREAD_PREFER, message, source, clause.span, help=help, severity=Severity.NOTE)


def lint_never_open(draft: Draft) -> None:
    """Warn of calendars that have no working time at all."""
    for source, statement in draft.statements():
        if isinstance(statement, syntax.CalendarStatement) and not _is_ever_open(statement):
            message, help = say("meaning.never_open", name=statement.name.value), say("meaning.say_the_hours")
            span = statement.name.span
            draft.report(codes.NEVER_OPEN, message, source, span, help=help, severity=Severity.WARNING)


def _is_ever_open(calendar: syntax.CalendarStatement) -> bool:
    return bool(calendar.hours) or any(days.intervals for days in calendar.special)


_NOUNS: dict[type, str] = {
    syntax.TeamStatement: "team",
    syntax.PoolStatement: "pool",
    syntax.CalendarStatement: "calendar",
}


def _uses(node: syntax.Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, syntax.TeamTarget):
        yield "team", node.name.value
    elif isinstance(node, syntax.HoldInTeamAction):
        yield "team", node.team.value
    elif isinstance(node, syntax.HoldInPoolAction | syntax.RecycleClause):
        yield "pool", node.pool.value
    elif isinstance(node, syntax.During | syntax.DueClause) and node.calendar is not None:
        yield "calendar", node.calendar.value


def lint_empty_teams(draft: Draft) -> None:
    """Warn of rules that give items to nobody but a team that a condition may leave empty."""
    for rule, source, span in draft.rule_terms:
        teams = list(_teams(rule.steps[0])) if len(rule.steps) == 1 else []
        for name in teams:
            team = draft.teams.get(name)
            if team is None or team.term is None:
                continue
            if draft.agents is None or not has_members(team.term, draft.agents):
                message = say("meaning.empty_team", rule=rule.name, team=name)
                help = say("meaning.say_what_then")
                draft.report(codes.EMPTY_TEAM, message, source, span, help=help, severity=Severity.WARNING)


def _teams(step: Step) -> Iterator[str]:
    action = step.action
    targets = [action.target] if isinstance(action, AssignTo) else []
    targets += [part.target for part in action.parts] if isinstance(action, Split) else []
    yield from (target.name for target in targets if isinstance(target, TeamTarget))
