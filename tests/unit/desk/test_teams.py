"""Who is in a target: teams of the file and of the store, named agents, conditions; and how they change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from assignkit import Agent, Customer, InUseError, Task
from tests.unit.desk.making import NOON, TO_EAST, OpenDesk, east, edit, holders

Make = Callable[..., OpenDesk]

ORDERS = ["round robin", "least loaded", "longest idle", "weighted round robin", "random", "skill match"]


@pytest.mark.parametrize("order", ORDERS)
def test_a_team_follows_its_members_records(make: Make, order: str) -> None:
    rules = f'team "Senior" = agents where agent.level >= 3\nrule "r"\n  assign to team "Senior" by {order}'
    desk = make(rules, [Agent(id="li", level=3), Agent(id="wang", level=1)])

    ids = count()

    def chosen() -> set[str | None]:
        return {desk.assign(Customer(id=next(ids))).agent_id for _ in range(6)}

    assert chosen() == {"li"}
    edit(desk, "wang", level=4)
    assert chosen() >= {"wang"}
    edit(desk, "li", level=None)
    assert chosen() == {"wang"}
    edit(desk, "wang", active=False)
    assert chosen() == {None}
    desk.agents.add(Agent(id="zu", level=9))
    assert chosen() == {"zu"}


@pytest.mark.parametrize("order", ORDERS)
def test_a_team_of_the_store_is_who_says_so(make: Make, order: str) -> None:
    desk = make(f'rule "r"\n  assign to team "East" by {order}', east("li"))
    assert desk.assign(Customer(id="c1")).agent_id == "li"
    edit(desk, "li", teams={"West"})
    assert desk.assign(Customer(id="c2")).reasons == ("no_members",)
    edit(desk, "li", teams={"West", "East"})
    assert desk.assign("c2").agent_id == "li"


def test_a_listed_team_is_whom_it_lists_once_they_are_there(make: Make) -> None:
    desk = make('team "Night" = agents "zu", "li"\nrule "r"\n  assign to team "Night"', [Agent(id="li"), *east("wang")])
    assert holders(desk.assign(Customer(id=n)) for n in range(2)) == ["li", "li"]
    desk.agents.add(Agent(id="zu"))
    assert holders(desk.assign(Customer(id=f"m{n}")) for n in range(4)) == ["zu", "li", "zu", "li"]


def test_a_listed_team_takes_turns_in_the_order_of_the_list(make: Make) -> None:
    ids = ["d", "a", "c", "b"]
    listed = ", ".join(f'"{id}"' for id in ids)
    desk = make(f'team "T" = agents {listed}\nrule "r"\n  assign to team "T"', [Agent(id=id) for id in sorted(ids)])
    assert holders(desk.assign(Customer(id=n)) for n in range(8)) == ids * 2


def test_an_agent_in_several_teams_has_one_load(make: Make) -> None:
    rules = 'rule "A" when customer.tier = "A"\n  assign to team "A"\nrule "B"\n  assign to team "B"'
    desk = make(rules, [Agent(id="li", teams={"A", "B"}, capacity={"customers": 2})])
    decisions = [desk.assign(Customer(id=n, tier=tier)) for n, tier in enumerate("ABA")]
    assert holders(decisions) == ["li", "li", None]


def test_a_condition_may_read_the_item(make: Make) -> None:
    rules = 'rule "r"\n  assign to agents where agent.provinces has customer.province by least loaded'
    desk = make(rules, [Agent(id="li", provinces=["Hebei"]), Agent(id="wang", provinces=["Wuxi", "Hebei"])])
    assert desk.assign(Customer(id="c1", province="Wuxi")).agent_id == "wang"
    assert desk.assign(Customer(id="c2", province="Hebei")).agent_id == "li"
    assert desk.assign(Customer(id="c3")).reasons == ("no_members",)


@pytest.mark.parametrize("order", ["round robin", "least loaded", "longest idle"])
def test_a_condition_may_read_the_load(make: Make, order: str) -> None:
    rules = f"""
    rule "c"
      assign to agents where agent.open < 2 by {order}
    rule "t" for tasks
      assign to agents where agent.open < 2 by {order}
    """
    desk = make(rules, [Agent(id="li"), Agent(id="wang")])
    assert sorted(holders(desk.assign(Customer(id=n)) for n in range(4)), key=str) == ["li", "li", "wang", "wang"]
    assert desk.assign(Customer(id="c5")).outcome == "waiting"
    assert desk.assign(Task(id="t1")).outcome == "assigned"  # tasks are counted apart
    desk.release(0, actor="boss", reason="r")
    assert desk.store.placements.find("customers", "c5").state == "held"


def test_a_condition_may_read_the_time(make: Make) -> None:
    rules = 'team "Old" = agents where agent.hired_at older than 30 days\nrule "r"\n  assign to team "Old"'
    desk = make(rules, [Agent(id="li", hired_at=NOON - timedelta(days=29))])
    assert desk.assign(Customer(id="c1")).outcome == "waiting"
    desk.clock.advance(timedelta(days=1, seconds=1))
    assert holders(desk.tick()) == ["li"]


def test_a_removed_agent_is_gone_and_a_holder_cannot_be_removed(make: Make) -> None:
    desk = make(TO_EAST, east("li", "wang"))
    holder = str(desk.assign(Customer(id="c1")).agent_id)
    with pytest.raises(InUseError):
        desk.agents.remove(holder)
    desk.release("c1", actor="boss", reason="r")
    desk.agents.remove(holder)
    assert {desk.assign(Customer(id=f"n{n}")).agent_id for n in range(3)} == {"li", "wang"} - {holder}


def test_who_is_inactive_keeps_what_is_held_and_gets_nothing(make: Make) -> None:
    desk = make(TO_EAST, east("li"))
    desk.assign(Customer(id="c1"))
    edit(desk, "li", active=False)
    assert desk.assign("c1").outcome == "kept"
    decision = desk.assign(Customer(id="c2"))
    assert (decision.outcome, decision.reasons) == ("waiting", ("inactive",))
    assert "li: is not active" in decision.explain()


def test_changes_that_were_rolled_back_are_not_seen(make: Make) -> None:
    desk = make('rule "r"\n  assign to team "East" by least loaded', east("li", "wang"))
    desk.assign(Customer(id="c1"))

    def undone() -> None:
        with desk.store.unit() as unit:
            unit.agents.add(Agent(id="zu", teams={"East"}))
            unit.agents.save(unit.agents.get("li").model_copy(update={"active": False}))
            assert desk.explain(Customer(id="c2")).steps[0].counts == {"inactive": 1}
            raise KeyError

    with pytest.raises(KeyError):
        undone()
    why = desk.explain(Customer(id="c2")).steps[0]
    assert (why.members, why.counts) == (2, {})
