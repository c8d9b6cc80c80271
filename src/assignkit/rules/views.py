"""How records of a class are seen as a plain dict, where that shows what reading their attributes would.

Looking a name up in a dict takes a third of the time of reading an attribute, and a tenth where pydantic keeps fields
that its model does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from assignkit.rules.facts import is_mapping_type

View = Callable[[Any], dict[str, Any]]
_KEPT = 256  # classes whose answer is remembered
_MISSING: Any = object()
_LOOK_UP = "__getattribute__"


class Views(dict[type, "View | None"]):
    """For each class of records that was met, what sees one as a dict; None where it has to be read with care.

    `names` gives those that have to be seen; it is asked once a class.
    """

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        super().__init__({dict: _itself})
        self._names = names

    def __missing__(self, kind: type) -> View | None:
        if len(self) > _KEPT:
            self.clear()
        view = self[kind] = view_of(kind, self._names())
        return view


def view_of(kind: type, names: Iterable[str]) -> View | None:
    """Return what sees the records of a class as a dict with these names in it, if it can be told that it may.

    It may not for mappings of other kinds, for classes without a `__dict__`, or whose attributes are computed: by
    descriptors (properties, columns of an ORM), `__getattribute__`, or a `__getattr__` that is not pydantic's.
    """
    if kind is dict:
        return _itself
    if _on_class(kind, _LOOK_UP) is not _on_class(object, _LOOK_UP) or not _has_dict(kind) or is_mapping_type(kind):
        return None
    keeps_extra = hasattr(kind, "__pydantic_extra__") and hasattr(kind, "model_fields")
    if hasattr(kind, "__getattr__") and not keeps_extra:
        return None
    named = tuple(names)
    for name in named:
        found = _on_class(kind, name)
        if found is not _MISSING and (keeps_extra or hasattr(type(found), "__set__")):
            return None
    fields: Mapping[str, Any] = getattr(kind, "model_fields", {})
    declared = not keeps_extra or fields.keys() >= set(named)
    return attrgetter("__dict__") if declared else _with_extra


def _itself(record: Any) -> dict[str, Any]:  # noqa: ANN401 - a dict
    return record  # type: ignore[no-any-return]


def _with_extra(record: Any) -> dict[str, Any]:  # noqa: ANN401 - a pydantic model
    extra = record.__pydantic_extra__
    known: dict[str, Any] = record.__dict__
    return {**known, **extra} if extra else known


def _has_dict(kind: type) -> bool:
    return any("__dict__" in each.__dict__ for each in kind.__mro__)


def _on_class(kind: type, name: str) -> Any:  # noqa: ANN401 - any attribute
    return next((each.__dict__[name] for each in kind.__mro__ if name in each.__dict__), _MISSING)
