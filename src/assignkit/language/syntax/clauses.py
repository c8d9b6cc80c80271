"""The clauses of a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assignkit.language.syntax.actions import Action, AgentTarget, ManagerTarget, TeamTarget
from assignkit.language.syntax.expressions import (
    DateLiteral,
    DurationLiteral,
    Expression,
    InstantLiteral,
    NumberLiteral,
    TextLiteral,
)
from assignkit.language.syntax.nodes import Node

Period = Literal["hour", "day", "week", "month"]


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
