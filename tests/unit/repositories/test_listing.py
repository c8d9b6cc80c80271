"""Lists of records whose fields are of any kind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.errors import ConfigurationError
from assignkit.model.customer import Customer
from assignkit.model.record import Record
from assignkit.repositories.base import Page
from assignkit.repositories.listing import listed


def records(**values: Any) -> list[Record]:  # noqa: ANN401 - any value
    return [Record.model_validate({"id": id, "x": value}) for id, value in values.items()]


def ids(found: list[Record]) -> list[str]:
    return [record.id for record in found]


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(allow_nan=True),
    st.text(max_size=3),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.dates(),
    st.timedeltas(),
    st.lists(st.integers() | st.text(max_size=1), max_size=2),
    st.frozensets(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=1), st.integers(), max_size=1),
    st.binary(max_size=2),
    st.fractions(),
    st.complex_numbers(),
)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), anything, max_size=8), st.sampled_from(["x", "-x"]))
def test_any_values_can_be_ordered(values: dict[str, Any], order: str) -> None:
    found = listed(records(**values), None, order, None)
    assert sorted(ids(found)) == sorted(values)
    assert ids(listed(list(reversed(records(**values))), None, order, None)) == ids(found)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), anything, max_size=5), anything)
def test_any_values_can_be_filtered(values: dict[str, Any], wanted: object) -> None:
    found = listed(records(**values), {"x": wanted}, "id", None)
    assert set(ids(found)) <= set(values)


def test_values_of_a_kind_stay_together() -> None:
    mixed = records(
        a=timedelta(1), b=date(2026, 1, 1), c=datetime(2026, 1, 1, tzinfo=UTC), d="1", e=2, f=None, g=b"1", h=1.5
    )
    assert ids(listed(mixed, None, "x", None)) == ["h", "e", "d", "c", "b", "a", "g", "f"]
    assert ids(listed(mixed, None, "-x", None)) == ["g", "a", "b", "c", "d", "e", "h", "f"]


def test_what_is_no_number_counts_as_missing() -> None:
    mixed = records(a=float("nan"), b=Decimal("NaN"), c=1, d=Decimal("sNaN"), e=float("inf"))
    assert ids(listed(mixed, None, "-x", None)) == ["e", "c", "a", "b", "d"]


def test_instants_at_the_ends_of_the_calendar_have_their_place() -> None:
    east, west = (timezone(timedelta(hours=hours)) for hours in (8, -8))
    ends = records(
        d=datetime(9999, 12, 31, 23, tzinfo=west),
        c=datetime(9999, 12, 31, 23, tzinfo=east),
        b=datetime(1, 1, 1, tzinfo=west),
        a=datetime(1, 1, 1, tzinfo=east),
    )
    assert ids(listed(ends, None, "x", None)) == ["a", "b", "c", "d"]


def test_sets_are_ordered_alike_in_every_process() -> None:
    mixed = records(b=frozenset({"x", "y"}), a=frozenset({"y", "x"}), c=frozenset({"a", "z"}))
    assert ids(listed(mixed, None, "x", None)) == ["c", "a", "b"]


def test_an_unknown_field_orders_by_id() -> None:
    assert ids(listed(records(b=1, a=2), None, "nothing", None)) == ["a", "b"]
    assert ids(listed(records(b=1, a=2), None, (), None)) == ["a", "b"]


def test_the_name_of_a_method_is_no_field() -> None:
    customers: list[Record] = [Customer(id="a"), Customer(id="b")]
    assert ids(listed(customers, {"model_copy": None}, "-model_copy", None)) == ["a", "b"]


def test_a_filter_matches_unknown_fields_and_numbers_of_any_type() -> None:
    found = records(a=Decimal("1.0"), b=1, c="1", d=Fraction(1), e=None)
    assert ids(listed(found, {"x": 1}, "id", None)) == ["a", "b", "d"]
    assert ids(listed(found, {"y": 1}, "id", None)) == []
    assert ids(listed(found, {"y": None}, "id", None)) == ["a", "b", "c", "d", "e"]


def test_a_map_holds_its_keys() -> None:
    found = records(a={"excel": 3}, b={"word": 1})
    assert ids(listed(found, {"x": "excel"}, "id", None)) == ["a"]


@pytest.mark.parametrize("page", [Page(offset=-1), Page(limit=-1)])
def test_a_page_before_the_first_is_refused(page: Page) -> None:
    with pytest.raises(ConfigurationError, match="negative"):
        listed(records(a=1), None, "id", page)
