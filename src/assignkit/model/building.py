"""Making frozen models and frozen dataclasses from values that are right already, as fast as every decision needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache, lru_cache
from typing import Any, ParamSpec, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)
P = ParamSpec("P")
T = TypeVar("T")

# Past the refusal of a frozen model, and past looking up by name what a model keeps.
_put_values = BaseModel.__dict__["__dict__"].__set__
_put_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_put_names = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_put_private = BaseModel.__dict__["__pydantic_private__"].__set__


def built(model: type[M], values: dict[str, Any]) -> M:
    """Return a model with these values, unvalidated, and the defaults of the fields that are not among them.

    Several times as fast as `model_construct`, which looks up defaults and aliases field by field. Fields that make
    their default anew each time must be among the values.
    """
    made = model.__new__(model)
    defaults, names = _blank(model)
    _put_values(made, {**defaults, **values})
    _put_extra(made, None)
    _put_names(made, names)
    _put_private(made, None)
    return made


def whole(model: type[M], values: dict[str, Any]) -> M:
    """Return a model of just these values, unvalidated: all fields in the model's order.

    The fastest of all, because nothing is copied: whoever calls does not keep them.
    """
    made = model.__new__(model)
    _put_values(made, values)
    _put_extra(made, None)
    _put_names(made, _blank(model)[1])
    _put_private(made, None)
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
    _put_values(copy, values)
    _put_extra(copy, model.__pydantic_extra__)
    _put_private(copy, None)
    _put_names(copy, known if known >= changes.keys() else _wider(frozenset(known), tuple(changes)))
    return copy


def maker_of(kind: Callable[P, T]) -> Callable[P, T]:
    """Return a function that makes a frozen dataclass with slots from keyword arguments, several times as fast.

    A frozen class sets each of its fields past its own refusal, by name. This one sets those of a twin that refuses
    nothing and has the same slots, and then says that it is of the frozen class. Fields that make their default anew
    each time are not for it.
    """
    told = fields(kind)  # type: ignore[arg-type]  # a dataclass, which no signature can ask for
    twin = type("Twin", (), {"__slots__": tuple(field.name for field in told)})
    names: dict[str, Any] = {"Twin": twin, "Kind": kind, "new": object.__new__}
    names |= {f"default_{field.name}": field.default for field in told if field.default is not MISSING}
    taken = [field.name if field.default is MISSING else f"{field.name}=default_{field.name}" for field in told]
    lines = [
        f"def make(*, {', '.join(taken)}):",
        "made = new(Twin)",
        *(f"made.{field.name} = {field.name}" for field in told),
        "made.__class__ = Kind",
        "return made",
    ]
    exec("\n ".join(lines), names)  # noqa: S102 - names of fields only
    make: Callable[P, T] = names["make"]
    return make


@lru_cache(maxsize=1024)
def _wider(known: frozenset[str], more: tuple[str, ...]) -> set[str]:
    """Return one set for all models of which the same fields are known, instead of one for each."""
    return {*known, *more}


@cache
def _blank(model: type[BaseModel]) -> tuple[dict[str, Any], set[str]]:
    fields = model.model_fields
    defaults = {name: None if field.is_required() else field.default for name, field in fields.items()}
    return defaults, set(fields)
