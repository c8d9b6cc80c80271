"""Exported histories: events as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from assignkit.errors import ConfigurationError
from assignkit.model.assignment import Event

STDIN = "-"


def read_events(path: str) -> Iterator[Event]:
    """Yield the events of a file of JSON lines, or of the standard input, in the order in which they stand there.

    `ConfigurationError` for a file that is not there, or names the line that is no event.
    """
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            yield Event.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(map(str, first["loc"]))
            msg = f"{path}:{number}: this is no event: {f'{field}: ' if field else ''}{first['msg']}"
            raise ConfigurationError(msg) from error


def _lines(path: str) -> Iterator[bytes]:
    if path == STDIN:
        yield from sys.stdin.buffer
        return
    if not Path(path).is_file():
        msg = f"there is no file {path}"
        raise ConfigurationError(msg)
    with Path(path).open("rb") as file:
        yield from file
