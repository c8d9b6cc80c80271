"""What the costs of rules say is what the index does."""

from __future__ import annotations

from datetime import date

import pytest

from assignkit.rules.costs import costs_of
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema

SCHEMA = Schema(customer={"country": str, "score": int, "revenue": float, "tags": list[str], "since": date})


def costs(condition: str) -> list[tuple[str, str]]:
    rules = RuleSet.from_text(f'rule "a" when {condition} assign to team "East"', SCHEMA)
    return [(each.text, each.reason) for each in costs_of(rules)[0].outside]


@pytest.mark.parametrize(
    "condition",
    [
        'customer.country = "CN"',
        'customer.country in ("CN", "JP") and customer.score between 1 and 5',
        'customer.country starts with "C" or customer.revenue < 5',
        'customer.tags has "a" and customer.since after 2026-01-01 and customer.score is missing',
        "customer.score != 4 and customer.revenue in (1, 2.5, 4) and not customer.since = 2026-01-01",
    ],
)
def test_what_is_looked_up_costs_nothing_more(condition: str) -> None:
    assert costs(condition) == []


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("customer.score > customer.revenue", "it reads several fields at once"),
        ("customer.score * 2 > 4", "it computes a value first"),
        ("customer.since older than 3 days", "it reads the time"),
        ("owner.level > 3", "it reads the owner, not the item alone"),
        ("customer.owner is present", "who owns the item is known outside of it"),
        ('customer.country ends with "z"', "`ends with` looks inside the text"),
        ("customer.score > 12345678901234500000", "a number of so many digits is not looked up"),
        (f"customer.score in ({', '.join(map(str, range(17)))})", "more numbers or dates than are split"),
        ('customer.tags has all of ("a", "b")', "of several keys, or a key with a level, one key is looked up"),
    ],
)
def test_what_is_tried_by_itself_is_named_with_the_reason(condition: str, reason: str) -> None:
    assert costs(condition) == [(condition, reason)]


def test_a_denied_test_is_told_as_denied() -> None:
    assert costs('not customer.tags has "c"') == [
        ('not customer.tags has "c"', "what a list must not hold is not looked up")
    ]
    assert costs("customer.score not in (4, 5)") == [
        ("customer.score not in (4, 5)", "numbers and dates that a list excludes are not looked up")
    ]


def test_alternatives_are_rows_and_fields_are_counted() -> None:
    text = """
    rule "a" when customer.country = "CN" or customer.country = "JP" or customer.score > 3 assign to team "East"
    rule "b" when customer.tags has any of ("x", "y", "z") assign to team "East"
    """
    found = costs_of(RuleSet.from_text(text, SCHEMA))[0]

    assert (found.kind, found.rules, found.rows, found.indexed) == ("customers", 2, 4, False)
    assert {(each.field, each.named) for each in found.looked_up} == {
        ("customer.country", 2), ("customer.score", 1), ("customer.tags", 3)
    }  # fmt: skip
