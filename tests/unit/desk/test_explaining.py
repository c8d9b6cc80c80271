"""Why: asked before, at once, later, about one agent, and of the history."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from assignkit import Agent, Customer, Decision, MemoryStore, NotFoundError, Schema, Task
from assignkit.model.explanation import Explanation
from tests.unit.desk.making import TO_EAST, OpenDesk, east, edit, open_desk, state_of
from tests.unit.desk.test_receiving import LeadTable

Make = Callable[..., OpenDesk]

RULES = """
let rich = customer.revenue >= 1000
rule "Spam" when customer.source = "spam"
  reject "spam"
rule "Rich" when rich
  require agent.level >= 2 for 10 minutes
  prefer agent.languages has customer.language
  assign to team "East" by skill match then least loaded
  limit 2 per day
  otherwise after 10 minutes assign to team "West"
  otherwise hold in pool "P"
rule "Rest"
  assign to team "East" by lowest abs(agent.level - customer.score) then round robin
never assign customers where customer.tags has "hard" to agents where agent.level < 2
always assign customers where customer.tier = "VIP"
pool "P"
rule "Tasks" for tasks when task.customer.city = "Wuxi"
  assign to owner
"""

AGENTS = [
    *east("li", level=3, capacity={"customers": 3}, languages=["fr"]),
    *east("wang", level=1),
    *east("zu", active=False),
    Agent(id="wu", teams={"West"}),
]

ITEMS: list[dict[str, Any]] = [
    {"source": "spam", "tags": []},
    {"revenue": 5000, "language": "fr", "tags": ["hard"], "tier": "VIP"},
    {"revenue": 1000, "tags": []},
    {"revenue": 1000, "tags": [], "tier": "VIP"},
    {"score": 3, "tags": []},
    {"revenue": 10, "score": 1, "tags": ["hard"]},
    {},
]


def all_of(decision: Decision) -> tuple[str, str, str]:
    return decision.explain(), decision.explain(language="zh"), decision.explain(format="json")


def disturb(desk: OpenDesk) -> None:
    """Change everything that a decision looked at."""
    desk.clock.advance(timedelta(days=1))
    for agent in desk.agents.list():
        edit(desk, agent.id, level=9, teams={"North"}, active=True, capacity={"customers": 99}, languages=["de"])
    desk.agents.add(Agent(id="aa", teams={"East", "West", "North"}, level=5))
    for number in range(20):
        desk.assign({"id": f"later{number}", "score": 3, "tags": []})
    desk.tick()


def test_an_explanation_asked_later_is_that_asked_at_once(make: Make) -> None:
    desk, twin = make(RULES, AGENTS), make(RULES, AGENTS)
    decisions, asked = [], []
    for number, fields in enumerate(ITEMS * 3):
        decisions.append(desk.assign({"id": number, **fields}))
        asked.append(all_of(twin.assign({"id": number, **fields})))
    disturb(desk)
    assert [all_of(decision) for decision in decisions] == asked
    assert [all_of(decision) for decision in decisions] == asked


@dataclass
class Place:
    city: str | None = None
    zip: str | None = None


@dataclass
class Lead:
    id: int
    revenue: float | None = 5000
    language: str | None = "fr"
    tier: str = "VIP"
    tags: list[str] = field(default_factory=list)
    place: Place = field(default_factory=Place)
    score: int = 3


HOSTED = Schema(customer={"revenue": float, "city": (str, "place.city"), "zip": (str, "place.zip")})


def test_an_explanation_does_not_follow_a_hosts_later_changes(make: Make) -> None:
    text = RULES + '\nrule "Wuxi" when customer.city = "Wuxi" and customer.zip is missing\n  priority 1\n  continue'
    desk, twin = make(text, AGENTS, schema=HOSTED), make(text, AGENTS, schema=HOSTED)
    leads = [Lead(n, revenue=(5000, None, 3)[n % 3], tags=["hard"] * (n % 2), place=Place("Wuxi")) for n in range(9)]
    asked = [all_of(twin.assign(lead)) for lead in leads]
    decisions = [desk.assign(lead) for lead in leads]
    for lead in leads:
        lead.revenue, lead.language, lead.tier, lead.score = 7, None, "C", 9
        lead.tags.append("late")
        lead.place.city, lead.place.zip = "Hefei", "230000"
    assert [all_of(decision) for decision in decisions] == asked
    assert '{"field":"customer.city","value":"Wuxi"' in asked[0][2]


def test_nor_those_of_a_tasks_customer() -> None:
    @dataclass
    class Account:
        id: str
        city: str

    account = Account("c1", "Wuxi")
    store = MemoryStore(customers=LeadTable(account))  # type: ignore[arg-type]  # a host's own records
    desk = open_desk(RULES, AGENTS, store=store)
    decision = desk.assign(Task(id="t1", customer="c1"))
    account.city = "Hefei"
    assert 'task.customer.city is "Wuxi"' in decision.explain()


def test_a_property_that_only_fails_when_asked_for_does_not_spoil_a_decision(make: Make) -> None:
    class Lazy:
        id, source = "c1", "spam"

        @property
        def tags(self) -> list[str]:
            msg = "not loaded"
            raise RuntimeError(msg)

    decision = make(RULES, AGENTS).assign(Lazy())
    assert decision.reasons == ("spam",)
    assert 'customer.source is "spam"' in decision.explain()


@pytest.mark.parametrize("fields", ITEMS)
def test_a_dry_run_writes_nothing_and_agrees_with_the_decision(make: Make, fields: dict[str, Any]) -> None:
    desk = make(RULES, AGENTS)
    for number in range(3):
        desk.assign({"id": f"before{number}", "revenue": 2000, "tags": []})
    item = {"id": "c1", **fields}
    before = state_of(desk.store)
    dry = desk.explain(item)
    for agent in AGENTS:
        desk.why_not(agent, item)
    assert state_of(desk.store) == before
    decision = desk.assign(item)
    why = decision.explanation()
    for name in ("outcome", "agent_id", "rule", "step", "pool", "queue", "next_retry_at", "rules", "notes"):
        assert getattr(dry, name) == getattr(why, name), name
    assert (dry.outcome, dry.agent_id, dry.reasons) == (decision.outcome, decision.agent_id, decision.reasons)


def test_a_dry_run_knows_that_an_owner_becomes_the_holder(make: Make) -> None:
    desk = make(TO_EAST, [*east("li"), Agent(id="wang"), Agent(id="gone", active=False)])
    for owner in ("wang", "gone", "ghost"):
        item = Customer(id=owner, owner=owner)
        dry, why_not = desk.explain(item), desk.why_not("li", item)
        decision = desk.assign(item)
        assert (dry.outcome, dry.agent_id, dry.reasons) == (decision.outcome, decision.agent_id, decision.reasons)
        assert ("it comes with wang as its owner" in str(why_not)) is (owner == "wang")


def test_a_dry_run_of_a_held_item_tells_how_it_got_there(make: Make) -> None:
    desk = make(TO_EAST, east("li"))
    desk.assign(Customer(id="c1"))
    why = desk.explain("c1")
    assert (why.outcome, why.agent_id, why.reasons, why.rule) == ("kept", "li", ("held",), "East")
    assert "no rule is run for a held item" in str(why)
    assert why.steps[0].winner == "li"


def test_a_dry_run_shows_every_candidate_and_a_decision_the_first_twenty(make: Make) -> None:
    desk = make('rule "r"\n  assign to team "East" by random', east(*(f"a{n}" for n in range(60))))
    assert len(desk.explain(Customer(id="c1")).steps[0].candidates) == 60
    (step,) = desk.assign(Customer(id="c1")).explanation().steps
    assert (len(step.candidates), step.members, step.examined) == (20, 60, 60)
    assert [view.rank for view in step.candidates] == list(range(1, 21))
    assert step.candidates[0].agent_id == step.winner
    assert step.candidates[1].agent_id == step.runner_up


def test_why_not_tells_what_stops_an_agent(make: Make) -> None:
    desk = make(RULES, AGENTS)
    rich = {"id": "c1", "revenue": 5000, "tags": ["hard"]}
    assert "li would be chosen" in str(desk.why_not("li", rich))
    assert "wang: does not meet `agent.level >= 2` (agent.level is 1)" in str(desk.why_not("wang", rich))
    assert "zu: is not active" in str(desk.why_not("zu", rich))
    assert 'wu: is not in team "East"' in str(desk.why_not("wu", rich))
    assert "gives it to no agent" in str(desk.why_not("li", {"id": "c2", "source": "spam"}))
    assert "no rule matches" in str(desk.why_not("li", Task(id="t1")))
    rest = desk.why_not("wang", {"id": "c3", "score": 3, "tags": []})
    assert "wang is eligible, and is number 2 in line behind li" in str(rest)
    desk.assign(rich)
    assert "li holds it" in str(desk.why_not("wang", "c1"))
    with pytest.raises(NotFoundError, match="no agent `nobody`"):
        desk.why_not("nobody", "c1")


def test_the_history_tells_what_the_decision_told_without_what_was_read(make: Make) -> None:
    desk = make(RULES, AGENTS)
    for number, fields in enumerate(ITEMS):
        decision = desk.assign({"id": number, **fields})
        event = desk.history(number)[-1]
        why, told = decision.explanation(), event.explanation()
        for name in ("outcome", "agent_id", "rule", "pool", "queue", "next_retry_at", "rules_version"):
            assert getattr(told, name) == getattr(why, name), name
        assert [(s.step, s.action, s.result, s.counts, s.winner) for s in told.steps] == [
            (s.step, s.action, s.result, s.counts, s.winner) for s in why.steps
        ]
        if decision.rule:
            assert told.step == decision.step
        assert "5000" not in event.model_dump_json()
        assert json.loads(event.model_dump_json())["facts"] == json.loads(json.dumps(event.facts))
        assert event.explain(language="zh")


def test_a_decision_survives_json(make: Make) -> None:
    desk = make(RULES, AGENTS)
    for number, fields in enumerate(ITEMS):
        decision = desk.assign({"id": number, **fields})
        back = Decision.model_validate_json(decision.model_dump_json())
        assert back == decision
        assert hash(back) == hash(decision)
        assert back.model_dump_json() == decision.model_dump_json()
        assert (back.explanation().outcome, back.explanation().rule) == (decision.outcome, decision.rule)
        assert Explanation.model_validate_json(decision.explain(format="json")) == decision.explanation()


def test_times_are_told_in_the_desks_zone(make: Make) -> None:
    desk = make(TO_EAST + "\n  limit 1 per day", east("li"), zone="Asia/Shanghai")
    desk.assign(Customer(id="c1"))
    told = desk.assign(Customer(id="c2")).explain()
    assert "at 2026-11-21 20:00 +08:00" in told
    assert "next worth trying at 2026-11-22 00:00 +08:00" in told


def test_a_held_item_is_explained_in_the_zone_and_the_language_of_whoever_asks(make: Make) -> None:
    desk = make(TO_EAST, east("li"), zone="Asia/Shanghai")
    desk.assign(Customer(id="c1"))
    again, asked = desk.assign("c1"), desk.explain("c1")
    for text in (again.explain(), asked.to_text()):
        assert "UTC" not in text
        assert "+00:00" not in text
        assert text.count("+08:00") == 2
    assert "li 自 2026-" in again.explain(language="zh")
    assert "不再运行规则" in asked.to_text(language="zh")
    desk.agents.add(Agent(id="wang"))
    desk.reassign("c1", "wang", actor="boss", reason="r")
    moved = desk.history("c1")[-1].explain(language="zh")
    assert "由 boss 改派：r" in moved
    assert "之前由 li 负责" in moved
    assert "会选中 li" in desk.why_not("li", Customer(id="c2")).to_text(language="zh")
