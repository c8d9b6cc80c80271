"""What a store promises about items that are handed out: what one by one would have come to, in one go."""
# A contract is made of tests: their names say what they show, they assert, and a whole unit of work has to raise.
# ruff: noqa: D102, PT012, S101

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from assignkit.errors import AlreadyExistsError, AssignkitError, ConflictError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.grant import Grant, HandOut, Terms
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.repositories.base import Store, Unit
from assignkit.repositories.handing_out import hand_out_one_by_one
from assignkit.testing.samples import MINUTE, NOW, OfStore, assigned, happened, placed

IDS = ("c1", "c%s", 'say "hi"', "李 \\ 📞", "x" * 200)
LINE = 'team "East %d" by round robin'


class SampleGrant(Grant):
    """A grant whose event says in one word more than the terms do."""

    __slots__ = ("word",)

    def __init__(self, terms: Terms, item: Customer, agent: Agent, word: str) -> None:
        super().__init__(terms, item, agent, NOW)
        self.word = word

    def fields(self) -> dict[str, Any]:
        placement = self.placement()
        return {
            "id": self.id,
            "type": "assigned",
            "at": self.at,
            "kind": self.kind,
            "item_id": self.item_id,
            "agent_id": placement.agent_id,
            "fence": placement.fence,
            "rule": self.terms.rule,
            "actor": self.terms.actor,
            "reason": None,
            "facts": {"steps": [{"step": 1, "word": self.word}], "100%": "of it", "again": self.word},
        }

    def let_go(self) -> None:
        """Keep everything."""

    def values(self) -> tuple[Any, ...]:
        return self.id, self.at, self.item_id, self.agent.id, self.word


VARYING = (
    (("id",),),
    (("at",),),
    (("item_id",),),
    (("agent_id",),),
    (("facts", "steps", 0, "word"), ("facts", "again")),
)


def terms_of(effort: int | Decimal = 1, *, alike: bool) -> Terms:
    """Return terms, `alike` if what differs between events of such grants is said beforehand."""
    return Terms(
        kind="customers",
        rule="100% East",
        step=1,
        target='team "East %d"',
        rules_version="v1",
        actor="zoë",
        effort=effort,
        varying=VARYING if alike else None,
    )


def handed_out(ids: Sequence[str], agent: Agent, terms: Terms) -> HandOut:
    """Return customers handed to one agent, in this order, who takes a turn for each."""
    grants = [SampleGrant(terms, Customer(id=id, tier=f"{id}!"), agent, f"word {id}") for id in ids]
    count = len(ids)
    load = AgentLoad(
        agent_id=agent.id,
        kind="customers",
        load=count * terms.effort,
        ceiling=None,
        items=count,
        received=count,
        touched_at=NOW,
    )
    turns = {LINE: (Rotation(name=LINE, decisions=count), (Seat(agent_id=agent.id, turn=count, last=count),))}
    return HandOut(grants, (load,), turns)


def books_of(store: Unit | Store, ids: Sequence[str]) -> dict[str, Any]:
    """Return all that handing these items out can have changed."""
    return {
        "customers": store.customers.list(),
        "placements": [store.placements.find("customers", id) for id in ids],
        "held": store.placements.of_agent("li"),
        "in state": store.placements.in_state("held"),
        "assignments": [store.assignments.of_item("customers", id) for id in ids],
        "open": store.assignments.open_of_agent("li"),
        "counts": [
            store.assignments.count_open('team "East %d"', "li"),
            store.assignments.count_since('team "East %d"', "li", NOW),
            store.assignments.count_since('team "East %d"', "li", NOW + MINUTE),
        ],
        "loads": store.loads.of_agent("li"),
        "rotation": (store.rotations.find(LINE), store.rotations.seats(LINE)),
        "history": [event.model_dump() for event in store.history.since(0)],
        "of item": [[event.id for event in store.history.of_item("customers", id)] for id in ids],
        "outbox": [event.id for event in store.outbox.pending()],
    }


class HandingOutContract(OfStore):
    """Many items in one go are what they would be one by one."""

    @pytest.mark.parametrize("alike", [True, False])
    @pytest.mark.parametrize("effort", [1, 3, Decimal("0.5")])
    @pytest.mark.parametrize("told", [True, False])
    def test_all_at_once_is_as_one_by_one(
        self,
        store: Store,
        effort: int | Decimal,
        alike: bool,  # noqa: FBT001 - a parameter of the test
        told: bool,  # noqa: FBT001
    ) -> None:
        agent = store.agents.add(Agent(id="li"))
        out = handed_out(IDS, agent, terms_of(effort, alike=alike))
        with pytest.raises(_TakenBackError), store.unit() as unit:
            hand_out_one_by_one(unit, out, told=told)
            expected = books_of(unit, IDS)
            raise _TakenBackError
        again = handed_out(IDS, agent, terms_of(effort, alike=alike))
        with store.unit() as unit:
            unit.hand_out(again, told=told)
            within = books_of(unit, IDS)
        assert books_of(store, IDS) == within == expected
        assert len(expected["outbox"]) == (len(IDS) if told else 0)
        assert [customer.owner for customer in expected["customers"]] == ["li"] * len(IDS)

    def test_what_was_handed_out_can_be_changed_in_the_same_unit(self, store: Store) -> None:
        agent = store.agents.add(Agent(id="li"))
        with store.unit() as unit:
            unit.hand_out(handed_out(IDS, agent, terms_of(alike=True)), told=True)
            unit.assignments.end("customers:c1:1", at=NOW + MINUTE, because="released")
            unit.placements.put(placed("c1", state="pooled", fence=2, revision=2), expected_fence=1)
            unit.customers.save(unit.customers.get("c1").held_by(None))
        assert store.placements.find("customers", "c1") == placed("c1", state="pooled", fence=2, revision=2)
        assert (store.customers.get("c1").owner, store.customers.get("c1").version) == (None, 2)
        assert [one.item_id for one in store.assignments.open_of_agent("li")] == sorted(IDS[1:])
        assert store.assignments.get("customers:c1:1").ended_because == "released"

    def test_an_inner_unit_that_raises_takes_back_what_it_handed_out(self, store: Store) -> None:
        agent = store.agents.add(Agent(id="li"))
        terms = terms_of(alike=True)
        with store.unit() as unit:
            unit.hand_out(handed_out(["c0"], agent, terms), told=True)
            kept = books_of(unit, ["c0", *IDS])
            with pytest.raises(_TakenBackError), store.unit() as inner:
                inner.hand_out(handed_out(IDS, agent, terms), told=True)
                raise _TakenBackError
            assert books_of(unit, ["c0", *IDS]) == kept
        assert books_of(store, ["c0", *IDS]) == kept

    @pytest.mark.parametrize("taken", ["placement", "record", "event", "assignment", "twice"])
    def test_what_is_here_already_is_refused(self, store: Store, taken: str) -> None:
        agent = store.agents.add(Agent(id="li"))
        if taken == "placement":
            store.placements.put(placed("c%s", state="waiting"), expected_fence=None)
        elif taken == "record":
            store.customers.add(Customer(id="c%s"))
        elif taken == "event":
            store.history.append(happened("customers:c%s:1", "c%s"))
        elif taken == "assignment":
            store.assignments.add(assigned("customers:c%s:1", "other"))
        ids = (*IDS, "c1") if taken == "twice" else IDS
        before = books_of(store, IDS)
        with pytest.raises(AssignkitError) as told:
            store.transact(lambda unit: unit.hand_out(handed_out(ids, agent, terms_of(alike=True)), told=True))
        assert isinstance(told.value, AlreadyExistsError | ConflictError)
        assert books_of(store, IDS) == before


class _TakenBackError(Exception):
    """Ends a unit of work."""
