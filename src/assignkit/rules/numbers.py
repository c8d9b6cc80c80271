"""Exact numbers: a float stands for its shortest decimal spelling, others for themselves. None is missing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from math import asin, cos, radians, sin, sqrt

Number = int | float | Decimal
Exact = int | Decimal

# Nothing traps: what has no finite result is missing. The bounds on exponents keep every result writable.
_WIDE = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-9_999, Emax=9_999, traps=[])
_QUOTIENT = Context(prec=15, rounding=ROUND_HALF_EVEN, Emin=-9_999, Emax=9_999, traps=[])
_EVERY_DIGIT = Context(prec=400_000, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
_LARGEST_PLAIN = 2**53
_EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG


def exact(value: Number) -> Exact:
    """Return the number that `value` stands for, in a form whose comparisons are exact."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def as_constant(value: Decimal) -> Exact:
    """Return the constant as an int where it is integral and not huge."""
    if value == value.to_integral_value() and abs(value) < _LARGEST_PLAIN:
        return int(value)
    return value


def compare(a: Number, b: Number) -> int:
    """Return -1, 0 or 1."""
    x, y = exact(a), exact(b)
    return (x > y) - (x < y)


def _finite(value: Decimal) -> Decimal | None:
    return value if value.is_finite() else None


def add(a: Number | None, b: Number | None) -> Exact | None:
    """Return a + b to 34 digits."""
    if a is None or b is None:
        return None
    return _finite(_WIDE.add(_decimal(a), _decimal(b)))


def subtract(a: Number | None, b: Number | None) -> Exact | None:
    """Return a - b to 34 digits."""
    if a is None or b is None:
        return None
    return _finite(_WIDE.subtract(_decimal(a), _decimal(b)))


def multiply(a: Number | None, b: Number | None) -> Exact | None:
    """Return a × b to 34 digits."""
    if a is None or b is None:
        return None
    return _finite(_WIDE.multiply(_decimal(a), _decimal(b)))


def divide(a: Number | None, b: Number | None) -> Exact | None:
    """Return a / b to 15 significant digits, half-even; None when b is zero."""
    if a is None or b is None or b == 0:
        return None
    return _finite(_QUOTIENT.divide(_decimal(a), _decimal(b)))


def _decimal(value: Number) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


_OPERATIONS = {"+": add, "-": subtract, "*": multiply, "/": divide}


def calculate(operators: Sequence[str], *operands: Number | None) -> Number | None:
    """Return the operands joined from left to right: `calculate("+-", a, b, c)` is `(a + b) - c`."""
    result = operands[0]
    for operator, operand in zip(operators, operands[1:], strict=True):
        result = _OPERATIONS[operator](result, operand)
        if result is None:
            return None
    return result


def negate(value: Number | None) -> Number | None:
    """Return -value, exactly."""
    if value is None:
        return None
    return value.copy_negate() if isinstance(value, Decimal) else -value


def absolute(value: Number | None) -> Number | None:
    """Return the value without its sign, exactly."""
    if value is None:
        return None
    return value.copy_abs() if isinstance(value, Decimal) else abs(value)


def rounded(value: Number | None) -> Exact | None:
    """Return the nearest integral number, the even one of two."""
    if value is None:
        return None
    number = exact(value)
    return number if isinstance(number, int) else _EVERY_DIGIT.to_integral_value(number)


def smallest(*values: Number | None) -> Number | None:
    """Return the smallest, the first of equals; None if any is missing."""
    present = [value for value in values if value is not None]
    return min(present, key=exact) if len(present) == len(values) else None


def largest(*values: Number | None) -> Number | None:
    """Return the largest, the first of equals; None if any is missing."""
    present = [value for value in values if value is not None]
    return max(present, key=exact) if len(present) == len(values) else None


def distance_km(a: tuple[float, float] | None, b: tuple[float, float] | None) -> Exact | None:
    """Return the great-circle distance (haversine, mean Earth radius), in kilometres rounded to metres."""
    if a is None or b is None:
        return None
    (lat1, lon1), (lat2, lon2) = ((radians(x), radians(y)) for x, y in (a, b))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return Decimal(repr(round(2 * _EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord))), 3)))
