"""What the builder is handed: tokens and nodes in the order they were written, None for what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from assignkit.diagnostics import Span
from assignkit.language.syntax import TextLiteral
from assignkit.language.tokens import Token

Parts = list[Any]
T = TypeVar("T")


class Piece(NamedTuple):
    """Something that becomes an attribute of the node around it instead of a node."""

    what: str
    value: Any
    span: Span


class Bracketed(Span):
    """The span of an expression in brackets of its own, and the one inside them."""

    inside: Span


def cover(parts: Parts) -> Span:
    """Return the span from the first part that was written to the last one."""
    first, last = parts[0], parts[-1]
    if first is None or last is None:
        written = [part for part in parts if part is not None]
        first, last = written[0], written[-1]
    return Span(first.span.start, last.span.end)


def every(kind: type[T], parts: Iterable[object]) -> tuple[T, ...]:
    """Return the parts of this kind, in order."""
    return tuple(part for part in parts if isinstance(part, kind))


def the(kind: type[T], parts: Iterable[object]) -> T | None:
    """Return the first part of this kind, or None."""
    return next((part for part in parts if isinstance(part, kind)), None)


def terminals(parts: Iterable[object]) -> tuple[str, ...]:
    """Return the types of the tokens among the parts, in order."""
    return tuple(part.type for part in parts if isinstance(part, Token))


def pieces(what: str, parts: Iterable[object]) -> tuple[Piece, ...]:
    """Return the pieces called `what` among the parts, in order."""
    return tuple(part for part in parts if isinstance(part, Piece) and part.what == what)


def kind_of(parts: Iterable[object]) -> str:
    """Return the kind of item that `for …` names among the parts; customers when it is left out."""
    named = pieces("kind", parts)
    return str(named[0].value) if named else "customers"


def title(parts: Parts) -> TextLiteral:
    """Return the name in quotes behind a statement's first word."""
    return TextLiteral(parts[1].value, span=parts[1].span)
