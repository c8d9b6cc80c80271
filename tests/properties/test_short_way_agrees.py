"""The short way of plain items beside the long one: the same decisions, explanations and books, byte for byte."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit import MemoryStore
from assignkit.desk.express import Express
from assignkit.desk.granting import Granted
from tests.differential.lockstep import LONG_WAY, Lockstep, Setting
from tests.differential.texts import customer_facts, some, staff, starts, zones
from tests.searching import examples

RULES = """
team "Senior" = agents where agent.level >= 2
team "Named" = agents "é", "李", "B", "nobody"
never assign customers where customer.source in ("again", "split", "queue") to agents where agent.level < 2
rule "VIP" when customer.tier = "VIP"
  priority 5
  require agent.skills has "law" at 2 for 30 minutes
  prefer agent.skills has "law" at 3
  assign to team "Senior" by {one}
  limit 2 open, 3 per day
  otherwise assign to team "East" by {two}
rule "Web" when customer.source is present
  assign to team "East" by {two}
  limit 3 open, 2 per hour, 4 per week
rule "Named" when customer.score >= 3
  require agent.weight >= 1
  assign to team "Named" by {three}
rule "Rest" when customer.score is present
  assign to agents where agent.level >= 1 by {one}
"""
STANDING = (
    "round robin",
    "least loaded",
    "longest idle",
    "weighted balance",
    "round robin then least loaded",
    "lowest agent.received",
    "priority queue",
)
written = st.builds(
    lambda one, two, three: RULES.format(one=one, two=two, three=three), *[st.sampled_from(STANDING)] * 3
)
settled = st.builds(lambda text, at, zone: Setting((text, text), at, zone=zone), written, starts, zones)
EDITS = (
    "desk.agents.save(desk.agents.list()[0].model_copy(update={'active': False}))",
    "desk.agents.save(desk.agents.list()[0].model_copy(update={'active': True, 'capacity': {'customers': 2}}))",
    "clock.advance(datetime.timedelta(minutes=31))",
    "clock.advance(datetime.timedelta(hours=20))",
    "desk.tick()",
)


OTHERS = st.sampled_from(
    [
        "{'id': []}",  # fails by itself
        "'0-0'",
        "BEFORE",  # the id of the item before it in the batch
        "BEFORE",
        "'nobody'",
        "Task(id='t')",
        "Task(id='t', version=9)",  # has the whole unit done again, item by item
        "{'id': '0-1', 'score': 3}",
        "{'id': '0-1', 'score': 3}",
    ]
)


@st.composite
def arrivals(draw: st.DrawFn) -> list[list[str]]:
    """Return batches of new customers, of whom some have an owner or an effort of their own, and of others."""
    plain = some(customer_facts, most=4)
    batches = draw(
        st.lists(st.lists(st.one_of(plain, plain, plain, OTHERS), min_size=1, max_size=12), min_size=1, max_size=3)
    )
    return [
        [
            one.replace("BEFORE", repr(f"{b}-{n - 1}")) if isinstance(one, str) else repr({**one, "id": f"{b}-{n}"})
            for n, one in enumerate(batch)
        ]
        for b, batch in enumerate(batches)
    ]


@examples(20)
@given(setting=settled, agents=staff(), batches=arrivals(), edits=st.data())
def test_both_ways_tell_the_same(
    setting: Setting, agents: list[dict[str, Any]], batches: list[list[str]], edits: st.DataObject
) -> None:
    both = Lockstep(setting, {"memory": MemoryStore(), LONG_WAY: MemoryStore()})
    for facts in agents:
        both.take(f"desk.agents.add(Agent(**{facts!r}))")
    both.take("desk.tasks.add(Task(id='t'))")
    for batch in batches:
        both.take(f"desk.assign_many([{', '.join(batch)}])")
        for step in edits.draw(st.lists(st.sampled_from(EDITS), max_size=2)):
            both.take(step)
    both.finish()


def test_plain_items_go_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: Counter[str] = Counter()
    grant = Express._grant

    def counting(self: Express, granted: Granted, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
        gone[granted.terms.rule] += 1
        return grant(self, granted, *rest, **named)

    monkeypatch.setattr(Express, "_grant", counting)
    text = RULES.format(one="round robin", two="least loaded", three="longest idle")
    side = Lockstep(Setting((text, text), datetime(2026, 11, 21, 9, tzinfo=UTC)), {"memory": MemoryStore()})
    side.take("desk.agents.add(Agent(id='a', teams={'East'}, level=3, skills={'law': 3}))")
    facts: list[dict[str, Any]] = [{"tier": "VIP"}, {"source": "web"}, {"score": 1}, {"score": 1, "owner": "a"}]
    for batch in range(2):  # the first item of a line forms it, the long way
        side.take(f"desk.assign_many({[{**fact, 'id': f'{batch}-{n}'} for n, fact in enumerate(facts)]!r})")
    assert gone == {"VIP": 1, "Web": 1, "Rest": 1}
