"""Checked expressions: names are resolved, types are known, `let`s are shared, constants are exact.

Terms form a graph without cycles: a `let` that is used twice is one term. They compare by identity. All `not …` forms
are a `Not`; `between`, `before`, `after`, `older than` and `within last` are comparisons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, Literal

from assignkit.diagnostics import Source, Span
from assignkit.rules.field_types import FieldSpec, ValueType

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Slot = Literal["item", "agent", "owner", "customer", "now"]

_BREAK = re.compile(r"\s*\n\s*")
_NOTHING: frozenset[str] = frozenset()
_ROOTS: dict[frozenset[str], frozenset[str]] = {}  # there are few, and each is as large as the rest of a term


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a term was written; `wording` is its text where that does not stand in the file as it is."""

    source: Source
    span: Span
    wording: str | None = None

    @property
    def text(self) -> str:
        """Return the term as it was written, on one line."""
        if self.wording is not None:
            return self.wording
        return _BREAK.sub(" ", self.source.text[self.span.start : self.span.end])

    @property
    def line(self) -> int:
        """Return the line on which the term begins."""
        return self.source.locate(self.span).line


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Term:
    """Any term: its type and where it was written.

    `roots` are what it reads (`customer`, `agent`, `now`, …); `size` counts its nodes with every
    `let` expanded.
    """

    type: ValueType
    origin: Origin
    roots: frozenset[str] = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        below = self.children()
        roots, size = (_NOTHING if below else self._own_roots()), 1
        for each in below:
            size += each.size
            if each.roots is not roots and each.roots:
                roots = roots | each.roots if roots else each.roots
        object.__setattr__(self, "roots", _ROOTS.setdefault(roots, roots))
        object.__setattr__(self, "size", size)

    def children(self) -> tuple[Term, ...]:
        """Return the terms that this one is made of."""
        return ()

    def _own_roots(self) -> frozenset[str]:
        return _NOTHING

    @property
    def text(self) -> str:
        """Return the term as it was written."""
        return self.origin.text


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Term):
    """A literal: integral numbers are ints, instants in UTC, lists tuples; None is what could not be resolved."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class FieldTerm(Term):
    """`customer.province`: `root` is `customer`, `task.customer`, `agent`, `owner` or the name of a host's kind."""

    root: str
    spec: FieldSpec

    def _own_roots(self) -> frozenset[str]:
        return frozenset((self.root,))

    @property
    def name(self) -> str:
        """Return the field as English rules write it."""
        return f"{self.root}.{self.spec.name}"

    @property
    def slot(self) -> Slot:
        """Return which of the records at hand the field is read from."""
        return _SLOTS.get(self.root, "item")


_SLOTS: dict[str, Slot] = {"agent": "agent", "owner": "owner", "task.customer": "customer"}


@dataclass(frozen=True, slots=True, eq=False)
class NowTerm(Term):
    """`now`, or the instant so long after it (before, when negative)."""

    offset: timedelta = timedelta()

    def _own_roots(self) -> frozenset[str]:
        return frozenset(("now",))


@dataclass(frozen=True, slots=True, eq=False)
class Named(Term):
    """The use of a `let`."""

    name: str
    value: Term

    def children(self) -> tuple[Term, ...]:
        """Return the value of the `let`."""
        return (self.value,)


@dataclass(frozen=True, slots=True, eq=False)
class ListTerm(Term):
    """A list of which not all members are constants."""

    items: tuple[Term, ...]

    def children(self) -> tuple[Term, ...]:
        """Return the members."""
        return self.items


@dataclass(frozen=True, slots=True, eq=False)
class Not(Term):
    """`not x`."""

    operand: Term

    def children(self) -> tuple[Term, ...]:
        """Return the operand."""
        return (self.operand,)


@dataclass(frozen=True, slots=True, eq=False)
class And(Term):
    """`a and b`; `whole` when an author sees one test: `between`, `within last`."""

    operands: tuple[Term, ...]
    whole: bool = False

    def children(self) -> tuple[Term, ...]:
        """Return the operands."""
        return self.operands


@dataclass(frozen=True, slots=True, eq=False)
class Or(Term):
    """`a or b`."""

    operands: tuple[Term, ...]

    def children(self) -> tuple[Term, ...]:
        """Return the operands."""
        return self.operands


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Term):
    """A comparison of two terms of one type."""

    operator: Operator
    left: Term
    right: Term

    def children(self) -> tuple[Term, ...]:
        """Return both sides."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, eq=False)
class Presence(Term):
    """`x is present`, or `x is missing`; never unknown."""

    value: Term
    present: bool

    def children(self) -> tuple[Term, ...]:
        """Return what is looked at."""
        return (self.value,)


@dataclass(frozen=True, slots=True, eq=False)
class Among(Term):
    """`x in xs`."""

    value: Term
    container: Term

    def children(self) -> tuple[Term, ...]:
        """Return the value and the list."""
        return (self.value, self.container)


@dataclass(frozen=True, slots=True, eq=False)
class Has(Term):
    """`xs has y`, or `xs has y at n`."""

    value: Term
    item: Term
    level: Term | None = None

    def children(self) -> tuple[Term, ...]:
        """Return the list or map, the item, and the level if any."""
        return (self.value, self.item) if self.level is None else (self.value, self.item, self.level)


@dataclass(frozen=True, slots=True, eq=False)
class HasSeveral(Term):
    """`xs has any of ys`, `xs has all of ys`."""

    quantifier: Literal["any", "all"]
    value: Term
    items: Term

    def children(self) -> tuple[Term, ...]:
        """Return the list and the items."""
        return (self.value, self.items)


@dataclass(frozen=True, slots=True, eq=False)
class TextTest(Term):
    """`t contains x`, `t starts with x`, `t ends with x`, `t like x`."""

    operator: Literal["contains", "starts with", "ends with", "like"]
    value: Term
    pattern: Term

    def children(self) -> tuple[Term, ...]:
        """Return the text and the pattern."""
        return (self.value, self.pattern)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working hours: for each day of the week, from Monday, its intervals; `zone` None is the desk's zone.

    `special` has the intervals of days that are different, none for a day off.
    """

    name: str
    hours: tuple[tuple[tuple[time, time | None], ...], ...]
    zone: str | None = None
    holidays: tuple[str, ...] = ()
    special: tuple[tuple[date, tuple[tuple[time, time | None], ...]], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class During(Term):
    """`now during calendar "Office"`."""

    value: Term
    calendar: Calendar

    def children(self) -> tuple[Term, ...]:
        """Return the instant."""
        return (self.value,)


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic(Term):
    """`a + b - c`: from left to right, with one operator fewer than operands."""

    operators: tuple[Literal["+", "-", "*", "/"], ...]
    operands: tuple[Term, ...]

    def children(self) -> tuple[Term, ...]:
        """Return the operands."""
        return self.operands


@dataclass(frozen=True, slots=True, eq=False)
class Call(Term):
    """A function of its arguments; `negate` and `midnight` are not written as calls."""

    function: str
    arguments: tuple[Term, ...]

    def children(self) -> tuple[Term, ...]:
        """Return the arguments."""
        return self.arguments

    def _own_roots(self) -> frozenset[str]:
        return _NOTHING


def walk(term: Term) -> Iterator[Term]:
    """Return every term that this one is made of, itself first, each once, in the order written."""
    seen: set[int] = set()
    waiting = [term]
    while waiting:
        each = waiting.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting.extend(reversed(each.children()))


def constant_of(term: Term) -> Constant | None:
    """Return the constant that a term is, also by way of `let`s, or None."""
    while isinstance(term, Named):
        term = term.value
    return term if isinstance(term, Constant) else None


def fields_of(term: Term) -> tuple[FieldTerm, ...]:
    """Return the fields that the term reads, each once, in the order written."""
    found: dict[str, FieldTerm] = {}
    seen: set[int] = set()
    waiting = [term]
    while waiting:
        each = waiting.pop()
        if isinstance(each, FieldTerm):
            found.setdefault(each.name, each)
        elif each.roots and id(each) not in seen:
            seen.add(id(each))
            waiting.extend(reversed(each.children()))
    return tuple(found.values())


def reads(term: Term) -> frozenset[str]:
    """Return what the term reads: roots (`customer`, `agent`, `owner`, `now`) and fields (`customer.province`)."""
    return term.roots | {each.name for each in fields_of(term)}


def conjuncts(term: Term) -> tuple[Term, ...]:
    """Return the tests of which all must hold, as an author wrote them."""
    if isinstance(term, And) and not term.whole:
        return tuple(part for operand in term.operands for part in conjuncts(operand))
    return (term,)
