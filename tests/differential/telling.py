"""Everything that a call of the desk tells, as text: two stores agree if these texts do, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from assignkit import AssignkitError, Decision
from assignkit.model.assignment import Event
from assignkit.model.explanation import Explanation
from assignkit.model.record import Record


def outcome_of(call: Callable[[], object]) -> tuple[object, str]:
    """Return what a call gives, or the error that it raises, and what that tells."""
    try:
        result = call()
    except AssignkitError as error:
        return error, f"{type(error).__name__}: {error}"
    return result, told(result)


def told(result: Any) -> str:  # noqa: ANN401 - whatever a desk gives
    """Return what a result tells in every language and form that it has."""
    if isinstance(result, Decision):
        return "\n".join((result.model_dump_json(), told(result.explanation())))
    if isinstance(result, Explanation):
        return "\n".join((result.to_json(), result.to_text(), result.to_text(language="zh")))
    if isinstance(result, Event):
        return "\n".join((result.model_dump_json(), result.explain(), result.explain(language="zh")))
    if isinstance(result, BaseModel):
        text = getattr(result, "to_text", None)
        return exact(result) if text is None else f"{exact(result)}\n{text()}"
    if isinstance(result, Mapping):
        return "\n".join(f"{exact(key)}: {told(one)}" for key, one in result.items())
    if isinstance(result, list | tuple):
        return "\n".join(f"{number}. {told(one)}" for number, one in enumerate(result))
    return exact(result)


def exact(value: Any) -> str:  # noqa: ANN401 - any value
    """Return everything about a value: types, digits, zones, and the order of keys."""
    if isinstance(value, BaseModel):
        given = f" {sorted(value.model_fields_set)}" if isinstance(value, Record) else ""
        return f"{type(value).__name__} {exact(dict(value))}{given}"
    if is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__} {exact({one.name: getattr(value, one.name) for one in fields(value)})}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{exact(key)}: {exact(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(exact, value))}]"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(exact, value)))}}}"
    if isinstance(value, datetime):
        return f"{value.isoformat()} in {value.tzinfo}"
    return str(value) if isinstance(value, Fraction) else repr(value)
