"""What may stand where: the types that terms need to have beside each other, and what is told where they do not fit."""

from __future__ import annotations

from assignkit.diagnostics import Source
from assignkit.language import syntax
from assignkit.messages.text import Text, say
from assignkit.rules import codes, terms
from assignkit.rules.draft import Draft
from assignkit.rules.field_types import ITEM_OF, LIST_OF, ValueType
from assignkit.rules.suggestions import did_you_mean
from assignkit.rules.terms import Constant, Origin, Term, constant_of

_T = ValueType
_ORDERED = (_T.NUMBER, _T.DATE, _T.INSTANT)
DAYS = (_T.DATE, _T.INSTANT)
KEYED = (_T.TEXTS, _T.LEVELS)

Written = tuple[syntax.Node, Term]  # a term, with where it was written


class Fitting:
    """Makes terms of one file of others; what does not fit is told, and becomes a term that fits everywhere."""

    def __init__(self, draft: Draft, source: Source) -> None:
        self._draft = draft
        self._source = source

    def wrong(self, code: str, message: Text, node: syntax.Node, help: Text | None = None) -> Term:
        """Tell of an error at a node, and return what stands in for its term."""
        self._draft.report(code, message, self._source, node.span, help=help)
        return self.unknown(node)

    def unknown(self, node: syntax.Node) -> Constant:
        """Return a term that fits everywhere and is missing."""
        return Constant(type=_T.ANY, origin=self.origin(node), value=None)

    def origin(self, node: syntax.Node) -> Origin:
        """Return where a node was written."""
        return Origin(self._source, node.span)

    def fits(self, node: syntax.Node, term: Term, wanted: tuple[ValueType, ...], help: Text | None = None) -> bool:
        """Return whether the term has one of these types; tell of it if not."""
        if term.type in wanted or term.type is _T.ANY:
            return True
        expected = _one_of(tuple(dict.fromkeys(wanted)))
        message = say("meaning.belongs_here", term=quoted(term), type=term.type.told, expected=expected)
        self.wrong(codes.WRONG_TYPE, message, node, help)
        return False

    def condition(self, node: syntax.Node, term: Term) -> Term:
        """Return the term if it is true or false; tell of it if not."""
        if term.type in (_T.BOOLEAN, _T.ANY):
            return term
        help = say("meaning.compare_it", term=term.text) if isinstance(term, terms.FieldTerm) else None
        message = say("meaning.not_a_condition", term=quoted(term), type=term.type.told)
        return self.wrong(codes.NOT_A_CONDITION, message, node, help)

    def negated(self, node: syntax.Node, term: Term, *, when: bool) -> Term:
        """Return the opposite of the term if asked for."""
        return terms.Not(type=_T.BOOLEAN, origin=self.origin(node), operand=term) if when else term

    def compared(
        self,
        node: syntax.Node,
        operator: terms.Operator,
        one: Written,
        other: Written,
        origin: Origin | None = None,
    ) -> Term:
        """Return `one operator other`, or tell why they cannot be compared."""
        left, right = one[1], other[1]
        allowed = (*_ORDERED, _T.TEXT, _T.BOOLEAN) if operator in ("=", "!=") else _ORDERED
        for written, term in (one, other):
            if term.type not in (*_ORDERED, _T.TEXT, _T.BOOLEAN, _T.ANY):
                return self._not_comparable(written, term, operator, right if term is left else left)
        mixed = {left.type, right.type} == set(DAYS)
        fitting = left.type is right.type or _T.ANY in (left.type, right.type)
        if not fitting and not (mixed and operator not in ("=", "!=")):
            return self._mismatch(other[0], left, right)
        for written, term in (one, other):
            if term.type not in (*allowed, _T.ANY):
                told = term.type.told
                message = say("meaning.equality_only", term=quoted(term), type=told, operator=operator)
                return self.wrong(codes.WRONG_TYPE, message, written)
        if mixed:
            left, right = self._at_midnight(left), self._at_midnight(right)
        return terms.Compare(
            type=_T.BOOLEAN, origin=origin or self.origin(node), operator=operator, left=left, right=right
        )

    def _not_comparable(self, node: syntax.Node, term: Term, operator: str, other: Term) -> Term:
        help = None
        if term.type in KEYED and other.type is _T.TEXT:
            help = did_you_mean(say("meaning.try_has", value=term.text, item=other.text))
        elif term.type is _T.LOCATION:
            help = say("meaning.use_distance")
        elif term.type is _T.DURATION:
            help = say("meaning.before_a_duration")
        message = say("meaning.cannot_compare", term=quoted(term), type=term.type.told, operator=operator)
        return self.wrong(codes.WRONG_TYPE, message, node, help)

    def _mismatch(self, node: syntax.Node, left: Term, right: Term) -> Term:
        message = _mismatched(left, right)
        help = None
        constant = constant_of(right)
        if {left.type, right.type} == set(DAYS):
            help = say("meaning.use_before_and_after")
        elif constant is not None and left.type is _T.TEXT and right.type is _T.NUMBER:
            help = say("meaning.texts_in_quotes", text=right.text)
        elif constant is not None and left.type is _T.NUMBER and right.type is _T.TEXT:
            help = say("meaning.numbers_without_quotes")
        return self.wrong(codes.TYPE_MISMATCH, message, node, help)

    def _at_midnight(self, term: Term) -> Term:
        if term.type is not _T.DATE:
            return term
        return terms.Call(type=_T.INSTANT, origin=term.origin, function="midnight", arguments=(term,))

    def between(
        self,
        node: syntax.Node,
        value: Written,
        low: Written,
        high: Written,
        origin: Origin | None = None,
    ) -> Term:
        """Return `value between low and high`."""
        origin = origin or self.origin(node)
        above = self.compared(node, ">=", value, low, origin)
        if isinstance(above, Constant):
            return above
        below = self.compared(node, "<=", value, high, origin)
        return terms.And(type=_T.BOOLEAN, origin=origin, operands=(above, below), whole=True)

    def present(self, value: Term, origin: Origin, *, present: bool) -> Term:
        """Return `value is present`, or missing."""
        return terms.Presence(type=_T.BOOLEAN, origin=origin, value=value, present=present)

    def among(
        self,
        node: syntax.Node,
        value: Written,
        container: Written,
        origin: Origin | None = None,
    ) -> Term:
        """Return `value in container`."""
        one, many = value[1], container[1]
        if one.type is not _T.ANY and (one.type in ITEM_OF or one.type is _T.LEVELS):
            help = did_you_mean(say("meaning.try_has_any", value=one.text, items=many.text))
            message = say("meaning.wants_one_value", term=quoted(one), type=one.type.told)
            return self.wrong(codes.WRONG_TYPE, message, value[0], help)
        if many.type in LIST_OF and many.type is not _T.ANY:  # brackets around a single value: no list to the grammar
            many = self.listed(container[0], (many,), LIST_OF[many.type])
        wanted = LIST_OF.get(one.type)
        if wanted is None:
            message = say("meaning.not_in_lists", term=quoted(one), type=one.type.told)
            return self.wrong(codes.WRONG_TYPE, message, value[0])
        if _T.ANY not in (wanted, many.type) and many.type is not wanted and (wanted, many.type) != KEYED:
            return self.wrong(codes.TYPE_MISMATCH, _mismatched(one, many), container[0])
        return terms.Among(type=_T.BOOLEAN, origin=origin or self.origin(node), value=one, container=many)

    def having(
        self,
        node: syntax.Node,
        value: Written,
        item: Written,
        level: Written | None = None,
        origin: Origin | None = None,
    ) -> Term:
        """Return `value has item [at level]`."""
        help = None
        if value[1].type is _T.TEXT:
            help = did_you_mean(say("meaning.try_contains", value=value[1].text, item=item[1].text))
        fit = [self.fits(*value, KEYED if level is None else (_T.LEVELS,), help), self.fits(*item, (_T.TEXT,))]
        if level is not None:
            fit.append(self.fits(*level, (_T.NUMBER,)))
        if not all(fit):
            return self.unknown(node)
        return terms.Has(
            type=_T.BOOLEAN,
            origin=origin or self.origin(node),
            value=value[1],
            item=item[1],
            level=level[1] if level else None,
        )

    def listed(self, node: syntax.Node, items: tuple[Term, ...], kind: ValueType) -> Term:
        """Return a list of these terms: a constant, if all of them are."""
        plain = tuple(constant_of(each) for each in items)
        if all(each is not None for each in plain):
            values = tuple(each.value for each in plain if each is not None)
            return Constant(type=kind, origin=self.origin(node), value=values)
        return terms.ListTerm(type=kind, origin=self.origin(node), items=items)


def quoted(term: Term) -> str:
    """Return the term as a message quotes it, cut if it is long."""
    text = term.text
    return f"`{text if len(text) <= 60 else text[:59] + '…'}`"  # noqa: PLR2004 - characters that a message can bear


def _mismatched(left: Term, right: Term) -> Text:
    types = {"left_type": left.type.told, "right_type": right.type.told}
    return say("meaning.mismatch", left=quoted(left), right=quoted(right), **types)


def _one_of(kinds: tuple[ValueType, ...]) -> Text:
    told = tuple(kind.told for kind in kinds)
    return told[0] if len(told) == 1 else say("meaning.or", most=told[:-1], last=told[-1])
