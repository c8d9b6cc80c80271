"""Literals as they were written, in the one form that the formatter gives them."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from functools import cached_property

from assignkit.diagnostics import Source, Span
from assignkit.language import characters
from assignkit.language.building.parts import Bracketed
from assignkit.language.formatting.spelling import Spelling
from assignkit.language.syntax import DurationLiteral, InstantLiteral, NumberLiteral, TextLiteral
from assignkit.language.vocabulary import SINGLE

_NUMBER = re.compile(r"-?[0-9][0-9_]*(?:\.[0-9][0-9_]*)?[万亿]?%?")
_DURATION = re.compile(r"([0-9][0-9_.]*[万亿]?%?)\s*(\w+)")
_INSTANT = re.compile(r"[0-9T:.Z+-]+")
_UNITS = {"SECOND": "seconds", "MINUTE": "minutes", "HOUR": "hours", "DAY": "days", "WEEK": "weeks"}
_LARGEST_FIRST = (("weeks", 604_800), ("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
_QUOTE_OR_ESCAPE = re.compile(r'\\.|"', re.DOTALL)
_COMMENT = re.compile(r"#[^\n]*")


class Literals:
    """Writes the literals of one text; numbers keep the spelling that their author chose."""

    def __init__(self, source: Source, say: Spelling) -> None:
        self._source = source
        self._say = say

    @cached_property
    def _plain(self) -> str:
        return characters.with_ascii_signs(self._source.text)

    def number(self, node: NumberLiteral) -> str:
        """Return `500万`, `20%`, `-5`; what was built by signs and brackets as its value."""
        written = "".join(self._written(node.span).split())
        return written if _NUMBER.fullmatch(written) else f"{node.value:f}"

    def text(self, node: TextLiteral) -> str:
        """Return the text in double quotes, its escapes as they were."""
        span = _innermost(node.span)
        inside = self._source.text[span.start + 1 : span.end - 1]
        if self._source.text[span.start] != '"':
            inside = _QUOTE_OR_ESCAPE.sub(lambda found: found[0] if found[0] != '"' else '\\"', inside)
        return f'"{inside}"'

    def instant(self, node: InstantLiteral) -> str:
        """Return the instant with the offset that it was written with."""
        written = self._written(node.span)
        return written if _INSTANT.fullmatch(written) else node.value.isoformat()

    def duration(self, node: DurationLiteral) -> str:
        """Return `1 hour`, `30 分钟`, in the unit that was written."""
        parts = _DURATION.fullmatch(self._written(node.span))
        if parts is None or parts[2] not in SINGLE:
            return self._duration_of(node.value)
        return self._counted(parts[1], _UNITS[SINGLE[parts[2]]])

    def _duration_of(self, value: timedelta) -> str:
        seconds, rest = divmod(value, timedelta(seconds=1))
        if rest:
            return self._counted(f"{seconds}.{rest.microseconds:06}".rstrip("0"), "seconds")
        unit, size = next((unit, size) for unit, size in _LARGEST_FIRST if seconds % size == 0)
        return self._counted(str(seconds // size), unit)

    def _counted(self, count: str, unit: str) -> str:
        return f"{count} {self._say(unit.removesuffix('s') if count == '1' else unit)}"

    def _written(self, span: Span) -> str:
        inner = _innermost(span)
        # A comment may stand between a number and its unit; it is kept elsewhere.
        return " ".join(_COMMENT.sub("", self._plain[inner.start : inner.end]).split())


def composed(name: str) -> str:
    """Return a name in the form in which names are compared."""
    return unicodedata.normalize("NFC", name)


def _innermost(span: Span) -> Span:
    while isinstance(span, Bracketed):
        span = span.inside
    return span
