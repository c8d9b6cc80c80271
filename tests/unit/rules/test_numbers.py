from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from assignkit.rules import numbers

finite = st.one_of(
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20),
)


def spelled(value: float | Decimal) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


@given(finite, finite)
def test_comparisons_are_of_what_is_spelled(a: float, b: float) -> None:
    assert numbers.compare(a, b) == (spelled(a) > spelled(b)) - (spelled(a) < spelled(b))


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_sums_differences_and_products_are_exact_within_34_digits(a: int, b: int) -> None:
    assert numbers.add(a, b) == a + b
    assert numbers.subtract(a, b) == a - b
    assert numbers.multiply(a, b) == a * b


def test_tenths_add_up() -> None:
    assert numbers.add(0.1, 0.2) == Decimal("0.3")


def test_quotients_have_15_digits_and_round_half_to_even() -> None:
    assert numbers.divide(2, 3) == Decimal("0.666666666666667")
    assert numbers.divide(10**15 + 5, 10) == Decimal(100000000000000)
    assert numbers.divide(10**15 + 15, 10) == Decimal(100000000000002)
    assert numbers.divide(1, 0) is None
    assert numbers.divide(1, 0.0) is None


def test_rounding_is_half_to_even() -> None:
    assert [numbers.rounded(value) for value in (0.5, 1.5, 2.5, -0.5, -1.5, 7, Decimal("1E+50"))] == [
        0, 2, 2, 0, -2, 7, 10**50,
    ]  # fmt: skip


def test_a_chain_runs_from_left_to_right() -> None:
    assert numbers.calculate("--", 10, 3, 2) == 5
    assert numbers.calculate("/*", 1, 4, 4) == 1
    assert numbers.calculate("+-", 1, None, 2) is None


def test_what_is_missing_stays_missing() -> None:
    assert numbers.smallest(1, None) is None
    assert numbers.largest(None) is None
    assert numbers.negate(None) is None
    assert numbers.absolute(None) is None
    assert numbers.rounded(None) is None


def test_the_smallest_and_largest_compare_exactly() -> None:
    assert numbers.smallest(0.1, Decimal("0.09")) == Decimal("0.09")
    assert numbers.largest(2**53, float(2**53), 2**53 + 1) == 2**53 + 1


def test_overflow_is_missing() -> None:
    assert numbers.multiply(Decimal("1E+9000"), Decimal("1E+9000")) is None


def test_signs_are_exact_for_huge_numbers() -> None:
    huge = Decimal(1234567890123456789012345678901234567890)
    assert numbers.negate(huge) == -int(huge)
    assert numbers.absolute(-int(huge)) == int(huge)


def test_distances() -> None:
    shanghai, beijing = (31.2304, 121.4737), (39.9042, 116.4074)
    found = numbers.distance_km(shanghai, beijing)
    assert found is not None
    assert abs(float(found) - 1067) < 2
    assert numbers.distance_km(shanghai, shanghai) == 0
    assert numbers.distance_km((0, 0), (0, 180)) == Decimal("20015.114")
    assert numbers.distance_km(None, beijing) is None
