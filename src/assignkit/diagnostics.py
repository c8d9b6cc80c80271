"""What can be said about a text: where, how grave, what is wrong, and what would mend it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from assignkit.messages.text import LanguageCode, has, say, told

_LINE_BREAK = re.compile("\n")


class Severity(StrEnum):
    """How grave a diagnostic is; only an error keeps rules from being used."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Span(NamedTuple):
    """A half-open range of character offsets in one text."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of the other."""
        return Span(self.start, other.end)


@dataclass(frozen=True, slots=True)
class Location:
    """A place that a person can find: lines and columns count from 1, in characters; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Source:
    """A text with a name; turns offsets into lines and columns."""

    name: str
    text: str

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        return (0, *(found.end() for found in _LINE_BREAK.finditer(self.text)))

    def locate(self, span: Span) -> Location:
        """Return the place of `span` as lines and columns."""
        starts = self._line_starts
        line, end_line = bisect_right(starts, span.start), bisect_right(starts, span.end)
        column, end_column = span.start - starts[line - 1] + 1, span.end - starts[end_line - 1] + 1
        return Location(self.name, line, column, end_line, end_column)

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its line break: the same text for the same line, asked again."""
        known: tuple[int, str] = self.__dict__.get("_shown", (0, ""))  # many findings on one long line share it
        if known[0] != number:
            known = self.__dict__["_shown"] = (number, self._line(number))
        return known[1]

    def _line(self, number: int) -> str:
        starts = self._line_starts
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r")

    def diagnostic(
        self, code: str, message: str, span: Span, *, help: str | None = None, severity: Severity = Severity.ERROR
    ) -> Diagnostic:
        """Return a diagnostic about `span` of this text, with the line it stands in."""
        place = self.locate(span)
        return Diagnostic(code, severity, message, place, self.line(place.line), help)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: a stable code, a message, the place (None where there is no text), and what would mend it.

    Without a `help` of its own, a finding about rules has what usually mends its code.
    """

    code: str
    severity: Severity
    message: str
    location: Location | None = None
    snippet: str = ""
    help: str | None = None

    def __post_init__(self) -> None:
        if self.help is None and has(f"usual.{self.code}"):
            object.__setattr__(self, "help", say(f"usual.{self.code}"))

    def render(self, *, color: bool = False, language: LanguageCode = "en") -> str:
        """Return the finding as a person reads it: one line, then the source line with the span underlined.

        `language` is `en` or `zh`; what a host or a database said stays as it is.
        """
        paint = _PAINT[self.severity] if color else ""
        reset = "\x1b[0m" if color else ""
        where = f"{self.location}: " if self.location else ""
        severity = say(f"form.{self.severity}").in_language(language)
        head = f"{where}{paint}{severity}[{self.code}]{reset}: {self.message_in(language)}"
        help = self.help_in(language)
        if self.location is None or not self.snippet.strip():
            return f"{head}\n  {help}" if help else head
        return f"{head}\n{self._underlined(self.location, help, paint, reset)}"

    def message_in(self, language: LanguageCode) -> str:
        """Return what is wrong, in `language`."""
        return told(self.message, language)

    def help_in(self, language: LanguageCode) -> str | None:
        """Return what would mend it, in `language`, or None if nobody can say."""
        return None if self.help is None else told(self.help, language)

    def _underlined(self, place: Location, help: str | None, paint: str, reset: str) -> str:
        number = f"{place.line:>5} | "
        shown, before, marked = _window(self.snippet, place)
        tail = f" {help}" if help else ""
        margin = " " * (len(number) - 2) + "| "
        return f"{number}{shown}\n{margin}{' ' * before}{paint}{'^' * max(marked, 1)}{reset}{tail}"

    def to_dict(self, *, language: LanguageCode = "en") -> dict[str, object]:
        """Return the finding as JSON-ready data; lines and columns count from 1, `end` is exclusive."""
        place = self.location
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": str(self.message_in(language)),
            "help": self.help_in(language),
            "file": place.file if place else None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "end_line": place.end_line if place else None,
            "end_column": place.end_column if place else None,
        }


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Return whether any of them is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)


_PAINT = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}
_WIDEST = 160  # characters of a source line that are shown; a longer line is cut around the span


def _window(line: str, place: Location) -> tuple[str, int, int]:
    """Return the shown part of the line, the columns before the span in it, and the columns to mark."""
    start = place.column - 1
    end = place.end_column - 1 if place.end_line == place.line else len(line)
    cut = max(0, start - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = "".join(c if c.isprintable() else " " for c in line[cut : cut + _WIDEST])
    return shown, columns(shown[: start - cut]), columns(shown[start - cut : end - cut])


def columns(text: str) -> int:
    """Return how many terminal columns `text` takes: full-width characters take two, combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
