"""What a unit has read and written, by table: reads see its writes, and only the last ones reach the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any, Generic, NamedTuple, TypeVar

from assignkit.model.grant import Grant
from assignkit.repositories.memory.undo import UndoLog
from assignkit.repositories.sql.bulk import Bulk, Row

K = TypeVar("K")
V = TypeVar("V")


class Write(NamedTuple):
    """Rows for one statement, sorted by key, with values for the statement's `columns`."""

    bulk: Bulk
    rows: list[Row]


Writes = Callable[[], Iterator[Write]]
Source = tuple[int, tuple[Sized, ...], Writes]  # its place, what shows that it has anything to write, and what gives it

_MOST = 32  # there are about twenty without kinds of a host's own


class Undo(UndoLog):
    """The steps that take back what an inner unit noted. Outside of one none are kept: a whole unit is thrown away."""

    __slots__ = ("takes_back",)

    def __init__(self, *, writing: bool) -> None:
        super().__init__()
        # How many inner units are open. If any, steps are kept, so that what is noted has to be noted by and by. What
        # only reads keeps none, and is never without one.
        self.takes_back = 0 if writing else -1

    def begin(self) -> int:
        """Begin an inner unit; returns up to where `undo_to` takes it back."""
        self.takes_back += 1
        self.open()
        return self.mark()

    def end(self) -> None:
        """End an inner unit, kept or not."""
        self.takes_back -= 1
        if not self.takes_back:
            self.close()

    def write(self, mapping: dict[K, V], key: K, value: V) -> None:
        """Set `mapping[key]`, so that it can be taken back; `ConfigurationError` where nothing may be written."""
        if self.takes_back:
            super().write(mapping, key, value)
        else:
            mapping[key] = value

    def erase(self, mapping: dict[K, V], key: K) -> None:
        """Delete `mapping[key]`, so that it can be taken back."""
        if self.takes_back:
            super().erase(mapping, key)
        else:
            del mapping[key]


class Buffer(Generic[K, V]):
    """Values by key. Whatever is noted here is taken back with the inner unit that noted it.

    `known` is what the unit sees; `stored` says what the database holds, as far as a write has to be compared with it;
    `spelled` has a value together with what is to be sent of it, where that was worked out already. A grant may stand
    in `known` for the value that `make` makes of it: `value` asks for that.
    """

    __slots__ = ("_undo", "dirty", "known", "make", "spelled", "stored")

    def __init__(self, undo: Undo) -> None:
        self._undo = undo
        self.make: Callable[[Grant], Any] = _itself
        self.known: dict[K, Any] = {}
        self.stored: dict[K, Any] = {}
        self.dirty: dict[K, bool] = {}
        self.spelled: dict[K, tuple[Any, Any]] = {}

    def clear(self) -> None:
        """Forget everything, as a new unit begins."""
        # Without a loop: each unit does so for some twenty buffers, most of which are empty.
        self.known.clear()
        self.stored.clear()
        self.dirty.clear()
        self.spelled.clear()

    def read(self, key: K, value: V | None, stored: Any) -> None:  # noqa: ANN401 - whatever a write compares
        """Note what the database holds."""
        if self._undo.takes_back:
            self._undo.write(self.known, key, value)
            self._undo.write(self.stored, key, stored)
        else:
            self.known[key] = value
            self.stored[key] = stored

    def write(self, key: K, value: V) -> None:
        """Note what it is to hold."""
        if self._undo.takes_back:
            self._undo.write(self.known, key, value)
            if key not in self.dirty:
                self._undo.write(self.dirty, key, value=True)
        else:
            self.known[key] = value
            self.dirty[key] = True

    def write_all(self, values: Mapping[K, V | Grant], spelled: Iterable[Any] | None = None) -> None:
        """Note what it is to hold under several keys, of which nothing was known; `spelled` is in their order."""
        if spelled is not None:
            self.spelled.update((key, (values[key], one)) for key, one in zip(values, spelled, strict=True))
        if self._undo.takes_back:
            for key, value in values.items():
                self.write(key, value)  # type: ignore[arg-type]  # a grant stands for its value
        else:
            self.known.update(values)
            self.dirty.update(dict.fromkeys(values, True))

    def sent_all(self, values: Mapping[K, V | Grant], stored: Mapping[K, Any]) -> None:
        """Note what the database holds now under several keys, outside of an inner unit."""
        self.known.update(values)
        self.stored.update(stored)

    def see_all(self, values: Mapping[K, V]) -> None:
        """Note what the unit is to see, which is written elsewhere; see `see`."""
        if self._undo.takes_back:
            for key, value in values.items():
                self.see(key, value)
        else:
            self.known.update(values)

    def value(self, key: K) -> V | None:
        """Return what the unit sees under a key; None for nothing, or where nothing is known."""
        value: V | Grant | None = self.known.get(key)
        if isinstance(value, Grant):
            made: V = self.make(value)
            self.known[key] = made
            return made
        return value

    def see(self, key: K, value: V) -> None:
        """Note what the unit is to see, which is written elsewhere."""
        if self._undo.takes_back:
            self._undo.write(self.known, key, value)
        else:
            self.known[key] = value

    def forget(self, key: K) -> None:
        """Forget what is known."""
        for known in (self.known, self.stored):
            if key in known:
                self._undo.erase(known, key)

    def changes(self) -> list[tuple[K, V, Any]]:
        """Return what is to be written, by key, and take it for written.

        Each is a key, a value, and what the database had there when the unit looked, None for nothing.
        """
        known, stored, dirty = self.known, self.stored, self.dirty
        if not dirty:
            return []
        keys = sorted(dirty) if len(dirty) > 1 else list(dirty)  # type: ignore[type-var]
        if self._undo.takes_back:
            for key in keys:
                self._undo.erase(dirty, key)
        else:
            dirty.clear()
        return [(key, known[key], stored.get(key)) for key in keys if known[key] is not None]

    def settle(self, key: K, stored: Any) -> None:  # noqa: ANN401 - whatever a write compares
        """Note what the database holds once a write has been sent."""
        self._undo.write(self.stored, key, stored)


class Buffers:
    """All buffers of one unit, by name, and in which order what they hold is to be written."""

    def __init__(self, undo: Undo, *, writing: bool) -> None:
        self.undo = undo
        self.by_name: dict[str, Buffer[Any, Any]] = {}
        self._writing = writing
        self._sources: list[Source] = []

    def of(self, name: str) -> Buffer[Any, Any]:
        """Return what the unit knows of one table."""
        found = self.by_name.get(name)
        if found is None:
            found = self.by_name[name] = Buffer(self.undo)
        return found

    def sends(self, place: int, writes: Writes, *noted: Sized) -> None:
        """Have `writes` asked for what is to be written if anything is `noted`, those with a lower place first."""
        if self._writing:
            self._sources.append((place, noted, writes))
            self._sources.sort(key=_place)

    def writes(self) -> list[Write]:
        """Return what is to be written now, and take it for written."""
        return [write for _, noted, writes in self._sources if any(noted) for write in writes() if write.rows]

    @property
    def are_few(self) -> bool:
        """Whether they are worth keeping for the next unit: with many kinds of items it would look at all of them."""
        return len(self.by_name) <= _MOST

    def clear(self) -> None:
        """Forget everything, as a new unit begins."""
        for buffer in self.by_name.values():
            buffer.clear()

    def let_go(self) -> None:
        """Ask nobody any more: the unit is over."""
        self._sources.clear()


def _place(source: Source) -> int:
    return source[0]


def _itself(grant: Grant) -> Grant:
    return grant
