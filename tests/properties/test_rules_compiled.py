"""The generated code and the interpreter agree on every condition and every record, whatever the record holds."""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from assignkit.rules.compiler import decides, false_of, true_of, value_of
from assignkit.rules.facts import Facts
from assignkit.rules.field_types import Field
from assignkit.rules.interpreter import truth, value
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema
from assignkit.rules.terms import Compare, Term
from tests.searching import examples


class Grade(enum.Enum):
    GOLD = "gold"
    BLUE = "蓝"


FIELDS: dict[str, Any] = {
    "n": float,
    "m": Decimal,
    "t": str,
    "u": (str, "deep.text"),
    "b": bool,
    "d": date,
    "i": datetime,
    "z": Field(type=datetime, zone="America/New_York"),
    "xs": list[str],
    "lv": dict[str, float],
    "loc": tuple[float, float],
    "g": Grade,
    "gs": list[Grade],
    "never": type(None),
}
SCHEMA = Schema(customer=FIELDS, agent=FIELDS)
ZONES = ("UTC", "Asia/Shanghai", "America/New_York")

# --- conditions, as text

numbers = st.sampled_from(["0", "1", "-1", "0.1", "0.25", "5", "20%", "500万", "123456789012345", "0.000000000000001"])
texts = st.sampled_from(['""', '"a"', '"ab"', '"gold"', '"蓝"', '"É"', '"a*"', '"?b*"', '"\\u{1F600}"'])
dates = st.sampled_from(["2026-03-08", "2026-11-01", "2025-12-31"])
instants = st.sampled_from(["2026-03-08T02:30-05:00", "2026-11-01T00:00+08:00", "2026-11-01T05:30Z"])
roots = st.sampled_from(["customer", "agent", "owner"])


def field(name: str) -> st.SearchStrategy[str]:
    return roots.map(lambda root: f"{root}.{name}" if root != "owner" else f"owner.{name}")


number_values = st.deferred(
    lambda: st.one_of(
        numbers,
        field("n"),
        field("m"),
        field("never"),
        st.just("agent.load"),
        st.tuples(number_values, st.sampled_from("+-*/"), number_values).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(st.sampled_from(["abs", "round"]), number_values).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), number_values, number_values).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        ),
        number_values.map(lambda n: f"-({n})"),
        st.one_of(field("t"), field("xs"), field("lv")).map(lambda x: f"length({x})"),
        st.one_of(field("d"), field("i"), field("z")).map(lambda x: f"days since({x})"),
        st.one_of(field("i"), field("z")).map(lambda x: f"hour({x})"),
        st.one_of(field("d"), field("i")).map(lambda x: f"weekday({x})"),
        st.just("distance km(customer.loc, agent.loc)"),
        st.tuples(field("t"), number_values).map(lambda p: f"bucket({p[0]}, {p[1]})"),
    )
)
text_values = st.deferred(
    lambda: st.one_of(
        texts,
        field("t"),
        field("u"),
        field("g"),
        st.just("customer.owner"),
        st.tuples(st.sampled_from(["lower", "upper", "trim"]), text_values).map(lambda p: f"{p[0]}({p[1]})"),
    )
)
date_values = st.one_of(dates, field("d"))
instant_values = st.one_of(instants, field("i"), field("z"), st.just("now"))
moments = st.one_of(date_values, instant_values)
lists = st.one_of(field("xs"), field("gs"), field("lv"))
text_list = st.lists(text_values, min_size=2, max_size=3).map(lambda xs: f"({', '.join(xs)})")
number_list = st.lists(st.one_of(numbers, numbers, number_values), min_size=2, max_size=4).map(
    lambda xs: f"({', '.join(xs)})"
)
order = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
negation = st.sampled_from(["", "not "])


def spelled(*parts: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies).map(" ".join)


anything = st.one_of(number_values, text_values, moments, lists, field("b"), field("loc"))
tests = st.one_of(
    spelled(number_values, order, number_values),
    spelled(number_values, negation.map(lambda n: f"{n}between"), number_values, "and", number_values),
    spelled(number_values, negation.map(lambda n: f"{n}in"), number_list),
    spelled(text_values, st.sampled_from(["=", "!="]), text_values),
    spelled(text_values, negation.map(lambda n: f"{n}in"), text_list),
    spelled(text_values, negation.map(lambda n: f"{n}in"), st.one_of(field("xs"), field("gs"))),
    spelled(field("t"), "in ({})".format('"a", "蓝"')),
    spelled(lists, negation.map(lambda n: f"{n}has"), text_values),
    spelled(lists, "has", st.sampled_from(["any", "all"]), "of", st.one_of(text_list, field("xs"))),
    spelled(field("lv"), "has", text_values, "at", number_values),
    spelled(
        text_values,
        negation,
        st.sampled_from(["contains", "starts with", "ends with", "like"]),
        text_values,
    ).map(lambda text: text.replace("  ", " ")),
    spelled(moments, st.sampled_from(["before", "after"]), moments),
    spelled(date_values, order, date_values),
    spelled(instant_values, order, instant_values),
    spelled(moments, st.sampled_from(["older than 30 days", "within last 7 days", "not within last 2 hours"])),
    spelled(instant_values, 'during calendar "Office"'),
    spelled(anything, st.sampled_from(["is missing", "is present"])),
    field("b"),
    spelled(field("b"), "=", st.sampled_from(["true", "false", "customer.b"])),
    spelled(field("never"), "=", text_values),
    st.sampled_from(["shared", "deep", "true"]),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        inner.map(lambda c: f"not ({c})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"(({p[0]}) = ({p[1]}))"),
    ),
    max_leaves=6,
)

# --- records

EXPANSION = "0.1000000000000000055511151231257827021181583404541015625"  # what the float 0.1 is in full

NUMBER_VALUES = (
    0, 1, -1, True, 0.1, 0.25, Decimal("0.1"), Decimal("0.10"), Decimal(EXPANSION), 5, 5.0, 0.2, 2**53, 2**53 + 1,
    float(2**60), 10**40, 1e-300, float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"),
    "5", None, Decimal("1E+30"), 5000000, 123456789012345, 1e-15,
)  # fmt: skip
awkward_numbers = st.sampled_from(NUMBER_VALUES)
TEXT_VALUES = ("", "a", "ab", "A", "é", "É", "É", "蓝", "gold", "xb", "\ud800", "😀", 5, None, ["a"], b"a")  # fmt: skip
awkward_texts = st.sampled_from(TEXT_VALUES)
MOMENT_VALUES = (
    date(2026, 3, 8), date(2025, 12, 31), date.min, date.max, datetime(2026, 3, 8, 2, 30), datetime.max, datetime.min,  # noqa: DTZ001, DTZ901
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
    datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=ZoneInfo("America/New_York")),
    datetime(2026, 11, 1, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai")), "2026-01-01", None, 5, float("nan"),
    datetime.min.replace(tzinfo=UTC),
)  # fmt: skip
awkward_moments = st.sampled_from(MOMENT_VALUES)
LIST_VALUES = (
    [], ["a"], ("a", "ab"), {"蓝"}, frozenset({"gold", ""}), ["a", None, 5], [["a"]], "a", None, {"a": 1}, [Grade.GOLD],
)  # fmt: skip
awkward_lists = st.sampled_from(LIST_VALUES)
LEVEL_VALUES = (
    {}, {"a": 3}, {"a": 0.1, "蓝": Decimal(2)}, {"a": None}, {"ab": float("nan")}, {"a": True}, ["a"], None, {5: "a"},
    {Grade.GOLD: 1}, {"gold": -1},
)  # fmt: skip
awkward_levels = st.sampled_from(LEVEL_VALUES)
anything_at_all = st.one_of(awkward_numbers, awkward_texts, awkward_moments, awkward_lists, awkward_levels)
values_of: dict[str, st.SearchStrategy[Any]] = {
    "n": awkward_numbers,
    "m": awkward_numbers,
    "t": awkward_texts,
    "b": st.sampled_from([True, False, 1, 0, None, "true"]),
    "d": awkward_moments,
    "i": awkward_moments,
    "z": awkward_moments,
    "xs": awkward_lists,
    "lv": awkward_levels,
    "loc": st.sampled_from([(31.2, 121.5), [0, 0], (91, 0), (1,), None, "x", (float("nan"), 0), (Decimal(1), 179.9)]),
    "g": st.sampled_from([Grade.GOLD, "gold", "蓝", None, 5]),
    "gs": awkward_lists,
    "never": anything_at_all,
    "owner": awkward_texts,
    "deep": st.sampled_from([{"text": "ab"}, {}, None, 5, SimpleNamespace(text="gold")]),
}
contents = st.fixed_dictionaries(
    {}, optional={name: st.one_of(good, anything_at_all) for name, good in values_of.items()}
)


class Model(BaseModel):
    model_config = ConfigDict(extra="allow")

    n: Any = None
    t: Any = None
    xs: Any = None
    d: Any = None
    b: Any = None


def shaped(kind: str, content: dict[str, Any]) -> object:
    if kind == "dict":
        return content
    return SimpleNamespace(**content) if kind == "object" else Model(**content)


shapes = st.sampled_from(["dict", "object", "model"])
records = st.tuples(shapes, contents).map(lambda pair: shaped(*pair))
instants_now = st.sampled_from([
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/New_York")),
])  # fmt: skip
worlds = st.fixed_dictionaries(
    {
        "item": records,
        "agent": st.none() | records,
        "owner": st.none() | records | st.just("li"),
        "now": instants_now,
        "agent_facts": st.none() | st.just({"load": 3}) | st.just({"load": "x"}),
    }
)

PREAMBLE = """
let shared = customer.n > 0.1 or customer.t = "a"
let deep = not (shared and not shared) and customer.xs has "a"
calendar "Office" mon-fri 09:00-12:00, 13:30-18:00 sun 00:00-24:00 zone "Asia/Shanghai"
"""


@examples(200)
@given(condition=conditions, world=worlds, zone=st.sampled_from(ZONES))
def test_a_condition_is_true_and_false_for_the_code_when_it_is_for_the_interpreter(
    condition: str, world: dict[str, Any], zone: str
) -> None:
    term = _required(condition)
    expected = truth(term, Facts(**world, zone=zone))
    arguments = {**world, "customer": None}
    assert true_of(term, zone)(**arguments) is (expected is True)
    assert false_of(term, zone)(**arguments) is (expected is False)


@examples(100)
@given(number=number_values, world=worlds, zone=st.sampled_from(ZONES))
def test_a_number_has_the_same_value_for_both(number: str, world: dict[str, Any], zone: str) -> None:
    comparison = _required(f"{number} > 0")
    assert isinstance(comparison, Compare)
    term = comparison.left
    expected, found = value(term, Facts(**world, zone=zone)), value_of(term, zone)(**world)
    assert found == expected
    assert (found is None) is (expected is None)


customer_conditions = conditions.map(lambda text: text.replace("agent.load", "1").replace("agent.", "customer."))
dated = st.sampled_from(["", "active from 2026-11-01", "active from 2026-03-08 until 2026-03-08",
                         "active from 2026-01-01T00:00Z until 2026-11-01T05:30Z"])  # fmt: skip
actions = st.sampled_from(['assign to team "A"', "continue", "keep owner otherwise continue"])
rules = st.lists(st.tuples(st.integers(-1, 1), dated, st.none() | customer_conditions, actions), min_size=1, max_size=5)


@examples(120)
@given(written=rules, world=worlds, zone=st.sampled_from(ZONES))
def test_the_matching_rules_are_those_that_the_interpreter_finds(
    written: list[tuple[int, str, str | None, str]], world: dict[str, Any], zone: str
) -> None:
    text = PREAMBLE + "\n".join(
        f'rule "{i}" priority {priority} {period} {f"when {condition}" if condition else ""} {action}'
        for i, (priority, period, condition, action) in enumerate(written)
    )
    rule_set = RuleSet.from_text(text, SCHEMA)
    facts = Facts(item=world["item"], owner=world["owner"], now=world["now"], zone=zone)
    expected = [rule.name for rule in rule_set.trial_order() if decides(rule, facts)]
    at = {"owner": world["owner"], "now": world["now"], "zone": zone}
    assert [match.rule.name for match in rule_set.matches(world["item"], **at)] == expected
    first = rule_set.match(world["item"], **at)
    assert (first.rule.name if first else None) == (expected[0] if expected else None)
    many = rule_set.match_many([world["item"]] * 2, owners=[world["owner"]] * 2, now=world["now"], zone=zone)
    assert many == [first, first]


def _required(condition: str) -> Term:
    text = f'{PREAMBLE} rule "r" require {condition} assign to team "A"'
    return RuleSet.from_text(text, SCHEMA).rules[0].requires[0].term


NUMBERS = ("0", "1", "-1", "0.1", "0.25", "5", "20%", "500万", "123456789012345", "0.000000000000001")
ORDERS = ("=", "!=", "<", "<=", ">", ">=")
EVERY_TEST = [
    *((f"customer.n {operator} {number}", "n") for operator in ORDERS for number in NUMBERS),
    *((f"{number} {operator} customer.n", "n") for operator in ORDERS for number in NUMBERS[:5]),
    *((f"customer.n {operator} customer.m", "n") for operator in ORDERS),
    *((f"customer.n in ({number}, 5)", "n") for number in NUMBERS),
    *((f'customer.t {operator} "a"', "t") for operator in ("=", "!=", "in", "not in", "contains", "like", "not like")),
    *((f"customer.d {operator} 2026-03-08", "d") for operator in ORDERS),
    *((f"customer.{f} {operator} 2026-11-01T05:30Z", f) for f in "iz" for operator in ORDERS),
    *((f"customer.{f} {operator} 2026-11-01", f) for f in "diz" for operator in ("before", "after")),
    *((f"customer.xs {test}", "xs") for test in ('has "a"', 'has any of ("a", "蓝")', 'has all of ("a", "ab")')),
    *((f'customer.lv has "{key}"{level}', "lv") for key in ("a", "ab", "gold") for level in ("", " at 0.1", " at -1")),
    *((f"customer.b{test}", "b") for test in ("", " = true", " != false", " is missing")),
]  # fmt: skip
POOLS: dict[str, tuple[Any, ...]] = {
    "n": NUMBER_VALUES,
    "t": TEXT_VALUES,
    "d": MOMENT_VALUES,
    "i": MOMENT_VALUES,
    "z": MOMENT_VALUES,
    "xs": LIST_VALUES,
    "lv": LEVEL_VALUES,
    "b": (True, False, 1, 0, None, "true"),
}


@pytest.mark.parametrize(("condition", "name"), EVERY_TEST)
def test_code_and_interpreter_agree_on_every_awkward_value(condition: str, name: str) -> None:
    for root in ("customer", "agent"):
        term = _required(condition.replace("customer", root))
        for raw in POOLS[name]:
            for other in (0.1, Decimal("0.1"), None) if "customer.m" in condition else (None,):
                record = {name: raw, "m": other}
                facts = Facts(item=record, agent=record)
                expected = truth(term, facts)
                assert true_of(term)(record, record) is (expected is True), (raw, other)
                assert false_of(term)(record, record) is (expected is False), (raw, other)


@pytest.mark.parametrize(("condition", "name"), EVERY_TEST)
def test_matching_agrees_on_every_awkward_value(condition: str, name: str) -> None:
    rule_set = RuleSet.from_text(
        f'rule "r" when {condition} reject "x" rule "n" when not ({condition}) reject "x"', SCHEMA
    )
    for raw in POOLS[name]:
        record = {name: raw}
        expected = truth(rule_set.rules[0].condition, Facts(item=record))  # type: ignore[arg-type]
        for shape in ("dict", "object"):
            match = rule_set.match(shaped(shape, record))
            assert (match.rule.name if match else None) == {True: "r", False: "n", None: None}[expected], raw


def test_ordinary_records_never_need_the_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("assignkit.rules.compiler._facts", refuse)
    record = {"n": 3, "t": "a", "d": date(2026, 1, 1), "xs": ["a"], "lv": {"a": 3}, "b": True, "i": datetime.now(UTC)}
    for condition, _ in EVERY_TEST:
        rule_set = RuleSet.from_text(f'rule "r" when {condition} reject "x"', SCHEMA)
        rule_set.match(record)
        rule_set.match({})
