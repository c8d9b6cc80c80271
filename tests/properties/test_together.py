"""Batches that are decided together: never worse than one after the other, on desks of all sorts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assignkit import Agent, Optimiser
from tests.searching import examples
from tests.unit.desk.making import OpenDesk, open_desk

RULES = (
    'rule "VIP"\n  priority 1\n  when customer.tier = "VIP"\n  {prefer}\n'
    '  assign to team "East" by {order}\n  {limit}\n'
    'rule "All"\n  {prefer}\n  assign to team "East" by {order}\n'
    '  otherwise assign to team "West" by {order}\n  {other}\n'
    'never assign customers where customer.tier = "VIP" to agents where agent.level < 1'
)


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    text = RULES.format(
        prefer=draw(st.sampled_from(["prefer agent.level weight 2", "prefer agent.skills has customer.tier", ""])),
        order=draw(st.sampled_from(["round robin", "least loaded", "skill match", "random", "fair share"])),
        limit=draw(st.sampled_from(["", "limit 1 open", "limit 2 per day"])),
        other=draw(st.sampled_from(["", "limit 2 open", "limit 3 per day, 2 open", "accept within 2 minutes"])),
    )
    agents = [
        Agent(
            id=f"a{number}",
            teams={draw(st.sampled_from(["East", "West"]))},
            level=draw(st.integers(0, 2)),
            skills={"VIP": 1} if draw(st.booleans()) else {},
            capacity={} if draw(st.booleans()) else {"customers": draw(st.integers(1, 4))},
        )
        for number in range(draw(st.integers(1, 4)))
    ]
    items = [
        {
            "id": f"c{number}",
            "tier": draw(st.sampled_from(["VIP", "B"])),
            "effort": draw(st.sampled_from([1, 1, 2])),
            "owner": draw(st.sampled_from([None, None, None, "a0"])),
        }
        for number in range(draw(st.integers(0, 7)))
    ]
    return {"text": text, "agents": agents, "items": items, "before": draw(st.integers(0, 3))}


def begun(world: dict[str, Any]) -> OpenDesk:
    desk = open_desk(world["text"], world["agents"])
    for number in range(world["before"]):
        desk.assign({"id": f"before{number}", "tier": "B"})
    return desk


@given(worlds(), st.sampled_from([0.0, 1.0, 20.0]))
@examples(40)
def test_never_worse_than_one_after_the_other_which_it_tells_truly(world: dict[str, Any], fairness: float) -> None:
    together, in_turn = begun(world), begun(world)
    decisions = together.assign_many(world["items"], optimise=Optimiser(fairness=fairness))
    expected = in_turn.assign_many(world["items"])
    together.store._check()
    report = decisions.report
    assert report is not None
    greedy = {one.item_id: one.agent_id for one in expected}
    assert {one.item_id: one.greedy_agent_id for one in report.choices} == {
        one.item_id: greedy[one.item_id] for one in report.choices
    }
    assert sum(one.agent_id is not None for one in decisions) >= sum(one.agent_id is not None for one in expected)
    assert (report.gained_items, report.gained_steps, report.gained_score) >= (0, 0, -1e-9)
    assert report.score <= report.bound + 1e-6
    assert [one.item_id for one in decisions] == [one["id"] for one in world["items"]]
    if not report.planned:
        assert [one.agent_id for one in decisions] == [one.agent_id for one in expected]
