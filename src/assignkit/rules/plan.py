"""The compiled meaning of a rule set, as data: what the desk acts on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from assignkit.rules.terms import Calendar, Term

Period = Literal["hour", "day", "week", "month"]

__all__ = [
    "Action",
    "AgentTarget",
    "AgentsWhere",
    "Always",
    "AssignTo",
    "Calendar",
    "Category",
    "Continue",
    "Due",
    "Escalation",
    "Guard",
    "HoldInPool",
    "HoldInTeam",
    "KeepOwner",
    "Limit",
    "ManagerTarget",
    "Never",
    "Notification",
    "OrderBy",
    "OwnerTarget",
    "Part",
    "Period",
    "Pool",
    "Prefer",
    "Recycling",
    "Reject",
    "Reminder",
    "Require",
    "Rule",
    "Split",
    "Step",
    "Target",
    "Team",
    "TeamTarget",
]


@dataclass(frozen=True, slots=True)
class TeamTarget:
    """A team of the file or of the store."""

    name: str

    @property
    def label(self) -> str:
        """Return how rules write it; limits and rotations are counted by it."""
        return f'team "{self.name}"'


@dataclass(frozen=True, slots=True)
class AgentTarget:
    """One agent."""

    agent_id: str

    @property
    def label(self) -> str:
        """Return how rules write it; limits and rotations are counted by it."""
        return f'agent "{self.agent_id}"'


@dataclass(frozen=True, slots=True)
class AgentsWhere:
    """All agents for whom a condition, which may read the item, is true; `text` is its canonical form."""

    term: Term
    text: str

    @property
    def label(self) -> str:
        """Return how rules write it; limits and rotations are counted by it."""
        return f"agents where {self.text}"


@dataclass(frozen=True, slots=True)
class OwnerTarget:
    """The item's current owner."""

    label: str = "owner"


@dataclass(frozen=True, slots=True)
class ManagerTarget:
    """The manager of the item's current owner."""

    label: str = "manager"


Target = TeamTarget | AgentTarget | AgentsWhere | OwnerTarget | ManagerTarget


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One order of a chain; `hosted` for an order that the host registered.

    `term` is only for `lowest` and `highest`; `text` is its canonical form.
    """

    name: str
    term: Term | None = None
    hosted: bool = False
    text: str = ""

    @property
    def label(self) -> str:
        """Return how rules write it."""
        if self.hosted:
            return f'"{self.name}"'
        return f"{self.name} {self.text}" if self.text else self.name


DEFAULT_ORDERS = (OrderBy("round robin"),)


@dataclass(frozen=True, slots=True)
class AssignTo:
    """Assign to one of a target's agents, as the orders rank them."""

    target: Target
    orders: tuple[OrderBy, ...] = DEFAULT_ORDERS


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a split: its share of all items, above 0 and at most 1."""

    share: Decimal
    target: TeamTarget | AgentTarget


@dataclass(frozen=True, slots=True)
class Split:
    """Divide items between targets by the stable hash of their ids; the shares sum to 1."""

    parts: tuple[Part, ...]
    orders: tuple[OrderBy, ...] = DEFAULT_ORDERS


@dataclass(frozen=True, slots=True)
class KeepOwner:
    """Leave the item with its current owner."""

    even_if_full: bool = False


@dataclass(frozen=True, slots=True)
class HoldInPool:
    """Put the item into a public pool."""

    pool: str


@dataclass(frozen=True, slots=True)
class HoldInTeam:
    """Put the item into a team's own queue."""

    team: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the item."""

    reason: str


@dataclass(frozen=True, slots=True)
class Continue:
    """Go on with the next rule that matches."""


Action = AssignTo | Split | KeepOwner | HoldInPool | HoldInTeam | Reject | Continue


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a rule, from 1; with `after` it is not tried, nor those behind it, before that much waiting."""

    number: int
    action: Action
    after: timedelta | None
    text: str


@dataclass(frozen=True, slots=True)
class Require:
    """A condition that agents must meet, until the item has waited for `relax_after`."""

    term: Term
    text: str
    relax_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Prefer:
    """A wish: it adds weight × degree."""

    term: Term
    weight: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many per agent, open (`period` None) or per calendar period."""

    count: int
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """`respond within` or `finish within`, in the hours of a calendar if one is named."""

    milestone: Literal["respond", "finish"]
    within: timedelta
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """`remind 30 minutes before due`, `remind every 1 day when overdue`."""

    interval: timedelta
    when: Literal["before", "overdue"]


@dataclass(frozen=True, slots=True)
class Escalation:
    """`escalate to manager when overdue by 1 hour`."""

    target: ManagerTarget | TeamTarget | AgentTarget
    overdue_by: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Recycling:
    """`recycle to pool "P" after 7 days without contact`."""

    pool: str
    after: timedelta
    without: Literal["contact", "deal"]


@dataclass(frozen=True, slots=True)
class Notification:
    """`notify agent by email, sms`."""

    who: Literal["agent", "manager", "team", "owner"]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, or one row of a table. `position` counts from 1 in the order of the files; `text` is its `when`.

    Active from `active_from` until before `active_until`; a date stands for its midnight in the desk's zone, and as the
    end of a period for the midnight after it.
    """

    name: str
    kind: str
    position: int
    priority: Decimal | int
    file: str
    line: int
    text: str
    condition: Term | None
    steps: tuple[Step, ...]
    active_from: datetime | date | None = None
    active_until: datetime | date | None = None
    requires: tuple[Require, ...] = ()
    urgency: Term | None = None
    prefers: tuple[Prefer, ...] = ()
    limits: tuple[Limit, ...] = ()
    accept_within: timedelta | None = None
    dues: tuple[Due, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    recycling: tuple[Recycling, ...] = ()
    notifications: tuple[Notification, ...] = ()

    @property
    def passes_on(self) -> bool:
        """Return whether the rule decides nothing: its first step is `continue`."""
        return isinstance(self.steps[0].action, Continue) and self.steps[0].after is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """Items of this kind that meet one condition never go to agents who meet the other; None is always met."""

    kind: str
    item_term: Term | None
    agent_term: Term | None
    text: str
    line: int
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Always:
    """Items of this kind that meet the condition are always assigned."""

    kind: str
    item_term: Term | None
    text: str
    line: int
    file: str


Guard = Never | Always


@dataclass(frozen=True, slots=True)
class Team:
    """A team that a file defines, by a condition on agents or by listing them; exactly one."""

    name: str
    term: Term | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """A public pool: how many items an agent may claim per period and hold, and how long a previous owner must wait."""

    name: str
    claims: tuple[Limit, ...] = ()
    hold: int | None = None
    cooldown: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A named group of items."""

    name: str
    kind: str
    term: Term
