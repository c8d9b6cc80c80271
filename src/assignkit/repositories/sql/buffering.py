"""What a unit has read and written of one table: reads see its writes, and only the last ones reach the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from assignkit.repositories.memory.undo import UndoLog
from assignkit.repositories.sql.bulk import Bulk, Row

K = TypeVar("K")
V = TypeVar("V")


class Write(NamedTuple):
    """Rows for one statement, sorted by key, with values for the statement's `columns`."""

    bulk: Bulk
    rows: list[Row]


Writes = Callable[[], Iterator[Write]]


class Change(NamedTuple, Generic[K, V]):
    """What is to be written under a key, and what the database had there when the unit looked; None for nothing."""

    key: K
    value: V
    stored: Any


class Buffer(Generic[K, V]):
    """Values by key. Whatever is noted here is taken back with the inner unit that noted it.

    `known` is what the unit sees; `stored` says what the database holds, as far as a write has to be compared with it.
    """

    __slots__ = ("_undo", "dirty", "known", "stored")

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self.known: dict[K, Any] = {}
        self.stored: dict[K, Any] = {}
        self.dirty: dict[K, bool] = {}

    def read(self, key: K, value: V | None, stored: Any) -> None:  # noqa: ANN401 - whatever a write compares
        """Note what the database holds."""
        self._undo.write(self.known, key, value)
        self._undo.write(self.stored, key, stored)

    def write(self, key: K, value: V) -> None:
        """Note what it is to hold."""
        self._undo.write(self.known, key, value)
        if key not in self.dirty:
            self._undo.write(self.dirty, key, value=True)

    def see(self, key: K, value: V) -> None:
        """Note what the unit is to see, which is written elsewhere."""
        self._undo.write(self.known, key, value)

    def forget(self, key: K) -> None:
        """Forget what is known."""
        for known in (self.known, self.stored):
            if key in known:
                self._undo.erase(known, key)

    def changes(self) -> Iterator[Change[K, V]]:
        """Yield what is to be written, by key, and take it for written as soon as it is yielded."""
        for key in sorted(self.dirty):  # type: ignore[type-var]
            value = self.known[key]
            if value is not None:
                yield Change(key, value, self.stored.get(key))
            self._undo.erase(self.dirty, key)

    def settle(self, key: K, stored: Any) -> None:  # noqa: ANN401 - whatever a write compares
        """Note what the database holds once a write has been sent."""
        self._undo.write(self.stored, key, stored)
