"""Whatever a rule book asks and a record holds, at every size: matching finds what trying all rules in turn finds.

The twin is the interpreter, rule by rule. Books have priorities, dates, rules that only go on, and conditions that an
index cannot look up; records are of every shape, and hold what nobody expects.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from assignkit.rules.compiler import decides
from assignkit.rules.facts import Facts
from assignkit.rules.field_types import Field
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema
from tests.properties import test_rules_index as index
from tests.properties import test_rules_views as views
from tests.searching import examples

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
FIELDS: dict[str, Any] = {
    **index.FIELDS,
    "price": Decimal,
    "seen": datetime,
    "met": Field(type=datetime, zone="Asia/Shanghai"),
    "skills": dict[str, float],
    "城市": str,
}
SCHEMA = Schema(customer=FIELDS)
VALUES: dict[str, list[Any]] = {
    **views.VALUES,
    "country": [*views.VALUES["country"], "上海", "É", "\ud800", {"A"}, b"A"],
    "score": [*views.VALUES["score"], -(10**400), Decimal("1E+30"), Decimal("NaN"), 2**53 + 1, [5]],
    "price": [0, 0.1, Decimal("0.1"), Decimal("0.10"), 10**40, 2**53 + 1, float("nan"), -Decimal("Infinity"), "5"],
    "seen": [
        NOON, NOON - timedelta(days=3), NOON.astimezone(SHANGHAI), NOON.replace(tzinfo=None), date(2026, 1, 15), None,
        datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), "2026-01-15T12:00Z", {},
    ],
    "met": [NOON, NOON.replace(tzinfo=None), NOON.replace(tzinfo=None, fold=1), datetime.max, datetime.min, None, 5],  # noqa: DTZ901
    "skills": [{}, {"a": 3}, {"a": Decimal(2), "蓝": 1}, {"a": None}, {"b": float("nan")}, ["a"], {("a",): 1}, None],
    "城市": ["上海", "北京", "上", "", "京北", None, 5, ["上海"]],
}  # fmt: skip
SIZES = (0, 1, 2, 9, 10, 11, 14, 15, 30, 31, 40, 53, 54, 55, 63, 64, 65, 127, 128, 300, 2_000)


def book(size: int, dice: random.Random) -> str:
    return "\n".join(
        f'rule "{number}" priority {dice.randint(-1, 2)} {dice.choice(PERIODS)} when {_condition(dice)} {_action(dice)}'
        for number in range(size)
    )


PERIODS = ("", "", "", "active from 2026-01-10", "active from 2026-01-16", "active from 2025-01-01 until 2026-01-15",
           "active from 2026-01-15T12:00Z until 2026-01-15T12:01Z")  # fmt: skip


def _action(dice: random.Random) -> str:
    return dice.choice(['reject "x"', 'assign to team "T"', 'assign to team "T" otherwise continue', "continue"])


def _condition(dice: random.Random) -> str:
    if dice.random() < 0.5:
        return index._condition(dice)
    tests = [
        f"customer.price {dice.choice(['<', '<=', '>', '>=', '=', '!='])} {dice.choice(['0.1', '0', '1', '5万'])}",
        f"customer.price in (0.1, {dice.randint(0, 3)})",
        f"customer.seen {dice.choice(['before', 'after', '=', '>='])} 2026-01-15T12:0{dice.randint(0, 1)}Z",
        f"customer.met {dice.choice(['before', 'after'])} 2026-01-15T0{dice.randint(3, 5)}:00Z",
        f"customer.seen {dice.choice(['older than', 'within last'])} {dice.randint(1, 5)} days",
        f'customer.skills has "{dice.choice("ab蓝")}"{dice.choice(["", " at 2", " at 0.5"])}',
        f'customer.城市 {dice.choice(["=", "!=", "starts with", "contains", "like"])} "{dice.choice("上京海")}"',
        f'customer.城市 not in ("上海", "{dice.choice(["北京", ""])}")',
        f"customer.{dice.choice(list(FIELDS))} is {dice.choice(['missing', 'present'])}",
        'lower(customer.country) = "a"',
        "not (customer.vip = false)",
    ]
    chosen = dice.sample(tests, dice.randint(1, 3))
    joined = f" {dice.choice(['and', 'or'])} ".join(chosen)
    return joined if dice.random() < 0.7 else f"not ({joined})"


def item(dice: random.Random, shape: Callable[..., Any]) -> object:
    return shape(**{name: dice.choice(VALUES[name]) for name in FIELDS if dice.random() < 0.8})


def agree(size: int, seed: int, count: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    rules = RuleSet.from_text(book(size, dice), SCHEMA, limits=None)
    order = rules.trial_order()
    items = [item(dice, shape) for shape in dice.sample(SHAPES, min(count, len(SHAPES)))]
    zone = dice.choice(["UTC", "Asia/Shanghai"])

    for each in items:
        facts = Facts(item=each, now=NOON, zone=zone)
        expected = [rule.name for rule in order if decides(rule, facts)]
        assert [match.rule.name for match in rules.matches(each, now=NOON, zone=zone)] == expected
        first = rules.match(each, now=NOON, zone=zone)
        assert (first.rule.name if first else None) == (expected[0] if expected else None)
    alone = [rules.match(each, now=NOON, zone=zone) for each in items]
    assert rules.match_many(items, now=NOON, zone=zone) == alone
    assert rules.match_many([*items, *items[::-1]], now=NOON, zone=zone) == [*alone, *alone[::-1]]


class Model(BaseModel):
    price: Any = None
    seen: Any = None
    met: Any = None
    skills: Any = None
    country: Any = None
    model_config = {"extra": "allow"}


SHAPES: list[Callable[..., Any]] = [*views.SHAPES, Model]


@pytest.mark.parametrize("size", SIZES)
def test_every_size(size: int) -> None:
    agree(size, size, 12 if size < 200 else 4)


@examples(20)
@given(size=st.integers(0, 90), seed=st.integers(0, 2**32))
def test_random_sizes(size: int, seed: int) -> None:
    agree(size, seed, 4)


def test_every_kind_of_value_and_record_is_met() -> None:
    dice = random.Random(0)  # noqa: S311
    items = [item(dice, shape) for shape in SHAPES for _ in range(120)]
    held = [value for each in items if type(each) is dict for value in each.values()]

    assert any(isinstance(each, int) and abs(each) > 2**64 for each in held)
    assert any(isinstance(each, Decimal) and each.is_finite() for each in held)
    assert any(isinstance(each, datetime) and each.tzinfo is None for each in held)
    assert any(isinstance(each, datetime) and each.tzinfo is SHANGHAI for each in held)
    assert any(isinstance(each, str) and not each.isascii() for each in held)
    assert any(isinstance(each, list | dict | set) and _unhashable(each) for each in held)
    assert any(isinstance(each, dict) and ("score" not in each or each["score"] is None) for each in items)
    assert any(is_dataclass(each) for each in items)
    assert any(isinstance(each, BaseModel) for each in items)
    assert any(isinstance(each, views.Computed) for each in items)  # as an ORM's objects are
    text = book(2_000, dice)
    told = (
        "continue",
        "active from",
        "until",
        "priority -1",
        "is missing",
        " or ",
        "not (",
        "has",
        "like",
        "older than",
    )
    assert all(each in text for each in told)


def _unhashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return True
    return False
