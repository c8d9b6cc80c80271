"""What stands for values and for conditions: literals, fields, names, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from assignkit.language.syntax.nodes import Node

ComparisonOperator = Literal["=", "!=", "<", "<=", ">", ">="]


ArithmeticOperator = Literal["+", "-", "*", "/"]


TextOperator = Literal["contains", "starts with", "ends with", "like"]


@dataclass(frozen=True, slots=True)
class NumberLiteral(Node):
    """`5`, `20%` (0.2), `500万` (5,000,000); an integral value has a non-negative-exponent Decimal, e.g. Decimal(5)."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class TextLiteral(Node):
    """`"Shanghai"`, escapes already resolved."""

    value: str


@dataclass(frozen=True, slots=True)
class BooleanLiteral(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class DateLiteral(Node):
    """`2026-11-21`."""

    value: date


@dataclass(frozen=True, slots=True)
class InstantLiteral(Node):
    """`2026-11-21T09:00+08:00`, always aware."""

    value: datetime


@dataclass(frozen=True, slots=True)
class DurationLiteral(Node):
    """`30 minutes`."""

    value: timedelta


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """`("a", "b")`; never empty."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Now(Node):
    """`now`."""


@dataclass(frozen=True, slots=True)
class NameReference(Node):
    """The use of a `let`."""

    name: str


@dataclass(frozen=True, slots=True)
class FieldReference(Node):
    """`customer.province`: root `customer`, path `("province",)`; `task.customer.tier` has a path of two."""

    root: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotExpression(Node):
    """`not x`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class AndExpression(Node):
    """`a and b and c`, as one node with two or more operands."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class OrExpression(Node):
    """`a or b or c`, as one node with two or more operands."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`a <= b`; `==` and `is` are read as `=`, `is not` as `!=`."""

    operator: ComparisonOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Presence(Node):
    """`x is present` (`present=True`) or `x is missing` (`present=False`)."""

    value: Expression
    present: bool


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`x in ("a", "b")`; `container` is a list literal, a list-valued field or a `let`."""

    value: Expression
    container: Expression
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`x between 10 and 99`, both ends included."""

    value: Expression
    low: Expression
    high: Expression
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Has(Node):
    """`xs has y` or `xs has y at 3`."""

    value: Expression
    item: Expression
    level: Expression | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class HasSeveral(Node):
    """`xs has any of (…)` or `xs has all of (…)`."""

    quantifier: Literal["any", "all"]
    value: Expression
    items: Expression
    negated: bool = False


@dataclass(frozen=True, slots=True)
class TextTest(Node):
    """`t contains "x"`, `t starts with "x"`, `t ends with "x"`, `t like "138*"`."""

    operator: TextOperator
    value: Expression
    pattern: Expression
    negated: bool = False


@dataclass(frozen=True, slots=True)
class TimeTest(Node):
    """`d before 2026-01-01`, `d after …`."""

    operator: Literal["before", "after"]
    value: Expression
    other: Expression
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AgeTest(Node):
    """`d older than 30 days`, `d within last 7 days`; against `now`."""

    operator: Literal["older than", "within last"]
    value: Expression
    duration: Expression
    negated: bool = False


@dataclass(frozen=True, slots=True)
class During(Node):
    """`now during calendar "Office"`."""

    value: Expression
    calendar: TextLiteral
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`a + b` and its kin, left-associative."""

    operator: ArithmeticOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-x`, where x is not a number literal (those carry their sign)."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`lower(x)`; `function` is the canonical English name: `lower`, `days since`, `distance km`, …."""

    function: str
    arguments: tuple[Expression, ...]


Expression = (
    NumberLiteral
    | TextLiteral
    | BooleanLiteral
    | DateLiteral
    | InstantLiteral
    | DurationLiteral
    | ListLiteral
    | Now
    | NameReference
    | FieldReference
    | NotExpression
    | AndExpression
    | OrExpression
    | Comparison
    | Presence
    | Membership
    | Range
    | Has
    | HasSeveral
    | TextTest
    | TimeTest
    | AgeTest
    | During
    | Arithmetic
    | Negation
    | Call
)
