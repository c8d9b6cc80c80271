"""Rules that use most of the language, and facts for them: ids in many scripts, amounts in every spelling."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

# Sorted by code point, by UTF-16 unit, by a locale or without regard to case they stand in different orders.
AGENTS = ("a", "B", "é", "李", "Ａ", "𝒳 1", "ß:%_")
ITEMS = ("1", "10", "2", "ü", "客户/一", "😀", "x y:z%", "'; --")
NOBODY = "nobody"
TEAMS = ("East", "华东", "West")

ORDERS = (
    "round robin",
    "weighted round robin",
    "fair share",
    "least loaded",
    "longest idle",
    "weighted balance",
    "skill match",
    "quota",
    "best rated then round robin",
    "nearest then least loaded",
    "random",
    "priority queue",
    "lowest agent.received",
    "highest abs(agent.level - customer.score) then round robin",
    "round robin then least loaded",
    "lowest agent.load then weighted round robin",
)
TASK_ORDERS = tuple(order for order in ORDERS if "customer" not in order)

RULES = """
team "Senior" = agents where agent.level >= 2
team "Named" = agents "é", "李", "B", "nobody"
team "Light" = agents where agent.load < 2.5
pool "公海"
rule "Spam" when customer.source = "spam"
  reject "spam – 垃圾"
rule "Back to its owner" when customer.source = "again"
  keep owner
  otherwise assign to manager
  otherwise continue
rule "Split" when customer.source = "split"
  split 30% team "East", 70% team "Named" by {one}
  limit 3 open
rule "Cold" when customer.source = "cold"
  hold in pool "公海"
rule "Queue" when customer.source = "queue"
  hold in team "East"
rule "Old" when customer.created_at older than 2 hours
  assign to agents where agent.open < 2 by {two}
rule "VIP" when customer.tier = "VIP"
  priority 5
  require agent.skills has "law" at 2 for 30 minutes
  require agent.weight >= 1
  prefer agent.languages has customer.language weight 2
  prefer agent.skills has "law" at 3
  urgency customer.score
  assign to team "Senior" by {one}
  limit 2 open, 3 per day
  accept within 20 minutes
  otherwise after 1 hour assign to team "华东" by {two}
  otherwise assign to agent "Ａ"
rule "Offer" when customer.score >= 5
  assign to team "Light" by {two}
  limit 2 per hour, 4 per week
  accept within 5 minutes
  otherwise assign to team "West" by {one}
rule "Rest" when customer.score is present
  assign to team "East" by {three}
  limit 3 open, 4 per day
rule "With the customer" for tasks when owner.level >= 1
  keep owner even if full
  otherwise continue
rule "Of the customer" for tasks when task.customer.tier = "VIP"
  assign to owner
  otherwise assign to agents where agent.load < 4 by least loaded
rule "Tasks" for tasks when task.priority is missing or task.priority < 9
  assign to team "East" by {four}
  accept within 3 minutes
  otherwise after 10 minutes hold in pool "公海"
never assign customers where customer.tags has "hard" to agents where agent.level < 2
never assign tasks where task.tags has "hard" to agents where agent.level < 2
always assign customers where customer.tier = "VIP"
"""
SECOND = """
team "East" = agents where agent.level >= 1
pool "公海"
规则 "全部" 针对 客户
  分配给 团队 "East" 按 {one}
  上限 5 在手
  否则 放入 公海 "公海"
rule "Tasks" for tasks
  assign to team "华东" by {four}
"""
orders = st.fixed_dictionaries(
    {
        "one": st.sampled_from(ORDERS),
        "two": st.sampled_from(ORDERS),
        "three": st.sampled_from(ORDERS),
        "four": st.sampled_from(TASK_ORDERS),
    }
)
texts = orders.map(lambda told: (RULES.format(**told), SECOND.format(**told)))

# Close to midnight in one zone or another, to both changes of clocks, and to the end of a month.
starts = st.sampled_from(
    [
        datetime(2026, 10, 24, 21, 30, tzinfo=UTC),
        datetime(2026, 3, 28, 22, 45, tzinfo=UTC),
        datetime(2026, 11, 1, 3, 50, tzinfo=UTC),
        datetime(2026, 11, 30, 15, 50, tzinfo=UTC),
    ]
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York"])

efforts = st.sampled_from([1, 1, 1, 2, 3, Decimal("0.5"), Decimal("0.20"), Decimal("1.50"), 0.1])
capacities = st.sampled_from(
    [
        {},
        {"customers": 1},
        {"customers": 2, "tasks": 1},
        {"customers": Decimal("2.5"), "tasks": Decimal("0.70")},
        {"customers": 0.3},
        {"customers": 5, "tasks": 5},
    ]
)
agent_facts = {
    "teams": st.lists(st.sampled_from(TEAMS), max_size=3, unique=True),
    "level": st.sampled_from([None, 0, 1, 2, 3, Decimal("2.50"), 1.5]),
    "active": st.sampled_from([True, True, True, False]),
    "skills": st.sampled_from([{}, {"law": 1}, {"law": 3, "税": 2.5}]),
    "languages": st.sampled_from([[], ["fr"], ["fr", "中文"]]),
    "weight": st.sampled_from([1, 1, 2, 3, Decimal("0.50"), Decimal("1.3")]),
    "capacity": capacities,
    "quota": st.sampled_from([None, 0, 2, 5]),
    "quota_period": st.sampled_from(["hour", "day", "month"]),
    "rating": st.sampled_from([None, 4.5, Decimal("3.70")]),
    "rated": st.sampled_from([None, 3, 50]),
    "location": st.sampled_from([None, (31.2, 121.5), (52.5, 13.4)]),
    "manager": st.sampled_from([None, *AGENTS, NOBODY]),
    "zone": st.sampled_from([None, "America/New_York", "Europe/Berlin", "Asia/Kathmandu"]),
    "shifts": st.sampled_from([None, None, None, "mon-sun 22:00-06:00", "mon-fri 09:00-17:30; sat,sun 00:00-03:00"]),
    "leaves": st.sampled_from([[], [], [], ["2026-10-25"], ["2026-11-30 to 2026-12-01 cover a"]]),
    "name": st.sampled_from([None, "李 明", "O'Neil", "Ж\u0301"]),
    "notes": st.sampled_from([None, "\U0001f600", 1e16, Decimal("1.10"), [1, {"b": 1, "a": [None, True]}]]),
}
scores = st.sampled_from([0, 1, 3, 5, 6, 9, Decimal("2.50"), 0.1, None])
item_facts = {
    "tags": st.sampled_from([[], [], ["hard"], ["x", "难"]]),
    "effort": efforts,
    "owner": st.sampled_from([None, None, None, None, "a", "李", NOBODY]),
    "language": st.sampled_from([None, "fr", "中文", "de"]),
    "location": st.sampled_from([None, (48.9, 2.3)]),
    "created_at": st.sampled_from(
        [None, None, datetime(2026, 10, 24, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=8)))]
    ),
    "anything": st.sampled_from(
        [None, "ﬀ", 0.1, -0.0, 2**70, Decimal("7.00"), date(2026, 1, 1), timedelta(days=1), {"z": 1, "aa": [2.50]}]
    ),
}
customer_facts = {
    **item_facts,
    "tier": st.sampled_from([None, None, "VIP", "C"]),
    "score": scores,
    "source": st.sampled_from([None, None, None, "spam", "cold", "again", "split", "queue"]),
}
task_facts = {
    **item_facts,
    "customer": st.sampled_from([None, *ITEMS[:4], NOBODY]),
    "priority": st.sampled_from([None, 1, 9]),
}


@st.composite
def staff(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return the agents to begin with: most are there, have room, and are in the team that most rules give to."""
    ids = draw(st.lists(st.sampled_from(AGENTS), min_size=2, max_size=6, unique=True))
    return [
        {"id": id, "teams": list(TEAMS[: draw(st.integers(1, 3))]), **draw(some(agent_facts, most=4))} for id in ids
    ]


@st.composite
def some(draw: st.DrawFn, facts: dict[str, st.SearchStrategy[Any]], *, most: int = 5) -> dict[str, Any]:
    """Return a few facts, so that what a failure needs is not lost among what it does not need."""
    names = draw(st.lists(st.sampled_from(sorted(facts)), max_size=most, unique=True))
    return {name: draw(facts[name]) for name in names}
