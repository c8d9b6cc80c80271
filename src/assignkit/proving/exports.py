"""What leaves the store: events as JSON lines, and heads for those who keep them elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say
from assignkit.model.assignment import Event
from assignkit.proving.chain import Head
from assignkit.proving.lines import each_of, lines_of

STDIN = "-"


def read_events(path: str) -> Iterator[Event]:
    """Yield the events of a file of JSON lines, or of the standard input, in the order in which they stand there.

    `ConfigurationError` for a file that is not there, or names the line that is no event.
    """
    for number, line in _lines(path):
        try:
            yield Event.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(map(str, first["loc"]))
            why = f"{field}: {first['msg']}" if field else first["msg"]
            msg = say("error.no_event", path=path, line=number, why=why)
            raise ConfigurationError(msg) from error


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    if path == STDIN:
        return ((number, line) for number, line in enumerate(sys.stdin.buffer, start=1) if line.strip())
    return lines_of(Path(path))


class HeadFile:
    """A file of heads, one line each, to be kept where the history's owner cannot change it: a sink for `Sealing`."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def __call__(self, head: Head) -> None:
        """Append a head; it is on the disk when this returns."""
        with self._path.open("a", encoding="ascii") as file:
            file.write(f"{head}\n")
            file.flush()
            os.fsync(file.fileno())

    def heads(self) -> Iterator[Head]:
        """Yield the heads, oldest first; none if there is no file yet. `ConfigurationError` for a line that is none."""
        if self._path.exists():
            yield from each_of(self._path, Head.of)
