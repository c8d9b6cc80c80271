"""How what was written is taken back: a log of the steps that undo it, run backwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Never, TypeVar

from assignkit.errors import ConfigurationError

# What to call the action with, the action, and the number of arguments.
Step = tuple[*tuple[Any, ...], Callable[..., object], int]

K = TypeVar("K")
V = TypeVar("V")

_ABSENT: Any = object()


class UndoLog:
    """The steps that take back the writes of the open unit of work, newest last.

    They lie flat in one list, because a tuple for each would keep the garbage collector busy during a batch. A step is
    noted before its write, and undoing what did not happen changes nothing: an interrupt may come between.
    """

    __slots__ = ("_extend", "_steps", "note")

    note: Callable[[Step], None]

    def __init__(self) -> None:
        self._steps: list[Any] = []
        self._extend = self._steps.extend
        self.close()

    def open(self) -> None:
        """Begin to take notes, or go on taking them."""
        # Bound to the list's own method, because every write of every decision comes by here.
        self.note = self._extend

    def close(self) -> None:
        """Forget everything, and refuse further notes until the log is opened again."""
        self._steps.clear()
        self.note = _refuse

    def mark(self) -> int:
        """Return the place in the log up to which `undo_to` takes back."""
        return len(self._steps)

    def undo_to(self, mark: int) -> None:
        """Take back every write that was noted after `mark`, newest first."""
        while len(self._steps) > mark:
            count = self._steps.pop()
            action = self._steps.pop()
            arguments = self._steps[-count:]
            del self._steps[-count:]
            action(*arguments)

    def write(self, mapping: dict[K, V], key: K, value: V) -> None:
        """Set `mapping[key]`, so that it can be taken back."""
        self.note((mapping, key, mapping.get(key, _ABSENT), _restore, 3))
        mapping[key] = value

    def erase(self, mapping: dict[K, V], key: K) -> None:
        """Delete `mapping[key]`, so that it can be taken back; a key that is not there raises `KeyError`."""
        self.note((mapping, key, mapping[key], _restore, 3))
        del mapping[key]


def _restore(mapping: dict[K, V], key: K, value: V) -> None:
    if value is _ABSENT:
        mapping.pop(key, None)
    else:
        mapping[key] = value


def _refuse(step: Step) -> Never:  # noqa: ARG001 - stands in for list.extend
    msg = "this unit of work is over: write inside `with store.unit()`, or through the store itself"
    raise ConfigurationError(msg)
