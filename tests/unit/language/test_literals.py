from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.language import literals
from assignkit.language.literals import BadLiteralError


@given(st.integers(0, 10**15 - 1), st.integers(0, 12))
def test_numbers_are_exact(digits: int, places: int) -> None:
    value = Decimal(digits).scaleb(-places)
    assert literals.number(f"{value:f}") == value


@given(st.integers(0, 10**9))
def test_suffixes_scale(count: int) -> None:
    assert literals.number(f"{count}万") == Decimal(count) * 10_000
    assert literals.number(f"{count}亿") == Decimal(count) * 100_000_000
    assert literals.number(f"{count}%") == Decimal(count) / 100


def test_whole_numbers_have_no_negative_exponent() -> None:
    for written in ("5.0", "1.2亿", "500%", "1000000", "0.000"):
        exponent = literals.number(written).as_tuple().exponent
        assert exponent == 0, written


@pytest.mark.parametrize("written", ["1_", "1__0", "1._5", "1_.5", "1234567890123456", "1" + "0" * 30, "0.1_"])
def test_bad_numbers_are_refused(written: str) -> None:
    with pytest.raises(BadLiteralError):
        literals.number(written)


def test_times_of_day() -> None:
    assert literals.time_of_day("9:05") == time(9, 5)
    assert literals.time_of_day("24:00") is None
    for written in ("24:01", "12:60"):
        with pytest.raises(BadLiteralError):
            literals.time_of_day(written)


def test_durations() -> None:
    assert literals.duration(Decimal("0.5"), "WEEK") == timedelta(days=3, hours=12)
    assert literals.duration(Decimal(36_525), "DAY") == timedelta(days=36_525)
    with pytest.raises(BadLiteralError):
        literals.duration(Decimal(36_526), "DAY")


@pytest.mark.parametrize("written", ["0001-01-01T00:00+23:00", "9999-12-31T23:59-23:00"])
def test_instants_that_utc_does_not_have_are_refused(written: str) -> None:
    with pytest.raises(BadLiteralError):
        literals.instant(written)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_escaped_text_means_itself(value: str) -> None:
    escaped = "".join(f"\\u{{{ord(c):x}}}" for c in value)
    assert literals.text(escaped) == value
    plain = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    assert literals.text(plain) == value
