"""Making frozen models from values that are right already, at the speed that every decision needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

_put = object.__setattr__  # past the refusal of a frozen model


def built(model: type[M], values: dict[str, Any]) -> M:
    """Return a model with these values, unvalidated, and the defaults of the fields that are not among them.

    Several times as fast as `model_construct`, which looks up defaults and aliases field by field. Fields that make
    their default anew each time must be among the values.
    """
    made = model.__new__(model)
    defaults, names, private = _blank(model)
    _put(made, "__dict__", {**defaults, **values})
    _put(made, "__pydantic_extra__", None)
    _put(made, "__pydantic_fields_set__", names)
    _put(made, "__pydantic_private__", dict(private) if private else None)
    return made


def altered(model: M, changes: Mapping[str, Any]) -> M:
    """Return a copy of a frozen model with `changes` laid over its fields, which are right already: nothing validates.

    Faster than `BaseModel.model_copy`, with half the containers for the garbage collector to walk, because the copy
    shares what neither of the two can change.
    """
    if model.__pydantic_private__ is not None:
        return BaseModel.model_copy(model, update=changes)
    kind = type(model)
    copy = kind.__new__(kind)
    known = model.__pydantic_fields_set__
    values = model.__dict__.copy()
    values.update(changes)
    _put(copy, "__dict__", values)
    _put(copy, "__pydantic_extra__", model.__pydantic_extra__)
    _put(copy, "__pydantic_private__", None)
    _put(copy, "__pydantic_fields_set__", known if known >= changes.keys() else known | changes.keys())
    return copy


@cache
def _blank(model: type[BaseModel]) -> tuple[dict[str, Any], set[str], dict[str, Any]]:
    fields = model.model_fields
    defaults = {name: None if field.is_required() else field.default for name, field in fields.items()}
    private = {name: attribute.default for name, attribute in model.__private_attributes__.items()}
    return defaults, set(fields), private
