"""A rule set in the making: what the passes hand on to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from assignkit.diagnostics import Diagnostic, Severity, Source, Span
from assignkit.language.limits import Limits
from assignkit.language.syntax import LetStatement, Node, RuleFile, Statement
from assignkit.messages.text import Text
from assignkit.rules.field_types import FieldSpec
from assignkit.rules.long_reading import LongReading
from assignkit.rules.long_tables import LongTable
from assignkit.rules.plan import Always, Category, Never, Pool, Rule, Team
from assignkit.rules.schema import Schema
from assignkit.rules.suggestions import nearest
from assignkit.rules.table_files import TableFile
from assignkit.rules.terms import Calendar, Term

ResolvedField = tuple[str, FieldSpec]


@dataclass(slots=True)
class Draft:
    """The files, what they are checked against, what each pass found out, and what is wrong.

    `lost` are the names of `let`s that could not be read. `resolve` fills `lets` (in an order in which each uses only
    those before it), `broken` (lets in cycles), `kinds`, and `fields`, where None stands for an error that was told.
    `typecheck` fills the terms and the plan. `agents` are the rows of agents that teams are checked against, if any;
    `table_files` what tables from files hold, `table_sources` the ids of the sources that `tables` makes of them, and
    `long_readings`, by such an id, what is left out of the statement for a long one; `long_rows` how many rows it has.
    """

    files: tuple[RuleFile, ...]
    schema: Schema
    orders: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    lost: frozenset[str] = frozenset()
    agents: tuple[Mapping[str, Any], ...] | None = None
    table_files: tuple[TableFile, ...] = ()
    table_sources: set[int] = field(default_factory=set)
    long_readings: dict[int, LongReading] = field(default_factory=dict)
    long_rows: dict[str, int] = field(default_factory=dict)
    found: list[tuple[int, Span, Diagnostic]] = field(default_factory=list)

    lets: dict[str, tuple[LetStatement, Source]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    fields: dict[tuple[str, tuple[str, ...]], ResolvedField | None] = field(default_factory=dict)

    let_terms: dict[str, Term] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    rule_terms: list[tuple[Rule, Source, Span]] = field(default_factory=list)
    long_tables: list[LongTable] = field(default_factory=list)
    positions: int = 0  # of rules, that were given
    guards: list[Never | Always] = field(default_factory=list)
    teams: dict[str, Team] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    categories: list[Category] = field(default_factory=list)

    def report(
        self,
        code: str,
        message: Text,
        source: Source,
        span: Span,
        *,
        help: Text | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Tell of something at `span` of a file."""
        index = next(i for i, each in enumerate(self.files) if each.source is source)
        self.found.append((index, span, source.diagnostic(code, message, span, help=help, severity=severity)))

    def nearest(self, name: str, known: Iterable[str]) -> str | None:
        """Return the known name that was probably meant; none once there are more errors than are told."""
        return nearest(name, known) if len(self.found) <= self.limits.errors else None

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what was found, in source order."""
        return tuple(told for _, _, told in sorted(self.found, key=lambda each: (each[0], each[1], each[2].code)))

    def statements(self) -> Iterator[tuple[Source, Statement]]:
        """Return every statement with the file it stands in, in order."""
        for file in self.files:
            for statement in file.statements:
                yield file.source, statement


# Of each class of nodes, which are few: what distinguishes a node, and under which of that are other nodes.
_ATTRIBUTES: dict[type, tuple[str, ...]] = {}
_BRANCHES: dict[type, tuple[str, ...]] = {}
_PLACES = frozenset({"span", "name_span"})
_LEAVES = frozenset({"str", "bool", "Span", "datetime", "date", "timedelta", "tuple[str, ...]", "tuple[int, ...]"})


def _attributes(node: Node) -> tuple[str, ...]:
    names = _ATTRIBUTES.get(type(node))
    if names is None:
        names = _ATTRIBUTES[type(node)] = tuple(each.name for each in fields(node) if each.name not in _PLACES)
    return names


def children(node: Node) -> list[Node]:
    """Return the nodes directly below, in the order written."""
    names = _BRANCHES.get(type(node))
    if names is None:
        names = _BRANCHES[type(node)] = tuple(each.name for each in fields(node) if each.type not in _LEAVES)
    found: list[Node] = []
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(_nodes_in(value))
    return found


def _nodes_in(values: tuple[object, ...]) -> Iterator[Node]:
    for each in values:
        if isinstance(each, Node):
            yield each
        elif isinstance(each, tuple):  # the entries of a map
            yield from (part for part in each if isinstance(part, Node))


def walk(node: Node) -> Iterator[Node]:
    """Return the node and everything below it, in the order written."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(children(each)))


class Forms:
    """Numbers the forms of nodes: nodes written alike, but for their places, have one number. Works at any depth."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[object, ...], int] = {}

    def of(self, node: Node) -> int:
        """Return the number of a node's form."""
        done: dict[int, int] = {}
        waiting: list[tuple[Node, bool]] = [(node, False)]
        while waiting:
            each, ready = waiting.pop()
            if ready:
                form = (type(each), *self._own(each), *(done[id(below)] for below in children(each)))
                done[id(each)] = self._numbers.setdefault(form, len(self._numbers))
            else:
                waiting.append((each, True))
                waiting.extend((below, False) for below in children(each))
        return done[id(node)]

    @staticmethod
    def _own(node: Node) -> Iterator[object]:
        for name in _attributes(node):
            value = getattr(node, name)
            if not isinstance(value, Node) and not (isinstance(value, tuple) and any(_nodes_in(value))):
                yield value
