"""What may be read where: which records are at hand when an expression is evaluated."""

from __future__ import annotations

from dataclasses import dataclass

from assignkit.diagnostics import Source
from assignkit.language import syntax
from assignkit.messages.text import Text, say
from assignkit.rules import codes
from assignkit.rules.draft import Draft, walk
from assignkit.rules.naming import kind_told
from assignkit.rules.suggestions import did_you_mean
from assignkit.rules.terms import Term


@dataclass(frozen=True, slots=True)
class Place:
    """A place for an expression: what it is called, the kind of item that is at hand if any, and the roots allowed."""

    label: Text
    kind: str | None
    roots: frozenset[str]


def item_place(draft: Draft, label: Text, kind: str, *, with_agent: bool) -> Place:
    """Return a place where an item of this kind is at hand, and perhaps an agent."""
    record = draft.schema.items.get(kind)
    roots = {"owner", "now"} | ({record.root} if record else set())
    if kind == "tasks":
        roots.add("task.customer")
    if with_agent:
        roots.add("agent")
    return Place(label, kind, frozenset(roots))


def agent_place(label: Text) -> Place:
    """Return a place where only an agent is at hand."""
    return Place(label, None, frozenset(("agent", "now")))


def check_place(draft: Draft, source: Source, node: syntax.Expression, term: Term, place: Place) -> bool:
    """Return whether an expression reads only what is at hand; tell of each field or `let` that does not."""
    if term.roots <= place.roots:
        return True
    if place.kind is not None and place.kind not in draft.schema.items:
        return False  # the kind is unknown, which was told
    for each in walk(node):
        foreign = _roots_of(draft, each) - place.roots
        if foreign:
            root = min(foreign)
            message, help = _told(each, root, place)
            draft.report(codes.WRONG_PLACE, message, source, each.span, help=help)
    return False


def _roots_of(draft: Draft, node: syntax.Node) -> frozenset[str]:
    if isinstance(node, syntax.FieldReference):
        found = draft.fields.get((node.root, node.path))
        return frozenset((found[0],)) if found else frozenset()
    if isinstance(node, syntax.NameReference) and node.name in draft.let_terms:
        return draft.let_terms[node.name].roots
    return frozenset()


def _told(node: syntax.Node, root: str, place: Place) -> tuple[Text, Text | None]:
    subject = say("meaning.root", root=root)
    if isinstance(node, syntax.NameReference):
        subject = say("meaning.reads_root", name=node.name, root=root)
    if root == "agent":
        help = say("meaning.into_require") if place.kind else None
        return say("meaning.no_agent_yet", subject=subject, place=place.label), help
    if place.kind is None:
        return say("meaning.no_item_there", subject=subject, place=place.label), None
    help = None
    if root == "customer" and place.kind == "tasks" and isinstance(node, syntax.FieldReference):
        help = did_you_mean(f"task.customer.{'.'.join(node.path)}")
    return say("meaning.not_for_kind", subject=subject, place=place.label, kind=kind_told(place.kind)), help
