"""However items are handed in, and whatever they hold: matching finds the rules that the interpreter finds."""

from __future__ import annotations

import random
from collections import OrderedDict, UserDict, defaultdict
from collections.abc import Callable
from dataclasses import make_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from assignkit.rules.compiler import decides
from assignkit.rules.facts import Facts
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema
from assignkit.rules.views import view_of
from tests.properties.test_rules_index import FIELDS, _book
from tests.searching import examples

NAMES = tuple(FIELDS)
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


class Plain:
    """Holds what it is given, and has something for all in common."""

    country = "A"

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)


class Word(str):
    """A text of a class of its own."""

    __slots__ = ()


class Tier(str, Enum):  # noqa: UP042 - hosts have such classes
    A = "A"
    B = "C"


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    score: Any = None


class Strict(BaseModel):
    country: Any = None
    score: Any = None
    revenue: Any = None
    tags: Any = None
    since: Any = None
    vip: Any = None


class Computed:
    """Holds a value under another name, as ORMs do."""

    country = "A"  # for all who have none of their own

    def __init__(self, **values: object) -> None:
        self.__dict__.update({f"_{name}" if name == "score" else name: value for name, value in values.items()})
        self.__dict__["score"] = 99  # never seen: the property is

    @property
    def score(self) -> object:
        return self.__dict__.get("_score")

    @score.setter
    def score(self, value: object) -> None:
        raise AttributeError(value)


class Answering:
    """Knows attributes that nobody finds in it."""

    def __init__(self, **values: object) -> None:
        self.values = values

    def __getattr__(self, name: str) -> object:
        if name == "values":
            raise AttributeError(name)
        return self.values.get(name)


class Intercepting(SimpleNamespace):
    def __getattribute__(self, name: str) -> object:
        return None if name == "vip" else super().__getattribute__(name)


def default_dict(**values: object) -> object:
    return defaultdict(lambda: "A", values)


def slotted(**values: object) -> object:
    return make_dataclass("Slotted", list(values), slots=True)(**values)


SHAPES: list[Callable[..., Any]] = [
    dict, OrderedDict, UserDict, default_dict, SimpleNamespace, slotted, Loose, Strict, Computed, Answering,
    Intercepting, Plain, lambda **values: make_dataclass("Plain", list(values))(**values),
]  # fmt: skip
VALUES: dict[str, list[Any]] = {
    "country": ["A", "B", "Ax", "", None, Word("A"), Tier.A, Tier.B, 1, ["A"], "é"],
    "score": [0, 1, 50, 51, True, False, 50.0, 50.5, float("nan"), float("inf"), Decimal(50), 10**400, "50", None],
    "revenue": [0, 0.25, 2.5, True, Decimal("2.50"), -float("inf"), 2**60, 2.0**60, None, "x"],
    "tags": [[], ["a"], ("a", "b"), {"c"}, frozenset("dz"), "a", None, ["a", ["b"]], {"a": 1}, [None]],
    "since": [
        date(2026, 1, 15),
        datetime(2026, 1, 15, tzinfo=UTC).replace(tzinfo=None),
        datetime(2026, 1, 15, tzinfo=UTC),
        None,
        "2026-01-15",
    ],
    "vip": [True, False, 1, 0, None, "true"],
}


@pytest.fixture(params=[-1, 10_000], ids=["index", "chain"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assignkit.rules.compiler.longest_chain", lambda _: request.param)


def record(dice: random.Random) -> dict[str, Any]:
    names = [name for name in NAMES if dice.random() < 0.85]
    return {name: dice.choice(VALUES[name]) for name in names}


@pytest.mark.parametrize("seed", range(12))
def test_every_shape_of_records_is_matched_alike(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    rules = RuleSet.from_text(_book(30, dice), Schema(customer=FIELDS), limits=None)
    order = rules.trial_order()
    items = [shape(**record(dice)) for shape in SHAPES for _ in range(12)]

    expected = [next((rule.name for rule in order if decides(rule, Facts(item=item))), None) for item in items]

    assert [match.rule.name if match else None for match in rules.match_many(items)] == expected
    assert [match.rule.name if match else None for match in map(rules.match, items)] == expected
    assert [match.rule.name if match else None for match in rules.match_many(reversed(items))] == expected[::-1]


def test_a_default_dict_is_not_filled_by_looking_at_it() -> None:
    rules = RuleSet.from_text('rule "a" when customer.country = "A" reject "x"', Schema(customer=FIELDS))
    item = default_dict()

    assert rules.match_many([item]) == [None]
    assert dict(item) == {}


def test_many_awkward_values_in_a_row_change_no_answer_for_those_that_follow() -> None:
    rules = RuleSet.from_text(_book(60, random.Random(1)), Schema(customer=FIELDS), limits=None)  # noqa: S311
    plain = {"country": "A", "score": 50, "revenue": 2.5, "tags": ["a"], "since": date(2026, 1, 15), "vip": True}
    before = rules.match_many([plain])

    for name, values in VALUES.items():
        for value in values:
            assert rules.match_many([{**plain, name: value}, plain])[1:] == before


@examples(60)
@given(st.dictionaries(st.sampled_from(NAMES), st.one_of(st.integers(), st.text(), st.none(), st.booleans())))
def test_a_view_shows_what_attributes_show(values: dict[str, Any]) -> None:
    for shape in SHAPES:
        item = shape(**values)
        view = view_of(type(item), NAMES)
        if view is not None:
            seen = view(item)
            read = seen.get if isinstance(item, dict) else lambda name, item=item: getattr(item, name, None)
            assert {name: seen[name] for name in NAMES if name in seen} == {
                name: read(name) for name in NAMES if name in seen
            }


def test_which_classes_are_seen_as_dicts() -> None:
    read_with_care = [OrderedDict, UserDict, defaultdict, Computed, Answering, Intercepting]
    read_with_care.append(type(slotted(country="A")))

    assert all(view_of(kind, NAMES) for kind in (dict, Plain, Loose, Strict))
    assert not any(view_of(kind, NAMES) for kind in read_with_care)
