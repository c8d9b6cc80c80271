"""What can be done with texts and lists of texts. None is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from assignkit.hashing import stable_hash
from assignkit.rules.field_types import Raw
from assignkit.rules.numbers import Number, compare
from assignkit.rules.values import read_number


def lower(text: str | None) -> str | None:
    """Return the text in small letters."""
    return None if text is None else text.lower()


def upper(text: str | None) -> str | None:
    """Return the text in capitals."""
    return None if text is None else text.upper()


def trimmed(text: str | None) -> str | None:
    """Return the text without white space at its ends."""
    return None if text is None else text.strip()


def length(value: Collection[Any] | None) -> int | None:
    """Return the number of characters of a text, of members of a list, of entries of a map."""
    return None if value is None else len(value)


def bucket(text: str | None, buckets: Number | None) -> int | None:
    """Return the stable hash of the text modulo `buckets`; None unless that is a whole number from 1 to 2**53."""
    if text is None or buckets is None or not 1 <= buckets <= 2**53 or buckets != int(buckets):
        return None
    return stable_hash("", "", text) % int(buckets)


def contains(text: str | None, part: str | None) -> bool | None:
    """Return whether `part` stands in the text."""
    return None if text is None or part is None else part in text


def starts_with(text: str | None, part: str | None) -> bool | None:
    """Return whether the text starts with `part`."""
    return None if text is None or part is None else text.startswith(part)


def ends_with(text: str | None, part: str | None) -> bool | None:
    """Return whether the text ends with `part`."""
    return None if text is None or part is None else text.endswith(part)


def like(text: str | None, pattern: str | None) -> bool | None:
    """Return whether the whole text fits the pattern: `*` is any run of characters, `?` exactly one."""
    return None if text is None or pattern is None else matcher(pattern)(text)


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a test for one pattern; it takes time linear in the text, whatever the pattern."""
    first, *rest = pattern.split("*")
    if not rest:
        return lambda text: len(text) == len(first) and _fits_at(first, text, 0)
    *middle, last = rest
    finders = tuple(_finder(part) for part in middle if part)
    shortest = len(first) + len(last)

    def matches(text: str) -> bool:
        end = len(text) - len(last)
        if len(text) < shortest or not _fits_at(first, text, 0) or not _fits_at(last, text, end):
            return False
        at = len(first)
        for find in finders:
            at = find(text, at, end)
            if at < 0:
                return False
        return True

    return matches


def _fits_at(part: str, text: str, at: int) -> bool:
    if "?" not in part:
        return text.startswith(part, at)
    return all(wanted in ("?", text[at + i]) for i, wanted in enumerate(part))


def _finder(part: str) -> Callable[[str, int, int], int]:
    """Return what finds the end of the first place of `part` within a range of a text, or -1."""
    size = len(part)
    if "?" not in part:

        def find(text: str, start: int, end: int) -> int:
            at = text.find(part, start, end)
            return at + size if at >= 0 else -1

        return find
    return _shift_and(part)


def _shift_and(part: str) -> Callable[[str, int, int], int]:
    """Baeza-Yates & Gonnet's shift-and: bit i of the state says that the first i + 1 characters fit up to here."""
    anywhere = sum(1 << i for i, wanted in enumerate(part) if wanted == "?")
    masks: dict[str, int] = {}
    for i, wanted in enumerate(part):
        masks[wanted] = masks.get(wanted, anywhere) | 1 << i
    masks.pop("?", None)
    final = 1 << (len(part) - 1)

    def find(text: str, start: int, end: int) -> int:
        state = 0
        for at in range(start, end):
            state = (state << 1 | 1) & masks.get(text[at], anywhere)
            if state & final:
                return at + 1
        return -1

    return find


def has(values: Raw, item: str | None) -> bool | None:
    """Return whether the list has the item, or the map the key."""
    if values is None or item is None:
        return None
    return item in values if isinstance(values, dict | set | frozenset) else _in_list(values, item)


def _in_list(values: Collection[Any], item: str) -> bool:
    # Members of other types may compare in ways of their own; only texts count.
    return any(isinstance(each, str) and each == item for each in values)


def members(values: Raw) -> tuple[str, ...] | None:
    """Return the texts of a list, or the keys of a map; members of other types do not count."""
    return None if values is None else tuple(each for each in values if isinstance(each, str))


def has_at(levels: Mapping[Any, Any] | None, item: str | None, level: Number | None) -> bool | None:
    """Return whether the map has the key with at least this number; a number that is missing leaves it open."""
    if levels is None or item is None or level is None:
        return None
    if item not in levels:
        return False
    held = read_number(levels[item])
    return None if held is None else compare(held, level) >= 0


def degree_at(levels: Mapping[Any, Any] | None, item: str | None, level: Number | None) -> Number | None:
    """Return the number that the map has for the key, 0 without the key."""
    if levels is None or item is None or level is None:
        return None
    return read_number(levels[item]) if item in levels else Decimal(0)


def has_any(values: Raw, items: Collection[str | None] | None) -> bool | None:
    """Return whether the list has any of the items; a missing item leaves it open unless another one is there."""
    if values is None or items is None:
        return None
    return either(has(values, item) for item in items)


def has_all(values: Raw, items: Collection[str | None] | None) -> bool | None:
    """Return whether the list has all of the items; a missing item leaves it open unless another one is lacking."""
    if values is None or items is None:
        return None
    return every(has(values, item) for item in items)


def either(results: Raw) -> bool | None:
    """Return Kleene's `or`."""
    found: bool | None = False
    for result in results:
        if result is True:
            return True
        if result is None:
            found = None
    return found


def every(results: Raw) -> bool | None:
    """Return Kleene's `and`."""
    found: bool | None = True
    for result in results:
        if result is False:
            return False
        if result is None:
            found = None
    return found
