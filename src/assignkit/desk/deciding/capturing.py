"""Capturing: keeps what an explanation reads of a host's own record, which may change before somebody asks why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from assignkit.model.frozen import freeze
from assignkit.model.record import Record
from assignkit.rules.facts import find
from assignkit.rules.plan import Rule
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.terms import Slot, Term, fields_of

Path = tuple[str, ...]


def captured(record: Any, rules: RuleSet, kind: str, *, slot: Slot, through: int | None) -> Any:  # noqa: ANN401
    """Return what the rules up to the one at position `through` (None: all) and the guards read of the record.

    A record of our own cannot change, and is returned as it is. What cannot be read is left out: it reads as missing.
    """
    if record is None or isinstance(record, Record):
        return record
    kept: dict[str, Any] = {}
    for path in _paths(rules, kind, slot, through):
        try:
            value = freeze(find(record, path))
        except Exception:  # noqa: BLE001, S112 - a host's property may raise anything; the decision did not need it
            continue
        _put(kept, path, value)
    return kept


@lru_cache(maxsize=1024)
def _paths(rules: RuleSet, kind: str, slot: Slot, through: int | None) -> Sequence[Path]:
    """Return the paths to what is read, none of which begins with another one."""
    paths = {f.spec.path for term in _terms(rules, kind, through) for f in fields_of(term) if f.slot == slot}
    return sorted(path for path in paths if not any(path[:end] in paths for end in range(1, len(path))))


def _terms(rules: RuleSet, kind: str, through: int | None) -> Iterator[Term]:
    for rule in rules.representatives(kind, through=through):
        yield from _terms_of(rule)
    for guard in rules.guards:
        terms = (guard.item_term, getattr(guard, "agent_term", None)) if guard.kind == kind else ()
        yield from (term for term in terms if term is not None)


def _terms_of(rule: Rule) -> Iterator[Term]:
    if rule.condition is not None:
        yield rule.condition
    for require in rule.requires:
        yield require.term


def _put(kept: dict[str, Any], path: Path, value: Any) -> None:  # noqa: ANN401
    for name in path[:-1]:
        kept = kept.setdefault(name, {})
    kept[path[-1]] = value
