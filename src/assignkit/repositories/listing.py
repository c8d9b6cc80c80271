"""What `list` gives: records that fit a filter, in an order, a page of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from assignkit.errors import ConfigurationError
from assignkit.model.record import Record, as_identity
from assignkit.repositories.base import Page

R = TypeVar("R", bound=Record)

_COLLECTIONS = (list, tuple, AbstractSet, Mapping)
_IDENTITIES = frozenset(("id", "owner", "customer", "manager", "parent"))


def listed(
    records: Iterable[R], filter: Mapping[str, Any] | None, order: str | Sequence[str], page: Page | None
) -> list[R]:
    """Return the records that fit `filter`, by `order` and then by id, cut to `page`; see `Repository.list`."""
    wanted = with_ids_as_text(filter)
    names = order_given(order)
    found = [record for record in records if _fits(record, wanted)] if wanted else list(records)
    found.sort(key=lambda record: record.id)
    for name in reversed(names):
        if name != "id":
            found = _sorted_by(found, name)
    return found if page is None else _cut(found, page)


def order_given(order: str | Sequence[str]) -> Sequence[str]:
    """Return the fields that records are sorted by; `ConfigurationError` for what names none."""
    names: Any = [order] if isinstance(order, str) else order
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        msg = f"an order is a field, `-field` downwards, or a list of them, not {order!r:.60}"
        raise ConfigurationError(msg)
    return [str.__str__(name) for name in names]  # what the member of an enumeration is, not what it is called


def with_ids_as_text(filter: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a filter that asks for identities as they are kept: integers are decimal text.

    Raises `ConfigurationError` for what is no filter.
    """
    if filter is not None and not isinstance(filter, Mapping):
        msg = f"a filter maps fields to the values that they may have, and is no {type(filter).__name__}"
        raise ConfigurationError(msg)
    if filter and not all(isinstance(name, str) for name in filter):
        msg = f"a filter maps the names of fields, which are texts: {list(filter)!r:.60}"
        raise ConfigurationError(msg)
    if not filter or _IDENTITIES.isdisjoint(filter):
        return filter
    return {name: _as_text(wanted) if name in _IDENTITIES else wanted for name, wanted in filter.items()}


def _as_text(wanted: object) -> object:
    if isinstance(wanted, list | tuple | AbstractSet):
        return [as_identity(one) for one in wanted]
    return as_identity(wanted)


def check_page(page: Page) -> None:
    """Raise `ConfigurationError` for what is no page, or one before the first record."""
    if not isinstance(page, Page):
        msg = f"a page is a `Page(limit=…, offset=…)`, not {page!r}"
        raise ConfigurationError(msg)
    if not all(isinstance(part, int) for part in (page.offset, page.limit)):
        msg = f"a page has a whole number as offset and as limit, got {page!r:.100}"
        raise ConfigurationError(msg)
    if page.offset < 0 or page.limit < 0:
        msg = f"a page has no negative offset or limit, got {page}"
        raise ConfigurationError(msg)


def _value(record: Record, name: str) -> Any:  # noqa: ANN401 - any field
    # Not getattr: `name` may be the name of a method.
    values: dict[str, Any] = record.__dict__
    return values[name] if name in values else (record.__pydantic_extra__ or {}).get(name)


def _fits(record: Record, filter: Mapping[str, Any]) -> bool:
    return all(_allows(wanted, _value(record, name)) for name, wanted in filter.items())


def _allows(wanted: object, value: object) -> bool:
    choices = _comparable(wanted if isinstance(wanted, (list, tuple, AbstractSet)) else (wanted,))
    held = _comparable(value if isinstance(value, _COLLECTIONS) else (value,))
    return any(choice in held for choice in choices)


def _comparable(values: Iterable[object]) -> list[object]:
    # What is no number counts as missing; Decimal("sNaN") does not even compare.
    return [None if _is_nan(value) else value for value in values]


def _sorted_by(records: list[R], name: str) -> list[R]:
    downwards = name.startswith("-")
    field = name.removeprefix("-")
    keyed = [(_key(_value(record, field)), record) for record in records]
    present = [pair for pair in keyed if pair[0] is not None]
    missing = [record for key, record in keyed if key is None]
    # `reverse` keeps the order of equals, so that ids still rise among them.
    present.sort(key=lambda pair: pair[0] or (), reverse=downwards)
    return [record for _, record in present] + missing


def _key(value: object) -> tuple[Any, ...] | None:
    """Return what `value` is sorted by, comparable with that of any other value; None if it counts as missing."""
    if value is None or _is_nan(value):
        return None
    for rank, (kind, comparable) in enumerate(_COMPARABLE):
        if isinstance(value, kind):
            return rank, *comparable(value)
    shown = sorted(map(repr, value)) if isinstance(value, AbstractSet) else repr(value)
    return len(_COMPARABLE), type(value).__name__, str(shown)


def _is_nan(value: object) -> bool:
    return (isinstance(value, float) and math.isnan(value)) or (isinstance(value, Decimal) and value.is_nan())


def _by_instant(value: datetime) -> tuple[bool, timedelta]:
    # As a span, because the first and the last days of the calendar have no date in UTC.
    offset = value.utcoffset()
    return offset is not None, value.replace(tzinfo=None) - datetime.min - (offset or timedelta())  # noqa: DTZ901


def _by_itself(value: Any) -> tuple[Any]:  # noqa: ANN401 - one of the kinds below
    return (value,)


_COMPARABLE: tuple[tuple[Any, Callable[[Any], tuple[Any, ...]]], ...] = (
    ((int, float, Decimal), _by_itself),
    (str, _by_itself),
    (datetime, _by_instant),  # before date, which it is a kind of
    (date, _by_itself),
    (timedelta, _by_itself),
)


def _cut(records: list[R], page: Page) -> list[R]:
    check_page(page)
    return records[page.offset : page.offset + page.limit]
