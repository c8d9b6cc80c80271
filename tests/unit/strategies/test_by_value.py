"""`lowest` and `highest`: exact, whatever the type, and missing last either way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from assignkit.errors import ConfigurationError
from assignkit.strategies.registry import build_chain, find_order
from tests.unit.strategies.making import candidate, ids, question

SHANGHAI = timezone(timedelta(hours=8))


def ranked(order: str, **values: Any) -> list[str]:  # noqa: ANN401 - any value
    agents = [candidate(name, values={0: value}) for name, value in values.items()]
    return ids(build_chain([order]).rank(agents, question()))


@pytest.mark.parametrize(
    "ascending",
    [
        [-1, 0, 0.5, Decimal("0.7"), Fraction(3, 4), 10**20],
        [2**53, float(2**53 + 2), 2**53 + 3],
        [False, True],
        [date(2025, 12, 31), date(2026, 1, 1)],
        [datetime(2026, 1, 1, 8, tzinfo=SHANGHAI), datetime(2026, 1, 1, 1, tzinfo=UTC)],
        [timedelta(minutes=59), timedelta(hours=1)],
        ["", "A", "Z", "a", "é", "李", "𠮷"],
    ],
)
def test_values_are_sorted_up_or_down(ascending: list[Any]) -> None:
    named = {f"v{number}": value for number, value in enumerate(ascending)}

    assert ranked("lowest", **named) == list(named)
    assert ranked("highest", **named) == list(reversed(named))


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf"), Decimal("NaN"), datetime(2026, 1, 1)])  # noqa: DTZ001
@pytest.mark.parametrize("order", ["lowest", "highest"])
def test_missing_values_come_last_either_way(order: str, missing: object) -> None:
    assert ranked(order, a=missing, b=-5, c=5)[-1] == "a"


def test_equal_numbers_of_different_types_tie() -> None:
    agents = [candidate("float", values={0: 0.1}, load=2), candidate("decimal", values={0: Decimal("0.10")}, load=1)]

    assert ids(build_chain(["lowest", "least loaded"]).rank(agents, question())) == ["decimal", "float"]
    assert ids(build_chain(["highest", "least loaded"]).rank(agents, question())) == ["decimal", "float"]


def test_equal_texts_tie() -> None:
    agents = [candidate("b", values={0: "x"}, load=2), candidate("a", values={0: "x"}, load=1)]

    assert ids(build_chain(["highest", "least loaded"]).rank(agents, question())) == ["a", "b"]


def test_each_term_reads_the_value_at_its_own_place() -> None:
    agents = [
        candidate("a", values={0: 1, 2: 1}),
        candidate("b", values={0: 1, 2: 2}),
        candidate("c", values={0: 0, 2: 0}),
    ]

    assert ids(build_chain(["lowest", "longest idle", "highest"]).rank(agents, question())) == ["c", "b", "a"]


def test_values_that_do_not_compare_are_an_error_that_names_the_order() -> None:
    with pytest.raises(ConfigurationError, match="`lowest`"):
        ranked("lowest", a=1, b="one")


@pytest.mark.parametrize(
    ("value", "words"), [(None, "missing"), (2.50, "2.5"), (Decimal(7), "7"), ("Shanghai", "Shanghai")]
)
def test_the_value_is_told(value: object, words: str) -> None:
    assert find_order("highest").describe(candidate("li", values={0: value}), question()) == words
