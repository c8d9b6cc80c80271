"""Replaying what is on record under other rules."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assignkit.clock import ManualClock
from assignkit.desk.desk import Desk
from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.reporting.alarms import FairnessWatch
from assignkit.reporting.causes import causes
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.ruleset import RuleSet
from assignkit.simulation import Backtest, Columns, backtest, decided_in, read_recorded, recorded_in
from assignkit.simulation.replaying import Replayed

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
AGENTS = [Agent(id="li", level=3, capacity={"customers": 2}), Agent(id="wu", level=1), Agent(id="idle", level=1)]
RULES = RuleSet.from_text("""
    rule "Large" for customers when customer.revenue >= 100
      assign to agents where agent.level >= 3 by least loaded
    rule "Never" for customers when customer.revenue < 0 reject "no"
    rule "Small" for customers when customer.revenue < 100
      assign to agents where agent.level < 3 by round robin
""")
MAVEN = Path(__file__).resolve().parents[4] / "shared" / "data" / "crm_maven"


def rows() -> list[dict[str, Any]]:
    revenue = [500, 500, 500, 10, 10, 10, None]
    had = ["li", "wu", "li", "wu", "wu", "li", "wu"]
    results = ["Won", "lost", "open", "won", "lost", "won", "won"]
    return [
        {
            "id": f"c{n}",
            "time": START + timedelta(days=n),
            "revenue": revenue[n],
            "agent": had[n],
            "outcome": results[n],
        }
        for n in range(7)
    ]


def test_items_move_between_agents_and_rules() -> None:
    found = backtest(RULES, AGENTS, read_recorded(rows()))
    assert [one.agent_id for one in found.replayed[:3]] == ["li", "li", None]
    assert [one.outcome for one in found.replayed][2] == "waiting"
    assert found.replayed[6].outcome == "unmatched"
    assert found.dead_rules == ["Never"]
    assert len(found.unassigned) == 2
    assert found.unassigned_part == pytest.approx(2 / 7)
    assert [(one.rule, one.items) for one in found.rules] == [("Large", 3), ("Never", 0), ("Small", 3), (None, 1)]
    changes = {change.agent_id: change for change in found.agents}
    assert (changes["li"].recorded, changes["li"].replayed, changes["li"].kept) == (3, 2, 1)
    assert (changes["li"].won, changes["li"].lost, changes["li"].win_rate) == (2, 0, 1.0)
    assert changes["idle"].recorded == 0
    assert sum(change.replayed for change in found.agents) == 5
    assert found.win_rate == pytest.approx(4 / 6)
    assert found.reasons["capacity"] == 1
    assert found.breaches == {"capacity": 1}
    assert found.reasons["no_rule"] == 1
    assert found.moved_part == len(found.moved) / 7
    json.dumps(found.to_data(), allow_nan=False)
    assert found.to_rows()[2]["why_not"] == "capacity"


def test_closing_an_item_frees_its_agent_for_who_waits() -> None:
    record = rows()
    record[0]["closed"] = START + timedelta(days=1, hours=12)
    record[1]["closed"] = START + timedelta(days=3, hours=12)
    found = backtest(RULES, AGENTS, read_recorded(record, Columns(closed_at="closed")))
    assert [one.agent_id for one in found.replayed[:3]] == ["li", "li", "li"]
    late = rows()
    late[0]["closed"] = START + timedelta(days=4, hours=1)
    waited = backtest(RULES, AGENTS, read_recorded(late, Columns(closed_at="closed")))
    assert waited.replayed[2].agent_id == "li"
    assert waited.replayed[2].outcome == "assigned"
    assert waited.replayed[2].why_not is None


def test_times_decide_the_order_and_rows_without_one_come_last() -> None:
    record = rows()[:3]
    record[0]["time"] = None
    found = backtest(RULES, AGENTS, read_recorded(record))
    assert [one.agent_id for one in found.replayed] == [None, "li", "li"]


def test_against_a_baseline_only_what_the_rules_change_moves() -> None:
    records = read_recorded(rows())
    same = backtest(RULES, AGENTS, records, baseline=RULES)
    assert same.moved == []
    assert same.against == "the baseline"
    other = RuleSet.from_text("""
        rule "Large" for customers when customer.revenue >= 400
          assign to agents where agent.level >= 3 by least loaded
        rule "Small" for customers when customer.revenue < 400
          assign to agent "wu"
    """)
    changed = backtest(other, AGENTS, records, baseline=RULES)
    assert {one.record.item_id for one in changed.moved} <= {"c3", "c4", "c5"}
    assert changed.moved


def test_drawn_agents_have_their_chances() -> None:
    rules = RuleSet.from_text('rule "all" assign to agents where agent.level = 1 by random')
    record = [{**row, "p": 0.5} for row in rows()]
    found = backtest(rules, AGENTS, read_recorded(record, Columns(propensity="p")))
    assert all(one.chances == {"wu": 0.5, "idle": 0.5} for one in found.replayed)
    estimate = found.estimate()
    assert estimate.decisions == 6
    assert [one.name for one in estimate.estimates] == ["IPS", "SNIPS", "DR"]
    assert estimate.warnings
    assert backtest(RULES, AGENTS, read_recorded(rows())).estimate().estimates[0].name == "model"


TWO_CHOICES = '"two choices"'  # the language has no word for it


def drawn_history(order: str, count: int, **offer: str) -> tuple[MemoryStore, dict[str, float]]:
    """Return a desk's history of drawn agents, some of whom win more often, and how often each wins."""
    wins = {"a": 0.8, "b": 0.5, "c": 0.2}
    text = f'rule "all" assign to agents where agent.active = true by {order} {offer.get("accept", "")}'
    clock, store, dice = ManualClock(START), MemoryStore(), random.Random(4)  # noqa: S311 - a test
    desk = Desk(RuleSet.from_text(text), store, clock=clock, seed="drawn")
    for agent_id in wins:
        desk.agents.add(Agent(id=agent_id, capacity={"customers": 10**6}))
    for number in range(count):
        clock.advance(timedelta(minutes=1))
        decision = desk.assign({"id": f"c{number}", "result": "open"})
        if decision.offer_id is not None and decision.fence is not None:
            desk.accept(decision.offer_id, decision.fence)
        won = dice.random() < wins[decision.agent_id or ""]
        desk.customers.save(desk.customers.get(f"c{number}").model_copy(update={"result": "won" if won else "lost"}))
    return store, wins


def test_what_a_desk_drew_has_its_chance_on_record_and_other_rules_can_be_judged_by_it() -> None:
    store, wins = drawn_history("random", 900)
    records = recorded_in(store, columns=Columns(outcome="result"))
    agents = [Agent(id=agent_id) for agent_id in wins]
    assert {record.propensity for record in records} == {1 / 3}
    for agent_id in wins:
        rules = RuleSet.from_text(f'rule "one" assign to agent "{agent_id}"')
        estimate = backtest(rules, agents, records).estimate(confidence=0.999)
        assert [one.name for one in estimate.estimates] == ["IPS", "SNIPS", "DR"]
        assert estimate.trustworthy
        for one in estimate.estimates:
            assert one.low <= wins[agent_id] <= one.high, one


def test_of_two_choices_the_least_loaded_has_the_most_chances_and_the_most_loaded_none() -> None:
    store, wins = drawn_history(TWO_CHOICES, 400)
    records = recorded_in(store, columns=Columns(outcome="result"))
    agents = [Agent(id=agent_id, capacity={"customers": 10**6}) for agent_id in wins]
    assert {record.propensity for record in records} == {1 / 3, 2 / 3}
    same = RuleSet.from_text(f'rule "all" assign to agents where agent.active = true by {TWO_CHOICES}')
    found = backtest(same, agents, records, seed="drawn")
    assert not found.moved
    assert {round(chance, 6) for one in found.replayed for chance in one.chances.values()} == {0.333333, 0.666667}
    estimate = found.estimate()
    assert estimate.trustworthy
    assert estimate.estimates[0].value == pytest.approx(estimate.recorded.value)
    always = backtest(RuleSet.from_text('rule "one" assign to agent "a"'), agents, records).estimate()
    assert any("left some of the new choices no chance" in warning for warning in always.warnings)


def test_an_accepted_offer_has_the_chance_of_its_draw_and_what_is_certain_judges_nothing() -> None:
    store, wins = drawn_history(TWO_CHOICES, 30, accept="accept within 5 minutes")
    records = recorded_in(store, columns=Columns(outcome="result"))
    assert len(records) == 30
    assert {record.propensity for record in records} == {1 / 3, 2 / 3}
    store, _ = drawn_history("longest idle", 30)
    certain = recorded_in(store, columns=Columns(outcome="result"))
    assert {record.propensity for record in certain} == {1.0}
    estimate = backtest(RULES, [Agent(id=agent_id) for agent_id in wins], certain).estimate()
    assert [one.name for one in estimate.estimates] == ["model"]
    assert "none of 30 decisions was drawn" in estimate.warnings[0]


def test_a_desks_own_history_can_be_replayed() -> None:
    clock = ManualClock(START)
    store = MemoryStore()
    desk = Desk(RULES, store, clock=clock)
    for agent in AGENTS:
        desk.agents.add(agent)
    for n, revenue in enumerate([500, 10, 10, 500]):
        clock.advance(timedelta(hours=1))
        desk.assign(Customer(id=f"c{n}", revenue=revenue))
    records = recorded_in(store)
    assert [record.item_id for record in records] == ["c0", "c1", "c2", "c3"]
    assert backtest(RULES, AGENTS, records).moved == []
    assert recorded_in(store, kind="tasks") == []


def test_what_causes_a_skew_is_found_in_a_desks_own_history() -> None:
    """72 % of her shortfall come from one rule, at night, when she is not there."""
    rules = RuleSet.from_text("""
        rule "Night calls" when customer.source = "call" assign to agents where agent.active = true by longest idle
        rule "Web" assign to agents where agent.active = true by longest idle
    """)
    agents = [Agent(id="day", shifts="mon-sun 08:00-18:00"), Agent(id="always")]
    clock, store = ManualClock(START), MemoryStore()
    desk = Desk(rules, store, clock=clock)
    for agent in agents:
        desk.agents.add(agent)
    for number in range(100):
        night = number >= 50
        clock.set(START.replace(hour=22 if night else 9) + timedelta(minutes=number))
        desk.assign({"id": f"c{number}", "source": "call" if night and number < 86 else "web"})
    decided = decided_in(recorded_in(store), agents)
    assert decided[0].available == {"day", "always"}
    assert decided[-1].available == {"always"}
    first, *others = causes(decided, "day", entitlement={"day": 1, "always": 1})
    assert str(first) == "72% of day's shortfall comes from rule “Night calls”, outside this agent's hours"
    assert sum(cause.part for cause in others) == pytest.approx(0.28)
    watch = FairnessWatch({"day": 1, "always": 1})
    for one in decided:
        watch.note(one.agent_id, available=one.available)
    assert watch.alarms == []  # absence is a cause, not a reason for alarm
    by_field = decided_in(read_recorded(rows()), AGENTS, rule="outcome")
    assert [one.rule for one in by_field[:2]] == ["Won", "lost"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": None}, "row 1 of the history has no `id`"),
        ({"time": datetime(2026, 1, 1)}, "not an instant with a zone"),  # noqa: DTZ001
        ({"p": 0}, "not a chance"),
        ({"p": 1.5}, "not a chance"),
        ({"r": "much"}, "not a number"),
        ({"id": "c1"}, "more than once"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(change: dict[str, Any], fault: str) -> None:
    first, *others = rows()
    with pytest.raises(ConfigurationError, match=fault):
        read_recorded([{**first, **change}, *others], Columns(propensity="p", reward="r"))


def test_a_history_of_other_people_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="names no agent"):
        backtest(RULES, [Agent(id="nobody")], read_recorded(rows()))
    assert backtest(RULES, AGENTS, []).moved_part == 0


@pytest.mark.skipif(not MAVEN.is_dir(), reason="the Maven Analytics CRM data is not there")
def test_real_opportunities_are_counted_right() -> None:
    with (MAVEN / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        found = [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(file)]
    for row in found:
        for column in ("engage_date", "close_date"):
            day = row[column]
            row[column] = datetime.strptime(day, "%m/%d/%Y").replace(tzinfo=UTC) if day else None  # type: ignore[assignment]
    columns = Columns(
        item="opportunity_id", at="engage_date", agent="sales_agent", outcome="deal_stage", closed_at="close_date"
    )
    with (MAVEN / "sales_teams.csv").open(encoding="utf-8", newline="") as file:
        agents = [Agent(id=row["sales_agent"], region=row["regional_office"]) for row in csv.DictReader(file)]  # type: ignore[call-arg]
    records = read_recorded(found, columns)
    whole = Backtest(
        [Replayed(record=one, agent_id=one.agent_id, outcome="assigned", rule=None) for one in records],
        tuple(a.id for a in agents),
        (),
    )
    changes = {change.agent_id: change for change in whole.agents}
    assert len(changes) == 35
    assert len(records) == 8_800
    assert whole.win_rate == pytest.approx(0.6315, abs=5e-5)
    assert {name: change.recorded for name, change in changes.items() if change.recorded} == dict(
        Counter(row["sales_agent"] for row in found)
    )
    assert (changes["Darcel Schlecht"].won, changes["Darcel Schlecht"].lost) == (349, 204)
    regions = Counter({agent.id: agent.region for agent in agents}[str(one.agent_id)] for one in records)  # type: ignore[attr-defined]
    assert regions == {"Central": 3512, "East": 2291, "West": 2997}
    assert whole.fairness["jain_recorded"] == pytest.approx(0.7319, abs=5e-4)

    rules = RuleSet.from_text('rule "all" assign to agents where agent.active = true by least loaded')
    tested = backtest(rules, agents, records[:400])
    assert tested.unassigned == []
    assert tested.fairness["jain_replayed"] > 0.9 > tested.fairness["jain_recorded"]
