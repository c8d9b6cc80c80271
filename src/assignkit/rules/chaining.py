"""Few rules as one chain of conditions: each is tried in turn, and a field is read when a test first needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from assignkit.rules import terms
from assignkit.rules.emission import Emission
from assignkit.rules.generating import date_tests, rule_tests
from assignkit.rules.plan import Rule
from assignkit.rules.terms import Term

_DEEPEST = 8  # blocks in blocks of one rule
_ALWAYS, _PER_FIELD, _NEVER = 10, 4, 100  # rules; measured, see docs/concepts/cost-model.md


def longest_chain(fields: int) -> int:
    """Return for how many rules a chain is faster than an index: the more fields there are to look up, the more."""
    return min(_ALWAYS + _PER_FIELD * fields, _NEVER)


def chain_of(
    rules: Sequence[Rule], emission: Emission, leave: Callable[[int], str], *, resuming: bool = False
) -> list[str]:
    """Return the statements that leave at the first rule that decides; `resuming`: from the one at `start` on."""
    for index, rule in enumerate(rules):
        if rule.passes_on:
            continue
        if resuming:
            tests = [f"start <= {index}", *rule_tests(rule, emission)]
            emission.lines.append(f"if {' and '.join(tests)}: {leave(index)}")
        else:
            _put(rule, emission, leave(index))
            if rule.condition is None and rule.active_from is None and rule.active_until is None:
                break  # what stands behind a rule that always matches is never reached
    return emission.lines


def _put(rule: Rule, emission: Emission, leave: str) -> None:
    """Add the statements of one rule: tests of what has been read come first, and save reading the rest."""
    lines, depth = emission.lines, 0
    tests = date_tests(rule, emission)
    known = None
    for part in _known_first(list(_conjuncts(rule.condition)), emission):
        start, before = len(lines), emission.remembered()
        code = emission.code(part, "true")
        inner = [" " * (depth + 1) + line for line in lines[start:]]
        if inner and tests and depth < _DEEPEST:
            known = known or before
            lines[start:] = [f"{' ' * depth}if {' and '.join(tests)}:", *inner]
            tests, depth = [], depth + 1
        else:
            lines[start:] = [line[1:] for line in inner]
        tests.append(code)
    lines.append(f"{' ' * depth}if {' and '.join(tests) or 'True'}: {leave}")
    if known is not None:
        emission.forget(known)


def _known_first(parts: list[Term], emission: Emission) -> list[Term]:
    """Return the parts of a condition in the order in which they are tested."""
    return sorted(parts, key=lambda part: _reads(part, emission))


def _reads(part: Term, emission: Emission) -> bool:
    """Return whether a test needs more than the statements so far have read."""
    before, start = emission.remembered(), len(emission.lines)
    emission.code(part, "true")
    reads = len(emission.lines) > start
    del emission.lines[start:]
    emission.forget(before)
    return reads


def _conjuncts(condition: Term | None) -> Iterator[Term]:
    """Yield what must all be true for a condition to be."""
    waiting = [] if condition is None else [condition]
    while waiting:
        term = waiting.pop()
        if isinstance(term, terms.And):
            waiting.extend(reversed(term.operands))
        else:
            yield term
