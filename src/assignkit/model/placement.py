"""Where an item is now, what an agent carries now, whose turn it is: what every decision reads and writes.

Slots dataclasses, because they are made on every decision; what makes them there stands at the end of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from assignkit.model.building import maker_of

PlacementState = Literal["free", "held", "offered", "waiting", "pooled", "rejected", "unmatched", "done"]
SeatCost = tuple[str, int | Fraction, int, int]  # whose seat, the turns it rose by, its `last` before and after


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where one item is: with an agent (`held`, `offered`), in a queue (`waiting`), in a pool (`pooled`), or nowhere.

    `fence` rises with every change of holder, and never falls. `received_at` is when the desk first saw the item;
    `since` is when it came into this state. `chosen_by` tells a person's choice from a rule's. `revision` counts the
    item's events.

    `offer_until` is when the pending offer ends: to `agent_id`, or, of a waiting item, to all who are `invited`.
    `turn_taken` is what the offer cost in a rotation, to be returned if it is rescinded.
    `excluded` are those who declined or let an offer pass, each with why; until `excluded_until`, where that is set.
    """

    kind: str
    item_id: str
    state: PlacementState = "free"
    agent_id: str | None = None
    fence: int = 0
    effort: int | Decimal = 1
    assignment_id: str | None = None
    rule: str | None = None
    step: int | None = None
    target: str | None = None
    pool: str | None = None
    queue: str | None = None
    urgency: int | float | Decimal = 0
    received_at: datetime
    since: datetime
    chosen_by: Literal["rule", "person", "import"] | None = None
    next_retry_at: datetime | None = None
    revision: int = 0
    offer_until: datetime | None = None
    turn_taken: tuple[str, tuple[SeatCost, ...]] | None = None
    invited: tuple[str, ...] = ()
    excluded: tuple[tuple[str, str], ...] = ()
    excluded_until: datetime | None = None

    @property
    def taken(self) -> bool:
        """Whether an agent's load includes this item."""
        return self.state in ("held", "offered")

    def excluded_at(self, now: datetime) -> tuple[tuple[str, str], ...]:
        """Return who is excluded now, each with why: `declined` or `expired`."""
        return self.excluded if self.excluded_until is None or now < self.excluded_until else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLoad:
    """What one agent carries of one kind of item: `load` is the sum of effort of held and offered items.

    `ceiling` is the agent's capacity, or the load itself where that is higher (capacity was lowered, a book was
    imported); None is unlimited. `items` counts what makes up the load; `received` counts assignments ever;
    `touched_at` is the last assignment or release.
    """

    agent_id: str
    kind: str
    load: int | Decimal = 0
    ceiling: int | Decimal | None = None
    items: int = 0
    received: int = 0
    touched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One agent's state in one rotation.

    `turn` is the order's own measure (turns taken, virtual start); `last` is the number of the rotation's decision
    that chose the agent last, 0 for never.
    """

    agent_id: str
    turn: int | Fraction = 0
    last: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """The shared state of one rotation, a (target, orders) pair: `level` is the order's floor, `decisions` counts.

    `present` holds who was eligible at the last decision, for the orders that need it; None elsewhere.
    """

    name: str
    level: int | Fraction = 0
    decisions: int = 0
    present: frozenset[str] | None = None


new_placement = maker_of(Placement)
new_load = maker_of(AgentLoad)
new_seat = maker_of(Seat)
new_rotation = maker_of(Rotation)
