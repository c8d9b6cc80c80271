"""Numbers for keys, and for people."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from assignkit.strategies.exact import ceiling, exact, spell


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (True, 1),
        (7, 7),
        (0.1, Fraction(1, 10)),
        (1e22, 10**22),
        (-0.0, 0),
        (Decimal("2.50"), Fraction(5, 2)),
        (Fraction(4, 2), 2),
        (float("inf"), None),
        (Decimal("NaN"), None),
    ],
)
def test_numbers_become_exact(value: float | Decimal | Fraction, number: int | Fraction | None) -> None:
    found = exact(value)

    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (100, "100"),
        (-2.5, "-2.5"),
        (Fraction(-2, 3), "-0.667"),
        (Decimal("0.0005"), "0"),
        (Decimal("0.0015"), "0.002"),
        (float("nan"), "missing"),
    ],
)
def test_numbers_are_spelt_with_at_most_three_decimals(value: float | Decimal | Fraction, text: str) -> None:
    assert spell(value) == text


def test_the_ceiling_is_the_next_multiple() -> None:
    assert ceiling(Fraction(1, 3), bits=2) == Fraction(1, 2)
    assert ceiling(Fraction(3, 4), bits=2) == Fraction(3, 4)
    assert ceiling(Fraction(7, 8), bits=2) == 1
