"""What types a field may have, and how Python's types stand for them."""

from __future__ import annotations

import enum
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Required, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from assignkit.errors import ConfigurationError
from assignkit.messages.text import Text, say

Raw = Any  # whatever a host's record holds, or a host writes as a type


class ValueType(enum.StrEnum):
    """The type of an expression. `ANY` fits everywhere and is always missing: an empty column, or an error told."""

    TEXT = "text"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    DATE = "a date"
    INSTANT = "an instant"
    DURATION = "a duration"
    LOCATION = "a location"
    TEXTS = "a list of texts"
    NUMBERS = "a list of numbers"
    DATES = "a list of dates"
    INSTANTS = "a list of instants"
    LEVELS = "a map of texts to numbers"
    ANY = "anything"

    @property
    def told(self) -> Text:
        """Return what messages call the type."""
        return say(f"meaning.type_{self.name.lower()}")


LIST_OF: Mapping[ValueType, ValueType] = {
    ValueType.TEXT: ValueType.TEXTS,
    ValueType.NUMBER: ValueType.NUMBERS,
    ValueType.DATE: ValueType.DATES,
    ValueType.INSTANT: ValueType.INSTANTS,
    ValueType.ANY: ValueType.ANY,
}
ITEM_OF: Mapping[ValueType, ValueType] = {many: one for one, many in LIST_OF.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How a host describes one field: its Python type, and where and how its value is found.

    `path` is the way to the value (`"address.province"`), the field's own name if not given. `aliases` are further
    names in rules (`省份`). `zone` is the time zone of naive datetimes, which are refused without it.
    """

    type: Any
    path: str | None = None
    aliases: tuple[str, ...] = ()
    zone: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field as rules know it.

    `values` are all that its enumeration has; `wrapped` says that the record may hold enumeration members; `derived`
    that the desk supplies the value instead of the record. `floating` that its numbers are mostly floats, which changes
    how fast they compare, but no answer.
    """

    name: str
    type: ValueType
    path: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    zone: str | None = None
    values: tuple[str | int, ...] | None = None
    wrapped: bool = False
    derived: bool = False
    unit: str | None = None
    floating: bool = field(default=False, compare=False)


class UnsupportedTypeError(TypeError):
    """A type that no field can have; the message says which."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a Python type stands for."""

    type: ValueType
    values: tuple[str | int, ...] | None = None
    wrapped: bool = False
    floating: bool = False


_SCALARS: Mapping[Any, ValueType] = {
    str: ValueType.TEXT,
    bool: ValueType.BOOLEAN,
    int: ValueType.NUMBER,
    float: ValueType.NUMBER,
    Decimal: ValueType.NUMBER,
    datetime: ValueType.INSTANT,
    date: ValueType.DATE,
    type(None): ValueType.ANY,
}
_LISTS = (list, tuple, set, frozenset)


def _is_scalar(annotation: Raw) -> bool:
    try:
        return annotation in _SCALARS
    except TypeError:  # a list, for instance, which is no type either
        return False


def shape_of(annotation: Raw) -> Shape:
    """Return what `annotation` stands for; raises `UnsupportedTypeError` when no field can have it."""
    if _is_scalar(annotation):
        return Shape(_SCALARS[annotation], floating=annotation is float)
    origin: Raw = get_origin(annotation)
    arguments = get_args(annotation)
    if origin in (Annotated, Required):
        return shape_of(arguments[0])
    if origin is Literal:
        return _enumeration(arguments, wrapped=False)
    if origin in (Union, types.UnionType):
        return _union(tuple(shape_of(each) for each in arguments), annotation)
    if origin in _LISTS:
        return _listed(origin, arguments, annotation)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapped(arguments, annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _enumeration(tuple(member.value for member in annotation), wrapped=True)
    return _marked(annotation)


def _marked(annotation: Raw) -> Shape:
    """Pydantic's `AwareDatetime` and its kin are classes of their own that stand for a datetime or a date."""
    name = getattr(annotation, "__name__", "")
    if getattr(annotation, "__module__", "") == "pydantic.types":
        if name in {"AwareDatetime", "NaiveDatetime", "PastDatetime", "FutureDatetime"}:
            return Shape(ValueType.INSTANT)
        if name in {"PastDate", "FutureDate"}:
            return Shape(ValueType.DATE)
    shown = name if isinstance(annotation, type) and name else repr(annotation)
    raise UnsupportedTypeError(shown)


def _enumeration(values: tuple[Any, ...], *, wrapped: bool) -> Shape:
    kept = tuple(value for value in values if value is not None)
    if all(isinstance(value, str) for value in kept):
        return Shape(ValueType.TEXT, tuple(str.__str__(value) for value in kept), wrapped)
    if all(isinstance(value, bool) for value in kept):
        return Shape(ValueType.BOOLEAN, None, wrapped)
    if all(isinstance(value, int) and not isinstance(value, bool) for value in kept):
        return Shape(ValueType.NUMBER, tuple(int(value) for value in kept), wrapped)
    msg = f"an enumeration with the values {', '.join(map(repr, kept))}"
    raise UnsupportedTypeError(msg)


def _union(shapes: tuple[Shape, ...], annotation: Raw) -> Shape:
    real = [shape for shape in shapes if shape.type is not ValueType.ANY]
    kinds = {shape.type for shape in real}
    if not real:
        return Shape(ValueType.ANY)
    if len(kinds) > 1:
        raise UnsupportedTypeError(repr(annotation))
    values: tuple[str | int, ...] | None = None
    if all(shape.values is not None for shape in real):
        values = tuple(dict.fromkeys(value for shape in real for value in shape.values or ()))
    wrapped, floating = (any(flags) for flags in zip(*((each.wrapped, each.floating) for each in real), strict=True))
    return Shape(real[0].type, values, wrapped, floating)


def _listed(origin: Raw, arguments: tuple[Any, ...], annotation: Raw) -> Shape:
    if origin is tuple and len(arguments) == 2 and arguments[1] is not Ellipsis:  # noqa: PLR2004 - a pair
        if all(shape_of(each).type is ValueType.NUMBER for each in arguments):
            return Shape(ValueType.LOCATION)
    elif arguments and (origin is not tuple or arguments[-1] is Ellipsis):
        item = shape_of(arguments[0])
        if item.type is ValueType.TEXT:
            return Shape(ValueType.TEXTS, item.values, item.wrapped)
    raise UnsupportedTypeError(repr(annotation))


def _mapped(arguments: tuple[Any, ...], annotation: Raw) -> Shape:
    if len(arguments) == 2:  # noqa: PLR2004 - keys and values
        key, value = (shape_of(each) for each in arguments)
        if key.type is ValueType.TEXT and value.type is ValueType.NUMBER:
            return Shape(ValueType.LEVELS, key.values, key.wrapped)
    raise UnsupportedTypeError(repr(annotation))


def spec_of(name: str, entry: object) -> FieldSpec:
    """Return the field that a host's entry describes: a type, `(type, "path.to.value")`, or a `Field`.

    Raises `UnsupportedTypeError` for a type that no field can have, `ConfigurationError` for a bad zone or path.
    """
    if not isinstance(name, str):
        msg = f"fields have names, and {name!r} is none"
        raise ConfigurationError(msg)
    if isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[1], str):  # noqa: PLR2004 - type and path
        entry = Field(type=entry[0], path=entry[1])
    described = entry if isinstance(entry, Field) else Field(type=entry)
    try:
        shape = shape_of(described.type)
    except UnsupportedTypeError as error:
        whole = described.type
        raise UnsupportedTypeError(repr(whole) if get_origin(whole) not in (None, Literal) else str(error)) from error
    path = tuple((described.path or name).split("."))
    if not all(path):
        msg = f"field `{name}`: the path `{described.path}` has an empty part"
        raise ConfigurationError(msg)
    return FieldSpec(
        name=name,
        type=shape.type,
        path=path,
        aliases=tuple(described.aliases),
        zone=_checked_zone(name, described.zone),
        values=shape.values,
        wrapped=shape.wrapped,
        floating=shape.floating,
        unit=described.unit,
    )


def _checked_zone(name: str, zone: str | None) -> str | None:
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError) as error:
            msg = f"field `{name}`: there is no time zone `{zone}`; names look like `Asia/Shanghai`"
            raise ConfigurationError(msg) from error
    return zone
