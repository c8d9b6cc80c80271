"""What was found wrong while one text is read: collected, bounded in number, told in source order."""

from __future__ import annotations

from contextvars import ContextVar

from assignkit.diagnostics import Diagnostic, Source, Span
from assignkit.language import codes
from assignkit.messages.text import Text, say


class Findings:
    """The diagnostics of one text; once `most` are there, further ones are only noted as being there."""

    def __init__(self, source: Source, *, most: int) -> None:
        self._source = source
        self._most = most
        self._found: list[tuple[Span, Diagnostic]] = []
        self._seen: set[tuple[str, str]] = set()

    @property
    def full(self) -> bool:
        """Whether more were found than are told, so that reading on is of no use."""
        return len(self._found) > self._most

    def __len__(self) -> int:
        return len(self._found)

    def add(self, code: str, message: Text, span: Span, *, help: Text | None = None) -> None:
        """Tell of an error at `span`."""
        if self.full:
            return
        if len(self._found) == self._most:
            code, help = codes.TOO_MANY_ERRORS, say("form.mend_first")
            message = say("form.too_many_errors", most=self._most)
        self._found.append((span, self._source.diagnostic(code, message, span, help=help)))

    def add_once(self, code: str, subject: str, message: Text, span: Span, *, help: Text | None = None) -> None:
        """Tell of an error at `span`, unless the same code was told of the same subject before."""
        if (code, subject) not in self._seen:
            self._seen.add((code, subject))
            self.add(code, message, span, help=help)

    def in_order(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics by position; the note that there are more of them comes last."""
        told, rest = self._found[: self._most], self._found[self._most :]
        return tuple(diagnostic for _, diagnostic in (*sorted(told, key=lambda each: each[0]), *rest))


findings: ContextVar[Findings] = ContextVar("findings")
"""Where the builder of the tree reports to: it is shared by all texts that are read at the same time."""
