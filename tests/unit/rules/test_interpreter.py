from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignkit.rules.facts import Facts
from assignkit.rules.interpreter import degree, truth, value
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema
from assignkit.rules.terms import Compare, Term, conjuncts, fields_of, reads

SCHEMA = Schema(customer={"vip": bool, "since": date, "at": datetime, "levels": dict[str, float], "n": float})
NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)  # Saturday 09:30 in Shanghai
CUSTOMER = {
    "province": "Shanghai", "tier": "VIP", "revenue": 6_000_000, "score": 0.1, "tags": ["a", "b"], "vip": True,
    "since": date(2026, 11, 20), "at": datetime(2026, 11, 14, 9, tzinfo=UTC), "levels": {"x": 3, "y": None},
}  # fmt: skip
LETS = """
let rich = customer.revenue > 5
let gone = customer.n > 5
calendar "Office" mon-sat 09:00-12:00
calendar "UTC" mon-sun 00:00-01:00 zone "UTC"
"""


def term_of(condition: str) -> Term:
    return RuleSet.from_text(f'{LETS} rule "r" require {condition} assign to owner', SCHEMA).rules[0].requires[0].term


def facts(**more: object) -> Facts:
    return Facts(**{"item": CUSTOMER, "now": NOW, "zone": "Asia/Shanghai", **more})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("rich and gone", None), ("not rich and gone", False), ("rich or gone", True), ("not gone", None),
        ("customer.n is missing", True), ("customer.n is present", False), ("gone is missing", True),
        ("customer.vip", True), ("customer.vip = false", False), ("not customer.vip", False),
        ('customer.tier = "vip"', False), ('customer.tier != "A"', True), ('customer.city != "A"', None),
        ("customer.score = 0.1", True), ("customer.score = 10%", True), ("customer.score + 0.2 = 0.3", True),
        ("customer.revenue between 1 and 600万", True), ("customer.revenue not between 1 and 5", True),
        ('customer.tier in ("A", "VIP")', True), ('customer.tier not in ("A", customer.city)', None),
        ('customer.tier in ("VIP", customer.city)', True), ('"a" in customer.tags', True),
        ('customer.tags has any of ("c", "a")', True), ('customer.tags has all of ("c", "a")', False),
        ('customer.levels has "y"', True),
        ('customer.levels has "y" at 1', None), ('customer.levels has "z" at 1', False),
        ('customer.tier like "V?P"', True),
        ('customer.tier starts with "V"', True), ('customer.tier ends with "V"', False),
        ("customer.since before customer.at", False), ("customer.since before now", True),
        ("customer.since after 2026-11-20", False), ("customer.at after 2026-11-14", True),
        ("customer.at after 2026-11-15", False), ("customer.since = 2026-11-20", True),
        ("customer.at older than 6 days", True), ("customer.at older than 7 days", False),
        ("customer.at within last 7 days", True), ("customer.at not within last 6 days", True),
        ("customer.since within last 1 day", False), ("customer.since within last 2 days", True),
        ('now during calendar "Office"', True), ('now during calendar "UTC"', False),
        ("hour(now) = 9 and weekday(now) = 6 and days since(customer.since) = 1", True),
        ("customer.revenue / 0 = 0", None), ("1 / 3 = 0.333333333333333", True), ("round(2.5) = 2", True),
        ('length(trim(upper("  a "))) = 1', True), ("length(customer.tags) = 2", True),
        ("owner.level > 3", None), ("agent.level > 3", None), ("customer.owner is missing", True), ("true", True),
        ("(customer.vip = (customer.revenue > 5)) = true", True),
    ],
)  # fmt: skip
def test_conditions(condition: str, expected: bool | None) -> None:
    assert truth(term_of(condition), facts()) is expected


def test_dates_begin_in_the_desks_zone() -> None:
    condition = term_of("customer.at before 2026-11-15")
    late = {"at": datetime(2026, 11, 14, 17, tzinfo=UTC)}
    assert truth(condition, Facts(item=late, zone="UTC")) is True
    assert truth(condition, Facts(item=late, zone="Asia/Shanghai")) is False


def test_records_of_all_kinds_are_read() -> None:
    condition = term_of('agent.level > 3 and owner.level > 3 and customer.owner = "wang" and agent.load < 5')
    owner = {"id": "wang", "level": 4}
    assert truth(condition, facts(agent={"level": 5}, owner=owner, agent_facts={"load": 4})) is True
    assert truth(condition, facts(agent={"level": 5, "load": 4}, owner=owner)) is None
    assert truth(term_of('owner.id = "wang"'), facts(owner="wang")) is True
    assert truth(term_of('customer.owner = "wang"'), facts(item={"owner": "wang"})) is True
    assert truth(term_of('customer.owner = "wang"'), facts(item={"owner": "li"}, owner="wang")) is True


def test_the_customer_of_a_task_is_read() -> None:
    rules = RuleSet.from_text('rule "a" for tasks when task.customer.tier = "VIP" and task.customer = "c1" reject "x"')
    assert rules.match({"customer": "c1"}, kind="tasks", related={"tier": "VIP"}) is not None
    assert rules.match({"customer": "c1", "tier": "VIP"}, kind="tasks") is None


@pytest.mark.parametrize(
    ("wish", "agent", "expected"),
    [
        ("agent.level > 3", {"level": 4}, 1), ("agent.level > 3", {"level": 3}, 0), ("agent.level > 3", {}, 0),
        ('agent.skills has "x" at 4', {"skills": {"x": 3}}, Decimal("0.75")),
        ('agent.skills has "x" at 4', {"skills": {"x": 9}}, 1),
        ('agent.skills has "x" at 4', {"skills": {}}, 0), ('agent.skills has "x" at 4', {}, 0),
        ('agent.skills has "x" at 0', {"skills": {"x": 3}}, 1), ('agent.skills has "x" at 4', {"skills": {"x": -3}}, 0),
        ("agent.rating / 5", {"rating": 4}, Decimal("0.8")), ("agent.rating", {"rating": 4}, 1),
        ("agent.rating", {"rating": -4}, 0), ("agent.rating", {}, 0), ("agent.rating", {"rating": 0.1}, Decimal("0.1")),
    ],
)  # fmt: skip
def test_degrees(wish: str, agent: dict[str, Any], expected: Decimal) -> None:
    term = RuleSet.from_text(f'rule "r" prefer {wish} assign to owner').rules[0].prefers[0].term
    assert degree(term, Facts(agent=agent)) == expected


def test_terms_say_what_they_read() -> None:
    term = term_of('rich and agent.level > 3 and customer.at older than 5 days and not (customer.tier = "A" or rich)')
    assert reads(term) == {
        "customer", "agent", "now", "customer.revenue", "agent.level", "customer.at", "customer.tier",
    }  # fmt: skip
    assert [each.name for each in fields_of(term)] == [
        "customer.revenue",
        "agent.level",
        "customer.at",
        "customer.tier",
    ]
    assert [each.text for each in conjuncts(term)] == [
        "rich",
        "agent.level > 3",
        "customer.at older than 5 days",
        'not (customer.tier = "A" or rich)',
    ]


def test_a_thousand_operands_and_deep_lets_are_no_trouble() -> None:
    chain = " + ".join(["1"] * 900)
    lets = "let l0 = customer.revenue > 5\n" + "".join(f"let l{i} = not (l{i - 1})\n" for i in range(1, 1500))
    rules = RuleSet.from_text(f'{lets} rule "a" when l1499 and {chain} = 900 reject "x"')
    assert rules.match({"revenue": 3}) is not None
    assert rules.match({"revenue": 6}) is None
    assert truth(rules.rules[0].condition, Facts(item={"revenue": 3})) is True  # type: ignore[arg-type]


def test_values_of_numbers() -> None:
    comparison = term_of("customer.revenue / 4 * 2 > 0")
    assert isinstance(comparison, Compare)
    assert value(comparison.left, facts()) == 3_000_000
    assert value(comparison.left, facts(item={})) is None
    assert value(comparison.left, facts(item={"revenue": timedelta(1)})) is None
