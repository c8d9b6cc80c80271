"""What `given` clauses of examples say about fields: that the fields exist, and that the values fit them."""

from __future__ import annotations

from assignkit.diagnostics import Source
from assignkit.language import syntax
from assignkit.rules import codes
from assignkit.rules.draft import Draft
from assignkit.rules.elaboration import Elaboration
from assignkit.rules.field_lookup import resolve_field
from assignkit.rules.field_types import ValueType

_ALSO = {
    ValueType.TEXTS: (ValueType.TEXT,),  # brackets around one text are no list to the grammar
    ValueType.LOCATION: (ValueType.NUMBERS,),
    ValueType.LEVELS: (),
}


def check_given(draft: Draft, source: Source, elaboration: Elaboration, given: syntax.GivenClause) -> None:
    """Tell of fields in a `given` that do not exist, and of values that do not fit them."""
    for entry in given.fields:
        reference = syntax.FieldReference(given.role, tuple(entry.name.split(".")), span=entry.span)
        resolve_field(draft, source, reference)
        found = draft.fields.get((reference.root, reference.path))
        if found is not None:
            _check_value(draft, source, elaboration, entry, found[1].type)


def _check_value(
    draft: Draft, source: Source, elaboration: Elaboration, entry: syntax.GivenField, wanted: ValueType
) -> None:
    if isinstance(entry.value, syntax.MapLiteral):
        if wanted not in (ValueType.LEVELS, ValueType.ANY):
            message = f"`{entry.name}` is {wanted}, but this is {ValueType.LEVELS}"
            draft.report(codes.TYPE_MISMATCH, message, source, entry.value.span)
        return
    term = elaboration.term(entry.value)
    if wanted is not ValueType.ANY and term.type not in (wanted, ValueType.ANY, *_ALSO.get(wanted, ())):
        message = f"`{entry.name}` is {wanted}, but `{term.text}` is {term.type}"
        draft.report(codes.TYPE_MISMATCH, message, source, entry.value.span)
