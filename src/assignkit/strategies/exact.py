"""Exact numbers for keys: the same comparison on every platform, whatever mixture of number types comes in."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

PLACES = 3


def exact(value: float | Decimal | Fraction) -> int | Fraction | None:
    """Return the number as an int where it is one, else as a fraction; None for NaN and infinities.

    A float stands for its shortest decimal spelling, so that 0.1 equals Decimal("0.1").

    >>> exact(0.5), exact(Decimal("3.0")), exact(float("nan"))
    (Fraction(1, 2), 3, None)
    """
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    return simplest(Fraction(value))


def simplest(value: Fraction) -> int | Fraction:
    """Return a whole fraction as an int, any other as it is."""
    return value.numerator if value.denominator == 1 else value


def spell(value: Decimal | Fraction | float) -> str:
    """Return a number for people: whole, or with at most three decimals, half rounded to even.

    >>> spell(Fraction(2, 3)), spell(Decimal("2.50")), spell(7)
    ('0.667', '2.5', '7')
    """
    number = value if type(value) is int else exact(value)
    if number is None:
        return "missing"
    if isinstance(number, int):
        return str(number)
    thousandths = round(number * 10**PLACES)
    whole, part = divmod(abs(thousandths), 10**PLACES)
    sign = "-" if thousandths < 0 else ""
    return f"{sign}{whole}.{part:0{PLACES}}".rstrip("0").rstrip(".")


def ceiling(value: Fraction, *, bits: int) -> int | Fraction:
    """Return the smallest multiple of 2**-bits that is not below `value`."""
    return simplest(Fraction(math.ceil(value * 2**bits), 2**bits))
