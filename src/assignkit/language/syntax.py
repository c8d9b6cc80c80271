"""The syntax tree of a rule file: frozen nodes, each with the span of text that it came from.

Nodes compare by meaning of form, not by place: spans do not take part in equality. Nothing here is resolved; names,
fields and teams are still just what was written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from assignkit.diagnostics import Source, Span

ComparisonOperator = Literal["=", "!=", "<", "<=", ">", ">="]
ArithmeticOperator = Literal["+", "-", "*", "/"]
TextOperator = Literal["contains", "starts with", "ends with", "like"]
Period = Literal["hour", "day", "week", "month"]

NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything that was written; `span` is where."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


# --- expressions -----------------------------------------------------------------------------------------------------


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


# --- actions ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OrderTerm(Node):
    """One order of a `by … then …` chain; `expression` only for `lowest` and `highest`.

    `name` is canonical English (`round robin`, `lowest`), or what the host registered when `hosted` (`by "my order"`).
    """

    name: str
    expression: Expression | None = None
    hosted: bool = False


@dataclass(frozen=True, slots=True)
class TeamTarget(Node):
    """`team "T"`."""

    name: TextLiteral


@dataclass(frozen=True, slots=True)
class AgentTarget(Node):
    """`agent "id"`."""

    agent: TextLiteral


@dataclass(frozen=True, slots=True)
class AgentsWhereTarget(Node):
    """`agents where EXPR`."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class OwnerTarget(Node):
    """`owner`."""


@dataclass(frozen=True, slots=True)
class ManagerTarget(Node):
    """`manager`: the manager of the item's current owner."""


Target = TeamTarget | AgentTarget | AgentsWhereTarget | OwnerTarget | ManagerTarget


@dataclass(frozen=True, slots=True)
class AssignAction(Node):
    """`assign to TARGET [by ORDER then ORDER …]`; no orders means the default."""

    target: Target
    orders: tuple[OrderTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class SplitPart(Node):
    """`70% team "A"` of a `split`; `share` is 0.7."""

    share: NumberLiteral
    target: TeamTarget | AgentTarget


@dataclass(frozen=True, slots=True)
class SplitAction(Node):
    """`split 70% team "A", 30% team "B" [by ORDER …]`."""

    parts: tuple[SplitPart, ...]
    orders: tuple[OrderTerm, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepOwnerAction(Node):
    """`keep owner [even if full]`."""

    even_if_full: bool = False


@dataclass(frozen=True, slots=True)
class HoldInPoolAction(Node):
    """`hold in pool "P"`."""

    pool: TextLiteral


@dataclass(frozen=True, slots=True)
class HoldInTeamAction(Node):
    """`hold in team "T"`: the team's own queue."""

    team: TextLiteral


@dataclass(frozen=True, slots=True)
class RejectAction(Node):
    """`reject "reason"`."""

    reason: TextLiteral


@dataclass(frozen=True, slots=True)
class ContinueAction(Node):
    """`continue`: go on with the next matching rule."""


Action = (
    AssignAction | SplitAction | KeepOwnerAction | HoldInPoolAction | HoldInTeamAction | RejectAction | ContinueAction
)


# --- clauses of a rule -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ActiveClause(Node):
    """`active from D [until D]`; either a date or an instant."""

    start: DateLiteral | InstantLiteral
    end: DateLiteral | InstantLiteral | None = None


@dataclass(frozen=True, slots=True)
class PriorityClause(Node):
    """`priority 100`, may be negative."""

    value: NumberLiteral


@dataclass(frozen=True, slots=True)
class WhenClause(Node):
    """`when EXPR`."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class RequireClause(Node):
    """`require EXPR [for D]`."""

    condition: Expression
    relax_after: DurationLiteral | None = None


@dataclass(frozen=True, slots=True)
class UrgencyClause(Node):
    """`urgency EXPR`."""

    value: Expression


@dataclass(frozen=True, slots=True)
class PreferClause(Node):
    """`prefer EXPR [weight N]`."""

    condition: Expression
    weight: NumberLiteral | None = None


@dataclass(frozen=True, slots=True)
class ActionClause(Node):
    """The rule's first step."""

    action: Action


@dataclass(frozen=True, slots=True)
class OtherwiseClause(Node):
    """`otherwise [after D] ACTION`."""

    action: Action
    after: DurationLiteral | None = None


@dataclass(frozen=True, slots=True)
class LimitTerm(Node):
    """`30 open` (`period=None`) or `5 per day`."""

    count: NumberLiteral
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class LimitClause(Node):
    """`limit 30 open, 5 per day`."""

    terms: tuple[LimitTerm, ...]


@dataclass(frozen=True, slots=True)
class AcceptClause(Node):
    """`accept within D`."""

    within: DurationLiteral


@dataclass(frozen=True, slots=True)
class DueClause(Node):
    """`respond within D [in calendar "C"]` or `finish within …`."""

    milestone: Literal["respond", "finish"]
    within: DurationLiteral
    calendar: TextLiteral | None = None


@dataclass(frozen=True, slots=True)
class RemindClause(Node):
    """`remind D before due` (`when="before"`) or `remind every D when overdue` (`when="overdue"`)."""

    interval: DurationLiteral
    when: Literal["before", "overdue"]


@dataclass(frozen=True, slots=True)
class EscalateClause(Node):
    """`escalate to manager|team "T"|agent "a" when overdue [by D]`."""

    target: ManagerTarget | TeamTarget | AgentTarget
    overdue_by: DurationLiteral | None = None


@dataclass(frozen=True, slots=True)
class RecycleClause(Node):
    """`recycle to pool "P" after D without contact|deal`."""

    pool: TextLiteral
    after: DurationLiteral
    without: Literal["contact", "deal"]


@dataclass(frozen=True, slots=True)
class NotifyClause(Node):
    """`notify agent|manager|team|owner by CHANNEL, …`; channels are names or strings."""

    who: Literal["agent", "manager", "team", "owner"]
    channels: tuple[str, ...]


Clause = (
    ActiveClause
    | PriorityClause
    | WhenClause
    | RequireClause
    | UrgencyClause
    | PreferClause
    | ActionClause
    | OtherwiseClause
    | LimitClause
    | AcceptClause
    | DueClause
    | RemindClause
    | EscalateClause
    | RecycleClause
    | NotifyClause
)


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LetStatement(Node):
    """`let NAME = EXPR`."""

    name: str
    value: Expression
    name_span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TeamStatement(Node):
    """`team "T" = agents where EXPR` (`condition`) or `team "T" = agents "id", "id"` (`members`); exactly one."""

    name: TextLiteral
    condition: Expression | None = None
    members: tuple[TextLiteral, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarHours(Node):
    """`mon-fri 09:00-12:00, 13:30-18:00`; days are 0 (Monday) to 6; an interval may end at 24:00, told as `None`."""

    days: tuple[int, ...]
    intervals: tuple[tuple[time, time | None], ...]


@dataclass(frozen=True, slots=True)
class DayDates(Node):
    """`2026-10-01`, or `2026-10-01 to 2026-10-07`, both ends included."""

    first: DateLiteral
    last: DateLiteral | None = None


@dataclass(frozen=True, slots=True)
class SpecialDays(Node):
    """`on 2026-10-01 to 2026-10-07, 2026-12-25 closed`, or with the intervals of those days; none for closed."""

    dates: tuple[DayDates, ...]
    intervals: tuple[tuple[time, time | None], ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarStatement(Node):
    """`calendar "Office"` with its hours, zone, holidays, and days that are different."""

    name: TextLiteral
    hours: tuple[CalendarHours, ...] = ()
    zone: TextLiteral | None = None
    holidays: tuple[TextLiteral, ...] = ()
    special: tuple[SpecialDays, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimLimit(Node):
    """`claim at most 5 per day`."""

    count: NumberLiteral
    period: Period


@dataclass(frozen=True, slots=True)
class PoolStatement(Node):
    """`pool "P"` with what may be claimed and held, and the cooldown for the previous owner."""

    name: TextLiteral
    claims: tuple[ClaimLimit, ...] = ()
    hold: NumberLiteral | None = None
    cooldown: DurationLiteral | None = None


@dataclass(frozen=True, slots=True)
class CategoryStatement(Node):
    """`category "Size/Large" for customers when EXPR`."""

    name: TextLiteral
    kind: str
    condition: Expression


@dataclass(frozen=True, slots=True)
class RuleStatement(Node):
    """`rule "NAME" [for KIND]` and its clauses, in the order written."""

    name: TextLiteral
    kind: str
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyCell(Node):
    """`any`: no condition."""


@dataclass(frozen=True, slots=True)
class ConditionCell(Node):
    """A cell's test, written without its subject.

    `form` says which: `=` (a bare literal), the comparison operators, `to` (two operands), `in`, `has`, `missing`,
    `present`.
    """

    form: Literal["=", "!=", "<", "<=", ">", ">=", "to", "in", "not in", "has", "missing", "present"]
    operands: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionCell(Node):
    """A cell of an `assign to` column: a target, or a whole action (`hold in pool "P"`, `reject "…"`, …)."""

    action: Action


@dataclass(frozen=True, slots=True)
class OrderCell(Node):
    """A cell of a `by` column."""

    orders: tuple[OrderTerm, ...]


Cell = AnyCell | ConditionCell | ActionCell | OrderCell


@dataclass(frozen=True, slots=True)
class TableColumn(Node):
    """A column of conditions on `subject`, or the `assign to` (`role="action"`) or `by` (`role="order"`) column."""

    role: Literal["condition", "action", "order"]
    subject: Expression | None = None


@dataclass(frozen=True, slots=True)
class TableRow(Node):
    """One line of a table, a cell per column."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TableStatement(Node):
    """`table "NAME" [for KIND] [priority N]` with rows, or `from "file.csv"` (`path`, no columns, no rows)."""

    name: TextLiteral
    kind: str
    priority: NumberLiteral | None = None
    columns: tuple[TableColumn, ...] = ()
    rows: tuple[TableRow, ...] = ()
    path: TextLiteral | None = None


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
