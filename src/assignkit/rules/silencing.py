"""Warnings that an author has seen and accepts: `# ok: AK305 it is switched on in May`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from assignkit.diagnostics import Span
from assignkit.language.syntax import Node, RuleFile

_ACCEPTED = re.compile(r"#\s*ok\s*[:：]\s*(AK\d{3}(?:[\s,，、]+AK\d{3})*)", re.IGNORECASE)


def silenced_by(file: RuleFile) -> Iterator[tuple[str, int, str]]:
    """Return the file, line and code of each warning or note that a comment accepts.

    A comment behind a clause, a row or the head of a statement speaks of all its lines; one on a line of its own speaks
    of what stands below it.
    """
    accepting = [(comment, found) for comment in file.comments if (found := _ACCEPTED.match(comment.text))]
    if not accepting:
        return
    units, wholes = _units(file)
    for comment, found in accepting:
        place = file.source.locate(comment.span)
        own = not file.source.line(place.line)[: place.column - 1].strip()
        for line in _lines_below([*units, *wholes], place.line) if own else _lines_until(units, place.line):
            for code in re.findall(r"AK\d{3}", found[1].upper()):
                yield place.file, line, code


def _units(file: RuleFile) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the first and last line of whatever has a line of its own, and those of whole statements."""
    units: list[tuple[int, int]] = []
    wholes: list[tuple[int, int]] = []
    for statement in file.statements:
        parts: list[Node] = [part for name in _PARTS for part in getattr(statement, name, ())]
        end = min((part.span.start for part in parts), default=statement.span.end + 1) - 1
        head = file.source.text[statement.span.start : end].rstrip()
        spans = [Span(statement.span.start, statement.span.start + len(_without_comments(head)))]
        for span in (*spans, *(part.span for part in parts)):
            place = file.source.locate(span)
            units.append((place.line, place.end_line))
        whole = file.source.locate(statement.span)
        wholes.append((whole.line, whole.end_line))
    return units, wholes


_PARTS = ("clauses", "rows", "givens", "expects", "hours", "claims")


def _without_comments(head: str) -> str:
    while head.rpartition("\n")[2].lstrip().startswith("#"):
        head = head.rpartition("\n")[0].rstrip()
    last = head.rpartition("\n")[2]
    return head[: len(head) - len(last) + len(re.sub(r"\s#[^\"]*$", "", last))]


def _lines_until(units: list[tuple[int, int]], line: int) -> Iterable[int]:
    """Return the lines of what ends on a line, that line at least."""
    return range(min((start for start, end in units if end == line), default=line), line + 1)


def _lines_below(units: list[tuple[int, int]], line: int) -> Iterable[int]:
    """Return the lines of what begins next: a whole statement, or what is in one."""
    start = min((start for start, _ in units if start > line), default=line)
    return range(start, max((end for begun, end in units if begun == start), default=line) + 1)
