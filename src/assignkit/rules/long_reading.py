"""What of a long table is read as the language: rows that have all its different cells, but for the plain ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from assignkit.diagnostics import Source, Span

LONG_FROM = 1_000  # rows; shorter tables are a rule per row
Plain = Callable[[str], bool] | None
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LongReading:
    """The rows of a file, the numbers (from 0, behind the header) of those that are not empty, and of those read.

    `whole` if all that was to be read could be; `named` is where rules name the table.
    """

    rows: Sequence[Row]
    numbers: Sequence[int]
    shown: Sequence[int]
    whole: bool
    named: tuple[Source, Span]


@dataclass(slots=True)
class Sample:
    """Chooses rows that together have all different cells of a table, and all pairs of an action and an order.

    Of cells that are `plain` in their column, one stands for all. Rows that have more or fewer cells than there are
    columns are chosen too, to be told of, but at most `ragged`. `different` counts the cells that have to be read.
    """

    plain: Sequence[Plain]
    acting: Sequence[int]
    ragged: int
    different: int = 0
    _seen: list[set[str]] = field(default_factory=list)
    _pairs: set[Row] = field(default_factory=set)

    def of(self, rows: Sequence[Row], numbers: Sequence[int], *, most: int) -> Iterator[int]:
        """Yield the numbers of the rows; ends behind the one with which there are more than `most` different cells."""
        self._seen = [set() for _ in self.plain]
        for number in numbers:
            if self._is_new(rows[number]):
                yield number
            if self.different > most:
                return

    def _is_new(self, row: Row) -> bool:
        if len(row) != len(self.plain):
            self.ragged -= 1
            return self.ragged >= 0
        new = False
        for known, cell, plain in zip(self._seen, row, self.plain, strict=True):
            if cell in known:
                continue
            known.add(cell)
            if plain is None or not plain(cell):
                self.different += 1
                new = True
            elif _ONE_OF_THE_PLAIN not in known:
                known.add(_ONE_OF_THE_PLAIN)
                new = True
        pair = tuple(row[place] for place in self.acting)
        if pair not in self._pairs:
            self._pairs.add(pair)
            new = True
        return new


_ONE_OF_THE_PLAIN = "\n"  # no cell is this text: cells are without the space around them
_LONGEST = 12  # digits of a row's number


def row_number(written: str, rows: int) -> int | None:
    """Return the number, from 1, that the end of a row's name is; None if there is no such row."""
    if not written.isascii() or not written.isdecimal() or written.startswith("0") or len(written) > _LONGEST:
        return None
    return int(written) if int(written) <= rows else None
