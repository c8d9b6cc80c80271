"""How statements are written: as lines, each with its indentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import time
from typing import Any, NamedTuple

from assignkit.diagnostics import Source
from assignkit.language import syntax
from assignkit.language.formatting.clauses import ClauseWriting
from assignkit.language.formatting.pieces import COMMA, Break, Item, Piece, listed
from assignkit.language.syntax import Node
from assignkit.language.vocabulary import WEEKDAYS

INDENT = 2
_ONE_LINERS = (
    syntax.LetStatement,
    syntax.TeamStatement,
    syntax.CategoryStatement,
    syntax.NeverStatement,
    syntax.AlwaysStatement,
    syntax.ImportStatement,
)
_ForKind = syntax.RuleStatement | syntax.TableStatement | syntax.CategoryStatement
_DAYS = tuple(day.english[0] for day in WEEKDAYS)


class Line(NamedTuple):
    """One line to be, as long as it fits; `at` is where it began in the source. A row of a table has its `cells`."""

    at: int
    indent: int
    items: list[Item]
    cells: tuple[list[Item], ...] = ()


def is_one_liner(statement: syntax.Statement) -> bool:
    """Return whether a statement may stand beside its kin without an empty line between them."""
    return isinstance(statement, _ONE_LINERS)


class StatementWriting:
    """Says of each statement which lines it is written as."""

    def __init__(self, source: Source, clauses: ClauseWriting) -> None:
        self._source = source
        self._clauses = clauses
        self.say = clauses.say

    def lines(self, statement: syntax.Statement) -> list[Line]:
        """Return the lines of a statement in the order in which their contents were written."""
        head, *rest = _HANDLERS[type(statement)](self, statement)
        return [Line(statement.span.start, 0, head.items, head.cells), *sorted(rest, key=lambda line: line.at)]

    def _head(self, *items: Item) -> Line:
        return Line(0, 0, list(items))

    def _below(self, node: Node, *items: Item) -> Line:
        return Line(node.span.start, INDENT, list(items) or [node])

    def _for_kind(
        self, statement: syntax.RuleStatement | syntax.TableStatement | syntax.CategoryStatement
    ) -> list[Item]:
        """Return `for tasks`; `for customers`, which is meant anyway, where it was written."""
        if statement.kind == "customers" and not self._says_kind(statement):
            return []
        return [self.say("for"), self._clauses.root(statement.kind)]

    def _says_kind(self, statement: _ForKind) -> bool:
        behind = self._source.text[statement.name.span.end : statement.span.end]
        words = " ".join(line.partition("#")[0] for line in behind.splitlines()[:_LINES_OF_A_HEAD]).split()
        if words[:1] and words[0] in ("priority", "优先级"):
            words = words[2:]
        return bool(words) and words[0].startswith(("for", "针对"))

    # --- one line each

    def _let(self, node: syntax.LetStatement) -> Iterator[Line]:
        yield self._head(self.say("let"), node.name, "=", node.value)

    def _team(self, node: syntax.TeamStatement) -> Iterator[Line]:
        which: list[Item] = listed(node.members) if node.condition is None else [self.say("where"), node.condition]
        yield self._head(self.say("team"), node.name, "=", self.say("agents"), *which)

    def _category(self, node: syntax.CategoryStatement) -> Iterator[Line]:
        kind = self._for_kind(node)
        yield self._head(self.say("category"), node.name, *kind, Break.PART, self.say("when"), node.condition)

    def _import(self, node: syntax.ImportStatement) -> Iterator[Line]:
        yield self._head(self.say("import"), node.path)

    def _never(self, node: syntax.NeverStatement) -> Iterator[Line]:
        agents = [Break.PART, self.say("to"), self.say("agents"), *self._where(node.agent_condition)]
        kind = self._clauses.root(node.kind)
        yield self._head(self.say("never assign"), kind, *self._where(node.item_condition), *agents)

    def _always(self, node: syntax.AlwaysStatement) -> Iterator[Line]:
        kind = self._clauses.root(node.kind)
        yield self._head(self.say("always assign"), kind, *self._where(node.item_condition))

    def _where(self, condition: syntax.Expression | None) -> list[Item]:
        return [] if condition is None else [self.say("where"), condition]

    # --- calendars, pools

    def _calendar(self, node: syntax.CalendarStatement) -> Iterator[Line]:
        yield self._head(self.say("calendar"), node.name)
        for hours in node.hours:
            yield self._below(hours, self._days(hours.days), ", ".join(map(_interval, hours.intervals)))
        if node.zone is not None:
            yield self._below(node.zone, self.say("zone"), node.zone)
        if node.holidays:
            yield self._below(node.holidays[0], self.say("holidays"), *listed(node.holidays))
        for days in node.special:
            open_hours = ", ".join(map(_interval, days.intervals)) if days.intervals else self.say("closed")
            yield self._below(days, self.say("on"), ", ".join(map(self._dates, days.dates)), open_hours)

    def _dates(self, node: syntax.DayDates) -> str:
        first = node.first.value.isoformat()
        return first if node.last is None else f"{first} {self.say('to', '至')} {node.last.value.isoformat()}"

    def _days(self, days: tuple[int, ...]) -> str:
        return ", ".join("-".join(self.say(_DAYS[day]) for day in each) for each in _ranges(days))

    def _pool(self, node: syntax.PoolStatement) -> Iterator[Line]:
        yield self._head(self.say("pool"), node.name)
        parts: list[tuple[Node, list[Item]]] = [
            (each, [self.say("claim at most"), *self._clauses.per(each.count, each.period)]) for each in node.claims
        ]
        if node.hold is not None:
            parts.append((node.hold, [self.say("hold at most"), node.hold]))
        if parts:
            parts.sort(key=lambda part: part[0].span.start)
            items = parts[0][1]
            for _, part in parts[1:]:
                items += [COMMA, Break.COMMA, *part]
            yield self._below(parts[0][0], *items)
        if node.cooldown is not None:
            yield self._below(node.cooldown, self.say("cooldown"), node.cooldown, self.say("for previous owner"))

    # --- rules, tables

    def _rule(self, node: syntax.RuleStatement) -> Iterator[Line]:
        yield self._head(self.say("rule"), node.name, *self._for_kind(node))
        for clause in node.clauses:
            yield self._below(clause)

    def _table(self, node: syntax.TableStatement) -> Iterator[Line]:
        priority: list[Item] = [] if node.priority is None else [self.say("priority"), node.priority]
        path: list[Item] = [] if node.path is None else [self.say("from"), node.path]
        yield self._head(self.say("table"), node.name, *self._for_kind(node), *priority, *path)
        if node.columns:
            header = tuple(self._column(column) for column in node.columns)
            yield Line(node.columns[0].span.start, INDENT, [], header)
        for row in node.rows:
            yield Line(row.span.start, INDENT, [], tuple(self._cell(cell) for cell in row.cells))

    def _column(self, column: syntax.TableColumn) -> list[Item]:
        if column.subject is not None:
            return [column.subject]
        return [self.say("assign to") if column.role == "action" else self.say("by")]

    def _cell(self, cell: syntax.Cell) -> list[Item]:
        if isinstance(cell, syntax.AnyCell):
            return [self.say("any")]
        if isinstance(cell, syntax.OrderCell):
            return self._clauses.orders(cell.orders)
        if isinstance(cell, syntax.ActionCell):
            action = cell.action
            bare = isinstance(action, syntax.AssignAction) and not action.orders
            return [action.target] if isinstance(action, syntax.AssignAction) and bare else [action]
        return self._test(cell)

    def _test(self, cell: syntax.ConditionCell) -> list[Item]:
        if cell.form == "to":
            low, high = cell.operands
            return [low, self.say("to", "至"), high]
        if cell.form in ("missing", "present"):
            return [self.say(f"is {cell.form}")]
        return [*cell.operands] if cell.form == "=" else [self.say(cell.form), *cell.operands]

    # --- examples

    def _example(self, node: syntax.ExampleStatement) -> Iterator[Line]:
        yield self._head(self.say("example"), node.name)
        for given in node.givens:
            yield self._below(given, self.say("given"), *self._given(given))
        for expect in node.expects:
            yield self._below(expect, self.say("expect"), *self._expected(expect))

    def _given(self, node: syntax.GivenClause) -> list[Item]:
        if node.instant is not None:
            return [self.say("now"), node.instant]
        parts: list[list[Item]] = [] if node.identity is None else [[node.identity]]
        parts += [[Piece(field.name, field.span.start), field.value] for field in node.fields]
        written: list[Item] = [self._clauses.root(node.role)]
        for number, part in enumerate(parts):
            written += [COMMA, Break.COMMA, *part] if number else part
        return written

    def _expected(self, node: syntax.ExpectClause) -> list[Item]:
        values = listed(node.values)
        if node.what == "order":
            return [self.say("order"), Piece("("), *values, Piece(")", joined=True)]
        return [self.say(node.what), *values]


_LINES_OF_A_HEAD = 20  # `for …` may stand below the name, with comments between


def _interval(interval: tuple[time, time | None]) -> str:
    opening, closing = interval
    return f"{opening:%H:%M}-{closing:%H:%M}" if closing is not None else f"{opening:%H:%M}-24:00"


def _ranges(days: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the days as stretches: their first and last day, or one day alone."""
    stretches: list[list[int]] = []
    for day in days:
        if stretches and day == (stretches[-1][-1] + 1) % 7:
            stretches[-1].append(day)
        else:
            stretches.append([day])
    return [(each[0],) if len(each) == 1 else (each[0], each[-1]) for each in stretches]


_HANDLERS: Mapping[type[Node], Callable[[StatementWriting, Any], Iterator[Line]]] = {
    syntax.LetStatement: StatementWriting._let,  # noqa: SLF001 - the table of this class's own methods
    syntax.TeamStatement: StatementWriting._team,  # noqa: SLF001
    syntax.CalendarStatement: StatementWriting._calendar,  # noqa: SLF001
    syntax.PoolStatement: StatementWriting._pool,  # noqa: SLF001
    syntax.CategoryStatement: StatementWriting._category,  # noqa: SLF001
    syntax.RuleStatement: StatementWriting._rule,  # noqa: SLF001
    syntax.TableStatement: StatementWriting._table,  # noqa: SLF001
    syntax.NeverStatement: StatementWriting._never,  # noqa: SLF001
    syntax.AlwaysStatement: StatementWriting._always,  # noqa: SLF001
    syntax.ExampleStatement: StatementWriting._example,  # noqa: SLF001
    syntax.ImportStatement: StatementWriting._import,  # noqa: SLF001
}
