"""From a condition to the records for which it is true, as boxes.

Comparisons, memberships, ranges and presence of single fields become domains. Everything else is a question of its own
(`Questions.opaque`), which is answered true, false or unknown whatever the fields hold: what is found out about such
boxes holds, but not everything that holds is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assignkit.rules import terms
from assignkit.rules.field_types import FieldSpec, ValueType
from assignkit.rules.interpreter import schedule
from assignkit.rules.regions import (
    ANY_CHOICE,
    ANY_STRETCH,
    FIRST,
    LAST,
    Box,
    Choice,
    Domain,
    Stretches,
    before,
    behind,
    meet,
)
from assignkit.rules.terms import FieldTerm, Term, constant_of

MOST_BOXES = 64
_DEEPEST = 200  # `let`s in `let`s; beyond, conditions are not taken apart
_ORDERED = (ValueType.NUMBER, ValueType.DATE, ValueType.INSTANT)
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class TooManyBoxesError(Exception):
    """A condition falls into more boxes than are worth looking at."""


class Questions:
    """Turns conditions into boxes; remembers which fields it met, and which questions it could not look into.

    `opaque` has the fields that must be there for such a question to be answered; none where that is not known. `free`
    are those about one field alone that some of its values answer with yes and some with no.
    """

    def __init__(self) -> None:
        self.fields: dict[str, FieldSpec] = {}
        self.opaque: dict[str, frozenset[str]] = {}
        self.free: set[str] = set()

    def boxes(self, condition: Term | None) -> list[Box]:
        """Return the boxes of the records for which the condition is true; raises `TooManyBoxesError`."""
        if condition is None:
            return [{}]
        if _depth(condition) > _DEEPEST:
            raise TooManyBoxesError
        return self._where(condition, holds=True)

    def whole(self, spec: FieldSpec) -> Domain:
        """Return everything that a field may be."""
        if spec.type is ValueType.BOOLEAN:
            return Choice(frozenset((True, False)), missing=True)
        if spec.type in _ORDERED:
            points = tuple((before(value), behind(value)) for value in sorted(spec.values or ()))
            return Stretches(points, missing=True) if spec.values is not None else ANY_STRETCH
        return Choice(frozenset(spec.values), missing=True) if spec.values is not None else ANY_CHOICE

    def only(self, field: FieldTerm, value: Any) -> Box:  # noqa: ANN401 - whatever a field holds
        """Return the box of the records in which a field has one value."""
        self.fields[field.name] = field.spec
        if field.type in _ORDERED:
            return {field.name: Stretches(((before(value), behind(value)),))}
        return {field.name: Choice(frozenset((value,)))}

    def known(self) -> Box:
        """Return which values those fields can have of which all values are known."""
        wholes = {name: self.whole(spec) for name, spec in self.fields.items()}
        return {name: whole for name, whole in wholes.items() if whole not in (ANY_CHOICE, ANY_STRETCH)}

    def exists(self, box: Box) -> bool:
        """Return whether there is such a record for certain: what is asked may be missing, or answered freely."""
        absent: set[str] = set()
        present: set[str] = set()
        for name in self.opaque.keys() & box.keys():
            fields = self.opaque[name]
            if box[name].missing and fields:
                absent |= fields
            elif name in self.free and present.isdisjoint(fields):
                present |= fields
            else:
                return False
        there = present.isdisjoint(absent) and present.isdisjoint(box)
        return there and all(box[name].missing for name in absent & box.keys())

    def _where(self, term: Term, *, holds: bool) -> list[Box]:
        term = _meant(term)
        if isinstance(term, terms.Not):
            return self._where(term.operand, holds=not holds)
        if isinstance(term, terms.And | terms.Or):
            parts = (self._where(each, holds=holds) for each in term.operands)
            return _product(parts) if isinstance(term, terms.And) == holds else _union(parts)
        if isinstance(term, terms.Constant):
            return [{}] if term.value is holds else []
        if isinstance(term, FieldTerm) and term.type is ValueType.BOOLEAN:
            return self._one(term, Choice(frozenset((holds,))))
        handler = _TESTS.get(type(term))
        found = handler(self, term, holds) if handler is not None else None
        return found if found is not None else self._question(term, holds=holds)

    def _question(self, term: Term, *, holds: bool) -> list[Box]:
        name = " ".join(term.text.split())
        if name not in self.opaque:
            answered = any(isinstance(each, terms.Presence) for each in terms.walk(term))  # whatever is missing
            fields = () if answered else terms.fields_of(term)
            self.opaque[name] = frozenset(field.name for field in fields)
            if len(fields) == 1 and _is_free(term):
                self.free.add(name)
        return [{name: Choice(frozenset((holds,)))}]

    def _one(self, field: FieldTerm, domain: Domain) -> list[Box]:
        self.fields[field.name] = field.spec
        whole = self.whole(field.spec)
        met = meet({field.name: whole}, {field.name: domain})
        return [] if met is None else [met]

    def _compare(self, term: terms.Compare, holds: bool) -> list[Box] | None:  # noqa: FBT001 - as every test
        left, right, operator = _meant(term.left), _meant(term.right), term.operator
        if constant_of(left) is not None:
            left, right, operator = right, left, _MIRRORED[operator]  # type: ignore[assignment]
        constant = constant_of(right)
        if not isinstance(left, FieldTerm) or constant is None or constant.value is None:
            return None
        if not holds:
            operator = _OPPOSITE[operator]  # type: ignore[assignment]
        value = constant.value
        if left.type in (ValueType.TEXT, ValueType.BOOLEAN):
            return self._one(left, Choice(frozenset((value,)), others=operator == "!="))
        return self._one(left, Stretches(_STRETCHES[operator](value))) if left.type in _ORDERED else None

    def _among(self, term: terms.Among, holds: bool) -> list[Box] | None:  # noqa: FBT001
        field, listed = _meant(term.value), constant_of(term.container)
        if not isinstance(field, FieldTerm) or listed is None or not isinstance(listed.value, tuple):
            return None
        if any(value is None for value in listed.value):
            return None
        if field.type in _ORDERED:
            points = Stretches(tuple((before(value), behind(value)) for value in sorted(set(listed.value))))
            return self._one(field, points if holds else Stretches(ANY_STRETCH.parts).minus(points))
        return self._one(field, Choice(frozenset(listed.value), others=not holds))

    def _presence(self, term: terms.Presence, holds: bool) -> list[Box] | None:  # noqa: FBT001
        field = _meant(term.value)
        if not isinstance(field, FieldTerm) or field.type is ValueType.ANY:
            return None
        there = term.present is holds
        if field.type in _ORDERED:
            return self._one(field, Stretches(ANY_STRETCH.parts if there else (), missing=not there))
        return self._one(field, Choice(frozenset(), others=there, missing=not there))


def _depth(condition: Term) -> int:
    depths: dict[int, int] = {}
    for each in schedule(condition):
        depths[id(each)] = 1 + max((depths[id(below)] for below in each.children()), default=0)
    return depths[id(condition)]


def _meant(term: Term) -> Term:
    while isinstance(term, terms.Named):
        term = term.value
    return term


def _is_free(term: Term) -> bool:
    """Return whether a test of one field with a constant, or with the present time, can come out either way."""
    if isinstance(term, terms.Compare):
        sides = (_meant(term.left), _meant(term.right))
        return any(isinstance(each, FieldTerm) for each in sides) and any(
            isinstance(each, terms.NowTerm) for each in sides
        )
    if isinstance(term, terms.Has | terms.HasSeveral | terms.TextTest):
        return isinstance(_meant(term.value), FieldTerm)
    return False


def _union(parts: Any) -> list[Box]:  # noqa: ANN401 - an iterable of lists of boxes
    found = [box for part in parts for box in part]
    if len(found) > MOST_BOXES:
        raise TooManyBoxesError
    return found


def _product(parts: Any) -> list[Box]:  # noqa: ANN401
    found: list[Box] = [{}]
    for part in parts:
        found = [met for box in found for other in part if (met := meet(box, other)) is not None]
        if len(found) > MOST_BOXES:
            raise TooManyBoxesError
    return found


_STRETCHES: Mapping[str, Callable[[Any], tuple[Any, ...]]] = {
    "=": lambda value: ((before(value), behind(value)),),
    "!=": lambda value: ((FIRST, before(value)), (behind(value), LAST)),
    "<": lambda value: ((FIRST, before(value)),),
    "<=": lambda value: ((FIRST, behind(value)),),
    ">": lambda value: ((behind(value), LAST),),
    ">=": lambda value: ((before(value), LAST),),
}
_TESTS: Mapping[type[Term], Callable[[Questions, Any, bool], list[Box] | None]] = {
    terms.Compare: Questions._compare,  # noqa: SLF001 - the table of this class's own methods
    terms.Among: Questions._among,  # noqa: SLF001
    terms.Presence: Questions._presence,  # noqa: SLF001
}
