"""What can be wrong with a file: located findings with stable codes, and the error that carries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType

from assignkit.diagnostics import Diagnostic, Severity, Source, Span
from assignkit.errors import AssignkitError
from assignkit.messages.text import LanguageCode, Text, say


class Code(StrEnum):
    """The codes of findings about files; they stay what they are."""

    CANNOT_OPEN = "AK601"
    NOT_TEXT = "AK602"
    EMPTY = "AK603"
    BROKEN_ROW = "AK604"
    OPEN_QUOTE = "AK605"
    NOT_JSON = "AK606"
    NO_COLUMN = "AK607"
    SAME_IDENTITY = "AK608"
    MISFIT = "AK609"
    AMBIGUOUS_DATE = "AK610"
    WRONG_SCHEMA = "AK611"
    HEADER_CHANGED = "AK620"
    STAYS_TEXT = "AK621"
    LEFT_OUT = "AK622"
    FOUND_OUT = "AK623"


TITLES: Mapping[Code, str] = MappingProxyType(
    {
        Code.CANNOT_OPEN: "the file cannot be opened",
        Code.NOT_TEXT: "the file is not text that can be read",
        Code.EMPTY: "the file is empty",
        Code.BROKEN_ROW: "a row is broken",
        Code.OPEN_QUOTE: "a quoted cell is not closed properly",
        Code.NOT_JSON: "the file is not JSON",
        Code.NO_COLUMN: "a column is absent",
        Code.SAME_IDENTITY: "two rows have the same identity",
        Code.MISFIT: "a cell does not fit its field",
        Code.AMBIGUOUS_DATE: "a date can be read in two ways",
        Code.WRONG_SCHEMA: "the schema file is wrong",
        Code.HEADER_CHANGED: "a header was changed",
        Code.STAYS_TEXT: "a column stays text",
        Code.LEFT_OUT: "a column is left out",
        Code.FOUND_OUT: "the encoding was found out",
    }
)

SHOWN = 20  # errors of one file that are told; the rest are counted
WITH_SNIPPET = 4  # up to so many errors are shown with the line they stand in: more would not fit on a screen


class FileError(AssignkitError):
    """A file cannot be used; `diagnostics` holds its errors in the order of the file, located if possible."""

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, *, diagnostics: Sequence[Diagnostic]) -> None:
        found = tuple(diagnostics)
        message = "\n".join(d.render() for d in found) or say("file.cannot_be_used")
        super().__init__(message, diagnostics=found)
        del self.facts["message"]

    def told(self, language: LanguageCode = "en") -> str:
        """Return all findings with their lines, in `language`."""
        return "\n".join(d.render(language=language) for d in self.diagnostics) or super().told(language)


def refusal(code: Code, message: Text, *, help: Text) -> FileError:
    """Return the error that the file as a whole cannot be used."""
    return FileError(diagnostics=[Diagnostic(code, Severity.ERROR, message, help=help)])


def refusal_at(code: Code, message: Text, source: Source, span: Span, *, help: Text) -> FileError:
    """Return the error that the file cannot be used because of what stands at `span`."""
    return FileError(diagnostics=[source.diagnostic(code, message, span, help=help)])


class Problems:
    """The errors of one file, collected so that all of them are told at once."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []
        self._count = 0

    def __bool__(self) -> bool:
        return self._count > 0

    @property
    def full(self) -> bool:
        """Whether further errors will only be counted, so that they need not be located."""
        return len(self._found) >= SHOWN

    def add(self, problem: Diagnostic) -> None:
        """Take one more."""
        self._found.append(problem)
        self._count += 1

    def count(self) -> None:
        """Count one more that will not be told."""
        self._count += 1

    def raise_if_any(self) -> None:
        """Raise one `FileError` with everything that was found, in the order of the file; or do nothing."""
        if not self._count:
            return
        told = sorted(self._found, key=_place)
        if len(told) > WITH_SNIPPET:
            told = [replace(d, snippet="") for d in told]
        hidden = self._count - len(told)
        if hidden:
            told.append(Diagnostic(told[-1].code, Severity.NOTE, say("file.more_like_these", more=hidden)))
        raise FileError(diagnostics=told)


def _place(problem: Diagnostic) -> tuple[int, int]:
    return (problem.location.line, problem.location.column) if problem.location else (0, 0)
