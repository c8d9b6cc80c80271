"""Stores that others write too: a host's own agents, and a second desk."""

from __future__ import annotations

from collections import Counter

import pytest

from assignkit import Agent, Customer, MemoryStore, NotFoundError
from assignkit.repositories.base import Page
from tests.unit.desk.making import TO_EAST, OpenDesk, east, edit, holders, open_desk

RULES = """
rule "Rich" when customer.revenue > 5
  assign to team "East" by {order}
  limit 3 open
rule "Rest"
  assign to team "East" by {order}
"""


class Staff:
    """A host's own table of agents, changed behind the store's back."""

    def __init__(self, *agents: Agent) -> None:
        self.rows = {agent.id: agent for agent in agents}

    def find(self, id: str) -> Agent | None:
        return self.rows.get(id)

    def get(self, id: str) -> Agent:
        if id not in self.rows:
            raise NotFoundError(noun="agent", key=id)
        return self.rows[id]

    def list(self, filter: object = None, order: object = "id", page: Page | None = None) -> list[Agent]:
        del filter, order, page
        return [self.rows[id] for id in sorted(self.rows)]


def hosted(text: str, *agents: Agent) -> tuple[OpenDesk, Staff]:
    staff = Staff(*agents)
    return open_desk(text, store=MemoryStore(agents=staff)), staff  # type: ignore[arg-type]  # it only reads


@pytest.mark.parametrize("order", ["round robin", "least loaded", "weighted round robin", "longest idle"])
def test_a_hosts_own_agents_are_decided_on_as_ours_are(order: str) -> None:
    text = RULES.format(order=order)
    agents = east("a", "b", "c", capacity={"customers": 4})
    desk, _ = hosted(text, *agents)
    items = [Customer(id=n, revenue=n % 10) for n in range(20)]
    assert holders(desk.assign_many(items)) == holders(open_desk(text, agents).assign_many(items))
    desk.store._check()


def test_a_hosts_changes_to_its_agents_are_seen_at_once() -> None:
    desk, staff = hosted(TO_EAST, *east("a", "b"))
    assert set(holders(desk.assign(Customer(id=n)) for n in range(4))) == {"a", "b"}
    staff.rows["a"] = staff.rows["a"].model_copy(update={"active": False})
    assert set(holders(desk.assign(Customer(id=f"x{n}")) for n in range(4))) == {"b"}
    del staff.rows["b"]
    staff.rows["c"] = Agent(id="c", teams={"East"})
    assert set(holders(desk.assign(Customer(id=f"y{n}")) for n in range(4))) == {"c"}


def test_two_desks_on_one_store_see_what_the_other_does() -> None:
    one = open_desk(TO_EAST, east("a", "b", "c", capacity={"customers": 6}))
    two = open_desk(TO_EAST, store=one.store)
    decisions = [(one, two)[n % 2].assign(Customer(id=n)) for n in range(12)]
    assert Counter(holders(decisions)) == {"a": 4, "b": 4, "c": 4}
    edit(two, "a", active=False)
    assert set(holders(one.assign(Customer(id=f"x{n}")) for n in range(5))) == {"b", "c", None}
    freed = next(decision.item_id for decision in decisions if decision.agent_id == "b")
    two.release(freed, actor="x", reason="r")
    # What waited has come to b at once, so that this one waits now.
    assert (one.assign(freed).outcome, [p.item_id for p in one.store.placements.of_agent("b")][-1]) == ("waiting", "x4")
    one.store._check()
