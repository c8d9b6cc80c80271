"""Walks syntax trees without recursion, so that no text can be too deep for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from assignkit.language.syntax import Node, RuleFile


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and every node below it, each before its children, in the order written; comments are left out.

    Takes memory for the nodes still to come, not for the depth of the tree.
    """
    waiting: list[Node] = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


def children(node: Node) -> list[Node]:
    """Return the nodes directly below `node`, in the order of its fields; comments of a file are left out."""
    found: list[Node] = []
    for name in _child_fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(_nodes_in(value))
    return found


_CHILD_FIELDS: dict[type[Node], tuple[str, ...]] = {RuleFile: ("statements",)}
"""The fields of each class of nodes that can hold nodes, filled as classes are met."""


def _child_fields(kind: type[Node]) -> tuple[str, ...]:
    known = _CHILD_FIELDS.get(kind)
    if known is None:
        known = _CHILD_FIELDS[kind] = tuple(f.name for f in fields(kind) if not f.name.endswith("span"))
    return known


def _nodes_in(value: tuple[object, ...]) -> list[Node]:
    found: list[Node] = []
    for part in value:
        if isinstance(part, Node):
            found.append(part)
        elif isinstance(part, tuple):  # the entries of a map are pairs
            found.extend(each for each in part if isinstance(each, Node))
    return found
