"""Lints about rules beside each other: what is never reached, what can never match, what nobody takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from assignkit.diagnostics import Severity, Source, Span
from assignkit.language import syntax
from assignkit.rules import codes
from assignkit.rules.boxing import Questions, TooManyBoxesError
from assignkit.rules.draft import Draft
from assignkit.rules.field_types import ValueType
from assignkit.rules.plan import Rule
from assignkit.rules.reach import Reach, Reached, reached
from assignkit.rules.regions import FIRST, LAST, Box, Choice, Cut, Domain, Stretches, meet, minus

_MOST_NAMED = 3
_MOST_PIECES = 256  # of a table that is looked at row by row


def lint_reach(draft: Draft, same: frozenset[int]) -> None:
    """Tell which rules never come to anything, and which items no rule takes.

    `same` are the positions of rules of which it was told that another has their condition.
    """
    if any(told.severity is Severity.ERROR for _, _, told in draft.found):
        return  # what could not be read may be what is missing
    places = {rule.position: (source, span) for rule, source, span in draft.rule_terms}
    for kind in dict.fromkeys(rule.kind for rule, _, _ in draft.rule_terms):
        rules = [rule for rule, _, _ in draft.rule_terms if rule.kind == kind]
        found = reached(sorted(rules, key=lambda rule: (-rule.priority, rule.position)))
        for reach in found.reaches:
            _tell(draft, reach, places[reach.rule.position], same)
        _tell_what_is_left(draft, found, kind, places)
        _tell_undecided(draft, found, places)
    _lint_tables(draft, places)


def _tell(draft: Draft, reach: Reach, place: tuple[Source, Span], same: frozenset[int]) -> None:
    rule = reach.rule
    if reach.never_matches:
        help = "its tests contradict each other"
        _warn(draft, codes.NEVER_MATCHES, f"`{rule.name}` can never match", place, help=help)
    elif reach.hidden_by and not (rule.position in same and len(reach.hidden_by) == 1):
        blocker = reach.hidden_by[0]
        _warn(draft, codes.UNREACHABLE, _hidden(reach), place, help=f"see line {blocker.line} of {blocker.file}")


def _hidden(reach: Reach) -> str:
    blockers, name = reach.hidden_by, reach.rule.name
    if len(blockers) > 1:
        return f"`{name}` is never reached: {_names(blockers)} together take everything that it matches"
    if blockers[0].condition is None:
        return f"`{name}` is never reached: `{blockers[0].name}` matches everything before it"
    return f"`{name}` is never reached: `{blockers[0].name}` takes everything that it matches"


def _names(rules: Sequence[Rule]) -> str:
    more = [f"{len(rules) - _MOST_NAMED} more"] if len(rules) > _MOST_NAMED else []
    return _listed([*(f"`{rule.name}`" for rule in rules[:_MOST_NAMED]), *more])


def _tell_what_is_left(draft: Draft, found: Reached, kind: str, places: dict[int, tuple[Source, Span]]) -> None:
    if found.left is not None:
        last = max((reach.rule for reach in found.reaches), key=lambda rule: rule.position)
        item = described(found.left, found.questions, draft.schema.items[kind].root)
        message = f"there are {kind} that no rule takes, for example {item}"
        help = "end with a rule without `when`, such as one that holds them in a pool"
        _warn(draft, codes.NO_CATCH_ALL, message, places[last.position], help=help)


def _tell_undecided(draft: Draft, found: Reached, places: dict[int, tuple[Source, Span]]) -> None:
    undecided = [reach.rule for reach in found.reaches if not reach.decided and reach.rule.condition]
    if undecided:
        message = f"whether rules before it hide {_names(undecided)} is not decided"
        help = "it is decided where conditions compare single fields with values"
        source, span = places[undecided[0].position]
        draft.report(codes.UNDECIDED, message, source, span, help=help, severity=Severity.NOTE)


def _warn(draft: Draft, code: str, message: str, place: tuple[Source, Span], *, help: str | None = None) -> None:
    draft.report(code, message, *place, help=help, severity=Severity.WARNING)


# --- tables


def _lint_tables(draft: Draft, places: dict[int, tuple[Source, Span]]) -> None:
    by_name = {rule.name: rule for rule, _, _ in draft.rule_terms}
    for source, statement in draft.statements():
        if isinstance(statement, syntax.TableStatement) and len(statement.rows) <= _MOST_PIECES:
            names = (f"{statement.name.value} row {number}" for number in range(1, len(statement.rows) + 1))
            rows = [by_name[name] for name in names if name in by_name]
            try:
                _lint_table(draft, rows, (source, statement.name.span), places)
            except TooManyBoxesError:
                continue


def _lint_table(
    draft: Draft, rows: list[Rule], table: tuple[Source, Span], places: dict[int, tuple[Source, Span]]
) -> None:
    questions = Questions()
    noun = draft.schema.items[rows[0].kind].root if rows else ""
    boxes = [(row, questions.boxes(row.condition)) for row in rows]
    for number, (row, own) in enumerate(boxes):
        for earlier, others in boxes[:number]:
            overlap = _overlap(own, others)
            if overlap is not None and row.steps != earlier.steps:
                item = described(overlap, questions, noun)
                message = f"this row overlaps row {earlier.name.rpartition(' ')[2]}, which comes first: {item}"
                _note(draft, codes.ROWS_OVERLAP, message, places[row.position])
                break
    gap = _gap([box for _, found in boxes for box in found])
    if gap is not None:
        message = f"no row of this table takes {described(gap, questions, noun)}"
        _note(draft, codes.TABLE_GAP, message, table)


def _note(draft: Draft, code: str, message: str, place: tuple[Source, Span]) -> None:
    draft.report(code, message, *place, severity=Severity.NOTE)


def _overlap(own: list[Box], others: list[Box]) -> Box | None:
    """Return what two rows have in common when neither holds all of the other."""
    for one in own:
        for other in others:
            both = meet(one, other)
            if both is not None and minus(one, other) and minus(other, one):
                return both
    return None


def _gap(boxes: list[Box]) -> Box | None:
    """Return a combination of what single rows ask for that no row takes, or None; also where that is much work."""
    asked: dict[str, list[Domain]] = {}
    for box in boxes:
        for name, domain in box.items():
            asked.setdefault(name, []).append(domain)
    universe: dict[str, Domain] = {}
    for name, domains in asked.items():
        if all(isinstance(each, Choice) for each in domains):
            values = frozenset(
                v for each in domains if isinstance(each, Choice) and not each.others for v in each.values
            )
            universe[name] = Choice(values, others=not values)
        else:
            universe[name] = Stretches(((FIRST, LAST),))
    left: list[Box] = [universe] if universe else []
    for box in boxes:
        left = [piece for each in left for piece in minus(each, box)]
        if len(left) > _MOST_PIECES:
            return None
    return min(left, key=len) if left else None


# --- telling an item of a box


def described(box: Box, questions: Questions, noun: str) -> str:
    """Return one record of a box in words: `a customer with tier "A" and without province`."""
    open_fields = {field for name in questions.opaque.keys() & box.keys() for field in questions.opaque[name]}
    present: list[str] = []
    absent: list[str] = []
    answered: list[str] = []
    known = questions.known()
    for name, domain in sorted(box.items()):
        if domain == known.get(name):
            continue
        if name in questions.opaque and not domain.missing:
            answered.append(f"{'' if isinstance(domain, Choice) and True in domain.values else 'not '}`{name}`")
        elif name in questions.opaque:
            absent += [each.removeprefix(f"{noun}.") for each in sorted(questions.opaque[name])]
        elif name not in open_fields:
            spec = questions.fields.get(name)
            shown = _value(domain, spec.type if spec else ValueType.ANY)
            label = name.removeprefix(f"{noun}.")
            (absent if shown is None else present).append(label if shown is None else f"{label} {shown}")
    parts = [
        f"with {_listed(present)}" if present else "",
        f"without {_listed(list(dict.fromkeys(absent)))}" if absent else "",
    ]
    parts.append(f"for which {_listed(answered)}" if answered else "")
    told = " and ".join(part for part in parts if part)
    article = "an" if noun[:1] in "aeiou" else "a"
    return f"{article} {noun} {told}".strip()


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _value(domain: Domain, kind: ValueType) -> str | None:
    """Return a value of a domain as rules write it, None for one that is missing."""
    if isinstance(domain, Choice):
        if domain.others:
            return "other than " + " or ".join(sorted(map(_literal, domain.values))) if domain.values else "of any kind"
        return _literal(min(domain.values, key=str)) if domain.values else None
    if not domain.parts:
        return None
    start, end = domain.parts[0]
    return _within(start, end, kind)


def _within(start: Cut, end: Cut, kind: ValueType) -> str:
    up_to, below, above = _NUMBER_WORDS if kind is ValueType.NUMBER else _MOMENT_WORDS
    if start == FIRST and end == LAST:
        return "of any value"
    if start != FIRST and (start[2] == 0):
        return _literal(start[1])
    if start == FIRST:
        return f"{up_to if end[2] else below} {_literal(end[1])}"
    if end != LAST and end[2] == 1:
        return _literal(end[1])
    beyond = f"{above} {_literal(start[1])}"
    return beyond if end == LAST else f"{beyond} and {below} {_literal(end[1])}"


_NUMBER_WORDS = ("at most", "below", "above")
_MOMENT_WORDS = ("up to", "before", "after")


def _literal(value: Any) -> str:  # noqa: ANN401 - whatever rules write
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else f"{value}"
