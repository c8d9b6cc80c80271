"""The generated function that looks an item up in a rule index: one statement or two per field, then the rows left."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime
from math import inf
from types import CodeType
from typing import Any

from assignkit.rules import facts, moments
from assignkit.rules.field_types import Raw, ValueType
from assignkit.rules.index import Index
from assignkit.rules.masks import LEARNED, Column, Keyed, Named, Ranged
from assignkit.rules.terms import FieldTerm
from assignkit.rules.values import reader

PARAMETERS = "item, agent, owner, customer, now, agent_facts, start"
_EXACT_INTEGERS = 2**53


class Learned(dict[Any, int]):
    """Masks of values that were met before; when there are too many, it starts anew."""

    def __init__(self, column: Ranged) -> None:
        super().__init__()
        self._of = column.of

    def __missing__(self, value: Any) -> int:  # noqa: ANN401 - a number or a date
        if len(self) >= LEARNED:
            self.clear()
        mask = self[value] = self._of(value)
        return mask


def lookup(
    index: Index, residues: dict[int, Callable[..., bool]], fallback: Callable[..., int], *, mapping: bool
) -> Callable[..., int]:
    """Return the function `(item, agent, owner, customer, now, agent_facts, start) -> rule or -1`.

    `residues` has the test of each row that needs one; `mapping` says that items are read by key, not by attribute.
    Whatever goes wrong on the way (a value that does not hash) is left to `fallback`.
    """
    names: dict[str, Any] = {
        "__builtins__": {}, "Exception": Exception, "FALLBACK": fallback, "ALL": index.everything,
        "BITS": index.bits_from, "RULE": index.rule_of, "RESIDUE": residues.get, "GETATTR": getattr,
        "FIND": facts.find, "BISECT": bisect_right, "AWARE": moments.aware, "UTC": UTC, "STR": str, "INT": int,
        "FLOAT": float, "DATE": date, "DATETIME": datetime, "LIST": list, "TUPLE": tuple, "DICT": dict,
        "INF": inf, "NINF": -inf, "MOST": _EXACT_INTEGERS, "LEAST": -_EXACT_INTEGERS,
    }  # fmt: skip
    lines = ["if now is not None and now.tzinfo is not UTC: now = AWARE(now)", "mask = BITS[start] if start else ALL"]
    if mapping:
        lines.append("get = item.get")
    for number, (term, column) in enumerate(index.columns):
        lines.append(_read(term, number, names, mapping=mapping))
        lines += _joined(term, column, number, names)
        lines.append("if not mask: return -1")
    lines += [
        "while mask:",
        " top = mask.bit_length() - 1",
        " test = RESIDUE(top)",
        " if test is None or test(item, None, owner, customer, now): return RULE[top]",
        " mask ^= 1 << top",
        "return -1",
    ]
    exec(_compiled(lines), names)  # noqa: S102 - generated names only; every text of an author is an object in `names`
    found: Callable[..., int] = names["generated"]
    return found


def _compiled(lines: list[str]) -> CodeType:
    body = "\n  ".join(lines)
    text = f"def generated({PARAMETERS}):\n try:\n  {body}\n except Exception:\n  return FALLBACK({PARAMETERS})\n"
    return compile(text, "<index>", "exec")


def _read(term: FieldTerm, number: int, names: dict[str, Any], *, mapping: bool) -> str:
    path = term.spec.path
    names[f"K{number}"] = path if len(path) > 1 else path[0]
    if len(path) > 1:
        return f"v = FIND(item, K{number})"
    return f"v = get(K{number})" if mapping else f"v = GETATTR(item, K{number}, None)"


def _joined(term: FieldTerm, column: Column, number: int, names: dict[str, Any]) -> list[str]:
    """Return the statements that join the mask of the value `v`; what is not of the plain type is read with care."""
    wrapped, kind = term.spec.wrapped, term.type
    names[f"S{number}"] = _careful(column, reader(term.spec))
    names[f"N{number}"] = column.missing
    slow = f"N{number} if v is None else S{number}(v)"
    if wrapped:
        return [f"mask &= {slow}"]
    if isinstance(column, Keyed):
        return _keyed(column, number, names, kind)
    if isinstance(column, Named):
        names[f"T{number}"], names[f"O{number}"] = column.table.get, column.other
        plain = "v is True or v is False" if kind is ValueType.BOOLEAN else "v.__class__ is STR"
        return [f"mask &= T{number}(v, O{number}) if {plain} else {slow}"]
    names[f"L{number}"], names[f"M{number}"], names[f"E{number}"] = Learned(column), column.masks, column.plain
    by_edge = f"M{number}[BISECT(E{number}, v)]"
    if kind is ValueType.NUMBER:
        learned = f"L{number}[v] if v.__class__ is INT and LEAST < v < MOST else"
        return [f"mask &= {learned} {by_edge} if v.__class__ is FLOAT and NINF < v < INF else {slow}"]
    if kind is ValueType.DATE:
        return [f"mask &= L{number}[v] if v.__class__ is DATE else {slow}"]
    return [f"mask &= {by_edge} if v.__class__ is DATETIME and v.tzinfo is UTC else {slow}"]


def _keyed(column: Keyed, number: int, names: dict[str, Any], kind: ValueType) -> list[str]:
    names[f"T{number}"], names[f"F{number}"] = column.table.get, column.free
    plain = "v.__class__ is DICT" if kind is ValueType.LEVELS else "v.__class__ is LIST or v.__class__ is TUPLE"
    return [
        f"if {plain}:",
        f" part = F{number}",
        " for key in v:",
        f"  rows = T{number}(key)",
        "  if rows is not None: part |= rows",
        " mask &= part",
        f"else: mask &= N{number} if v is None else S{number}(v)",
    ]


def _careful(column: Column, read: Callable[[Raw], Raw]) -> Callable[[Raw], int]:
    """Return the mask of any value, read as the schema says."""

    def mask_of(raw: Raw) -> int:
        value = read(raw)
        if value is None:
            return column.missing
        if isinstance(column, Named):
            return column.table.get(value, column.other)
        if isinstance(column, Ranged):
            return column.of(value)
        mask = column.free
        for key in value:
            mask |= column.table.get(key, 0)
        return mask

    return mask_of
