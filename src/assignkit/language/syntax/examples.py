"""Examples: what is given, and what is expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assignkit.language.syntax.expressions import DateLiteral, Expression, InstantLiteral, NumberLiteral, TextLiteral
from assignkit.language.syntax.nodes import Node


@dataclass(frozen=True, slots=True)
class GivenField(Node):
    """`tier "VIP"` of a `given`; `value` is a literal, a list, or a map for `("enterprise" 3, "negotiation" 4)`."""

    name: str
    value: Expression | MapLiteral


@dataclass(frozen=True, slots=True)
class MapLiteral(Node):
    """`("enterprise" 3, "negotiation" 4)`, only in examples."""

    entries: tuple[tuple[TextLiteral, NumberLiteral], ...]


@dataclass(frozen=True, slots=True)
class GivenClause(Node):
    """`given customer tier "VIP", …`; `role` is an item kind in the singular, `agent`, `owner` or `now`.

    `identity` is the id written first, if any; for `now`, `instant` is what was written.
    """

    role: str
    identity: TextLiteral | None = None
    fields: tuple[GivenField, ...] = ()
    instant: InstantLiteral | DateLiteral | None = None


@dataclass(frozen=True, slots=True)
class ExpectClause(Node):
    """`expect rule "R"`, `no rule`, `team "T"`, `agent "a"`, `held`, `order ("li", "wang")`; `values` as written."""

    what: Literal["rule", "no rule", "team", "agent", "held", "order"]
    values: tuple[TextLiteral, ...] = ()


@dataclass(frozen=True, slots=True)
class ExampleStatement(Node):
    """`example "NAME"` with its world and what must happen."""

    name: TextLiteral
    givens: tuple[GivenClause, ...] = ()
    expects: tuple[ExpectClause, ...] = ()
