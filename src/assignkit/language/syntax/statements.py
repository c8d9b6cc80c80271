"""What a rule file is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from assignkit.diagnostics import Source
from assignkit.language.syntax.clauses import Clause
from assignkit.language.syntax.declarations import (
    CalendarStatement,
    CategoryStatement,
    LetStatement,
    PoolStatement,
    TeamStatement,
)
from assignkit.language.syntax.examples import ExampleStatement
from assignkit.language.syntax.expressions import Expression, TextLiteral
from assignkit.language.syntax.nodes import Node
from assignkit.language.syntax.tables import TableStatement


@dataclass(frozen=True, slots=True)
class RuleStatement(Node):
    """`rule "NAME" [for KIND]` and its clauses, in the order written."""

    name: TextLiteral
    kind: str
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class NeverStatement(Node):
    """`never assign KIND [where EXPR] to agents [where EXPR]`."""

    kind: str
    item_condition: Expression | None = None
    agent_condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class AlwaysStatement(Node):
    """`always assign KIND [where EXPR]`."""

    kind: str
    item_condition: Expression | None = None


@dataclass(frozen=True, slots=True)
class ImportStatement(Node):
    """`import "other.rules"`."""

    path: TextLiteral


Statement = (
    LetStatement
    | TeamStatement
    | CalendarStatement
    | PoolStatement
    | CategoryStatement
    | RuleStatement
    | TableStatement
    | NeverStatement
    | AlwaysStatement
    | ExampleStatement
    | ImportStatement
)


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """`# …` to the end of its line, the `#` included."""

    text: str


@dataclass(frozen=True, slots=True)
class RuleFile(Node):
    """A whole file: its statements and its comments, each in source order."""

    source: Source = field(compare=False)
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
