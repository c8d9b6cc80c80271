"""The walk along a standing line and the ranking of everybody choose the same agent, in random worlds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit import Agent, Decision, Schema
from assignkit.desk.deciding.directory import Directory
from tests.searching import examples
from tests.unit.desk.making import NOON, OpenDesk, edit, open_desk

ORDERS = [
    "round robin",
    "least loaded",
    "longest idle",
    "weighted balance",
    "lowest agent.received",
    "highest agent.level then longest idle",
    "lowest agent.load then least loaded",
    "round robin then least loaded",
    "least loaded then lowest agent.received then highest agent.level",
    "skill match",
    "skill match then lowest agent.received",
    '"closest skill match" then longest idle',
    "nearest",
    "nearest then highest agent.level",
]

RULES = """
let wanted = customer.score / 2
team "Senior" = agents where agent.level >= 2
team "Listed" = agents "d", "b", "a", "c"
rule "Senior" when customer.score > 5
  assign to team "Senior" by {order}
  limit 2 per hour
rule "Listed" when customer.score > 3
  require agent.skills has "law"
  prefer agent.skills has "law" at 2 weight 2
  prefer agent.city = "Paris"
  assign to team "Listed" by {order}
rule "Everybody"
  prefer agent.skills has customer.language at wanted weight 3
  prefer agent.languages has customer.language weight 2
  prefer customer.city = agent.city weight 1.5
  prefer agent.level >= 2 and agent.skills has "law"
  prefer agent.rating / 5
  prefer customer.tier = "VIP" weight 4
  assign to team "East" by {order}
rule "Tasks" for tasks
  prefer agent.skills has any of ("law", "zh")
  assign to team "East" by {order}
rule "Hired" for deals
  prefer hour(agent.hired_at) = 9
  prefer agent.open / 4
  assign to team "East" by {order}
never assign customers where customer.tier = "VIP" to agents where agent.level < 2
"""

IDS = ["a", "b", "c", "d", "e"]
DEALS = Schema(deal={"size": int})

levels = st.none() | st.integers(0, 3)
capacities = st.none() | st.sampled_from([1, 2, 5, Decimal("2.5")])


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    capacity = draw(capacities)
    return {
        "teams": draw(st.sets(st.sampled_from(["East", "West"]))),
        "level": draw(levels),
        "active": draw(st.integers(0, 5)) > 0,
        "skills": draw(st.dictionaries(st.sampled_from(["law", "zh", "fr"]), st.sampled_from([0, 1, 2.5, 4]))),
        "languages": draw(st.sets(st.sampled_from(["zh", "fr"]))),
        "city": draw(st.sampled_from([None, "Paris", "Rome"])),
        "rating": draw(st.sampled_from([None, 3, 4.7])),
        "hired_at": draw(st.none() | st.just(NOON) | st.just(NOON - timedelta(hours=3))),
        "location": draw(st.none() | st.tuples(st.integers(-2, 2), st.integers(-2, 2))),
        "weight": draw(st.integers(1, 3)),
        "capacity": {} if capacity is None else {"customers": capacity},
    }


items = st.fixed_dictionaries(
    {
        "score": st.integers(0, 8),
        "tier": st.sampled_from(["VIP", "C"]),
        "effort": st.sampled_from([1, 1, 2, 0.5]),
        "language": st.sampled_from([None, "zh", "fr"]),
        "city": st.sampled_from([None, "Paris", "Rome"]),
        "location": st.none() | st.tuples(st.integers(-2, 2), st.integers(-2, 2)),
    }
)
steps = st.one_of(
    st.tuples(st.just("assign"), items),
    st.tuples(st.just("assign"), items),
    st.tuples(st.just("tasks"), st.none()),
    st.tuples(st.just("deals"), st.none()),
    st.tuples(st.just("edit"), st.tuples(st.sampled_from(IDS), facts())),
    st.tuples(st.just("remove"), st.sampled_from(IDS)),
    st.tuples(st.just("release"), st.integers(0, 10)),
    st.tuples(st.just("advance"), st.integers(1, 90)),
    st.tuples(st.just("tick"), st.none()),
)


def play(desk: OpenDesk, operations: list[tuple[str, Any]]) -> Iterator[Decision]:
    """Carry out the operations, and yield every decision."""
    for number, (what, detail) in enumerate(operations):
        if what == "assign":
            yield desk.assign({"id": number, **detail})
        elif what in ("tasks", "deals"):
            yield desk.assign({"id": number}, kind=what)
        elif what == "release":
            yield from release_one(desk, detail)
        elif what == "tick":
            yield from desk.tick()
        else:
            CHANGES[what](desk, detail)


def release_one(desk: OpenDesk, number: int) -> Iterator[Decision]:
    held = desk.store.placements.in_state("held")
    if held:
        place = held[number % len(held)]
        yield desk.release((place.kind, place.item_id), actor="x", reason="r")


def add_or_edit(desk: OpenDesk, told: tuple[str, dict[str, Any]]) -> None:
    if desk.agents.find(told[0]) is None:
        desk.agents.add(Agent(id=told[0], **told[1]))
    else:
        edit(desk, told[0], **told[1])


def remove_if_idle(desk: OpenDesk, agent_id: str) -> None:
    if desk.agents.find(agent_id) is not None and not desk.store.placements.of_agent(agent_id):
        desk.agents.remove(agent_id)


CHANGES: dict[str, Callable[[OpenDesk, Any], None]] = {
    "edit": add_or_edit,
    "remove": remove_if_idle,
    "advance": lambda desk, minutes: desk.clock.advance(timedelta(minutes=minutes)),
}


@contextmanager
def ranking() -> Iterator[None]:
    """Let no roster be lasting, so that everybody is ranked anew for each decision."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Directory, "is_lasting", lambda _self, _roster: False)
        yield


@given(
    order=st.sampled_from(ORDERS),
    team=st.lists(facts(), min_size=len(IDS), max_size=len(IDS)),
    operations=st.lists(steps, min_size=5, max_size=40),
)
@examples(60)
def test_the_walk_chooses_whom_the_ranking_chooses(
    order: str, team: list[dict[str, Any]], operations: list[tuple[str, Any]]
) -> None:
    agents = [Agent(id=id, **told) for id, told in zip(IDS, team, strict=True)]
    text = RULES.format(order=order)
    walked = list(play(walking := open_desk(text, agents, schema=DEALS, zone="Asia/Shanghai"), operations))
    with ranking():
        ranked = list(play(open_desk(text, agents, schema=DEALS, zone="Asia/Shanghai"), operations))
    assert [d.model_dump_json() for d in walked] == [d.model_dump_json() for d in ranked]
    assert [_winners(d) for d in walked] == [_winners(d) for d in ranked]
    walking.store._check()
    for line in walking._books.made_with.directory.lines:
        line.standing._check()


def _winners(decision: Decision) -> list[tuple[str | None, list[str]]]:
    """Return who was first at each step, with the keys in words."""
    told = []
    for step in decision.explanation().steps:
        (first,) = [list(view.key) for view in step.candidates if view.agent_id == step.winner] or [[]]
        told.append((step.winner, first))
    return told


def test_the_twin_really_ranks() -> None:
    seen: list[str] = []
    original = Directory.stand
    desk = open_desk(RULES.format(order="least loaded"), [Agent(id="a", teams={"East"})], schema=DEALS)
    with ranking(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Directory, "stand", lambda *args: seen.append(args[2].name) or original(*args))
        desk.assign({"id": 1, "score": 0, "tier": "C"})
        assert seen == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Directory, "stand", lambda *args: seen.append(args[2].name) or original(*args))
        desk.assign({"id": 2, "score": 0, "tier": "C"})
    assert len(seen) == 1
