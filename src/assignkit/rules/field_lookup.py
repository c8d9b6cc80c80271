"""From what an author wrote to a field of the schema; or what is wrong with it, and what was probably meant."""

from __future__ import annotations

import re

from assignkit.diagnostics import Source
from assignkit.language.syntax import FieldReference
from assignkit.messages.text import say
from assignkit.rules import codes
from assignkit.rules.draft import Draft, ResolvedField
from assignkit.rules.naming import kind_told
from assignkit.rules.schema import RecordSchema, Schema
from assignkit.rules.suggestions import did_you_mean, nearest


def find_field(schema: Schema, root: str, path: tuple[str, ...]) -> ResolvedField | None:
    """Return the root and the field that a reference stands for, or None."""
    record = schema.of_root(root)
    if record is None:
        return None
    spec = record.find(".".join(path))
    if spec is not None:
        return root, spec
    if root == "task" and len(path) > 1 and _leads_to_customer(record, path[0]):
        found = schema.items["customers"].find(".".join(path[1:]))
        return ("task.customer", found) if found else None
    return None


def _leads_to_customer(record: RecordSchema, name: str) -> bool:
    spec = record.find(name)
    return spec is not None and spec.name == "customer"


def resolve_field(draft: Draft, source: Source, node: FieldReference, *, rooted: bool = True) -> None:
    """Enter what a reference stands for into the draft; tell of it if it stands for nothing.

    `rooted`: the text begins with the root; in an example's `given`, fields stand without it.
    """
    key = (node.root, node.path)
    if draft.fields.get(key) is not None:
        return
    draft.fields[key] = find_field(draft.schema, node.root, node.path)
    if draft.fields[key] is None:
        _report(draft, source, node, rooted=rooted)


def _report(draft: Draft, source: Source, node: FieldReference, *, rooted: bool) -> None:
    root, path = node.root, node.path
    record = draft.schema.of_root(root)
    if record is None:
        known = ["agent", "owner", *(each.root for each in draft.schema.items.values())]
        message = say("meaning.unknown_root", name=root, known=tuple(f"`{each}`" for each in known))
        draft.report(codes.UNKNOWN_ROOT, message, source, node.span, help=did_you_mean(draft.nearest(root, known)))
        return
    if root == "task" and len(path) > 1 and _leads_to_customer(record, path[0]):
        record, root, path = draft.schema.items["customers"], "task.customer", path[1:]
    name = ".".join(path)
    if name in record.unusable:
        message = say("meaning.unusable_field", field=f"{root}.{name}", type=record.unusable[name])
        draft.report(codes.UNUSABLE_FIELD, message, source, node.span)
        return
    message = say("meaning.unknown_field", plural=kind_told(record.plural), name=name)
    told = len(draft.found) <= draft.limits.errors
    meant = _suggestion(draft.schema, record, root, name) if told else None
    if meant is not None and meant.startswith(f"{node.root}."):
        meant = _as_written(source, node, meant.removeprefix(f"{node.root}."), rooted=rooted)
    help = did_you_mean(meant)
    draft.report(codes.UNKNOWN_FIELD, message, source, node.span, help=help)


def _as_written(source: Source, node: FieldReference, name: str, *, rooted: bool) -> str:
    """Return a field of the same record as the author would write it: its root in the file's own language."""
    if not rooted:
        return name
    written = _FIRST_NAME.match(source.text, node.span.start)
    return f"{written[0] if written else node.root}.{name}"


_FIRST_NAME = re.compile(r"\w+")


def _suggestion(schema: Schema, record: RecordSchema, root: str, name: str) -> str | None:
    own = (*record.fields, *record.names)
    close = nearest(name, own, likeness=_MUCH)
    if close is None:
        elsewhere = _elsewhere(schema, record, root, name)
        if elsewhere is not None:
            return elsewhere
        close = nearest(name, own)
    return f"{root}.{close}" if close else None


_MUCH = 0.8  # a slip of a letter; less alike only counts when no other record has the field


def _elsewhere(schema: Schema, record: RecordSchema, root: str, name: str) -> str | None:
    """Return the same field, or one with a slip of a letter, of another record."""
    for other in (*schema.items.values(), schema.agent):
        found = name if other.find(name) else nearest(name, (*other.fields, *other.names), likeness=_MUCH)
        if other is not record and found is not None:
            through = "task.customer" if root == "task" and other.root == "customer" else other.root
            return f"{through}.{found}"
    return None
