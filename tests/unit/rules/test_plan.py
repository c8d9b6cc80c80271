from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from assignkit.rules import plan
from assignkit.rules.ruleset import RuleSet

FILE = """
let strategic = customer.revenue >= 500万
team "Key" = agents where agent.level >= 3
team "Night" = agents "li", "wang", "li"
calendar "Office"
  mon-fri 09:00-12:00, 13:30-18:00
  sun 22:00-24:00
  zone "Asia/Shanghai"
  holidays "CN"
pool "East" claim at most 5 per day, hold at most 50 cooldown 3 days for previous owner
category "Large" for customers when customer.employees > 500
rule "Strategic"
  priority 100
  active from 2026-05-01 until 2026-06-01T09:00Z
  when strategic and
       customer.tier = "VIP"
  require agent.level > 3 for 10 minutes
  require agent.active = true
  urgency customer.score * 2
  prefer agent.languages has customer.language weight 5
  prefer agent.rating
  assign to team "Key" by skill match then lowest agent.load
  limit 30 open, 5 per day
  accept within 2 minutes
  otherwise after 10 minutes split 70% team "A", 30% agent "li" by "mine"
  otherwise assign to agents where agent.city = customer.city
  otherwise assign to manager
  otherwise hold in pool "East"
  otherwise hold in team "Night"
  otherwise reject "nobody"
  respond within 2 hours in calendar "Office"
  finish within 3 days
  remind 30 minutes before due
  remind every 1 day when overdue
  escalate to manager when overdue by 1 hour
  recycle to pool "East" after 7 days without contact
  notify agent by email, sms
rule "Owner" keep owner even if full otherwise continue
table "Areas" priority 5
  | customer.province   | customer.employees | assign to            | by           |
  | "S"                 | >= 100             | team "E"             | least loaded |
  | in ("H", "B")       | 10 to 99           | reject "x"           | any          |
  | is missing          | any                | owner                | any          |
  | any                 | any                | hold in pool "East"  | any          |
never assign customers where strategic to agents where agent.level < 2
always assign customers where customer.tier = "VIP"
never assign tasks to agents where agent.level < 2
"""


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.from_text(FILE, name="sales.rules", orders=["mine"])


def test_a_rule_carries_its_clauses(rules: RuleSet) -> None:
    rule = rules.rules[0]
    assert (rule.name, rule.kind, rule.position, rule.priority) == ("Strategic", "customers", 1, 100)
    assert (rule.file, rule.line, rule.text) == ("sales.rules", 12, 'strategic and customer.tier = "VIP"')
    assert (rule.active_from, rule.active_until) == (date(2026, 5, 1), datetime(2026, 6, 1, 9, tzinfo=UTC))
    assert [(each.text, each.relax_after) for each in rule.requires] == [
        ("agent.level > 3", timedelta(minutes=10)),
        ("agent.active = true", None),
    ]
    assert [(each.text, each.weight) for each in rule.prefers] == [
        ("agent.languages has customer.language", Decimal(5)),
        ("agent.rating", Decimal(1)),
    ]
    assert rule.urgency is not None
    assert rule.urgency.text == "customer.score * 2"
    assert rule.limits == (plan.Limit(30), plan.Limit(5, "day"))
    assert rule.accept_within == timedelta(minutes=2)
    assert rule.dues == (plan.Due("respond", timedelta(hours=2), "Office"), plan.Due("finish", timedelta(days=3)))
    assert rule.reminders == (
        plan.Reminder(timedelta(minutes=30), "before"),
        plan.Reminder(timedelta(days=1), "overdue"),
    )
    assert rule.escalations == (plan.Escalation(plan.ManagerTarget(), timedelta(hours=1)),)
    assert rule.recycling == plan.Recycling("East", timedelta(days=7), "contact")
    assert rule.notifications == (plan.Notification("agent", ("email", "sms")),)


def test_steps_are_in_order_with_their_targets_and_orders(rules: RuleSet) -> None:
    steps = rules.rules[0].steps
    assert [(each.number, each.after) for each in steps][:3] == [(1, None), (2, timedelta(minutes=10)), (3, None)]
    first, split, where, manager, pool, team, reject = (each.action for each in steps)
    assert isinstance(first, plan.AssignTo)
    assert first.target.label == 'team "Key"'
    assert [each.label for each in first.orders] == ["skill match", "lowest agent.load"]
    assert isinstance(split, plan.Split)
    assert [(part.share, part.target.label) for part in split.parts] == [
        (Decimal("0.7"), 'team "A"'),
        (Decimal("0.3"), 'agent "li"'),
    ]
    assert [each.label for each in split.orders] == ['"mine"']
    assert isinstance(where, plan.AssignTo)
    assert where.target.label == "agents where agent.city = customer.city"
    assert where.orders == plan.DEFAULT_ORDERS
    assert [each.label for each in where.orders] == ["round robin"]
    assert isinstance(manager, plan.AssignTo)
    assert manager.target.label == "manager"
    assert (pool, team, reject) == (plan.HoldInPool("East"), plan.HoldInTeam("Night"), plan.Reject("nobody"))
    assert steps[0].text == 'assign to team "Key" by skill match then lowest agent.load'
    assert rules.rules[1].steps == (
        plan.Step(1, plan.KeepOwner(even_if_full=True), None, "keep owner even if full"),
        plan.Step(2, plan.Continue(), None, "continue"),
    )


def test_rows_are_rules_with_their_conditions_joined(rules: RuleSet) -> None:
    rows = rules.rules[2:]
    assert [each.name for each in rows] == [f"Areas row {number}" for number in (1, 2, 3, 4)]
    assert [each.text for each in rows] == [
        'customer.province = "S" and customer.employees >= 100',
        'customer.province in ("H", "B") and customer.employees in 10 to 99',
        "customer.province is missing",
        "",
    ]
    assert {each.priority for each in rows} == {5}
    assert [each.line for each in rows] == [41, 42, 43, 44]
    assert rows[0].steps[0].text == 'team "E" by least loaded'
    assert rows[2].steps[0].action == plan.AssignTo(plan.OwnerTarget())
    assert [each.name for each in rules.trial_order()] == [
        "Strategic", "Areas row 1", "Areas row 2", "Areas row 3", "Areas row 4", "Owner",
    ]  # fmt: skip


def test_teams_pools_calendars_categories_and_guards(rules: RuleSet) -> None:
    assert rules.teams["Key"].term is not None
    assert rules.teams["Night"] == plan.Team("Night", None, ("li", "wang"))
    assert rules.pools["East"] == plan.Pool("East", (plan.Limit(5, "day"),), 50, timedelta(days=3))
    office = rules.calendars["Office"]
    assert office.hours[0] == ((time(9), time(12)), (time(13, 30), time(18)))
    assert office.hours[5] == ()
    assert office.hours[6] == ((time(22), None),)
    assert (office.zone, office.holidays) == ("Asia/Shanghai", ("CN",))
    assert [(each.name, each.kind) for each in rules.categories] == [("Large", "customers")]
    never, always, other = rules.guards
    assert isinstance(never, plan.Never)
    assert never.item_term is not None
    assert never.agent_term is not None
    assert never.text == "never assign customers where strategic to agents where agent.level < 2"
    assert (never.line, never.file) == (45, "sales.rules")
    assert isinstance(always, plan.Always)
    assert isinstance(other, plan.Never)
    assert (other.kind, other.item_term) == ("tasks", None)
