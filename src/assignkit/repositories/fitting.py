"""What a host hands over for a noun or kind, looked at before any unit needs it: whether it can be a repository."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from assignkit.errors import ConfigurationError

KINDS = ("customers", "tasks")
NOUNS = (*KINDS, "agents", "teams", "pools", "categories")
METHODS = ("find", "get", "list", "add", "save", "remove")


def kinds_given(items: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the repositories by kind that were given as `items`; `ConfigurationError` for what is no mapping."""
    if items is None:
        return {}
    if not isinstance(items, Mapping):
        msg = f"`items` takes repositories by kind, such as {{'deals': …}}, not {type(items).__name__}"
        raise ConfigurationError(msg)
    return items


def refuse_kind(kind: object, given: Mapping[str, Any]) -> None:
    """Raise `ConfigurationError` if `items` names what is no kind, or is among those that were `given` otherwise."""
    if not isinstance(kind, str) or not kind.strip():
        msg = f"`items` takes repositories by kind, such as {{'deals': …}}, not by {kind!r}"
    elif kind in given:
        msg = f"`{kind}` is given twice: as `{kind}=` and within `items=`"
    elif kind in NOUNS and kind not in KINDS:
        msg = f"{kind} are no kind of item: hand their repository over as `{kind}=`"
    else:
        return
    raise ConfigurationError(msg)


def refuse_unfit(given: Any, called: str) -> None:  # noqa: ANN401 - whatever a host hands over
    """Raise `ConfigurationError` if what was handed over lacks a method of repositories, or has one to be awaited."""
    missing = [method for method in METHODS if not callable(getattr(given, method, None))]
    if missing:
        msg = f"{called} is no repository: it has no {listed(missing, 'or')}"
        raise ConfigurationError(msg)
    awaited = [method for method in METHODS if inspect.iscoroutinefunction(getattr(given, method))]
    if awaited:
        msg = f"{called} has to be awaited for {listed(awaited)}: units are synchronous, also those of an AsyncDesk"
        raise ConfigurationError(msg)


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return names as a sentence lists them."""
    quoted = [f"`{name}`" for name in names]
    return f" {word} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
