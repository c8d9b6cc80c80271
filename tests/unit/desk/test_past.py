"""Who held what at an instant, and what had happened by then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.desk.making import NOON, TO_EAST, OpenDesk, east, open_desk

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
