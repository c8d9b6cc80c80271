"""What examples say: that it can be run, that the fields exist, and that the values fit them."""

from __future__ import annotations

from assignkit.diagnostics import Source
from assignkit.language import syntax
from assignkit.messages.text import say
from assignkit.rules import codes
from assignkit.rules.draft import Draft
from assignkit.rules.elaboration import Elaboration
from assignkit.rules.field_lookup import resolve_field
from assignkit.rules.field_types import ValueType
from assignkit.rules.naming import root_told
from assignkit.rules.suggestions import did_you_mean

_ALSO = {
    ValueType.TEXTS: (ValueType.TEXT,),  # brackets around one text are no list to the grammar
    ValueType.LOCATION: (ValueType.NUMBERS,),
    ValueType.LEVELS: (),
}


def check_example(draft: Draft, source: Source, elaboration: Elaboration, example: syntax.ExampleStatement) -> None:
    """Tell what keeps an example from being run, and what it could never find."""
    for given in example.givens:
        check_given(draft, source, elaboration, given)
    _check_parts(draft, source, example)
    agents = [each for each in example.givens if each.role in ("agent", "owner")]
    known = {each.identity.value if each.identity else each.role for each in agents}
    for expect in example.expects:
        for value in expect.values if expect.what in ("agent", "order") else ():
            if value.value not in known:
                help = did_you_mean(draft.nearest(value.value, known))
                help = help or say("meaning.add_given_agent", agent=value.value)
                message = say("meaning.example_no_agent", agent=value.value)
                draft.report(codes.UNKNOWN_EXPECTATION, message, source, value.span, help=help)


def _check_parts(draft: Draft, source: Source, example: syntax.ExampleStatement) -> None:
    items = [each for each in example.givens if each.role not in ("agent", "owner", "now")]
    if not items:
        message = say("meaning.nothing_to_decide")
        draft.report(codes.BAD_EXAMPLE, message, source, example.name.span, help=say("meaning.add_item"))
    if not example.expects:
        message = say("meaning.expects_nothing")
        draft.report(codes.BAD_EXAMPLE, message, source, example.name.span, help=say("meaning.add_expectation"))
    seen: set[tuple[str, str]] = set()
    for given in example.givens:
        identity = given.identity.value if given.identity else ""
        alone = given.role in ("now", "owner")
        key = (given.role, "" if alone else identity)
        if key in seen and (alone or given.role == "agent" or identity):
            what = say("meaning.root", root=given.role)
            if not alone and identity:
                what = say("meaning.given_one", role=root_told(given.role), identity=identity)
            draft.report(codes.BAD_EXAMPLE, say("meaning.given_already", what=what), source, given.span)
        seen.add(key)


def check_given(draft: Draft, source: Source, elaboration: Elaboration, given: syntax.GivenClause) -> None:
    """Tell of fields in a `given` that do not exist, and of values that do not fit them."""
    for entry in given.fields:
        reference = syntax.FieldReference(given.role, tuple(entry.name.split(".")), span=entry.span)
        resolve_field(draft, source, reference, rooted=False)
        found = draft.fields.get((reference.root, reference.path))
        if found is not None and found[1].name == "received" and found[1].derived:
            message = say("meaning.received_counted")
            draft.report(codes.BAD_EXAMPLE, message, source, entry.span, help=say("meaning.several_items"))
        elif found is not None:
            _check_value(draft, source, elaboration, entry, found[1].type)


def _check_value(
    draft: Draft, source: Source, elaboration: Elaboration, entry: syntax.GivenField, wanted: ValueType
) -> None:
    if isinstance(entry.value, syntax.MapLiteral):
        if wanted not in (ValueType.LEVELS, ValueType.ANY):
            told = ValueType.LEVELS.told
            message = say("meaning.is_but_this", field=entry.name, wanted=wanted.told, type=told)
            draft.report(codes.TYPE_MISMATCH, message, source, entry.value.span)
        return
    term = elaboration.term(entry.value)
    if wanted is not ValueType.ANY and term.type not in (wanted, ValueType.ANY, *_ALSO.get(wanted, ())):
        types = {"wanted": wanted.told, "type": term.type.told}
        message = say("meaning.is_but_term", field=entry.name, term=term.text, **types)
        draft.report(codes.TYPE_MISMATCH, message, source, entry.value.span)
