"""Values as JSON text, exactly: what JSON lacks stands as an object with one key that begins with `$`.

PostgreSQL keeps neither the order of keys nor how a number was written, and no NUL or half of a surrogate pair: such
values are spelled out as well, on every database, so that the same value is the same text everywhere.

Documents are put together as text in one pass. Objects with the same keys share a template, and texts are looked at for
what no database keeps once the whole document is there: those that have it are rare, and spelled a second time.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from json.encoder import encode_basestring, encode_basestring_ascii
from operator import itemgetter
from typing import Any, Never, get_args
from uuid import UUID

from pydantic import BaseModel

from assignkit.errors import ConfigurationError
from assignkit.model.frozen import FrozenDict, FrozenList
from assignkit.repositories.sql.instants import told_instant

ORDER, MODEL, MAP, MORE = "$order", "$model", "$map", "$more"

Models = Mapping[str, type[BaseModel]]  # those that may stand within a record's fields, by name
Spell = Callable[[Any], str]

_spell_text: Callable[[str], str] = encode_basestring  # with the quotes; escapes what JSON has to, and nothing more
_NUL = "\\u0000"  # as JSON writes it
_BLANK = "\0"  # stands in no document


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
    quick, careful = _spellers(within)
    try:
        text = quick.document(fields, unknown)
        return text if is_sound(text) else careful.document(fields, unknown)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"{of} cannot be kept in a SQL store: {error}"
        raise ConfigurationError(msg) from error


def is_plain(text: str) -> bool:
    """Return whether every database can keep the text as it is."""
    if text.isascii():
        return "\0" not in text
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


class Blank:
    """Stands in a document for a value that is filled in later, by its number; see `filled_in`."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


def filled_in(text: str) -> Callable[[Sequence[str]], str]:
    """Return what fills the blanks of a document with spelled values, the first value into each blank number 0."""
    fixed = text.split(_BLANK)
    numbers = [int(number) for number in fixed[1::2]]
    pattern = "%s".join(part.replace("%", "%%") for part in fixed[::2])
    if len(numbers) > 1:
        picked = itemgetter(*numbers)
        return lambda values: pattern % picked(values)
    return lambda values: pattern % tuple([values[number] for number in numbers])


def spell_all(values: Iterable[Any]) -> list[str]:
    """Return each value as it stands in a document, but for what no database keeps: see `is_sound`."""
    quick, _ = _spellers(None)
    return [quick[type(value)](value) for value in values]


def is_sound(text: str) -> bool:
    """Return whether every database can keep a document that was filled in."""
    return _NUL not in text and (text.isascii() or is_plain(text))  # a NUL itself would have been escaped


class _Speller(dict[type, Spell]):
    """Spells values out: how, by their very types. What inherits from the usual types is looked at more closely, once.

    `careful` looks at each text; else the caller looks at them all together.
    """

    def __init__(self, models: Models, *, careful: bool) -> None:
        text = _spell_any_text if careful else _spell_text
        super().__init__(
            {
                str: text,
                int: int.__repr__,
                bool: _spell_bool,
                type(None): _spell_none,
                float: _spell_float,
                dict: self._mapping,
                FrozenDict: self._mapping,
                list: self._list,
                FrozenList: self._list,
                tuple: self._tuple,
                datetime: _spell_instant,
                Blank: _spell_blank,
            }
        )
        self._quick = not careful
        self._models = models

    def document(self, fields: Mapping[str, Any], unknown: Mapping[str, Any] | None) -> str:
        """Return the object of a record."""
        spelled = _document_of(tuple(fields)) % tuple([self[type(one)](one) for one in fields.values()])
        if not unknown:
            return spelled
        more = self._mapping(unknown)
        inside = more[1:-1] if _template_of(tuple(unknown)) is not None else f'"{MORE}":{more}'
        return f"{spelled[:-1]},{inside}}}" if fields else f"{{{inside}}}"

    def __missing__(self, kind: type) -> Spell:
        spell = self[kind] = self._unusual(kind)
        return spell

    def _unusual(self, kind: type) -> Spell:
        if issubclass(kind, Mapping):
            return self._mapping
        if issubclass(kind, list):
            return self._list
        if issubclass(kind, tuple):
            return self._tuple
        if issubclass(kind, AbstractSet):
            return self._set
        if issubclass(kind, BaseModel):
            return self._model
        if issubclass(kind, str):
            return lambda value: self[str](str.__str__(value))
        for known, spell in _SPELLINGS:
            if issubclass(kind, known):
                return spell
        return _refuse

    def _list(self, value: Sequence[Any]) -> str:
        return f"[{','.join([self[type(one)](one) for one in value])}]"

    def _tuple(self, value: Sequence[Any]) -> str:
        return f'{{"$tuple":[{",".join([self[type(one)](one) for one in value])}]}}'

    def _set(self, value: Iterable[Any]) -> str:
        # The members have no order of their own: they stand as their ASCII spellings do.
        if self._quick and all(type(one) is str for one in value):
            spelled = list(map(_spell_text, sorted(value, key=encode_basestring_ascii)))
        else:
            spelled = sorted([self[type(one)](one) for one in value], key=_in_ascii)
        return f'{{"$set":[{",".join(spelled)}]}}'

    def _mapping(self, value: Mapping[Any, Any]) -> str:
        template = _template_of(tuple(value))
        if template is None:
            pairs = [f"[{self[type(key)](key)},{self[type(one)](one)}]" for key, one in value.items()]
            return f'{{"{MAP}":[{",".join(pairs)}]}}'
        return template % tuple([self[type(one)](one) for one in value.values()])

    def _model(self, value: BaseModel) -> str:
        name = type(value).__name__
        if self._models.get(name) is not type(value):
            msg = f"a {name} stands where its field does not say so, make it plain: {value!r:.80}"
            raise TypeError(msg)
        given = {field: getattr(value, field) for field in value.__dict__ if field in value.model_fields_set}
        return f'{{"{MODEL}":[{_spell_text(name)},{self._mapping({**given, **(value.__pydantic_extra__ or {})})}]}}'


@cache
def _spellers(within: type[BaseModel] | None) -> tuple[_Speller, _Speller]:
    models = models_within(within)
    return _Speller(models, careful=False), _Speller(models, careful=True)


@cache
def models_within(model: type[BaseModel] | None) -> Models:
    """Return the models that the fields of a model may hold, and theirs, by name."""
    found: dict[str, type[BaseModel]] = {}
    pending: list[Any] = [field.annotation for field in model.model_fields.values()] if model else []
    while pending:
        annotation = pending.pop()
        pending.extend(get_args(annotation))
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation.__name__ not in found:
            found[annotation.__name__] = annotation
            pending.extend(field.annotation for field in annotation.model_fields.values())
    return found


# --- objects


@lru_cache(4_096)
def _document_of(names: tuple[str, ...]) -> str:
    """Return a template for an object with these names, in which `%s` is for the text of each value."""
    return f"{{{','.join(map(_slot, names))}}}"


@lru_cache(4_096)
def _template_of(keys: tuple[Any, ...]) -> str | None:
    """Return the same with the keys' order, if that has to be kept; None if the keys are no JSON."""
    if not all(type(key) is str and not key.startswith("$") and is_plain(key) for key in keys):
        return None
    slots = list(map(_slot, keys))
    # PostgreSQL has a certain order of its own: then nothing needs to be kept.
    if list(keys) != sorted(keys, key=_place):
        order = ",".join(map(_spell_text, keys)).replace("%", "%%")
        slots.append(f'"{ORDER}":[{order}]')
    return f"{{{','.join(slots)}}}"


def _slot(key: str) -> str:
    return f"{_spell_text(key)}:".replace("%", "%%") + "%s"


def _place(key: str) -> tuple[int, bytes]:
    """Return where PostgreSQL puts a key: short ones first."""
    text = key.encode()
    return len(text), text


# --- single values


def _refuse(value: object) -> Never:
    msg = f"a {type(value).__name__} has no form there, make it plain: {value!r:.80}"
    raise TypeError(msg)


def _spell_any_text(value: str) -> str:
    return _spell_text(value) if is_plain(value) else f'{{"$text":"{_base64(value.encode("utf-8", "surrogatepass"))}"}}'


def _spell_blank(value: Blank) -> str:
    return f"{_BLANK}{value.number}{_BLANK}"


def _spell_bool(value: bool) -> str:  # noqa: FBT001 - the value itself
    return "true" if value else "false"


def _spell_none(_: None) -> str:
    return "null"


def _spell_float(value: float) -> str:
    spelled = float.__repr__(value)
    # PostgreSQL would write 1e16 as a whole number, and forget the sign of -0.0.
    if not math.isfinite(value) or "e" in spelled or spelled == "-0.0":
        return f'{{"$float":"{spelled}"}}'
    return spelled


def _spell_instant(value: datetime) -> str:
    # The very same instant stands several times in the documents of a decision.
    last, text = _latest[0]
    if last is not value:
        text = f'{{"$at":{_spell_text(told_instant(value))}}}'
        _latest[0] = value, text
    return text


def _elapsed(value: timedelta) -> str:
    return f'{{"$elapsed":[{value.days},{value.seconds},{value.microseconds}]}}'


def _tagged(tag: str, text: Callable[[Any], str]) -> Spell:
    return lambda value: f'{{"{tag}":{_spell_text(text(value))}}}'


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _in_ascii(spelled: str) -> str:
    return json.dumps(json.loads(spelled), sort_keys=True)


_latest: list[tuple[datetime | None, str]] = [(None, "")]


_SPELLINGS: tuple[tuple[type, Spell], ...] = (
    (int, int.__repr__),
    (float, _spell_float),
    (Decimal, _tagged("$decimal", str)),
    (datetime, _spell_instant),  # before date, which it is a kind of
    (date, _tagged("$date", date.isoformat)),
    (timedelta, _elapsed),
    (time, _tagged("$time", time.isoformat)),
    (Fraction, _tagged("$fraction", str)),
    (bytes, _tagged("$bytes", _base64)),
    (UUID, _tagged("$uuid", str)),
)
