"""Making frozen models from values that are right already, at the speed that every decision needs."""

from __future__ import annotations

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


@cache
def _blank(model: type[BaseModel]) -> tuple[dict[str, Any], set[str], dict[str, Any]]:
    fields = model.model_fields
    defaults = {name: None if field.is_required() else field.default for name, field in fields.items()}
    private = {name: attribute.default for name, attribute in model.__private_attributes__.items()}
    return defaults, set(fields), private
