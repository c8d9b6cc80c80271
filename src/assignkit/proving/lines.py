"""Files that hold one thing in each line: events, seals, heads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from assignkit.errors import ConfigurationError
from assignkit.messages.text import Text, say
from assignkit.opening import open_to_read

T = TypeVar("T")


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that are not blank, each with its number; `ConfigurationError` if it cannot be read."""
    try:
        with open_to_read(path) as file:
            yield from ((number, line) for number, line in enumerate(file, start=1) if line.strip())
    except OSError as error:
        raise ConfigurationError(_why(path, error)) from error


def each_of(path: Path, read: Callable[[str], T]) -> Iterator[T]:
    """Yield what `read` makes of each line; its `ConfigurationError` is told with the file and the line."""
    for number, line in lines_of(path):
        try:
            yield read(line.decode("utf-8", "replace"))
        except ConfigurationError as error:
            msg = say("error.in_line", path=path, line=number, why=error.message)
            raise ConfigurationError(msg) from error


def _why(path: Path, error: OSError) -> Text:
    if isinstance(error, FileNotFoundError):
        return say("error.no_file", path=path)
    if isinstance(error, IsADirectoryError):
        return say("file.is_directory", name=path)
    return say("file.cannot_be_read", name=path, why=error.strerror or error)
