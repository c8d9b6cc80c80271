"""Lints about rules beside each other: what is never reached, what can never match, what nobody takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from assignkit.diagnostics import Severity, Source, Span
from assignkit.language import syntax
from assignkit.messages.text import Text, say
from assignkit.rules import codes
from assignkit.rules.boxing import Questions, TooManyBoxesError
from assignkit.rules.draft import Draft
from assignkit.rules.field_types import ValueType
from assignkit.rules.naming import kind_told, root_told
from assignkit.rules.plan import Rule
from assignkit.rules.reach import Reach, Reached, reached
from assignkit.rules.regions import FIRST, LAST, Box, Choice, Cut, Domain, Stretches, meet, minus

_MOST_NAMED = 3
_MOST_VALUES = 10
_MOST_PIECES = 256  # of a table that is looked at row by row


def lint_reach(draft: Draft, same: frozenset[int]) -> None:
    """Tell which rules never come to anything, and which items no rule takes.

    `same` are the positions of rules of which it was told that another has their condition.
    """
    if any(told.severity is Severity.ERROR for _, _, told in draft.found):
        return  # what could not be read may be what is missing
    long = [(replace(each.rule(0), name=each.name, condition=None), *each.named) for each in draft.long_tables]
    terms = [*draft.rule_terms, *long]
    places = {rule.position: (source, span) for rule, source, span in terms}
    for kind in dict.fromkeys(rule.kind for rule, _, _ in terms):
        rules = [rule for rule, _, _ in terms if rule.kind == kind]
        tables = frozenset(rule.position for rule, _, _ in long)
        found = reached(sorted(rules, key=lambda rule: (-rule.priority, rule.position)), tables)
        for reach in found.reaches:
            _tell(draft, reach, places[reach.rule.position], same)
        _tell_what_is_left(draft, found, kind, places)
        _tell_undecided(draft, found, places)
    _lint_tables(draft, places)


def _tell(draft: Draft, reach: Reach, place: tuple[Source, Span], same: frozenset[int]) -> None:
    rule = reach.rule
    if reach.never_matches:
        message = say("meaning.never_matches", rule=rule.name)
        _warn(draft, codes.NEVER_MATCHES, message, place, help=say("meaning.contradiction"))
    elif reach.hidden_by and not (rule.position in same and len(reach.hidden_by) == 1):
        blocker = reach.hidden_by[0]
        help = say("meaning.see_line", line=blocker.line, file=blocker.file)
        _warn(draft, codes.UNREACHABLE, _hidden(reach), place, help=help)


def _hidden(reach: Reach) -> Text:
    blockers, name = reach.hidden_by, reach.rule.name
    if len(blockers) > 1:
        return say("meaning.hidden_together", rule=name, blockers=_names(blockers))
    if blockers[0].condition is None:
        return say("meaning.hidden_by_all", rule=name, blocker=blockers[0].name)
    return say("meaning.hidden_by", rule=name, blocker=blockers[0].name)


def _names(rules: Sequence[Rule]) -> str | Text:
    more = [say("meaning.more", count=len(rules) - _MOST_NAMED)] if len(rules) > _MOST_NAMED else []
    return _listed([*(f"`{rule.name}`" for rule in rules[:_MOST_NAMED]), *more])


def _tell_what_is_left(draft: Draft, found: Reached, kind: str, places: dict[int, tuple[Source, Span]]) -> None:
    if found.left is not None:
        last = max((reach.rule for reach in found.reaches), key=lambda rule: rule.position)
        item = described(found.left, found.questions, draft.schema.items[kind].root)
        message = say("meaning.no_catch_all", kind=kind_told(kind), item=item)
        help = say("meaning.end_with_a_rule")
        _warn(draft, codes.NO_CATCH_ALL, message, places[last.position], help=help)


def _tell_undecided(draft: Draft, found: Reached, places: dict[int, tuple[Source, Span]]) -> None:
    undecided = [reach.rule for reach in found.reaches if not reach.decided and reach.rule.condition]
    if undecided:
        message = say("meaning.undecided", rules=_names(undecided))
        help = say("meaning.where_decided")
        source, span = places[undecided[0].position]
        draft.report(codes.UNDECIDED, message, source, span, help=help, severity=Severity.NOTE)


def _warn(draft: Draft, code: str, message: Text, place: tuple[Source, Span], *, help: Text | None = None) -> None:
    draft.report(code, message, *place, help=help, severity=Severity.WARNING)


# --- tables


def _lint_tables(draft: Draft, places: dict[int, tuple[Source, Span]]) -> None:
    by_name = {rule.name: rule for rule, _, _ in draft.rule_terms}
    for source, statement in draft.statements():
        if isinstance(statement, syntax.TableStatement) and id(source) not in draft.long_readings:
            names = (f"{statement.name.value} row {number}" for number in range(1, len(statement.rows) + 1))
            rows = [by_name[name] for name in names if name in by_name]
            try:
                _lint_table(draft, rows[:_MOST_PIECES], (source, statement.name.span), places)
                if len(rows) <= _MOST_PIECES:
                    continue
                message = say("meaning.rows_behind_undecided", row=_MOST_PIECES)
            except TooManyBoxesError:
                message = say("meaning.table_undecided")
            _note(draft, codes.UNDECIDED, message, (source, statement.name.span))


def _lint_table(
    draft: Draft, rows: list[Rule], table: tuple[Source, Span], places: dict[int, tuple[Source, Span]]
) -> None:
    questions = Questions()
    noun = draft.schema.items[rows[0].kind].root if rows else ""
    boxes = [(row, questions.boxes(row.condition)) for row in rows]
    for number, (row, own) in enumerate(boxes):
        for earlier, others in boxes[:number]:
            overlap = overlap_of(own, others)
            if overlap is not None and row.steps != earlier.steps:
                item = described(overlap, questions, noun)
                message = say("meaning.row_overlaps", row=earlier.name.rpartition(" ")[2], item=item)
                _note(draft, codes.ROWS_OVERLAP, message, places[row.position])
                break
    gap = _gap([box for _, found in boxes for box in found]) if len(rows) < _MOST_PIECES else None
    if gap is not None:
        message = say("meaning.row_gap", item=described(gap, questions, noun))
        _note(draft, codes.TABLE_GAP, message, table)


def _note(draft: Draft, code: str, message: Text, place: tuple[Source, Span]) -> None:
    draft.report(code, message, *place, severity=Severity.NOTE)


def overlap_of(own: list[Box], others: list[Box]) -> Box | None:
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


def described(box: Box, questions: Questions, noun: str) -> Text:
    """Return one record of a box in words: `a customer with tier "A" and without province`."""
    open_fields = {field for name in questions.opaque.keys() & box.keys() for field in questions.opaque[name]}
    present: list[Text] = []
    absent: list[Text] = []
    answered: list[Text] = []
    known = questions.known()
    for name, domain in sorted(box.items()):
        if domain == known.get(name):
            continue
        if name in questions.opaque and not domain.missing:
            holds = isinstance(domain, Choice) and True in domain.values
            answered.append(say("meaning.holds" if holds else "meaning.holds_not", test=name))
        elif name in questions.opaque:
            absent += [_field(each, questions, noun) for each in sorted(questions.opaque[name])]
        elif name not in open_fields:
            spec = questions.fields.get(name)
            shown = _value(domain, spec.type if spec else ValueType.ANY)
            field = _field(name, questions, noun)
            (absent if shown is None else present).append(field if shown is None else _valued(field, shown))
    traits = {"with": present, "without": list(dict.fromkeys(absent)), "answers": answered}
    parts = [
        say(f"meaning.traits_{kind}", traits=_listed(each, "traits_listed")) for kind, each in traits.items() if each
    ]
    article = "an" if noun[:1] in "aeiou" else "a"
    if not parts:
        return say("meaning.any_item", article=article, noun=root_told(noun))
    told = parts[0]
    for part in parts[1:]:
        told = say("meaning.traits", one=told, other=part)
    return say("meaning.an_item", article=article, noun=root_told(noun), told=told)


def _field(name: str, questions: Questions, noun: str) -> Text:
    """Return a field of the record, in Chinese by its Chinese name if it has one."""
    spec = questions.fields.get(name)
    label = name.removeprefix(f"{noun}.")
    chinese = next((alias for alias in spec.aliases if not alias.isascii()), f"`{label}`") if spec else f"`{label}`"
    return say("form.phrase", english=label, chinese=chinese)


def _valued(field: Text, value: Text) -> Text:
    return say("meaning.field_value", field=field, value=value)


def _listed(words: Sequence[str], how: str = "and") -> Text | str:
    return words[0] if len(words) == 1 else say(f"meaning.{how}", most=tuple(words[:-1]), last=words[-1])


def _value(domain: Domain, kind: ValueType) -> Text | None:
    """Return a value of a domain as rules write it, None for one that is missing."""
    if isinstance(domain, Choice):
        if domain.others:
            return _other_than(sorted(map(_literal, domain.values))) if domain.values else say("meaning.of_any_kind")
        return say("meaning.exactly", value=_literal(min(domain.values, key=str))) if domain.values else None
    if not domain.parts:
        return None
    start, end = domain.parts[0]
    return _within(start, end, kind)


def _other_than(values: Sequence[str]) -> Text:
    told = [*values[:_MOST_VALUES], *(["…"] if len(values) > _MOST_VALUES else [])]
    return say("meaning.other_than", values=say("form.phrase", english=" or ".join(told), chinese=" 或 ".join(told)))


def _within(start: Cut, end: Cut, kind: ValueType) -> Text:
    up_to, below, above = _NUMBER_WORDS if kind is ValueType.NUMBER else _MOMENT_WORDS
    if start == FIRST and end == LAST:
        return say("meaning.of_any_value")
    if start != FIRST and (start[2] == 0):
        return say("meaning.exactly", value=_literal(start[1]))
    if start == FIRST:
        return say(f"meaning.{up_to if end[2] else below}", value=_literal(end[1]))
    if end != LAST and end[2] == 1:
        return say("meaning.exactly", value=_literal(end[1]))
    beyond = say(f"meaning.{above}", value=_literal(start[1]))
    if end == LAST:
        return beyond
    return say("meaning.within", above=beyond, below=say(f"meaning.{below}", value=_literal(end[1])))


_NUMBER_WORDS = ("at_most", "below", "above")
_MOMENT_WORDS = ("up_to", "before", "after")


def _literal(value: Any) -> str:  # noqa: ANN401 - whatever rules write
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else f"{value}"
