"""numpy: a table of bitmasks per field, looked up for a block of rows at once. Written by hand; it trusts the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engines.spelling import Rules

_BLOCK = 8_192  # rows whose masks fit into the caches of a processor
_WORD = 64
_MOST_TAGS = 5

Asked = list[tuple[int, str, Any]]  # number of the rule, operator, value
Lookup = Callable[[Any], Any]  # from a block of rows to the masks of each


def prepare(rules: Rules, table: Any) -> Callable[[], Any]:  # noqa: ANN401 - a pyarrow table
    """Return what joins the masks; values are numbered beforehand, as a table with dictionaries has them."""
    import numpy as np  # noqa: PLC0415 - there only in its own environment

    lookups = list(_lookups(np, rules, table))

    def match() -> Any:  # noqa: ANN401 - an array
        found = np.empty(len(table), dtype=np.int64)
        for start in range(0, len(table), _BLOCK):
            block = slice(start, min(start + _BLOCK, len(table)))
            masks = lookups[0](block)
            for lookup in lookups[1:]:
                masks = masks & lookup(block)
            found[block] = _first(np, masks)
        return None, found

    return match


def _first(np: Any, masks: Any) -> Any:  # noqa: ANN401
    """Return the number of the lowest bit of each row, -1 where there is none."""
    word = (masks != 0).argmax(axis=1)
    chosen = masks[np.arange(len(masks)), word]
    lowest = chosen & (~chosen + np.uint64(1))
    bit = np.log2(np.maximum(lowest, 1).astype(np.float64)).astype(np.int64)  # exact for powers of two
    return np.where(chosen != 0, word * _WORD + bit, -1)


def _lookups(np: Any, rules: Rules, table: Any) -> Iterator[Lookup]:  # noqa: ANN401
    asked: dict[str, Asked] = {}
    for number, rule in enumerate(rules):
        for field, operator, value in rule:
            asked.setdefault(field, []).append((number, operator, value))
    words = -(-len(rules) // _WORD)
    for field, tests in asked.items():
        operators = {operator for _, operator, _ in tests}
        free = _mask(np, words, set(range(len(rules))) - {number for number, _, _ in tests})
        if operators == {"has"}:
            yield _of_lists(np, table[field].to_pylist(), tests, free)
        elif operators <= {"=", "in"}:
            yield _of_values(np, table[field].to_pylist(), tests, free)
        else:
            yield _of_ranges(np, table[field].to_numpy(), tests, free)


def _of_values(np: Any, values: list[Any], tests: Asked, free: Any) -> Lookup:  # noqa: ANN401
    numbers, codes = _numbered(np, values)
    masks = np.tile(free, (len(numbers), 1))
    for number, operator, value in tests:
        for each in value if operator == "in" else [value]:
            if each in numbers:
                masks[numbers[each]] |= _mask(np, len(free), {number})
    return lambda block: masks[codes[block]]


def _of_lists(np: Any, lists: list[list[str]], tests: Asked, free: Any) -> Lookup:  # noqa: ANN401
    wanted = {value: place for place, value in enumerate(dict.fromkeys(value for _, _, value in tests), start=1)}
    masks = np.tile(free, (len(wanted) + 1, 1))  # the first is that of no value, or one that no rule asks for
    for number, _, value in tests:
        masks[wanted[value]] |= _mask(np, len(free), {number})
    codes = np.zeros((len(lists), _MOST_TAGS), dtype=np.int64)
    for row, values in enumerate(lists):
        for place, value in enumerate(values):
            codes[row, place] = wanted.get(value, 0)
    return lambda block: np.bitwise_or.reduce(masks[codes[block]], axis=1)


def _of_ranges(np: Any, values: Any, tests: Asked, free: Any) -> Lookup:  # noqa: ANN401
    edges: dict[float, list[int]] = {}
    for number, operator, value in tests:
        low, high = value if operator == "between" else (value, None)
        beyond = np.nextafter(low, np.inf) if operator in (">", "after") else low
        edges.setdefault(float(beyond), []).append(number)
        if high is not None:
            edges.setdefault(float(np.nextafter(high, np.inf)), []).append(number)
    steps = sorted(edges)
    masks = np.tile(free, (len(steps) + 1, 1))
    for place, edge in enumerate(steps, start=1):
        masks[place] = masks[place - 1]
        for number in edges[edge]:
            masks[place] ^= _mask(np, len(free), {number})
    places = np.searchsorted(np.array(steps), values, side="right")
    return lambda block: masks[places[block]]


def _numbered(np: Any, values: list[Any]) -> tuple[dict[Any, int], Any]:  # noqa: ANN401
    numbers: dict[Any, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return numbers, np.array(codes, dtype=np.int64)


def _mask(np: Any, words: int, numbers: set[int]) -> Any:  # noqa: ANN401
    mask = np.zeros(words, dtype=np.uint64)
    for number in numbers:
        mask[number // _WORD] |= np.uint64(1 << number % _WORD)
    return mask
