"""The generated functions that look items up in a rule index: one expression per field, then the rows that are left."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from assignkit.rules import facts, moments
from assignkit.rules.emission import Reading
from assignkit.rules.field_types import Raw, ValueType
from assignkit.rules.framing import in_a_loop, one_at_a_time
from assignkit.rules.generating import function_of
from assignkit.rules.index import Index
from assignkit.rules.masks import LEARNED, Column, Keyed, Named, Ranged
from assignkit.rules.residues import Residues
from assignkit.rules.terms import FieldTerm
from assignkit.rules.values import reader

_PARAMETERS = "item, agent, owner, customer, now, agent_facts, start"
_WIDE = 1024  # rows; joining masks of so many takes longer than asking whether any is left
_NOW = "if now is not None and now.tzinfo is not UTC: now = AWARE(now)"
_NAMESPACE: Mapping[str, Any] = {
    "Exception": Exception, "GETATTR": getattr, "FIND": facts.find, "BISECT": bisect_right,
    "AWARE": moments.aware, "UTC": UTC, "TYPE": type, "INT": int, "FLOAT": float, "DATETIME": datetime, "LIST": list,
    "TUPLE": tuple, "DICT": dict, "ZERO": 0.0,
}  # fmt: skip


class Learned(dict[Any, int]):
    """Masks by value: those that rules name, and those that were met; when too many were, it starts anew.

    Keys are plain values of the column's own type, and None, so that nothing else that equals one is taken for it, save
    what means the same.
    """

    def __init__(self, named: Mapping[Any, int], plain: type, careful: Callable[[Raw], int]) -> None:
        super().__init__(named)
        self._named, self._plain, self._careful = named, plain, careful

    def __missing__(self, value: Any) -> int:  # noqa: ANN401 - whatever stands in the field
        mask = self._careful(value)
        if value.__class__ is self._plain or value is None:
            if len(self) >= LEARNED + len(self._named):
                self.clear()
                self.update(self._named)
            self[value] = mask
        return mask


def lookup(index: Index, residues: Residues, fallback: Callable[..., int], *, reading: Reading) -> Callable[..., int]:
    """Return the function `(item, agent, owner, customer, now, agent_facts, start) -> rule or -1`.

    `residues` tests the rows that need it. Whatever goes wrong on the way (a value that does not hash) is
    left to `fallback`. Read as an entry, there is a last parameter more: the item as a plain dict; and no start.
    """
    entry = reading == "entry"
    body = _Body(index, reading, "return -1")
    lines = [_NOW, "mask = ALL" if entry else "mask = (1 << ROWS[start]) - 1 if start else ALL"]
    if reading == "key":
        lines.append("get = item.get")
    world = f"item, owner, customer, now, {'record' if entry else 'None'}"
    lines += [*body.lines(), *_topmost(residues, world), "return RULE[top]"]
    names = {**_NAMESPACE, **body.names, "FALLBACK": fallback, "ALL": index.everything, "ROWS": index.rows_from,
             "RULE": [-1, *index.rule_of], "UNSURE": residues.mask, "HIGHEST": residues.highest}  # fmt: skip
    code = one_at_a_time(lines, f"{_PARAMETERS}, record" if entry else _PARAMETERS)
    return function_of(code, names, UTC)


def lookup_all(
    index: Index,
    residues: Residues,
    with_care: Callable[[Raw, datetime | None], Any],
    answers: Sequence[Any],
    *,
    views: Mapping[type, Any],
) -> Callable[..., list[Any]]:
    """Return the function `(items, now) -> answers`: the answer at the index of each item's rule, or the last of them.

    `with_care` is asked where the item cannot be seen as a plain dict, or something goes wrong.
    """
    body = _Body(index, "entry", "append(NONE); continue")
    lines = [*([_NOW] if residues.rows else []), "mask = ALL", *body.lines()]
    lines += [*_topmost(residues, "item, None, None, now, record"), "append(ANSWER[top])", "continue"]
    names = {**_NAMESPACE, **body.names, "WITH_CARE": with_care, "ALL": index.everything, "VIEW": views,
             "UNSURE": residues.mask, "HIGHEST": residues.highest, "NONE": answers[-1],
             "ANSWER": [answers[-1], *(answers[rule] for rule in index.rule_of)]}  # fmt: skip
    return function_of(in_a_loop(lines, names.keys()), names, UTC)


def _topmost(residues: Residues, world: str) -> Iterator[str]:
    """Yield the statements that make `top` the number, from 1, of the highest row left that holds; 0 if none does."""
    if not residues.rows:
        yield "top = mask.bit_length()"
        return
    yield "doubt = mask & UNSURE"
    yield "top = (mask ^ doubt).bit_length()"
    yield f"if doubt.bit_length() > top: top = HIGHEST(doubt, top, {world})"


@dataclass(slots=True)
class _Body:
    """The statements that join the masks of all columns; `leave` is done as soon as no row is left."""

    index: Index
    reading: Reading
    leave: str
    names: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """Yield the statements."""
        at_once = 1 if self.index.everything.bit_length() > _WIDE else 3
        waiting: list[str] = []
        for number, (term, column) in enumerate(self.index.columns):
            simple = self._simple(term, column, number)
            if simple is not None:
                waiting.append(simple)
            if waiting and (simple is None or len(waiting) == at_once):
                yield f"mask &= {' & '.join(waiting)}"
                yield f"if not mask: {self.leave}"
                waiting.clear()
            if simple is None:
                yield f"v = {self._raw(term, number)}"
                yield from self._joined(term, column, number)
                yield f"if not mask: {self.leave}"
        if waiting:
            yield f"mask &= {' & '.join(waiting)}"

    def _raw(self, term: FieldTerm, number: int) -> str:
        path = term.spec.path
        self.names[f"K{number}"] = path if len(path) > 1 else path[0]
        if len(path) > 1:
            return f"FIND(item, K{number})"
        if self.reading == "entry":
            return f"record[K{number}]"
        return f"get(K{number})" if self.reading == "key" else f"GETATTR(item, K{number}, None)"

    def _simple(self, term: FieldTerm, column: Column, number: int) -> str | None:
        """Return an expression for the mask of a column whose values are looked up as they are; None for another."""
        plain = _LOOKED_UP.get(term.type)
        if plain is None or isinstance(column, Keyed):
            return None
        named = column.table if isinstance(column, Named) else {}
        self.names[f"T{number}"] = Learned(named, plain, _careful(column, reader(term.spec)))
        return f"T{number}[{self._raw(term, number)}]"

    def _joined(self, term: FieldTerm, column: Column, number: int) -> Iterator[str]:
        """Yield the statements that join the mask of the value `v`; what is not of the plain type is read with care."""
        careful = _careful(column, reader(term.spec))
        self.names |= {f"S{number}": careful, f"N{number}": column.missing}
        slow = f"N{number} if v is None else S{number}(v)"
        if isinstance(column, Keyed):
            yield from self._keyed(term, column, number, slow)
        elif isinstance(column, Named):
            self.names |= {f"Y{number}": careful(True), f"X{number}": careful(False)}  # noqa: FBT003 - the values looked up
            yield f"mask &= Y{number} if v is True else X{number} if v is False else {slow}"
        elif term.type is ValueType.NUMBER:
            yield f"mask &= {self._number(column, number, careful, floating=term.spec.floating)} else {slow}"
        else:
            self.names |= {f"M{number}": column.masks, f"E{number}": column.plain}
            yield f"mask &= M{number}[BISECT(E{number}, v)] if TYPE(v) is DATETIME and v.tzinfo is UTC else {slow}"

    def _number(self, column: Ranged, number: int, careful: Callable[[Raw], int], *, floating: bool) -> str:
        self.names |= {
            f"T{number}": Learned({}, int, careful),
            f"M{number}": column.masks,
            f"E{number}": column.plain,
        }
        by_edge = f"M{number}[BISECT(E{number}, v)]"  # infinity less itself is NaN
        ways = [
            f"T{number}[v] if TYPE(v) is INT",
            f"{by_edge} if TYPE(v) is FLOAT and v - v == ZERO",
        ]  # inf - inf is NaN
        return " else ".join(reversed(ways) if floating else ways)

    def _keyed(self, term: FieldTerm, column: Keyed, number: int, slow: str) -> Iterator[str]:
        self.names |= {f"T{number}": column.table.get, f"F{number}": column.free}
        plain = "TYPE(v) is LIST or TYPE(v) is TUPLE" if term.type is ValueType.TEXTS else "TYPE(v) is DICT"
        yield f"if {'False' if term.spec.wrapped else plain}:"
        yield f" part = F{number}"
        yield " for key in v:"
        yield f"  rows = T{number}(key)"
        yield "  if rows is not None: part |= rows"
        yield " mask &= part"
        yield f"else: mask &= {slow}"


# Types whose plain values stand for nothing else that equals them: `True` is no text, but it would pass for 1.
_LOOKED_UP: Mapping[ValueType, type] = {ValueType.TEXT: str, ValueType.DATE: date}


def _careful(column: Column, read: Callable[[Raw], Raw]) -> Callable[[Raw], int]:
    """Return the mask of any value, read as the schema says."""

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
