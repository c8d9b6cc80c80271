"""Few rules are a chain that reads a field when a test first needs it, and says the same as the interpreter."""

from __future__ import annotations

from typing import Any

import pytest

from assignkit.rules.chaining import longest_chain
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema

SCHEMA = Schema(customer={"a": int, "b": int, "c": str, "d": float, "vip": bool})


class Watched(dict[str, Any]):
    """A record that tells which fields were read."""

    def __init__(self, **values: object) -> None:
        super().__init__(values)
        self.read: list[str] = []

    def get(self, key: str, default: object = None) -> Any:  # noqa: ANN401
        self.read.append(key)
        return super().get(key, default)


@pytest.mark.parametrize(
    ("text", "record", "read"),
    [
        ('rule "1" when customer.a > 5 and customer.b > 5 reject "x"', {"a": 1, "b": 9}, ["a"]),
        ('rule "1" when customer.a > 5 and customer.b > 5 reject "x"', {"a": 9, "b": 9}, ["a", "b"]),
        (
            'rule "1" when customer.a > 5 reject "x" rule "2" when customer.b > 5 and customer.a > 0 reject "x"',
            {"a": 0, "b": 9},
            ["a"],
        ),
        (
            'rule "1" when customer.a > 5 and customer.b > 7 reject "x" rule "2" when customer.b > 5 reject "x"',
            {"a": 9, "b": 6},
            ["a", "b", "b"],  # whether the second was read is not known behind the first rule
        ),
    ],
)
def test_a_field_is_read_when_a_test_first_needs_it(text: str, record: dict[str, Any], read: list[str]) -> None:
    watched = Watched(**record)

    RuleSet.from_text(text, SCHEMA).match(watched)

    assert watched.read == read


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"a": 9, "b": 1, "c": "x"}, "second"),
        ({"a": 9, "b": 9, "c": "x"}, "first"),
        ({"a": 1, "b": 9, "c": "y", "d": 2.0}, "third"),
        ({"a": 1, "b": 9, "c": "y", "d": float("inf")}, "last"),
        ({}, "last"),
    ],
)
def test_what_only_one_rule_has_read_is_read_again(record: dict[str, Any], name: str) -> None:
    rules = RuleSet.from_text(
        """
        let rich = customer.d >= 1.5 or customer.vip
        rule "first" when customer.a > 5 and customer.b > 5 and customer.c = "x" reject "x"
        rule "second" when customer.b < 5 and customer.c = "x" reject "x"
        rule "third" when customer.a < 5 and rich and customer.c in ("y", "z") reject "x"
        rule "never" when customer.a > 5 and rich and customer.vip = false reject "x"
        rule "last" reject "x"
        """,
        SCHEMA,
    )

    for found in (rules.match(record), *rules.match_many([record])):
        assert found is not None
        assert found.rule.name == name


def test_more_conditions_than_blocks_are_nested() -> None:
    names = [f"f{number}" for number in range(30)]
    condition = " and ".join(f"customer.{name} > 0" for name in names)
    rules = RuleSet.from_text(f'rule "all" when {condition} reject "x"', Schema(customer=dict.fromkeys(names, int)))
    record = dict.fromkeys(names, 1)

    assert rules.match(record) is not None
    assert rules.match_many([record, {**record, "f29": 0}, {**record, "f3": None}])[1:] == [None, None]


def test_rules_that_read_more_fields_are_a_chain_for_longer() -> None:
    assert [longest_chain(fields) for fields in (0, 1, 12, 10_000)] == [10, 14, 58, 100]


def test_a_float_field_means_the_same_as_another_number() -> None:
    whole, floating = (Schema(customer={"n": kind}) for kind in (int, float))

    assert whole.items["customers"].find("n") == floating.items["customers"].find("n")
    assert whole.fingerprint == floating.fingerprint
    for schema in (whole, floating):
        rules = RuleSet.from_text('rule "r" when customer.n >= 999999999999999 reject "x"', schema)
        found = rules.match_many([{"n": n} for n in (999999999999999, 999999999999998, 999999999999999.0, 10**400)])
        assert [match is not None for match in found] == [True, False, True, True]
