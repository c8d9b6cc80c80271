"""What a rule index cannot say: tests that are made for single rows, few of them one by one, many of them in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import cached_property
from typing import Any

from assignkit.rules.emission import Emission, Reading
from assignkit.rules.framing import bare
from assignkit.rules.generating import date_tests, function_of, is_dated
from assignkit.rules.index import Index
from assignkit.rules.masks import mask_of
from assignkit.rules.plan import Rule

_FEW = 6  # so many rows are tested one by one; more share what they read of the item
_CHUNK = 64  # rows that are tested by one generated function
_PARAMETERS = "item, owner, customer, now, record, doubt"
_OTHERS = "agent = agent_facts = None"


class Residues:
    """The tests of an index's rows that need any, generated when they are first met."""

    def __init__(self, rules: Sequence[Rule], index: Index, zone: tzinfo, reading: Reading) -> None:
        self._rules, self._index, self._zone, self._reading = rules, index, zone, reading
        self.rows = [row for row, rule in enumerate(index.rule_of) if row in index.tests or is_dated(rules[rule])]
        self._tests: dict[int, Callable[..., int]] = {}

    @property
    def mask(self) -> int:
        """The rows that need a test."""
        return mask_of(self.rows)

    def highest(self, doubt: int, sure: int, *world: Any) -> int:  # noqa: ANN401 - item, owner, customer, now, record
        """Return the number, from 1, of the highest row in `doubt` that holds; `sure` if none above that does."""
        if doubt.bit_count() > _FEW:
            for mask, test in self._chunks:
                part = doubt & mask
                if part.bit_length() <= sure:
                    if mask.bit_length() <= sure:
                        break
                    continue
                found = test(*world, part)
                if found:
                    return max(found, sure)
            return sure
        top = doubt.bit_length()
        while top > sure:
            test_one = self._tests.get(top) or self._tests.setdefault(top, self._function([top - 1]))
            if test_one(*world, doubt):
                return top
            doubt ^= 1 << top - 1
            top = doubt.bit_length()
        return sure

    @cached_property
    def _chunks(self) -> list[tuple[int, Callable[..., int]]]:
        """Chunks of rows, the highest first."""
        rows = self.rows[::-1]
        parts = [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
        return [(mask_of(part), self._function(part)) for part in parts]

    def _function(self, rows: Sequence[int]) -> Callable[..., int]:
        """Return the function that tests rows from the highest down, and returns the number of the first that holds."""
        emission = Emission(self._reading)
        for row in rows:
            tests = date_tests(self._rules[self._index.rule_of[row]], emission)
            for each in self._index.tests.get(row, ()):
                tests.append(emission.code(each.term, "true" if each.holds else "false"))
            if len(rows) > 1:  # a test is mostly cheaper than a look at a long mask
                tests.append(f"doubt & {emission.constant(1 << row, 'row')}")
            emission.lines.append(f"if {' and '.join(tests)}: return {row + 1}")
        code = bare([_OTHERS, *emission.lines, "return 0"], _PARAMETERS)
        return function_of(code, emission.constants, self._zone)
