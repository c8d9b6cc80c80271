"""What becomes of an item: whom it goes to, and by which order."""

from __future__ import annotations

from dataclasses import dataclass

from assignkit.language.syntax.expressions import Expression, NumberLiteral, TextLiteral
from assignkit.language.syntax.nodes import Node


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
