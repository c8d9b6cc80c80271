"""From terms to Python: conditions become expressions that are true when the condition definitely is (or is not).

Every condition has two two-valued forms, `true` and `false`; where neither holds it is unknown, so that `not` just
swaps them and nothing three-valued is left at run time. Values are read once, into variables, where first needed.
All constants, also names of fields, are objects in the namespace: no text of an author or a host becomes code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from math import nan
from typing import Any, Literal

from assignkit.rules import facts, interpreter, moments, numbers, terms, texts, values
from assignkit.rules.field_types import Raw, ValueType
from assignkit.rules.namespace import COMPARED, EXACT_INTEGERS, NAMESPACE
from assignkit.rules.terms import Term, constant_of

Form = Literal["true", "false", "value"]
# How the item is read: as the dict `record` that has all its keys, by key, by attribute, or as it comes.
Reading = Literal["entry", "key", "attribute", "any"]
_DEEPEST = 16  # brackets of one expression; what is nested deeper gets a variable of its own


@dataclass(frozen=True, slots=True)
class Zoned:
    """A constant that depends on the desk's zone."""

    make: Callable[[tzinfo], Any]


_PLAIN_CLASS = {
    ValueType.TEXT: "TYPE({v}) is not STR",
    ValueType.DATE: "TYPE({v}) is not DATE",
    ValueType.LEVELS: "TYPE({v}) is not DICT",
    ValueType.TEXTS: "TYPE({v}) is not LIST and TYPE({v}) is not TUPLE",
    ValueType.INSTANT: "TYPE({v}) is not DATETIME or {v}.tzinfo is not UTC",
}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_PYTHON = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(slots=True)
class Emission:
    """The body of one generated function."""

    reading: Reading = "any"
    lines: list[str] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=lambda: dict(NAMESPACE))
    _names: dict[tuple[str, Any], str] = field(default_factory=dict)
    _codes: dict[tuple[int, Form], str] = field(default_factory=dict)
    _fields: dict[str, str] = field(default_factory=dict)
    _variables: dict[str, str] = field(default_factory=dict)
    _heights: dict[int, int] = field(default_factory=dict)
    _heads: set[str] = field(default_factory=set)

    # --- what callers use

    def code(self, term: Term, form: Form) -> str:
        """Return an expression for a term; the statements that it relies on are in `lines` by then."""
        waiting: list[tuple[Term, Form, bool]] = [(term, form, False)]
        while waiting:
            each, wanted, ready = waiting.pop()
            if (id(each), wanted) in self._codes:
                continue
            if ready:
                self._codes[id(each), wanted] = self._generate(each, wanted)
            else:
                waiting.append((each, wanted, True))
                waiting.extend((below, needed, False) for below, needed in reversed(_needed(each, wanted)))
        return self._codes[id(term), form]

    def remembered(self) -> tuple[dict[Any, Any], ...]:
        """Return what the statements so far have found out; see `forget`."""
        return dict(self._codes), dict(self._fields), dict(self._variables), dict.fromkeys(self._heads)

    def forget(self, but: tuple[dict[Any, Any], ...]) -> None:
        """Forget what was found out since, as what follows may be reached without the statements in between."""
        codes, fields, variables, heads = but
        self._codes, self._fields, self._variables, self._heads = dict(codes), dict(fields), dict(variables), set(heads)

    def constant(self, value: Raw, kind: str = "") -> str:
        """Return the name of a constant; equal hashable ones of one kind share it."""
        try:
            key = (kind or type(value).__name__, value)
            name = self._names.setdefault(key, f"K{len(self._names)}")
        except TypeError:
            name = f"U{len(self.constants)}"
        self.constants.setdefault(name, value)
        return name

    def now(self) -> str:
        """Return the name of the current instant."""
        self._head("now", "if now is not None and now.tzinfo is not UTC: now = AWARE(now)")
        return "now"

    def _generate(self, term: Term, form: Form) -> str:
        if form == "value":
            return self._value(term)
        height = 1 + max((self._heights.get(id(each), 0) for each in term.children()), default=0)
        code = self._truth(term, form)
        if isinstance(term, terms.Named) or height > _DEEPEST:
            if code not in ("True", "False"):
                code = self._variable(code)
            height = 0
        self._heights[id(term)] = max(height, self._heights.get(id(term), 0))
        return code

    def _variable(self, code: str) -> str:
        name = self._variables.get(code)
        if name is None:
            name = self._variables[code] = f"v{len(self.lines)}"
            self.lines.append(f"{name} = {code}")
        return name

    def _head(self, name: str, line: str) -> None:
        if name not in self._heads:
            self._heads.add(name)
            self.lines.append(line)

    # --- values

    def _value(self, term: Term) -> str:
        if isinstance(term, terms.FieldTerm):
            return self._field(term)
        if isinstance(term, terms.Constant):
            return self.constant(term.value)
        if isinstance(term, terms.Named):
            return self._codes[id(term.value), "value"]
        if isinstance(term, terms.NowTerm):
            return self._moment(term)
        if isinstance(term, terms.ListTerm):
            return self._variable(f"({', '.join(self.optional(each) for each in term.items)},)")
        if isinstance(term, terms.Arithmetic):
            operands = ", ".join(self.optional(each) for each in term.operands)
            return self._variable(f"CALCULATE({self.constant(term.operators)}, {operands})")
        if isinstance(term, terms.Call):
            return self._call(term)
        return self._variable(
            f"True if {self._codes[id(term), 'true']} else False if {self._codes[id(term), 'false']} else None"
        )

    def _moment(self, term: terms.NowTerm) -> str:
        now = self.now()
        if not term.offset:
            return now
        name = f"now{self.constant(term.offset)}"
        self._head(name, f"{name} = SHIFTED({now}, {self.constant(term.offset)})")
        return name

    def _call(self, term: terms.Call) -> str:
        constant = constant_of(term.arguments[0])
        if term.function == "midnight" and constant is not None:
            day = constant.value
            return self.constant(Zoned(lambda zone: moments.midnight(day, zone)), "midnight")
        arguments = [self.optional(each) for each in term.arguments]
        if term.function in interpreter.ZONED:
            arguments.append(self._zone())
            function: Any = interpreter.ZONED[term.function]
        else:
            function = interpreter.PLAIN[term.function]
        return self._variable(f"{self.constant(function, 'function')}({', '.join(arguments)})")

    def _zone(self) -> str:
        self.constants.setdefault("ZONE", Zoned(lambda zone: zone))
        return "ZONE"

    def optional(self, term: Term) -> str:
        """Return the value of a term, None where it is missing; variables of number fields hold NaN there."""
        code = self._codes[id(term), "value"]
        return f"({code} if {code} == {code} else None)" if _number_field(term) else code

    # --- fields

    def _field(self, term: terms.FieldTerm) -> str:
        name = self._fields.get(term.name)
        if name is None:
            name = self._fields[term.name] = f"f{len(self._fields)}"
            if term.type is ValueType.ANY:
                self.lines.append(f"{name} = None")
            else:
                self.lines.append(f"{name} = {self._raw(term)}")
                self.lines.extend(self._checked(term, name))
        return name

    def _checked(self, term: terms.FieldTerm, v: str) -> list[str]:
        kind = term.spec.type
        reader = values.reader(term.spec)
        if kind is ValueType.NUMBER:
            read = "READ_NUMBER"
            if term.spec.wrapped:
                read = self.constant(lambda value: nan if (found := reader(value)) is None else found, "reader")
            likely = [f"TYPE({v}) is not INT", f"(TYPE({v}) is not FLOAT or {v} - {v} != ZERO)"]  # inf - inf is NaN
            test = " and ".join(reversed(likely) if term.spec.floating else likely)
            return [f"if {test}: {v} = {read}({v})"]
        if kind is ValueType.BOOLEAN and not term.spec.wrapped:
            return [f"if {v} is not True and {v} is not False: {v} = None"]
        read = f"{v} = {self.constant(reader, 'reader')}({v})"
        plain = _PLAIN_CLASS.get(kind) if not term.spec.wrapped else None
        return [f"if {plain.format(v=v)}: {read}"] if plain else [f"if {v} is not None: {read}"]

    def _raw(self, term: terms.FieldTerm) -> str:
        if term.spec.derived:
            if term.slot != "agent":
                return "None"
            return f"None if agent_facts is None else agent_facts.get({self.constant(term.spec.name)})"
        raw = self._from_record(term.slot, term.spec.path)
        return f"({raw}) if owner is None else OWNER_ID(owner)" if facts.is_owner_id(term) else raw

    def _from_record(self, slot: str, path: tuple[str, ...]) -> str:
        record = slot
        if slot == "owner":
            record = "owning"
            self._head(record, "owning = OWNER_RECORD(owner)")
        if len(path) > 1:
            return f"FIND({record}, {self.constant(path)})"
        key = self.constant(path[0])
        if slot == "item" and self.reading == "entry":
            return f"record[{key}]"
        if slot == "item" and self.reading == "key":
            self._head("get", "get = item.get")
            return f"get({key})"
        if slot == "item" and self.reading == "attribute":
            return f"GETATTR(item, {key}, None)"
        keyed = f"{slot}_keyed"
        self._head(keyed, f"{keyed} = {record}.__class__ is DICT or IS_MAPPING({record}.__class__)")
        # None has attributes too, but it is no record.
        return f"{record}.get({key}) if {keyed} else None if {record} is None else GETATTR({record}, {key}, None)"

    # --- truths

    def _truth(self, term: Term, form: Form) -> str:
        if isinstance(term, terms.FieldTerm):
            v = self._field(term)
            return f"{v} is {form == 'true'}"
        if isinstance(term, terms.Constant):
            return str(term.value is (form == "true"))
        if isinstance(term, terms.Named):
            return self._codes[id(term.value), form]
        if isinstance(term, terms.Not):
            return self._codes[id(term.operand), _other(form)]
        if isinstance(term, terms.And | terms.Or):
            joiner = " and " if isinstance(term, terms.And) == (form == "true") else " or "
            return f"({joiner.join(self._codes[id(each), form] for each in term.operands)})"
        return f"({_TESTS[type(term)](self, term, form)})"

    def _three_valued(self, call: str, form: Form) -> str:
        return f"{call} is {form == 'true'}"

    def _present(self, term: Term) -> str | None:
        """Return a test that the value is there, or None where it always is."""
        if constant_of(term) is not None:
            return None
        code = self._codes[id(term), "value"]
        return f"{code} == {code}" if _number_field(term) else f"{code} is not None"

    def _guarded(self, test: str, *read: Term) -> str:
        return " and ".join((*(p for p in map(self._present, read) if p is not None), test))

    def _compare(self, term: terms.Compare, form: Form) -> str:
        left, right, operator = term.left, term.right, term.operator
        if ValueType.ANY in (left.type, right.type):
            return "False"
        if constant_of(left) is not None:
            left, right, operator = right, left, _MIRRORED[operator]  # type: ignore[assignment]
        if form == "false":
            operator = _OPPOSITE[operator]  # type: ignore[assignment]
        if left.type is ValueType.NUMBER:
            return self._compare_numbers(left, right, operator)
        a, b = self._codes[id(left), "value"], self._codes[id(right), "value"]
        constant = constant_of(right)
        if left.type is ValueType.BOOLEAN and constant is not None and constant.value is not None:
            return f"{a} is {constant.value == (operator == '=')}"  # True, False or None
        test = f"{a} {_PYTHON[operator]} {b}"
        if operator == "=" and constant is not None:
            return test  # what is missing is None, which equals no constant
        return self._guarded(test, left, right)

    def _compare_numbers(self, left: Term, right: Term, operator: str) -> str:
        constant = constant_of(right)
        python = _PYTHON[operator]
        if _number_field(left) and constant is not None:
            v, c = self._codes[id(left), "value"], constant.value
            if isinstance(c, int):
                c = float(c) if _floating(left) and abs(c) < EXACT_INTEGERS else c  # floats compare faster with floats
                test = f"{v} {python} {self.constant(c)}"
                return f"{v} == {v} and {test}" if operator == "!=" else test
            if numbers.exact(float(c)) == c and abs(c) < EXACT_INTEGERS:
                exact, near = self.constant(c), self.constant(float(c))
                test = f"({v} {python} {near} if TYPE({v}) is not DECIMAL else {v} {python} {exact})"
                return f"{v} == {v} and {test}" if operator == "!=" else test
        call = f"{self.constant(COMPARED[operator], 'function')}({self.optional(left)}, {self.optional(right)})"
        return self._three_valued(call, "true")

    def _presence(self, term: terms.Presence, form: Form) -> str:
        if term.value.type is ValueType.ANY:
            return str(term.present == (form == "false"))
        present = self._present(term.value) or "True"
        return present if term.present == (form == "true") else f"not ({present})"

    def _among(self, term: terms.Among, form: Form) -> str:
        if ValueType.ANY in (term.value.type, term.container.type):
            return "False"
        listed = constant_of(term.container)
        a = self._codes[id(term.value), "value"]
        if listed is not None and (
            term.value.type is not ValueType.NUMBER
            or (_number_field(term.value) and all(isinstance(each, int) for each in listed.value))
        ):
            members = self.constant(frozenset(listed.value), "set")
            return f"{a} in {members}" if form == "true" else self._guarded(f"{a} not in {members}", term.value)
        many = self._written(term.container)
        call = f"AMONG({self.optional(term.value)}, {many}, {self.constant(term.value.type, 'type')})"
        return self._three_valued(call, form)

    def _written(self, container: Term) -> str:
        code = self._codes[id(container), "value"]
        return code if interpreter.is_written(container) else f"MEMBERS({code})"

    def _has(self, term: terms.Has, form: Form) -> str:
        if any(each.type is ValueType.ANY for each in term.children()):
            return "False"
        held, item = self._codes[id(term.value), "value"], self._codes[id(term.item), "value"]
        if term.level is not None:
            return self._three_valued(f"HAS_AT({held}, {item}, {self.optional(term.level)})", form)
        if constant_of(term.item) is None:
            return self._three_valued(f"HAS({held}, {item})", form)
        return self._guarded(f"{item} {'in' if form == 'true' else 'not in'} {held}", term.value)

    def _has_several(self, term: terms.HasSeveral, form: Form) -> str:
        if any(each.type is ValueType.ANY for each in term.children()):
            return "False"
        function = "HAS_ANY" if term.quantifier == "any" else "HAS_ALL"
        return self._three_valued(
            f"{function}({self._codes[id(term.value), 'value']}, {self._written(term.items)})", form
        )

    def _text_test(self, term: terms.TextTest, form: Form) -> str:
        if any(each.type is ValueType.ANY for each in term.children()):
            return "False"
        a, pattern = self._codes[id(term.value), "value"], constant_of(term.pattern)
        if pattern is None:
            test = self.constant(interpreter.TEXT_TESTS[term.operator], "function")
            return self._three_valued(f"{test}({a}, {self._codes[id(term.pattern), 'value']})", form)
        k = self.constant(pattern.value)
        if term.operator == "contains":
            return self._guarded(f"{k} {'in' if form == 'true' else 'not in'} {a}", term.value)
        if term.operator == "like":
            test = f"{self.constant(texts.matcher(pattern.value), 'matcher')}({a})"
        else:
            test = f"{a}.{'startswith' if term.operator == 'starts with' else 'endswith'}({k})"
        return self._guarded(test if form == "true" else f"not {test}", term.value)

    def _during(self, term: terms.During, form: Form) -> str:
        zone = term.calendar.zone
        place = self.constant(moments.zone_named(zone), "zone") if zone else self._zone()
        calendar = self.constant(term.calendar)
        return self._three_valued(f"WITHIN({self._codes[id(term.value), 'value']}, {calendar}, {place})", form)


def _needed(term: Term, form: Form) -> list[tuple[Term, Form]]:
    """Return which forms of which terms the given form of a term is made from."""
    if form == "value" and isinstance(term, (terms.Not, terms.And, terms.Or, *_TESTS)):
        return [(term, "true"), (term, "false")]
    if isinstance(term, terms.Not):
        return [(term.operand, _other(form))]
    if isinstance(term, terms.And | terms.Or | terms.Named):
        return [(each, form) for each in term.children()]
    return [(each, "value") for each in term.children()]


def _other(form: Form) -> Form:
    return "false" if form == "true" else "true"


def _number_field(term: Term) -> bool:
    while isinstance(term, terms.Named):
        term = term.value
    return isinstance(term, terms.FieldTerm) and term.type is ValueType.NUMBER


def _floating(term: Term) -> bool:
    while isinstance(term, terms.Named):
        term = term.value
    return isinstance(term, terms.FieldTerm) and term.spec.floating


_TESTS: Mapping[type[Term], Callable[[Emission, Any, Form], str]] = {
    terms.Compare: Emission._compare,  # noqa: SLF001 - the table of this class's own methods
    terms.Presence: Emission._presence,  # noqa: SLF001
    terms.Among: Emission._among,  # noqa: SLF001
    terms.Has: Emission._has,  # noqa: SLF001
    terms.HasSeveral: Emission._has_several,  # noqa: SLF001
    terms.TextTest: Emission._text_test,  # noqa: SLF001
    terms.During: Emission._during,  # noqa: SLF001
}
