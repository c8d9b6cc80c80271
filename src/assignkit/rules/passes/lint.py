"""Lints: what is allowed, but was probably not meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from assignkit.diagnostics import Severity, Source, Span
from assignkit.language import syntax
from assignkit.messages.text import Text, say
from assignkit.rules import codes, terms
from assignkit.rules.draft import Draft, Forms, walk
from assignkit.rules.passes.in_force import in_force
from assignkit.rules.passes.lint_agents import lint_agents
from assignkit.rules.passes.lint_long_tables import lint_long_tables
from assignkit.rules.passes.lint_reach import lint_reach
from assignkit.rules.passes.lint_unused import (
    lint_empty_teams,
    lint_never_open,
    lint_unread_prefers,
    lint_unused,
)
from assignkit.rules.plan import Rule
from assignkit.rules.suggestions import did_you_mean, nearest
from assignkit.rules.terms import FieldTerm, Named, Term, constant_of


def lint(draft: Draft) -> None:
    """Warn of what was probably not meant, and note what has no effect yet."""
    in_force(draft)
    _unused_lets(draft)
    _repeated_values(draft)
    _foreign_values(draft)
    same = _same_conditions(draft)
    lint_reach(draft, same)
    lint_long_tables(draft)
    lint_unused(draft)
    lint_unread_prefers(draft)
    lint_never_open(draft)
    lint_empty_teams(draft)
    lint_agents(draft)
    _similar_names(draft, _teams_named, draft.teams, codes.SIMILAR_TEAM, "meaning.similar_team")
    _similar_names(draft, _pools_named, draft.pools, codes.SIMILAR_POOL, "meaning.similar_pool")
    if not draft.rule_terms and not draft.long_tables and draft.files:
        source = draft.files[0].source
        _warn(draft, codes.NO_RULES, say("meaning.no_rules"), source, Span(0, 0))


def _warn(draft: Draft, code: str, message: Text, source: Source, span: Span, *, help: Text | None = None) -> None:
    draft.report(code, message, source, span, help=help, severity=Severity.WARNING)


def _unused_lets(draft: Draft) -> None:
    used = {
        node.name
        for _, statement in draft.statements()
        for node in walk(statement)
        if isinstance(node, syntax.NameReference)
    }
    for name, (let, source) in draft.lets.items():
        if name not in used:
            _warn(draft, codes.UNUSED_LET, say("meaning.never_used", name=name), source, let.name_span)


def _repeated_values(draft: Draft) -> None:
    for source, statement in draft.statements():
        for node in walk(statement):
            if isinstance(node, syntax.ListLiteral):
                seen: set[syntax.Expression] = set()
                for item in node.items:
                    if not isinstance(item, _LITERALS):
                        continue
                    if item in seen:
                        message = say("meaning.in_list_already", value=terms.Origin(source, item.span).text)
                        _warn(draft, codes.REPEATED_VALUE, message, source, item.span)
                    seen.add(item)


_LITERALS = (syntax.TextLiteral, syntax.NumberLiteral, syntax.DateLiteral, syntax.InstantLiteral)


# --- values that a field never has


def _foreign_values(draft: Draft) -> None:
    seen: set[int] = set()
    waiting = list(_all_terms(draft))
    while waiting:
        each = waiting.pop()
        if id(each) not in seen:
            seen.add(id(each))
            waiting.extend(each.children())
            for field, value in _compared_values(each):
                _check_value(draft, field, value)


def _all_terms(draft: Draft) -> Iterable[Term]:
    yield from draft.let_terms.values()
    for rule, _, _ in draft.rule_terms:
        yield from (each for each in (rule.condition, rule.urgency) if each is not None)
        yield from (each.term for each in rule.requires)
        yield from (each.term for each in rule.prefers)
    for guard in draft.guards:
        yield from (each for each in (guard.item_term, getattr(guard, "agent_term", None)) if each is not None)
    yield from (team.term for team in draft.teams.values() if team.term is not None)
    yield from (category.term for category in draft.categories)


def _compared_values(term: Term) -> Iterable[tuple[FieldTerm, Term]]:
    pairs: tuple[tuple[Term, Term], ...] = ()
    if isinstance(term, terms.Compare):
        pairs = ((term.left, term.right), (term.right, term.left))
    elif isinstance(term, terms.Among):
        pairs = ((term.value, term.container),)
    elif isinstance(term, terms.Has):
        pairs = ((term.value, term.item),)
    elif isinstance(term, terms.HasSeveral):
        pairs = ((term.value, term.items),)
    for field, value in pairs:
        found = _field_of(field)
        if found is not None and found.spec.values is not None:
            yield found, value


def _field_of(term: Term) -> FieldTerm | None:
    while isinstance(term, Named):
        term = term.value
    return term if isinstance(term, FieldTerm) else None


def _check_value(draft: Draft, field: FieldTerm, value: Term) -> None:
    constant = constant_of(value)
    if constant is None or constant.value is None:
        return
    known = field.spec.values or ()
    for each in constant.value if isinstance(constant.value, tuple) else (constant.value,):
        if each not in known:
            shown = f'"{each}"' if isinstance(each, str) else str(each)
            help = (
                did_you_mean(nearest(each, (v for v in known if isinstance(v, str)))) if isinstance(each, str) else None
            )
            help = help or say("meaning.its_values", values=tuple(map(str, known)))
            message = say("meaning.never_this_value", field=field.name, value=shown)
            _warn(draft, codes.FOREIGN_VALUE, message, constant.origin.source, constant.origin.span, help=help)


# --- rules beside each other


def _same_conditions(draft: Draft) -> frozenset[int]:
    """Warn of rules whose condition an earlier one has; returns their positions."""
    same: set[int] = set()
    seen: dict[tuple[str, object, object, object], Rule] = {}
    forms = Forms()
    nodes = {
        (id(source), statement.name.span): statement
        for source, statement in draft.statements()
        if isinstance(statement, syntax.RuleStatement)
    }
    for rule, source, span in draft.rule_terms:
        node = nodes.get((id(source), span))
        when = next((c for c in node.clauses if isinstance(c, syntax.WhenClause)), None) if node else None
        if when is None:
            continue
        first = seen.setdefault((rule.kind, forms.of(when.condition), rule.active_from, rule.active_until), rule)
        if first is not rule:
            message = say("meaning.same_condition", rule=rule.name, first=first.name)
            help = say("meaning.see_line", line=first.line, file=first.file)
            _warn(draft, codes.SAME_CONDITION, message, source, when.span, help=help)
            same.add(rule.position)
    return frozenset(same)


def _similar_names(
    draft: Draft,
    named: Callable[[syntax.Node], syntax.TextLiteral | None],
    defined: Collection[str],
    code: str,
    message: str,
) -> None:
    """Warn of names that no statement defines, but that differ little from one that a statement does."""
    unknown: dict[str, list[tuple[Source, Span]]] = {}
    for source, statement in draft.statements():
        for node in walk(statement):
            name = named(node)
            if name is not None and name.value not in defined:
                unknown.setdefault(name.value, []).append((source, name.span))
    likely = _Likely(defined)
    for written, places in unknown.items():
        close = likely.slip(written)
        for source, span in places if close is not None else ():
            _warn(draft, code, say(message, name=written), source, span, help=did_you_mean(close))


def _teams_named(node: syntax.Node) -> syntax.TextLiteral | None:
    if isinstance(node, syntax.TeamTarget):
        return node.name
    return node.team if isinstance(node, syntax.HoldInTeamAction) else None


def _pools_named(node: syntax.Node) -> syntax.TextLiteral | None:
    return node.pool if isinstance(node, syntax.HoldInPoolAction | syntax.RecycleClause) else None


_SHORT, _LONG = 8, 100  # shorter names differ by one letter on purpose (`Team A`, `Team B`); longer ones cost too much


class _Likely:
    """Names that others may be slips of: they differ by letter case, or by one letter of a longer name."""

    def __init__(self, names: Iterable[str]) -> None:
        self._folded: dict[str, str] = {}
        self._shortened: dict[str, list[str]] = {}
        for name in names:
            self._folded.setdefault(name.casefold(), name)
            for part in _shortened(name):
                self._shortened.setdefault(part, []).append(name)

    def slip(self, written: str) -> str | None:
        """Return the name that was meant, or None."""
        folded = self._folded.get(written.casefold())
        if folded is not None or min(len(written), _LONG) < _SHORT:
            return folded
        found = (name for part in _shortened(written) for name in self._shortened.get(part, ()))
        return next((name for name in found if len(name) >= _SHORT and _edits(written, name) == 1), None)


def _shortened(name: str) -> Iterable[str]:
    """Yield a name, and it without one of its letters: names that differ by one letter have one of these in common."""
    if len(name) <= _LONG:
        yield name
        yield from (name[:at] + name[at + 1 :] for at in range(len(name)))


def _edits(a: str, b: str) -> int:
    """Return 0, 1 or 2 (more) single-letter changes between two texts, a swap of neighbours counting as one."""
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    one, other = a[start:], b[start:]
    if not one and not other:
        return 0
    changed = one[1:] == other[1:] or one[1:] == other or one == other[1:]
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return 1 if changed or swapped else 2
