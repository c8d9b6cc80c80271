"""Every way to hand in an item, and what is said of those that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from assignkit import (
    Agent,
    ConfigurationError,
    ConflictError,
    Customer,
    InvalidItemError,
    MemoryStore,
    NotFoundError,
    Schema,
    Task,
)
from assignkit.model.record import Item
from assignkit.repositories.base import Page
from tests.unit.desk.making import OpenDesk, east, edit, load, open_desk, state_of

Make = Callable[..., OpenDesk]

RULES = """
rule "Shanghai" when customer.province = "Shanghai"
  assign to team "East"
rule "Tasks" for tasks
  assign to team "East"
"""


@dataclass
class Lead:
    """A host's own record."""

    id: Any
    province: str | None = "Shanghai"
    owner: Any = None
    effort: Any = None


class LeadTable:
    """A host's own table of leads, as a store asks for it."""

    def __init__(self, *leads: object) -> None:
        self.rows = {str(lead.id): lead for lead in leads}

    def find(self, id: str) -> Any:  # noqa: ANN401 - any record
        return self.rows.get(id)

    def get(self, id: str) -> Any:  # noqa: ANN401 - any record
        if id not in self.rows:
            raise NotFoundError(noun="customer", key=id)
        return self.rows[id]

    def list(self, filter: object = None, order: object = "id", page: Page | None = None) -> list[Any]:
        del filter, order, page
        return [self.rows[id] for id in sorted(self.rows)]


@pytest.fixture
def desk(make: Make) -> OpenDesk:
    return make(RULES, east("li"))


# --- what is taken


def test_a_model_is_stored_with_its_decision(desk: OpenDesk) -> None:
    decision = desk.assign(Customer(id="c1", province="Shanghai", colour="red"))
    assert (decision.kind, decision.item_id, decision.agent_id) == ("customers", "c1", "li")
    stored = desk.customers.get("c1")
    assert (stored.owner, stored.version, stored.model_extra) == ("li", 1, {"colour": "red"})


def test_a_mapping_is_a_customer_unless_it_says_otherwise(desk: OpenDesk) -> None:
    assert desk.assign({"id": "c1", "province": "Shanghai"}).agent_id == "li"
    assert type(desk.customers.get("c1")) is Customer
    assert desk.assign({"id": "c1"}, kind="tasks").kind == "tasks"
    assert type(desk.tasks.get("c1")) is Task


@pytest.mark.parametrize("given", ["c1", ("customers", "c1")])
def test_an_id_is_looked_up(desk: OpenDesk, given: object) -> None:
    desk.customers.add(Customer(id="c1", province="Shanghai"))
    assert desk.assign(given).agent_id == "li"
    assert desk.customers.get("c1").owner == "li"


@pytest.mark.parametrize("given", [("tasks", "t1"), ("tasks", {"id": "t1"}), ("tasks", Task(id="t1"))])
def test_a_pair_names_the_kind(desk: OpenDesk, given: object) -> None:
    desk.tasks.add(Task(id="t1"))
    decision = desk.assign(given)
    assert (decision.kind, decision.agent_id) == ("tasks", "li")


@pytest.mark.parametrize("given", [7, "7", ("customers", 7), {"id": 7, "province": "Shanghai"}])
def test_whole_numbers_are_ids_in_decimal_text(desk: OpenDesk, given: object) -> None:
    desk.customers.add(Customer(id=7, province="Shanghai"))
    assert desk.assign(given).item_id == "7"
    assert [event.item_id for event in desk.history(7)] == ["7"]
    assert desk.explain(7).item_id == "7"
    assert desk.release(7, actor="boss", reason="left").item_id == "7"
    assert desk.reassign(7, "li", actor="boss", reason="back").item_id == "7"


def test_kinds_have_ids_of_their_own(desk: OpenDesk) -> None:
    desk.assign(Customer(id="1", province="Shanghai"))
    desk.assign(Task(id="1"))
    assert [event.kind for event in desk.history("1")] == ["customers"]
    assert [event.kind for event in desk.history(("tasks", "1"))] == ["tasks"]
    desk.release(("tasks", "1"), actor="boss", reason="r")
    assert (load(desk, "li", "tasks"), load(desk, "li", "customers")) == (0, 1)


def test_a_subclass_of_a_model_is_of_its_kind(desk: OpenDesk) -> None:
    class Vip(Customer):
        pass

    assert desk.assign(Vip(id="c1", province="Shanghai")).kind == "customers"


# --- a host's own objects


def test_a_hosts_object_is_decided_and_not_stored(desk: OpenDesk) -> None:
    lead = Lead(5)
    decision = desk.assign(lead)
    assert (decision.item_id, decision.agent_id) == ("5", "li")
    assert lead == Lead(5)
    assert desk.customers.find("5") is None
    assert desk.assign(lead).outcome == "kept"


def test_a_hosts_object_names_its_owner_by_a_whole_number(make: Make) -> None:
    desk = make(RULES, [*east("li"), Agent(id=8)])
    decision = desk.assign(Lead(1, owner=8))
    assert (decision.outcome, decision.agent_id) == ("kept", "8")


def test_the_customer_of_a_hosts_task_may_be_a_whole_number(make: Make) -> None:
    text = 'rule "t" for tasks when task.customer.province = "Shanghai"\n  assign to team "East"'
    desk = make(text, east("li"))
    desk.customers.add(Customer(id=3, province="Shanghai"))

    @dataclass
    class Job:
        id: int
        customer: int

    assert desk.assign(Job(1, 3), kind="tasks").agent_id == "li"


def test_the_effort_of_a_hosts_object_counts_and_is_followed(make: Make) -> None:
    desk = make(RULES, east("li", capacity={"customers": 10}))
    desk.assign(Lead(1, effort=0.1))
    desk.assign(Lead(2, effort=0.2))
    assert load(desk, "li") == Decimal("0.3")
    desk.assign(Lead(2, effort=4))
    assert load(desk, "li") == Decimal("4.1")


@pytest.mark.parametrize("effort", [0, -1, "much", float("nan"), True])
def test_an_effort_that_is_none_is_refused(desk: OpenDesk, effort: object) -> None:
    with pytest.raises(InvalidItemError, match="effort"):
        desk.assign(Lead(1, effort=effort))


def test_a_version_is_checked_against_the_hosts_table() -> None:
    @dataclass
    class Versioned(Lead):
        version: int = 7

    store = MemoryStore(customers=LeadTable(Versioned(1)))  # type: ignore[arg-type]  # a host's own records
    desk = open_desk(RULES, east("li"), store=store)
    with pytest.raises(ConflictError, match="expected 6, found 7"):
        desk.assign(Versioned(1, version=6), version=6)
    assert store.placements.find("customers", "1") is None
    assert desk.assign(Versioned(1), version=7).agent_id == "li"


def test_one_record_of_a_host_is_not_two_items() -> None:
    table = LeadTable(Lead("abc"))
    table.rows["ABC"] = table.rows["abc"]  # as a table finds it that does not tell capitals apart
    desk = open_desk(RULES, east("li"), store=MemoryStore(customers=table))  # type: ignore[arg-type]
    assert desk.assign("abc").agent_id == "li"
    with pytest.raises(ConfigurationError, match="asked for `ABC` and gives `abc`"):
        desk.assign("ABC")


def test_a_hosts_own_waiting_items_are_tried_again() -> None:
    store = MemoryStore(customers=LeadTable(Lead(1)))  # type: ignore[arg-type]  # a host's own records
    desk = open_desk(RULES, store=store)
    assert desk.assign("1").outcome == "waiting"
    desk.agents.add(*east("li", active=False))
    edit(desk, "li", active=True)
    assert [held.item_id for held in store.placements.of_agent("li")] == ["1"]


# --- a host's own kinds


@dataclass
class Deal:
    """A host's own kind of item."""

    id: str
    amount: float
    tags: list[str] = field(default_factory=list)


KINDS = """
rule "Big" for deals when deal.amount >= 100
  assign to team "East" by least loaded
  limit 2 open
  otherwise hold in pool "Deals"
rule "Urgent" for tickets when ticket.severity = "high"
  assign to team "East"
rule "Rest" for tickets
  reject "not now"
never assign deals where deal.tags has "frozen" to agents
pool "Deals"
"""


@pytest.fixture
def broker(make: Make) -> OpenDesk:
    schema = Schema(deal=Deal, ticket={"severity": str})
    return make(KINDS, east("li", capacity={"deals": 2}), schema=schema)


def test_a_hosts_kinds_go_through_the_whole_pipeline(broker: OpenDesk) -> None:
    first = broker.assign(Deal("d1", 100), kind="deals")
    assert (first.kind, first.agent_id, first.rule) == ("deals", "li", "Big")
    broker.assign({"id": "d2", "amount": 250, "tags": []}, kind="deals")
    third = broker.assign(("deals", {"id": "d3", "amount": 300, "tags": ["hot"]}))
    assert (third.outcome, third.pool) == ("pooled", "Deals")
    assert "li: has 2 of 2 units" in third.explain()
    assert broker.items("deals").get("d2").owner == "li"
    assert broker.assign({"id": "d4", "amount": 1}, kind="deals").outcome == "unmatched"
    frozen = broker.explain(Deal("d5", 500, ["frozen"]), kind="deals")
    assert frozen.steps[0].counts == {"guard": 1}
    assert '(deal.tags is ("frozen"))' in str(frozen)
    assert broker.release(("deals", "d1"), actor="boss", reason="lost").outcome == "unmatched"
    assert load(broker, "li", "deals") == 1
    assert [event.type for event in broker.history("d1", kind="deals")] == ["assigned", "released"]


def test_two_hosts_kinds_do_not_mix(broker: OpenDesk) -> None:
    assert broker.assign({"id": "1", "severity": "high"}, kind="tickets").agent_id == "li"
    assert broker.assign({"id": "2", "severity": "low"}, kind="tickets").reasons == ("not now",)
    assert load(broker, "li", "deals") == 0


def test_an_item_without_a_kind_is_asked_for_it(broker: OpenDesk) -> None:
    with pytest.raises(ConfigurationError, match="say which kind"):
        broker.assign(Item(id="d1"))
    assert broker.assign(Item(id="d1", amount=100, tags=()), kind="deals").agent_id == "li"


# --- what is refused


class Broken:
    """An object that cannot even be asked for its id."""

    @property
    def id(self) -> str:
        msg = "boom"
        raise RuntimeError(msg)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "id: Field required"),
        ({"id": "c1", "effort": 0}, "effort"),
        ({"id": "c1", "employees": "many", "effort": -1}, "effort"),
        ({"id": " "}, "empty"),
        ({"id": "a\x1fb"}, r"U\+001F"),
        (Lead("a\x1fb"), r"U\+001F"),
        (Lead(" "), "empty"),
        (Lead(None), "without an `id`"),
        (Lead(2.5), "id: Input should be a valid string"),
        (None, "without an `id`"),
        (True, "without an `id`"),
        (("a", "b", "c"), "without an `id`"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(desk: OpenDesk, given: object, told: str) -> None:
    before = state_of(desk.store)
    with pytest.raises(InvalidItemError, match=told):
        desk.assign(given)
    assert state_of(desk.store) == before


@pytest.mark.parametrize("given", ["c9", 9, ("tasks", "c9"), ""])
def test_an_unknown_id_is_not_found(desk: OpenDesk, given: object) -> None:
    for call in (desk.assign, desk.explain, lambda item: desk.why_not("li", item)):
        with pytest.raises(NotFoundError):
            call(given)


@pytest.mark.parametrize("kind", ["customer", "deals", 1, ["customers"]])
def test_an_unknown_kind_is_refused(desk: OpenDesk, kind: object) -> None:
    for given in ((kind, "c1"), (kind, {"id": "c1"}), (kind, Lead("c1"))):
        with pytest.raises(ConfigurationError, match="no kind of item"):
            desk.assign(given)
        with pytest.raises(ConfigurationError, match="no kind of item"):
            desk.history(given)


def test_a_model_cannot_pass_for_another_kind(desk: OpenDesk) -> None:
    with pytest.raises(InvalidItemError, match="a Customer is not one of the tasks"):
        desk.assign(Customer(id="c1"), kind="tasks")
    with pytest.raises(InvalidItemError, match="a Task is not one of the customers"):
        desk.reassign(("customers", Task(id="c1")), "li", actor="boss", reason="r")


def test_a_mapping_without_an_id_has_no_history(desk: OpenDesk) -> None:
    with pytest.raises(InvalidItemError, match="without an `id`"):
        desk.history({"province": "Shanghai"})


def test_a_record_read_before_somebody_else_saved_it_is_refused(desk: OpenDesk) -> None:
    stale = desk.customers.add(Customer(id="c1", province="Shanghai"))
    desk.customers.save(stale.model_copy(update={"province": "Hebei"}))
    before = state_of(desk.store)
    with pytest.raises(ConflictError, match="expected 1, found 2"):
        desk.assign(stale)
    assert state_of(desk.store) == before


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no time zone `Mars/Olympus`"):
        open_desk(zone="Mars/Olympus")
