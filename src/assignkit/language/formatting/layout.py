"""From pieces to lines: spaces between them, breaks where a line is too long."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from assignkit.language.formatting.pieces import Break, Piece

WIDTH = 120
_STEP = 2
_LEVELS = len(Break) + 1


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes: full-width characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def flat(pieces: Sequence[Piece]) -> str:
    """Return the pieces on one line."""
    written: list[str] = []
    tight = True
    for piece in pieces:
        written.append(piece.text if tight or piece.joined else f" {piece.text}")
        tight = piece.tight or piece.opens
    return "".join(written)


def lines(pieces: Sequence[Piece], indent: int) -> list[str]:
    """Return the pieces as lines: one, or several where it would be too long or a comment ends it."""
    written: list[str] = []
    for number, part in enumerate(_between_comments(pieces)):
        inset = indent + (_STEP if number else 0)
        if len(part) == 1 and part[0].comment:
            if part[0].own or not written:
                written.append(f"{' ' * inset}{part[0].text}")
            else:
                written[-1] += f"  {part[0].text}"
        else:
            written += _broken(part, inset)
    return written


def _between_comments(pieces: Iterable[Piece]) -> Iterable[list[Piece]]:
    part: list[Piece] = []
    for piece in pieces:
        if piece.comment:
            yield from ([part] if part else [])
            yield [piece]
            part = []
        else:
            part.append(piece)
    yield from ([part] if part else [])


def _broken(pieces: list[Piece], indent: int) -> list[str]:
    """Break a line at its outermost places, and what is still too long at the next ones."""
    written: list[str] = []
    waiting = [(pieces, indent)]
    while waiting:
        part, inset = waiting.pop()
        text = flat(part)
        levels = _levels(part) if inset + columns(text) > WIDTH else {}
        if not levels:
            written.append(f"{' ' * inset}{text}")
            continue
        outermost = min(levels.values())
        places = [place for place, level in levels.items() if level == outermost]
        fill = outermost % _LEVELS == Break.COMMA
        parts = _filled(part, places, inset) if fill else _cut(part, places)
        if fill:
            inner = [(each, inset + (_STEP if number else 0)) for number, each in enumerate(parts)]
            if len(parts[0]) < len(part):
                waiting += reversed(inner)
            else:
                written.append(f"{' ' * inset}{text}")
            continue
        waiting += reversed([(each, inset + (_STEP if number else 0)) for number, each in enumerate(parts)])
    return written


def _levels(pieces: list[Piece]) -> dict[int, int]:
    """Return how far inside each place is where the line may be broken."""
    found: dict[int, int] = {}
    depth = 0
    for place, piece in enumerate(pieces):
        if piece.closes:
            depth -= 1
        if piece.before is not None and place:
            found[place] = depth * _LEVELS + piece.before
        if piece.opens:
            depth += 1
    return found


def _cut(pieces: list[Piece], places: list[int]) -> list[list[Piece]]:
    ends = [*places, len(pieces)]
    return [pieces[start:end] for start, end in zip([0, *places], ends, strict=True)]


def _filled(pieces: list[Piece], places: list[int], indent: int) -> list[list[Piece]]:
    """Cut where the next part would no longer fit on the line."""
    kept: list[list[Piece]] = []
    room = 0
    for part in _cut(pieces, places):
        width = columns(flat(part)) + 1
        if kept and width <= room:
            kept[-1] = kept[-1] + part
            room -= width
        else:
            room = WIDTH - indent - (_STEP if kept else 0) - width + 1
            kept.append(part)
    return kept
