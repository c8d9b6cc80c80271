"""The generated functions that look items up in a rule index: one expression per field, then the rows that are left."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from assignkit.rules import facts, moments
from assignkit.rules.emission import Reading
from assignkit.rules.field_types import Raw
from assignkit.rules.framing import in_a_loop, one_at_a_time
from assignkit.rules.generating import function_of
from assignkit.rules.index import Index
from assignkit.rules.joining import Joining
from assignkit.rules.residues import Residues

_PARAMETERS = "item, agent, owner, customer, now, agent_facts, start"
_NOW = "if now is not None and now.tzinfo is not UTC: now = AWARE(now)"
_NAMESPACE: Mapping[str, Any] = {
    "Exception": Exception, "GETATTR": getattr, "FIND": facts.find, "BISECT": bisect_right,
    "AWARE": moments.aware, "UTC": UTC, "TYPE": type, "INT": int, "FLOAT": float, "DATETIME": datetime, "LIST": list,
    "TUPLE": tuple, "DICT": dict, "ZERO": 0.0, "KeyError": KeyError,
}  # fmt: skip


def lookup(index: Index, residues: Residues, fallback: Callable[..., int], *, reading: Reading) -> Callable[..., int]:
    """Return the function `(item, agent, owner, customer, now, agent_facts, start) -> rule or -1`.

    `residues` tests the rows that need it. Whatever goes wrong on the way (a value that does not hash) is
    left to `fallback`. Read as an entry, there is a last parameter more: the item as a plain dict; and no start.
    """
    entry = reading == "entry"
    body = Joining(index, reading, "return -1", "" if entry else "(1 << ROWS[start]) - 1 if start else ALL")
    lines = [_NOW]
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
    body = Joining(index, "entry", "append(NONE); continue")
    lines = [*([_NOW] if residues.rows else []), *body.lines()]
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
