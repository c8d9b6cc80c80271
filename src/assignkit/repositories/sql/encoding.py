"""Values as JSON and back, exactly: what JSON lacks stands as an object with one key that begins with `$`.

PostgreSQL keeps neither the order of keys nor how a number was written, and no NUL or half of a surrogate pair: such
values are spelled out as well, on every database, so that the same value is the same text everywhere.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel

from assignkit.errors import ConfigurationError
from assignkit.model.frozen import FrozenDict, FrozenList
from assignkit.repositories.sql.instants import instant_of, told_instant

M = TypeVar("M", bound=BaseModel)

_put = object.__setattr__  # past the refusal of a frozen model
_ORDER, _MODEL, _MAP, _MORE = "$order", "$model", "$map", "$more"
_AS_THEY_ARE = frozenset((int, bool, type(None)))
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

Models = Mapping[str, type[BaseModel]]  # those that may stand within a record's fields, by name


def to_json(
    fields: Mapping[str, Any],
    *,
    of: str,
    unknown: Mapping[str, Any] | None = None,
    within: type[BaseModel] | None = None,
) -> str:
    """Return fields, whose order does not matter, and unknown fields, whose order does, as the text of one object.

    `within` is the model that the fields are of, as it says which models may stand in them. `ConfigurationError`,
    naming `of`, if they hold what cannot be kept.
    """
    try:
        return _dumps(_writer(within).document(fields, unknown))
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"{of} cannot be kept in a SQL store: {error}"
        raise ConfigurationError(msg) from error


def from_json(text: str, *, within: type[BaseModel] | None = None) -> dict[str, Any]:
    """Return the fields that `to_json` wrote; lists and mappings in them are frozen."""
    return _reader(within).document(json.loads(text))


class _Writer:
    """Spells values out."""

    def __init__(self, models: Models) -> None:
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
        return {**spelled, **more} if more.keys() != {_MAP} else {**spelled, _MORE: more}

    def encoded(self, value: Any) -> Any:  # noqa: ANN401 - any value
        """Return `value` as JSON can hold it."""
        kind = type(value)
        if kind is str:
            return value if is_plain(value) else {"$text": _base64(value.encode("utf-8", "surrogatepass"))}
        if kind in _AS_THEY_ARE:
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
            return {_MAP: [[self.encoded(key), self.encoded(one)] for key, one in value.items()]}
        spelled = {key: self.encoded(one) for key, one in value.items()}
        if order:
            spelled[_ORDER] = order
        return spelled

    def _model(self, value: BaseModel) -> dict[str, Any]:
        name = type(value).__name__
        if self._models.get(name) is not type(value):
            msg = f"a {name} stands where its field does not say so, make it plain: {value!r:.80}"
            raise TypeError(msg)
        given = {field: getattr(value, field) for field in value.__dict__ if field in value.model_fields_set}
        return {_MODEL: [name, self.encoded({**given, **(value.__pydantic_extra__ or {})})]}


class _Reader:
    """Reads what was spelled out."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._readers: Mapping[str, Callable[[Any], Any]] = {
            "$tuple": lambda spelled: tuple(map(self.decoded, spelled)),
            "$set": lambda spelled: frozenset(map(self.decoded, spelled)),
            _MAP: lambda spelled: FrozenDict((self.decoded(key), self.decoded(one)) for key, one in spelled),
            _MODEL: self._model,
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
        more = value.pop(_MORE, None)
        return dict(self._pairs(value)) if more is None else {**dict(self._pairs(value)), **self.decoded(more)}

    def _pairs(self, value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        order = value.pop(_ORDER, ())
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
def _writer(within: type[BaseModel] | None) -> _Writer:
    return _Writer(_models_within(within))


@cache
def _reader(within: type[BaseModel] | None) -> _Reader:
    return _Reader(_models_within(within))


def _models_within(model: type[BaseModel] | None) -> Models:
    found: dict[str, type[BaseModel]] = {}
    pending: list[Any] = [field.annotation for field in model.model_fields.values()] if model else []
    while pending:
        annotation = pending.pop()
        pending.extend(get_args(annotation))
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation.__name__ not in found:
            found[annotation.__name__] = annotation
            pending.extend(field.annotation for field in annotation.model_fields.values())
    return found


@lru_cache(4_096)
def _order_of(keys: tuple[Any, ...]) -> list[str] | None:
    """Return the keys if their order has to be kept, nothing if PostgreSQL has the same, None if they are no JSON."""
    if not all(type(key) is str and not key.startswith("$") and is_plain(key) for key in keys):
        return None
    return [] if list(keys) == sorted(keys, key=_place) else list(keys)


def _place(key: str) -> tuple[int, bytes]:
    """Return where PostgreSQL puts a key: short ones first."""
    text = key.encode()
    return len(text), text


def is_plain(text: str) -> bool:
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
