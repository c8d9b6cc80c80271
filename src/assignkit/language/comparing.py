"""Whether two syntax trees mean the same, found without recursion, so that no chain can be too long for it."""

from __future__ import annotations

from dataclasses import fields

from assignkit.language.syntax import Node


def first_difference(one: tuple[Node, ...], other: tuple[Node, ...]) -> Node | None:
    """Return the first node of `one` that `other` does not have in its place; None if they are the same.

    Where `other` only has more, the last node of `one` is returned, or of `other` when `one` is empty.
    """
    waiting: list[tuple[object, object, Node | None]] = [(one, other, None)]
    while waiting:
        left, right, around = waiting.pop()
        if isinstance(left, Node) and type(left) is type(right):
            names = _compared(type(left))
            waiting.extend((getattr(left, name), getattr(right, name), left) for name in reversed(names))
        elif isinstance(left, tuple) and isinstance(right, tuple) and len(left) == len(right):
            waiting.extend((a, b, around) for a, b in reversed(tuple(zip(left, right, strict=True))))
        elif isinstance(left, Node):
            return left
        elif left != right or type(left) is not type(right):
            return around or (one or other)[-1]
    return None


_COMPARED: dict[type[Node], tuple[str, ...]] = {}
"""The fields of each class of nodes that say what it means, filled as classes are met."""


def _compared(kind: type[Node]) -> tuple[str, ...]:
    known = _COMPARED.get(kind)
    if known is None:
        known = _COMPARED[kind] = tuple(each.name for each in fields(kind) if each.compare)
    return known
