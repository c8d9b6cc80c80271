"""Sealing: writes the links of new events beside the history, when the host says so and never while it decides."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from assignkit.errors import ConfigurationError, UnreadableError
from assignkit.messages.text import say
from assignkit.model.assignment import Event
from assignkit.proving.chain import Chain, Head
from assignkit.proving.lines import each_of
from assignkit.repositories.base import HistoryRepository

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


_BEGINS = b'{"head":"'  # what each line of a file of seals begins with: other files are left alone


@dataclass(frozen=True, slots=True)
class Mark:
    """What a seal keeps of one event, so that whatever happens to it later can be named."""

    number: int
    id: str
    kind: str
    item_id: str
    link: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The marks of the events since the seal before, and the head after the last of them."""

    head: Head
    marks: tuple[Mark, ...]

    def to_json(self) -> str:
        """Return the seal as one line of JSON."""
        marks = [[mark.number, mark.id, mark.kind, mark.item_id, mark.link] for mark in self.marks]
        return json.dumps({"head": str(self.head), "marks": marks}, separators=(",", ":"))

    @classmethod
    def from_json(cls, line: str) -> Seal:
        """Return the seal of a line; `ConfigurationError` if it is none."""
        try:
            told: dict[str, Any] = json.loads(line)
            marks = tuple(Mark(int(number), *map(str, rest)) for number, *rest in told["marks"])
            return cls(Head.of(str(told["head"])), marks)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            msg = say("error.no_seal", line=repr(line.strip()[:60]))
            raise ConfigurationError(msg) from error


class SealFile:
    """A file to which seals are appended, one line each. Keep it where those who can change the history cannot.

    Several processes may seal into one file, one after the other. What was read of it is remembered, so that sealing
    costs what happened since.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._chain = Chain()
        self._read_to = 0

    def seals(self) -> Iterator[Seal]:
        """Yield the seals, oldest first; none if there is no file yet."""
        if self._path.exists():
            yield from each_of(self._path, Seal.from_json)

    def seal(self, history: HistoryRepository) -> Head:
        """Seal what has happened since the last seal, and return the head; the file is on the disk by then.

        `ConfigurationError` for what is no file, or holds something else than seals.
        """
        if self._path.exists() and not self._path.is_file():
            msg = say("error.in_file", path=self._path, why=say("meaning.no_regular_file"))
            raise ConfigurationError(msg)
        if not self._path.exists() and not history.since(0, limit=1):
            return Head()
        with self._lock, self._path.open("a+b") as file, _alone(file):
            chain, read_to = self._chain, self._read_to
            self._chain, self._read_to = Chain(), 0  # what fails below leaves nothing remembered
            if file.seek(0, os.SEEK_END) < read_to:  # another file than the one that was read
                chain, read_to = Chain(), 0
            try:
                _catch_up(chain, file, read_to)
            except ConfigurationError as error:
                msg = say("error.in_file", path=self._path, why=error.message)
                raise ConfigurationError(msg) from error
            made = seal_events(events_of(history, after=chain.number), chain)
            if made.marks:
                file.write(f"{made.to_json()}\n".encode())
                file.flush()
                os.fsync(file.fileno())
            self._chain, self._read_to = chain, file.seek(0, os.SEEK_END)
            return made.head


def seal(history: HistoryRepository, before: Iterable[Seal] = ()) -> Seal:
    """Return the seal over the events since the seals `before`; it has no marks if there are none."""
    chain = Chain()
    for earlier in before:
        _take(earlier, chain)
    return seal_events(events_of(history, after=chain.number), chain)


def seal_events(events: Iterable[Event], chain: Chain) -> Seal:
    """Return the seal over events that follow `chain`, which goes on with them."""
    marks = tuple(Mark(event.number, event.id, event.kind, event.item_id, chain.add(event)) for event in events)
    return Seal(chain.head, marks)


def _catch_up(chain: Chain, file: IO[bytes], start: int) -> None:
    """Take in the seals behind a position; the rest of a seal that was never written to its end is cut off."""
    file.seek(start)
    for line in file:
        if not line.endswith(b"\n") and (line.startswith(_BEGINS) or _BEGINS.startswith(line)):
            file.truncate(start)
            return
        if line.strip():
            _take(Seal.from_json(line.decode("utf-8", "replace")), chain)
        start += len(line)


def _take(earlier: Seal, chain: Chain) -> None:
    for mark in earlier.marks:
        chain.take((mark.kind, mark.item_id), mark.number, mark.link)


@contextmanager
def _alone(file: IO[bytes]) -> Iterator[None]:
    """Keep other processes from sealing into the same file meanwhile, where the system has such locks."""
    if fcntl is None:
        yield
        return
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def events_of(history: HistoryRepository, *, after: int = 0) -> Iterator[Event]:
    """Yield all events of a history with a higher number, in order, a page at a time.

    In the place of one that cannot be read any more stands one that says nothing: verifying names it.
    """
    while events := _page(history, after):
        yield from events
        after = events[-1].number


def _page(history: HistoryRepository, after: int) -> list[Event]:
    try:
        return history.since(after)
    except UnreadableError as error:
        if error.number == after + 1:
            return [_unreadable(error)]
        return history.since(after, limit=max(error.number - after - 1, 1))


def _unreadable(error: UnreadableError) -> Event:
    at = datetime.min.replace(tzinfo=UTC)
    return Event(number=error.number, id=error.key, type="corrected", at=at, kind="", item_id="", reason=str(error))
