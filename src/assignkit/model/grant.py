"""Grants: new items that a rule gives to an agent at once. Most decisions are of this kind.

A grant says in one object what otherwise takes a placement, an assignment, an event and a record, so that a store can
write many of them in one go, and may put off what it need not make at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from assignkit.model.agent import Agent
from assignkit.model.assignment import Assignment
from assignkit.model.building import maker_of, whole
from assignkit.model.happening import Happening
from assignkit.model.placement import AgentLoad, Placement, Rotation, Seat, new_placement
from assignkit.model.record import Item

Path = tuple[str | int, ...]


@dataclass(slots=True, eq=False, kw_only=True)
class Terms:
    """What many grants have in common: the step of a rule, what it points at, who asked, and the items' effort.

    `varying` says for each of `Grant.values` where it stands in the fields of the event, the fields being alike in all
    else; None where that cannot be said beforehand. `kept` is for whatever a store works out of the rest.
    """

    kind: str
    rule: str
    step: int
    target: str
    rules_version: str
    actor: str | None
    effort: int | Decimal
    varying: Sequence[Sequence[Path]] | None
    kept: dict[object, Any] = field(default_factory=dict)


class Grant(Happening):
    """One item that an agent is given; its event is the item's first, its fence 1."""

    __slots__ = ("agent", "at", "item", "key", "terms")

    def __init__(self, terms: Terms, item: Item, agent: Agent, at: datetime) -> None:
        kind, item_id = terms.kind, item.id  # and what every happening has, without another call
        self.number = 0
        self.id = f"{kind}:{item_id}:1"
        self.kind = kind
        self.item_id = item_id
        self._event = None
        self.key = kind, item_id
        self.terms = terms
        self.item = item
        self.agent = agent
        self.at = at

    def values(self) -> Sequence[Any]:
        """Return what stands in the event's fields where the terms say that grants differ.

        The event's id, the instant, the item's id and the agent's come first, where the terms say anything at all.
        """
        raise NotImplementedError

    def placement(self) -> Placement:
        """Return where the item is now."""
        terms = self.terms
        return new_placement(
            kind=terms.kind,
            item_id=self.item_id,
            state="held",
            agent_id=self.agent.id,
            fence=1,
            effort=terms.effort,
            assignment_id=self.id,
            rule=terms.rule,
            step=terms.step,
            target=terms.target,
            received_at=self.at,
            since=self.at,
            chosen_by="rule",
            revision=1,
        )

    def assignment(self) -> Assignment:
        """Return the assignment by which the agent holds it."""
        terms = self.terms
        return whole(
            Assignment,
            {
                "id": self.id,
                "kind": terms.kind,
                "item_id": self.item_id,
                "agent_id": self.agent.id,
                "fence": 1,
                "effort": terms.effort,
                "origin": "rule",
                "rule": terms.rule,
                "step": terms.step,
                "target": terms.target,
                "rules_version": terms.rules_version,
                "assigned_at": self.at,
                "ended_at": None,
                "ended_because": None,
                "offered_until": None,
                "actor": terms.actor,
                "reason": None,
            },
        )

    def record(self) -> Item:
        """Return the item's record, as it is stored."""
        return self.item.handed_to(self.agent.id)


@dataclass(frozen=True, slots=True)
class HandOut:
    """Grants of one kind of item, at least one, in the order in which they were made; and what all of them did.

    `loads` are those of the agents after it, `turns` the rotations after it, with the seats that changed.
    """

    grants: Sequence[Grant]
    loads: Sequence[AgentLoad]
    turns: Mapping[str, tuple[Rotation, Sequence[Seat]]]


new_hand_out = maker_of(HandOut)  # made for every decision that is made by itself
