"""Reading what `spelling` wrote: JSON text into values, exactly; lists and mappings are frozen."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from assignkit.model.frozen import FrozenDict, FrozenList
from assignkit.repositories.sql.instants import instant_of
from assignkit.repositories.sql.spelling import MAP, MODEL, MORE, ORDER, Models, models_within

M = TypeVar("M", bound=BaseModel)

_put = object.__setattr__  # past the refusal of a frozen model


def from_json(text: str, *, within: type[BaseModel] | None = None) -> dict[str, Any]:
    """Return the fields that `to_json` wrote; lists and mappings in them are frozen."""
    return _reader(within).document(json.loads(text))


class _Reader:
    """Reads what was spelled out."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._readers: Mapping[str, Callable[[Any], Any]] = {
            "$tuple": lambda spelled: tuple(map(self.decoded, spelled)),
            "$set": lambda spelled: frozenset(map(self.decoded, spelled)),
            MAP: lambda spelled: FrozenDict((self.decoded(key), self.decoded(one)) for key, one in spelled),
            MODEL: self._model,
            **_READERS,
        }

    def decoded(self, value: Any) -> Any:  # noqa: ANN401 - any value
        """Return the value that was encoded."""
        kind = type(value)
        if kind is list:
            return FrozenList(map(self.decoded, value))
        if kind is not dict:
            return value
        if len(value) == 1:
            ((tag, spelled),) = value.items()
            read = self._readers.get(tag)
            if read is not None:
                return read(spelled)
        return FrozenDict(self._pairs(value))

    def document(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the fields of a record's object, the unknown ones last."""
        more = value.pop(MORE, None)
        return dict(self._pairs(value)) if more is None else {**dict(self._pairs(value)), **self.decoded(more)}

    def _pairs(self, value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        order = value.pop(ORDER, ())
        listed = frozenset(order)
        for key, one in value.items():
            if key not in listed:
                yield key, self.decoded(one)
        for key in order:
            yield key, self.decoded(value[key])

    def _model(self, spelled: list[Any]) -> BaseModel:
        name, fields = spelled
        return constructed(self._models[name], self.decoded(fields))


def constructed(model: type[M], values: Mapping[str, Any]) -> M:
    """Return a model with these values, the others by default, and what it does not know kept as unknown fields.

    Nothing is validated: what was kept was validated before.
    """
    made = model.__new__(model)
    known: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        known[name] = values[name] if name in values else field.get_default(call_default_factory=True)
    unknown = None
    if model.model_config.get("extra") == "allow":
        unknown = {name: value for name, value in values.items() if name not in known}
    _put(made, "__dict__", known)
    _put(made, "__pydantic_extra__", unknown)
    _put(made, "__pydantic_private__", None)
    _put(made, "__pydantic_fields_set__", set(values))
    return made


@cache
def _reader(within: type[BaseModel] | None) -> _Reader:
    return _Reader(models_within(within))


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "$text": lambda spelled: base64.b64decode(spelled).decode("utf-8", "surrogatepass"),
    "$float": float,
    "$decimal": Decimal,
    "$at": instant_of,
    "$date": date.fromisoformat,
    "$elapsed": lambda spelled: timedelta(*spelled),
    "$time": time.fromisoformat,
    "$fraction": Fraction,
    "$bytes": base64.b64decode,
    "$uuid": UUID,
}
