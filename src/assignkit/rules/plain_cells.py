"""Cells of tables that are read without the parser: texts as they stand, numbers, and ranges of numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import cast

from assignkit.diagnostics import Source, Span
from assignkit.language.formatting.quoting import quoted
from assignkit.rules.field_types import ValueType
from assignkit.rules.numbers import Exact, as_constant
from assignkit.rules.terms import And, Compare, Constant, Operator, Origin, Term

_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,3})?"
_COMPARED = re.compile(rf"(?:(>=|<=|>|<) ?)?({_NUMBER})")
_RANGE = re.compile(rf"({_NUMBER}) to ({_NUMBER})")
_START = Span(0, 0)


def is_plain_number(cell: str) -> bool:
    """Return whether a cell below a field that is a number can be read so."""
    return _COMPARED.fullmatch(cell) is not None or _RANGE.fullmatch(cell) is not None


def is_plain_text(cell: str) -> bool:
    """Return whether a cell that stands for itself below a field that is a text has no characters to look into."""
    return cell.isprintable() and '"' not in cell and "\\" not in cell


def plain_test(cell: str, subject: Term, source: Source) -> Term:
    """Return the condition that a plain cell below a subject stands for."""
    if subject.type is ValueType.TEXT:
        return _compared("=", quoted(cell), cell, subject, source)
    span = _RANGE.fullmatch(cell)
    if span is None:
        compared = _COMPARED.fullmatch(cell)
        assert compared is not None, cell  # noqa: S101 - what is not plain was read before
        return _compared(compared[1] or "=", cell, _number(compared[2]), subject, source)
    low = _compared(">=", "", _number(span[1]), subject, source)
    high = _compared("<=", "", _number(span[2]), subject, source)
    origin = Origin(source, _START, f"{subject.text} in {cell}")
    return And(type=ValueType.BOOLEAN, origin=origin, operands=(low, high), whole=True)


def plain_value(cell: str, subject: Term) -> str | Exact | None:
    """Return the one value that a plain cell asks for, None if it is a range."""
    if subject.type is ValueType.TEXT:
        return cell
    compared = _COMPARED.fullmatch(cell)
    return _number(compared[2]) if compared is not None and compared[1] is None else None


def _number(written: str) -> Exact:
    return as_constant(Decimal(written))


def _compared(operator: str, written: str, constant: str | Exact, subject: Term, source: Source) -> Term:
    says = "= " if operator == "=" else ""
    origin = Origin(source, _START, f"{subject.text} {says}{written}")
    value = Constant(type=subject.type, origin=origin, value=constant)
    return Compare(
        type=ValueType.BOOLEAN, origin=origin, operator=cast("Operator", operator), left=subject, right=value
    )
