"""The statements that find which rows of a rule index an item's values leave: one look-up for each field, joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, prod
from sys import float_info
from typing import Any

from assignkit.rules.emission import Reading
from assignkit.rules.field_types import Raw, ValueType
from assignkit.rules.index import Index, passing
from assignkit.rules.learned import Learned
from assignkit.rules.masks import Keyed, Named, Ranged
from assignkit.rules.terms import FieldTerm
from assignkit.rules.values import reader

_WIDE = 1024  # rows; joining masks of so many takes longer than asking whether any is left
_FEW_LEFT = 32  # rows; where no more are left, mostly, there may be none
_SELDOM = 3  # statements between two such questions otherwise
_AT_ONCE = 3  # look-ups of one statement
_FLAT = 2**20  # bytes of the masks of ordered values that are all made beforehand
# Types of which what equals a value means the same; of numbers it does not: `True` is none, but it would pass for 1.
_LOOKED_UP = frozenset({ValueType.TEXT, ValueType.DATE})


@dataclass(frozen=True, slots=True)
class _Code:
    """An expression for the mask of some columns, the statements that it needs, and what to ask on a `KeyError`."""

    columns: Sequence[int]
    mask: str
    before: Sequence[str] = ()
    unmet: str = ""


@dataclass(slots=True)
class Joining:
    """The statements that join the masks of all columns; `leave` is done as soon as no row is left.

    `within` is an expression for the rows to begin with, if they are not all.
    """

    index: Index
    reading: Reading
    leave: str
    within: str = ""
    names: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """Yield the statements; they leave the mask in `mask`."""
        rows = self.index.everything.bit_length()
        left, joined, unasked = float(rows), "mask =", _SELDOM
        if self.within or not self.index.columns:
            yield f"mask = {self.within or 'ALL'}"
            joined = "mask &="
        for code in self._codes(1 if rows > _WIDE else _AT_ONCE):
            yield from code.before
            yield f"try: {joined} {code.mask}" if code.unmet else f"{joined} {code.mask}"
            if code.unmet:
                yield f"except KeyError: {joined} {code.unmet}"
            left *= prod(passing(self.index.columns[each][1]) / rows for each in code.columns)
            joined, unasked = "mask &=", unasked + 1
            if rows > _WIDE or left < _FEW_LEFT or unasked > _SELDOM:
                yield f"if not mask: {self.leave}"
                unasked = 1

    def _codes(self, at_once: int) -> Iterator[_Code]:
        """Yield the code for all columns, the most selective first, up to so many simple ones in one expression."""
        waiting: list[int] = []
        for number, (term, column) in enumerate(self.index.columns):
            simple = term.type in _LOOKED_UP and not isinstance(column, Keyed)
            if simple:
                waiting.append(number)
            if waiting and (not simple or len(waiting) == at_once):
                yield self._looked_up(waiting)
                waiting = []
            if not simple:
                yield self._found(number)
        if waiting:
            yield self._looked_up(waiting)

    def _looked_up(self, numbers: Sequence[int]) -> _Code:
        """Return the code for columns whose values are looked up as they are."""
        for number in numbers:
            column = self.index.columns[number][1]
            self._learn(number, column.table if isinstance(column, Named) else {})
        known = " & ".join(f"T{number}[{self._raw(number)}]" for number in numbers)
        return _Code(numbers, known, unmet=" & ".join(f"L{number}({self._raw(number)})" for number in numbers))

    def _learn(self, number: int, named: Mapping[Any, int]) -> None:
        """Name the masks of one column by value, which all functions of an index share."""
        if number not in self.index.learned:
            self.index.learned[number] = Learned(named, self._careful(number))
        learned = self.index.learned[number]
        self.names |= {f"T{number}": learned.masks, f"L{number}": learned.met}

    def _found(self, number: int) -> _Code:
        """Return the code for a column whose values are looked at first; those of other types are read with care."""
        term, column = self.index.columns[number]
        careful = self._careful(number)
        self.names |= {f"S{number}": careful, f"N{number}": column.missing}
        slow = f"N{number} if v is None else S{number}(v)"
        read, unmet = f"v = {self._raw(number)}", ""
        if isinstance(column, Keyed):
            return _Code([number], "part", before=[read, *self._keyed(term, column, number, slow)])
        if isinstance(column, Named):
            self.names |= {f"Y{number}": careful(True), f"X{number}": careful(False)}  # noqa: FBT003 - the values looked up
            plain = f"Y{number} if v is True else X{number} if v is False"
        elif term.type is ValueType.NUMBER:
            plain, unmet = self._number(column, number, floating=term.spec.floating), f"L{number}(v)"
        else:
            self.names |= {f"M{number}": column.masks, f"E{number}": column.plain}
            plain = f"M{number}[BISECT(E{number}, v)] if TYPE(v) is DATETIME and v.tzinfo is UTC"
        return _Code([number], f"{plain} else {slow}", before=[read], unmet=unmet)

    def _raw(self, number: int) -> str:
        path = self.index.columns[number][0].spec.path
        self.names[f"K{number}"] = path if len(path) > 1 else path[0]
        if len(path) > 1:
            return f"FIND(item, K{number})"
        if self.reading == "entry":
            return f"record[K{number}]"
        return f"get(K{number})" if self.reading == "key" else f"GETATTR(item, K{number}, None)"

    def _number(self, column: Ranged, number: int, *, floating: bool) -> str:
        self._learn(number, {})
        test = "TYPE(v) is FLOAT"
        if len(column.plain) * (self.index.everything.bit_length() // 8 + 32) <= _FLAT:
            # infinities, and what is no number, which bisect takes for the greatest, come to the ends
            masks = [column.missing, *column.masks.all(), column.missing]
            self.names |= {f"M{number}": masks, f"E{number}": [-float_info.max, *column.plain, inf]}
        else:
            test += " and v - v == ZERO"  # infinity less itself is NaN
            self.names |= {f"M{number}": column.masks, f"E{number}": column.plain}
        ways = [f"T{number}[v] if TYPE(v) is INT", f"M{number}[BISECT(E{number}, v)] if {test}"]
        return " else ".join(reversed(ways) if floating else ways)

    def _keyed(self, term: FieldTerm, column: Keyed, number: int, slow: str) -> Iterator[str]:
        self.names |= {f"T{number}": column.table.get, f"F{number}": column.free}
        plain = "TYPE(v) is LIST or TYPE(v) is TUPLE" if term.type is ValueType.TEXTS else "TYPE(v) is DICT"
        yield f"if {'False' if term.spec.wrapped else plain}:"
        yield f" part = F{number}"
        yield " for key in v:"
        yield f"  rows = T{number}(key)"
        yield "  if rows is not None: part |= rows"
        yield f"else: part = {slow}"

    def _careful(self, number: int) -> Callable[[Raw], int]:
        """Return the function that gives the mask of any value, read as the schema says."""
        term, column = self.index.columns[number]
        read = reader(term.spec)

        def mask_of(raw: Raw) -> int:
            value = read(raw)
            if value is None:
                return column.missing
            if isinstance(column, Named | Ranged):
                return column.of(value)
            mask = column.free
            for key in value:
                mask |= column.table.get(key, 0)
            return mask

        return mask_of
