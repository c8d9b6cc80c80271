"""Who held what at an instant, and what had happened by then."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignkit import Agent, Desk, ManualClock, RuleSet, Store
from assignkit.desk.committing.replaying import Replayed
from tests.unit.desk.every_store import OpenStore, open_store  # noqa: F401 - a fixture
from tests.unit.desk.making import NOON, TO_EAST, OpenDesk, east, edit, open_desk

MINUTE = timedelta(minutes=1)
RULES = TO_EAST + '\nrule "Tasks" for tasks\n  assign to agent "a"\n'


@pytest.fixture
def desk() -> OpenDesk:
    """Return a desk at which c1 went to a at noon, to b a minute later, and was released after another one."""
    desk = open_desk(RULES, east("a"))
    desk.assign({"id": "c1"})
    desk.agents.add(east("b")[0])
    desk.clock.advance(MINUTE)
    desk.reassign("c1", "b", actor="boss", reason="why")
    desk.assign({"id": "t1"}, kind="tasks")
    desk.clock.advance(MINUTE)
    desk.release("c1", actor="boss", reason="why")
    return desk


def test_the_holder_at_an_instant(desk: OpenDesk) -> None:
    just_before = timedelta(microseconds=-1)
    instants = [NOON + just_before, NOON, NOON + MINUTE + just_before, NOON + MINUTE, NOON + 2 * MINUTE]
    assert [desk.holder_at("c1", at) for at in instants] == [None, "a", "a", "b", None]
    assert desk.holder_at("unknown", NOON) is None


def test_all_holders_at_an_instant(desk: OpenDesk) -> None:
    assert desk.holders_at(NOON - MINUTE) == {}
    assert desk.holders_at(NOON) == {("customers", "c1"): "a"}
    assert dict(desk.holders_at(NOON + MINUTE)) == {("customers", "c1"): "b", ("tasks", "t1"): "a"}
    assert list(desk.holders_at(NOON + 2 * MINUTE)) == [("tasks", "t1")]


def test_a_history_up_to_an_instant(desk: OpenDesk) -> None:
    assert [event.type for event in desk.history("c1", until=NOON + MINUTE)] == ["assigned", "reassigned"]
    assert [event.type for event in desk.history("c1")] == ["assigned", "reassigned", "released"]


def test_a_changed_effort_is_an_event_and_no_answer_to_why(desk: OpenDesk) -> None:
    desk.customers.save(desk.customers.get("c1").model_copy(update={"effort": 3}))
    desk.reassign("c1", "a", actor="boss", reason="back")
    desk.customers.save(desk.customers.get("c1").model_copy(update={"effort": 2}))
    assert [event.type for event in desk.history("c1")][3:] == ["corrected", "reassigned", "corrected"]
    assert desk.explain("c1").agent_id == "a"
    assert any("boss" in note for note in desk.explain("c1").notes)


# --- ceilings and turns

OFFERED = """
rule "Asked"
  when customer.score > 5
  assign to team "East" by weighted round robin
  accept within 5 minutes
rule "Fair"
  when customer.score > 3
  assign to team "East" by fair share
rule "Turns"
  assign to team "East" by round robin
"""


def loads_and_turns(store: Store) -> dict[str, Any]:
    rotations = store.rotations.list()
    return {
        "loads": {(each.agent_id, each.kind): each for name in "abc" for each in store.loads.of_agent(name).values()},
        "rotations": {rotation.name: rotation for rotation in rotations},
        "seats": {(one.name, seat.agent_id): seat for one in rotations for seat in store.rotations.seats(one.name)},
    }


def rebuilt(state: Replayed) -> dict[str, Any]:
    return {"loads": state.loads, "rotations": state.rotations, "seats": state.seats}


def busy_day(desk: Desk, clock: ManualClock) -> list[datetime]:
    """Play a day in which ceilings rise and fall and turns are taken, returned and corrected; return its instants."""
    instants = []

    def then(*done: object) -> None:
        del done
        instants.append(clock.now())
        clock.advance(MINUTE)

    for agent in (
        Agent(id="a", teams={"East"}, capacity={"customers": 3}),
        Agent(id="b", teams={"East"}, weight=3),
        Agent(id="c", teams={"East"}, weight=0.3, capacity={"customers": Decimal("2.5")}),
    ):
        then(desk.agents.add(agent))
    for number in range(9):
        then(desk.assign({"id": f"c{number}", "score": number}))
    then(desk.release("c8", actor="boss", reason="recalled"))
    then(edit(desk, "a", capacity={"customers": 1}))
    then(desk.release("c0", actor="boss", reason="why"))
    then(edit(desk, "a", capacity={}))
    then(edit(desk, "b", capacity={"customers": 7}))
    then(desk.correct_rotation('team "East" by round robin', "c", 5, actor="boss", reason="why"))
    clock.advance(10 * MINUTE)
    then(desk.tick())
    desk.agents.add(Agent(id="d"))
    then(desk.customers.add(desk.customers.get("c8").model_copy(update={"id": "e", "owner": "a", "effort": 4})))
    then(edit(desk, "a", capacity={"customers": 5}))
    return instants


def test_ceilings_and_turns_are_rebuilt_for_every_instant(open_store: OpenStore) -> None:  # noqa: F811
    store, clock = open_store(), ManualClock(NOON)
    desk = Desk(RuleSet.from_text(OFFERED), store, clock=clock, seed="test")
    seen: dict[datetime, dict[str, Any]] = {}
    desk.subscribe(lambda event: seen.update({event.at: loads_and_turns(store)}))
    busy_day(desk, clock)
    assert {event.type for event in store.history.since(0)} >= {"offered", "expired", "released", "corrected"}
    assert len(seen) > 12
    for instant, state in seen.items():
        assert rebuilt(desk.state_at(instant)) == state
    assert rebuilt(desk.state_at(clock.now())) == loads_and_turns(store)


def test_an_offer_that_is_recalled_returns_its_turn_in_the_past_too() -> None:
    desk = open_desk(OFFERED, [Agent(id="a", teams={"East"}), Agent(id="b", teams={"East"}, weight=2)])
    desk.assign({"id": "1", "score": 9})
    before = desk.state_at(NOON).seats
    desk.clock.advance(MINUTE)
    desk.release("1", actor="boss", reason="recalled")
    after = desk.state_at(NOON + MINUTE)
    assert desk.state_at(NOON).seats == before != after.seats
    assert rebuilt(after) == loads_and_turns(desk.store)


def test_only_a_ceiling_that_changes_is_written() -> None:
    desk = open_desk(TO_EAST, east("a", capacity={"customers": 5}))
    for number in range(3):
        desk.assign({"id": f"c{number}"})
    edit(desk, "a", name="Ann")
    assert [desk.history(f"c{number}")[0].facts.get("ceilings") for number in range(3)] == [{"a": 5}, None, None]
    assert desk.store.history.of_item("agents", "a") == []
    edit(desk, "a", capacity={"customers": 2})
    (corrected,) = desk.store.history.of_item("agents", "a")
    assert (corrected.type, corrected.facts) == ("corrected", {"ceilings": {"customers": 3}})
    desk.release("c0", actor="boss", reason="why")
    assert desk.history("c0")[-1].facts["ceilings"] == {"a": 2}


def test_an_agent_who_comes_back_finds_the_old_load_under_the_new_ceiling() -> None:
    desk = open_desk(TO_EAST, east("a", capacity={"customers": 5}))
    for capacity in (4, 3):
        desk.assign({"id": "c1"})
        desk.release("c1", actor="boss", reason="leaves")
        desk.agents.remove("a")
        desk.agents.add(east("a", capacity={"customers": capacity})[0])
        assert rebuilt(desk.state_at(NOON)) == loads_and_turns(desk.store)
    assert len(desk.store.history.of_item("agents", "a")) == 2


def test_an_agent_who_comes_back_says_whether_it_is_there(open_store: OpenStore) -> None:  # noqa: F811
    store = open_store()
    desk = Desk(RuleSet.from_text(TO_EAST), store, clock=ManualClock(NOON))
    for _ in range(3):
        desk.agents.add(east("a")[0])
        desk.set_presence("a", "online")
        desk.set_presence("a", "away")
        desk.agents.remove("a")
    assert [event.facts["presence"] for event in store.history.of_item("agents", "a")] == ["online", "away"] * 3
