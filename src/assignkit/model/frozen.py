"""Lists and maps that cannot be changed, so that a record handed out is safe to share.

They are real `list`s and `dict`s: they compare, serialise and print like them, and only refuse to be changed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Never

from pydantic import BaseModel


def _refuse(self: object, *_: object, **__: object) -> Never:
    msg = f"a record is not changed in place: make a new one with model_copy(update=...) ({type(self).__name__})"
    raise TypeError(msg)


class FrozenList(list[Any]):
    """A list that refuses to be changed; copies of it are itself."""

    __slots__ = ()
    append = extend = insert = remove = pop = clear = sort = reverse = _refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __copy__(self) -> FrozenList:
        return self

    def __deepcopy__(self, memo: object) -> FrozenList:
        return self

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[list[Any]]]:
        return FrozenList, (list(self),)


class FrozenDict(dict[Any, Any]):
    """A dict that refuses to be changed; copies of it are itself."""

    __slots__ = ()
    update = setdefault = pop = popitem = clear = _refuse
    __setitem__ = __delitem__ = __ior__ = _refuse

    def __copy__(self) -> FrozenDict:
        return self

    def __deepcopy__(self, memo: object) -> FrozenDict:
        return self

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[dict[Any, Any]]]:
        return FrozenDict, (dict(self),)


LEVELS = 64  # of lists and maps within each other; whoever walks through a record may do it by recursion
_ATOMS = frozenset((str, int, bool, float, type(None), FrozenDict, FrozenList))  # what nearly all values are
_IMMUTABLE = (str, int, float, bytes, type(None), frozenset, Decimal, date, timedelta, FrozenList, FrozenDict)


def freeze(value: Any, *, levels: int = LEVELS) -> Any:  # noqa: ANN401 - any value of a host's record
    """Return `value` with every list, dict and set in it frozen; other mutable objects are deep-copied once.

    `ValueError` for lists and dicts that are nested more than so many levels deep, as those are that hold themselves.
    """
    if type(value) in _ATOMS or isinstance(value, _IMMUTABLE):
        return value
    if not levels:
        msg = f"lists and maps may be nested {LEVELS} deep, and may not hold themselves"
        raise ValueError(msg)
    below = levels - 1
    if isinstance(value, dict):
        return FrozenDict({k: v if type(v) in _ATOMS else freeze(v, levels=below) for k, v in value.items()})
    if isinstance(value, list):
        return FrozenList([v if type(v) in _ATOMS else freeze(v, levels=below) for v in value])
    if isinstance(value, tuple):
        frozen = [freeze(each, levels=below) for each in value]
        return type(value)(*frozen) if hasattr(value, "_fields") else tuple(frozen)  # a named tuple keeps its type
    if isinstance(value, set):
        return frozenset(value)
    if isinstance(value, BaseModel) and value.model_config.get("frozen"):
        return value
    return copy.deepcopy(value)
