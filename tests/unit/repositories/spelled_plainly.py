"""The plain way to spell values as JSON: a tree first, which `json` then writes; the twin of `spelling`."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from assignkit.model.frozen import FrozenDict, FrozenList
from assignkit.repositories.sql.instants import told_instant
from assignkit.repositories.sql.spelling import models_within

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def plainly(
    fields: Mapping[str, Any], *, unknown: Mapping[str, Any] | None = None, within: type[BaseModel] | None = None
) -> str:
    """Return the text of a document."""
    return _dumps(_Writer(models_within(within)).document(fields, unknown))


class _Writer:
    """Spells values out."""

    def __init__(self, models: Mapping[str, type[BaseModel]]) -> None:
        self._models = models
        # By their very types, as most values are of these few; what inherits from them is looked at more closely.
        self._usual: Mapping[type, Callable[[Any], Any]] = {
            dict: self._mapping,
            FrozenDict: self._mapping,
            list: self._list,
            FrozenList: self._list,
            tuple: self._tuple,
            datetime: lambda value: {"$at": told_instant(value)},
            float: _float,
        }

    def document(self, fields: Mapping[str, Any], unknown: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the object of a record."""
        spelled = {name: self.encoded(one) for name, one in fields.items()}
        if not unknown:
            return spelled
        more = self._mapping(unknown)
        return {**spelled, **more} if more.keys() != {"$map"} else {**spelled, "$more": more}

    def encoded(self, value: Any) -> Any:  # noqa: ANN401 - any value
        """Return `value` as JSON can hold it."""
        kind = type(value)
        if kind is str:
            return value if _is_plain(value) else {"$text": _base64(value.encode("utf-8", "surrogatepass"))}
        if kind in (int, bool, type(None)):
            return value
        usual = self._usual.get(kind)
        return self._unusual(value) if usual is None else usual(value)

    def _unusual(self, value: Any) -> Any:  # noqa: ANN401 - any value
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list):
            return self._list(value)
        if isinstance(value, tuple):
            return self._tuple(value)
        if isinstance(value, AbstractSet):
            spelled = (self.encoded(one) for one in value)
            return {"$set": sorted(spelled, key=lambda one: json.dumps(one, sort_keys=True))}
        if isinstance(value, BaseModel):
            return self._model(value)
        for known, tag, spell in _SPELLINGS:
            if isinstance(value, known):
                return {tag: spell(value)} if tag else spell(value)
        msg = f"a {type(value).__name__} has no form there, make it plain: {value!r:.80}"
        raise TypeError(msg)

    def _list(self, value: Sequence[Any]) -> list[Any]:
        return [self.encoded(one) for one in value]

    def _tuple(self, value: Sequence[Any]) -> dict[str, Any]:
        return {"$tuple": [self.encoded(one) for one in value]}

    def _mapping(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        order = _order_of(tuple(value))
        if order is None:
            return {"$map": [[self.encoded(key), self.encoded(one)] for key, one in value.items()]}
        spelled = {key: self.encoded(one) for key, one in value.items()}
        if order:
            spelled["$order"] = order
        return spelled

    def _model(self, value: BaseModel) -> dict[str, Any]:
        name = type(value).__name__
        if self._models.get(name) is not type(value):
            msg = f"a {name} stands where its field does not say so, make it plain: {value!r:.80}"
            raise TypeError(msg)
        given = {field: getattr(value, field) for field in value.__dict__ if field in value.model_fields_set}
        return {"$model": [name, self.encoded({**given, **(value.__pydantic_extra__ or {})})]}


def _order_of(keys: tuple[Any, ...]) -> list[str] | None:
    """Return the keys if their order has to be kept, nothing if PostgreSQL has the same, None if they are no JSON."""
    if not all(type(key) is str and not key.startswith("$") and _is_plain(key) for key in keys):
        return None
    return [] if list(keys) == sorted(keys, key=_place) else list(keys)


def _place(key: str) -> tuple[int, bytes]:
    """Return where PostgreSQL puts a key: short ones first."""
    text = key.encode()
    return len(text), text


def _is_plain(text: str) -> bool:
    """Return whether every database can keep the text as it is."""
    if text.isascii():
        return "\0" not in text
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _float(value: float) -> Any:  # noqa: ANN401 - itself, or spelled out
    spelled = repr(value)
    # PostgreSQL would write 1e16 as a whole number, and forget the sign of -0.0.
    if not math.isfinite(value) or "e" in spelled or spelled == "-0.0":
        return {"$float": spelled}
    return float(value)


def _elapsed(value: timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


_SPELLINGS: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
    (str, "", str.__str__),
    (int, "", int),
    (float, "", _float),
    (Decimal, "$decimal", str),
    (datetime, "$at", told_instant),  # before date, which it is a kind of
    (date, "$date", date.isoformat),
    (timedelta, "$elapsed", _elapsed),
    (time, "$time", time.isoformat),
    (Fraction, "$fraction", str),
    (bytes, "$bytes", _base64),
    (UUID, "$uuid", str),
)
