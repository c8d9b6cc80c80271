"""Owners: who an item came with, the customer's owner for its tasks, and `keep owner`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assignkit import Agent, Customer, InvalidTransitionError, NotFoundError, Task
from tests.unit.desk.making import TO_EAST, OpenDesk, east, edit, holders, load

Make = Callable[..., OpenDesk]


def test_the_owner_of_a_new_item_becomes_its_holder(make: Make) -> None:
    desk = make(TO_EAST, [*east("li"), Agent(id="wang")])
    decision = desk.assign(Customer(id="c1", owner="wang"))
    assert (decision.outcome, decision.agent_id, decision.reasons, decision.rule) == ("kept", "wang", ("held",), None)
    assert decision.fence == 1
    assert desk.customers.get("c1").owner == "wang"
    (event,) = desk.history("c1")
    assert (event.type, event.agent_id, event.reason) == ("imported", "wang", "came with an owner")
    assert load(desk, "wang") == 1


def test_a_book_that_is_imported_raises_the_ceiling_and_admits_no_new_work(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 2}))
    for number in range(5):
        assert desk.assign(Customer(id=number, owner="li")).outcome == "kept"
    book = desk.store.loads.find("li", "customers")
    assert book is not None
    assert (book.load, book.ceiling) == (5, 5)
    for number in range(3):
        desk.release(number, actor="boss", reason="r")
        assert desk.assign(Customer(id=f"new{number}")).outcome == "waiting"
    desk.release(3, actor="boss", reason="r")
    assert [held.item_id for held in desk.store.placements.of_agent("li")] == ["4", "new0"]
    assert load(desk, "li") == 2


@pytest.mark.parametrize("owner", ["ghost", "gone"])
def test_an_owner_who_is_unknown_or_inactive_leaves_it_to_the_rules(make: Make, owner: str) -> None:
    desk = make(TO_EAST, [*east("li"), Agent(id="gone", active=False)])
    decision = desk.assign(Customer(id="c1", owner=owner))
    assert (decision.outcome, decision.agent_id) == ("assigned", "li")
    assert desk.customers.get("c1").owner == "li"


def test_an_owner_given_later_changes_nothing(make: Make) -> None:
    desk = make(TO_EAST, [*east("li"), Agent(id="wang")])
    desk.assign(Customer(id="c1"))
    assert desk.assign(Customer(id="c1", owner="wang")).agent_id == "li"
    assert desk.customers.get("c1").owner == "li"


def test_a_record_that_is_added_with_an_owner_is_held(make: Make) -> None:
    desk = make(TO_EAST, [*east("li"), Agent(id="wang")])
    desk.customers.add(Customer(id="c1", owner="wang", effort=3))
    assert load(desk, "wang") == 3
    assert desk.assign("c1").outcome == "kept"
    with pytest.raises(NotFoundError, match="no agent `ghost`"):
        desk.customers.add(Customer(id="c2", owner="ghost"))
    assert desk.customers.find("c2") is None


def test_a_record_is_saved_only_with_the_owner_it_has(make: Make) -> None:
    desk = make(TO_EAST, [*east("li"), Agent(id="wang")])
    desk.assign(Customer(id="c1"))
    stored = desk.customers.get("c1")
    with pytest.raises(InvalidTransitionError, match="held by li"):
        desk.customers.save(stored.model_copy(update={"owner": "wang"}))
    desk.customers.save(stored.model_copy(update={"effort": 4, "city": "Wuxi"}))
    assert (load(desk, "li"), desk.customers.get("c1").city) == (4, "Wuxi")


def test_a_record_that_is_removed_while_it_waits_leaves_the_queue(make: Make) -> None:
    desk = make(TO_EAST)
    desk.assign(Customer(id="c1"))
    desk.customers.remove("c1")
    desk.agents.add(*east("li"))
    assert desk.tick() == []
    assert load(desk, "li") == 0
    assert [event.type for event in desk.history("c1")] == ["waiting", "released"]


def test_a_removed_record_may_come_back_with_an_owner(make: Make) -> None:
    desk = make(TO_EAST)
    desk.assign(Customer(id="c1"))
    desk.customers.remove("c1")
    desk.agents.add(*east("li"))
    desk.customers.add(Customer(id="c1", owner="li", effort=2))
    assert (desk.assign("c1").outcome, load(desk, "li")) == ("kept", 2)


# --- tasks: the owner is the customer's

TASKS = """
rule "With its customer" for tasks when owner.level >= 2
  assign to owner
  otherwise assign to manager
rule "Shanghai" for tasks when task.customer.province = "Shanghai"
  assign to team "East"
rule "Rest" for tasks
  reject "no customer"
"""


@pytest.fixture
def house(make: Make) -> OpenDesk:
    agents = [Agent(id="li", level=3, manager="boss", capacity={"tasks": 1}), Agent(id="boss"), *east("wang", level=1)]
    desk = make(TASKS, agents)
    desk.customers.add(Customer(id="big", owner="li"))
    desk.customers.add(Customer(id="small", owner="wang", province="Shanghai"))
    return desk


def test_a_task_goes_to_the_owner_of_its_customer_then_to_the_manager(house: OpenDesk) -> None:
    assert holders(house.assign(Task(id=n, customer="big")) for n in range(3)) == ["li", "boss", "boss"]


def test_a_task_reads_the_fields_of_its_customer(house: OpenDesk) -> None:
    decision = house.assign(Task(id="t", customer="small"))
    assert (decision.rule, decision.agent_id) == ("Shanghai", "wang")
    assert 'task.customer.province is "Shanghai"' in decision.explain()


@pytest.mark.parametrize("customer", [None, "unknown"])
def test_a_task_without_a_known_customer_has_no_owner(house: OpenDesk, customer: str | None) -> None:
    assert house.assign(Task(id="t", customer=customer)).reasons == ("no customer",)


def test_the_owner_is_who_holds_the_customer_now(house: OpenDesk) -> None:
    house.reassign("small", "li", actor="boss", reason="r")
    assert house.assign(Task(id="t1", customer="small")).agent_id == "li"
    house.release("big", actor="boss", reason="r")
    assert house.assign(Task(id="t2", customer="big")).outcome == "rejected"


def test_an_owner_without_a_manager_is_a_reason(make: Make) -> None:
    desk = make('rule "t" for tasks\n  assign to manager', east("li"))
    desk.customers.add(Customer(id="c", owner="li"))
    assert desk.assign(Task(id="t1", customer="c")).reasons == ("no_manager",)
    assert desk.assign(Task(id="t2")).reasons == ("no_owner",)


def test_a_tasks_own_holder_is_not_its_customers_owner(make: Make) -> None:
    desk = make('rule "Free" for tasks when task.owner is missing\n  assign to team "East"', east("li"))
    desk.customers.add(Customer(id="c", owner="li"))
    assert desk.assign(Task(id="t", customer="c")).rule == "Free"


# --- keep owner

KEEP = """
rule "Keep" for tasks
  {action}
  limit 1 open
  otherwise assign to team "East"
"""


@pytest.mark.parametrize(
    ("action", "kept"), [("keep owner", ["li", "wang", "wang"]), ("keep owner even if full", ["li", "li", "li"])]
)
def test_keep_owner_heeds_limits_unless_it_says_otherwise(make: Make, action: str, kept: list[str]) -> None:
    desk = make(
        KEEP.format(action=action).replace("limit 1 open", "limit 2 open"),
        [Agent(id="li", capacity={"tasks": 1}), *east("wang")],
    )
    desk.customers.add(Customer(id="c", owner="li"))
    decisions = [desk.assign(Task(id=n, customer="c")) for n in range(3)]
    assert holders(decisions) == kept
    assert [decision.outcome for decision in decisions if decision.agent_id == "li"] == ["kept"] * kept.count("li")
    assert load(desk, "li", "tasks") == kept.count("li")


@pytest.mark.parametrize("action", ["keep owner", "keep owner even if full"])
def test_keep_owner_passes_over_who_is_inactive_or_not_eligible(make: Make, action: str) -> None:
    text = (
        KEEP.format(action=action) + '  require agent.level >= 2\nnever assign tasks to agents where agent.email = "x"'
    )
    desk = make(text, [Agent(id="li", level=2, email="a"), *east("wang", level=2, email="b")])
    desk.customers.add(Customer(id="c", owner="li"))
    edit(desk, "li", active=False)
    assert desk.assign(Task(id="t1", customer="c")).agent_id == "wang"
    edit(desk, "li", active=True, level=1)
    edit(desk, "wang", level=1)
    assert desk.assign(Task(id="t2", customer="c")).reasons == ("require",)
    edit(desk, "li", level=2, email="x")
    assert desk.assign(Task(id="t3", customer="c")).reasons == ("guard", "require")


def test_a_returning_customer_stays_when_its_rules_are_forced(make: Make) -> None:
    text = 'rule "Back" when customer.owner is present\n  keep owner\n  otherwise continue\n' + TO_EAST
    desk = make(text, [*east("li", "wang"), Agent(id="zu")])
    assert desk.assign(Customer(id="c1", owner="zu")).agent_id == "zu"
    again = desk.assign("c1", force=True)
    assert (again.outcome, again.agent_id, again.rule, again.fence) == ("kept", "zu", "Back", 1)
    edit(desk, "zu", active=False)
    moved = desk.assign("c1", force=True)
    assert (moved.rule, moved.fence) == ("East", 2)
    assert [trial.verdict for trial in moved.explanation().rules] == ["passed over", "matched"]
