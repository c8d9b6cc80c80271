from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from assignkit.language.parser import parse
from assignkit.language.syntax import (
    AgeTest,
    AndExpression,
    Arithmetic,
    BooleanLiteral,
    Call,
    Comparison,
    DateLiteral,
    DurationLiteral,
    During,
    Expression,
    FieldReference,
    Has,
    HasSeveral,
    InstantLiteral,
    LetStatement,
    ListLiteral,
    Membership,
    NameReference,
    Negation,
    NotExpression,
    Now,
    NumberLiteral,
    OrExpression,
    Presence,
    Range,
    TextLiteral,
    TextTest,
    TimeTest,
)


def number(value: str) -> NumberLiteral:
    return NumberLiteral(Decimal(value))


def text(value: str) -> TextLiteral:
    return TextLiteral(value)


def expression(written: str) -> Expression:
    result = parse(f"let it = {written}")
    assert result.diagnostics == (), [d.render() for d in result.diagnostics]
    (statement,) = result.file.statements
    assert isinstance(statement, LetStatement)
    return statement.value


A, B, C, D = (NameReference(name) for name in "abcd")
TIER = FieldReference("customer", ("tier",))
SKILLS = FieldReference("agent", ("skills",))
AB = ListLiteral((text("a"), text("b")))
TWO_DAYS = DurationLiteral(timedelta(days=2))

CASES: list[tuple[str, Expression]] = [
    ("5", number("5")),
    ("1_000_000", number("1000000")),
    ("0.25", number("0.25")),
    ("0.50", number("0.5")),
    ("20%", number("0.2")),
    ("500万", number("5000000")),
    ("1.2亿", number("120000000")),
    ("５００万", number("5000000")),
    ("20％", number("0.2")),
    ("-5", number("-5")),
    ("999999999999999", number("999999999999999")),
    ('"a \\"b\\" \\\\ \\n\\t\\u{1F600}"', text('a "b" \\ \n\t\U0001f600')),
    ("“上海”", text("上海")),
    ("「上海」", text("上海")),
    ('"“a” （１）"', text("“a” （１）")),
    ("true", BooleanLiteral(value=True)),
    ("false", BooleanLiteral(value=False)),
    ("2026-11-21", DateLiteral(date(2026, 11, 21))),
    (
        "2026-11-21T09:00+08:00",
        InstantLiteral(datetime(2026, 11, 21, 9, tzinfo=timezone(timedelta(hours=8)))),
    ),
    ("2026-11-21T09:00:30.5Z", InstantLiteral(datetime(2026, 11, 21, 9, 0, 30, 500_000, tzinfo=UTC))),
    ("30 minutes", DurationLiteral(timedelta(minutes=30))),
    ("1 hour", DurationLiteral(timedelta(hours=1))),
    ("1.5 hours", DurationLiteral(timedelta(minutes=90))),
    ("2 weeks", DurationLiteral(timedelta(weeks=2))),
    ("45 seconds", DurationLiteral(timedelta(seconds=45))),
    ("now", Now()),
    ("a", A),
    ("战略客户", NameReference("战略客户")),
    ("cafe\u0301", NameReference("café")),
    ("customer.tier", TIER),
    ("客户。省份", FieldReference("customer", ("省份",))),
    ("customer.when", FieldReference("customer", ("when",))),
    ("customer.2024_sales", FieldReference("customer", ("2024_sales",))),
    ("task.customer.tier", FieldReference("task", ("customer", "tier"))),
    ("owner.level", FieldReference("owner", ("level",))),
    ("deal.amount", FieldReference("deal", ("amount",))),
    ("a or b or c", OrExpression((A, B, C))),
    ("a and b or c and d", OrExpression((AndExpression((A, B)), AndExpression((C, D))))),
    ("a and (b or c)", AndExpression((A, OrExpression((B, C))))),
    ("not a and b", AndExpression((NotExpression(A), B))),
    ("not not a", NotExpression(NotExpression(A))),
    ("not a = b", NotExpression(Comparison("=", A, B))),
    ("a = b", Comparison("=", A, B)),
    ("a == b", Comparison("=", A, B)),
    ("a is b", Comparison("=", A, B)),
    ("a is not b", Comparison("!=", A, B)),
    ("a != b", Comparison("!=", A, B)),
    ("a < b", Comparison("<", A, B)),
    ("a ＜＝ b", Comparison("<=", A, B)),
    ("a > b", Comparison(">", A, B)),
    ("a >= b", Comparison(">=", A, B)),
    ("a is missing", Presence(A, present=False)),
    ("a is present", Presence(A, present=True)),
    ("a is not missing", Presence(A, present=True)),
    ("a is not present", Presence(A, present=False)),
    ('a in ("a", "b")', Membership(A, AB)),
    ('a not in （"a"、"b"）', Membership(A, AB, negated=True)),
    ('a in ("a")', Membership(A, ListLiteral((text("a"),)))),
    ('a in "a"', Membership(A, text("a"))),
    ("a in customer.tier", Membership(A, TIER)),
    ("a in (b)", Membership(A, B)),
    ("a between 10 and 99", Range(A, number("10"), number("99"))),
    ("a not between 1 and 2 and b", AndExpression((Range(A, number("1"), number("2"), negated=True), B))),
    ('agent.skills has "a"', Has(SKILLS, text("a"))),
    ('agent.skills has "a" at 3', Has(SKILLS, text("a"), number("3"))),
    ('agent.skills not has "a"', Has(SKILLS, text("a"), negated=True)),
    ('a has any of ("a", "b")', HasSeveral("any", A, AB)),
    ('a has all of ("a")', HasSeveral("all", A, ListLiteral((text("a"),)))),
    ('a not has any of ("a", "b")', HasSeveral("any", A, AB, negated=True)),
    ('a contains "x"', TextTest("contains", A, text("x"))),
    ('a starts with "x"', TextTest("starts with", A, text("x"))),
    ('a not ends with "x"', TextTest("ends with", A, text("x"), negated=True)),
    ('a like "138*"', TextTest("like", A, text("138*"))),
    ('a not like "138*"', TextTest("like", A, text("138*"), negated=True)),
    ("a before 2026-01-01", TimeTest("before", A, DateLiteral(date(2026, 1, 1)))),
    ("a after now", TimeTest("after", A, Now())),
    ("a older than 2 days", AgeTest("older than", A, TWO_DAYS)),
    ("a within last 2 days", AgeTest("within last", A, TWO_DAYS)),
    ("a not within last 2 days", AgeTest("within last", A, TWO_DAYS, negated=True)),
    ('now during calendar "Office"', During(Now(), text("Office"))),
    ("a + b - c", Arithmetic("-", Arithmetic("+", A, B), C)),
    ("a - b * c / d", Arithmetic("-", A, Arithmetic("/", Arithmetic("*", B, C), D))),
    ("(a + b) * c", Arithmetic("*", Arithmetic("+", A, B), C)),
    ("-a", Negation(A)),
    ("a - -b", Arithmetic("-", A, Negation(B))),
    ("a + b > c", Comparison(">", Arithmetic("+", A, B), C)),
    ("lower(a)", Call("lower", (A,))),
    ("round(a)", Call("round", (A,))),
    ("min(a, b, c)", Call("min", (A, B, C))),
    ("days since(a)", Call("days since", (A,))),
    ("hour(now)", Call("hour", (Now(),))),
    ("weekday(now)", Call("weekday", (Now(),))),
    ("distance km(a, b)", Call("distance km", (A, B))),
    ("bucket(customer.tier, 10)", Call("bucket", (TIER, number("10")))),
    ("(1, 2)", ListLiteral((number("1"), number("2")))),
]


@pytest.mark.parametrize(("written", "tree"), CASES, ids=[written for written, _ in CASES])
def test_expression_is_read(written: str, tree: Expression) -> None:
    assert expression(written) == tree


@pytest.mark.parametrize("name", ["upper", "trim", "length", "abs", "max"])
def test_function_is_known(name: str) -> None:
    assert expression(f"{name}(a)") == Call(name, (A,))


@pytest.mark.parametrize(
    ("written", "tree"),
    [
        ("a 且 b 或 非 c", OrExpression((AndExpression((A, B)), NotExpression(C)))),
        ('客户.等级 属于 ("a", "b")', Membership(FieldReference("customer", ("等级",)), AB)),
        ('a 不属于 ("a", "b")', Membership(A, AB, negated=True)),
        ("a 介于 1 与 2", Range(A, number("1"), number("2"))),
        ("a 不介于 1 与 2", Range(A, number("1"), number("2"), negated=True)),
        ('a 包含 任一 ("a", "b")', HasSeveral("any", A, AB)),
        ('a 包含全部 ("a", "b")', HasSeveral("all", A, AB)),
        ('a 包含"x"达到3', Has(A, text("x"), number("3"))),
        ("a 缺失", Presence(A, present=False)),
        ("a 是 缺失", Presence(A, present=False)),
        ("a 存在", Presence(A, present=True)),
        ('a 开头是 "x"', TextTest("starts with", A, text("x"))),
        ('a 不形如 "x"', TextTest("like", A, text("x"), negated=True)),
        ("a 距今超过 2 天", AgeTest("older than", A, TWO_DAYS)),
        ("a 最近 2天", AgeTest("within last", A, TWO_DAYS)),
        ("a 早于 现在", TimeTest("before", A, Now())),
        ('现在 处于 日历 "Office"', During(Now(), text("Office"))),
        ("a = 真", Comparison("=", A, BooleanLiteral(value=True))),
        ("非客户.vip", NotExpression(FieldReference("customer", ("vip",)))),
    ],
)
def test_chinese_spelling_reads_as_the_english_one(written: str, tree: Expression) -> None:
    assert expression(written) == tree


def test_chinese_name_made_of_keywords_is_a_name_once_it_is_defined() -> None:
    result = parse("定义 非客户 = 真\n规则 “甲”\n  当 非客户\n  保留负责人\n")
    assert result.diagnostics == ()
    rule = result.file.statements[1]
    assert rule.clauses[0].condition == NameReference("非客户")  # type: ignore[union-attr]


@pytest.mark.parametrize("word", ["when", "limit", "team", "in", "and", "round_robin", "priority", "minutes"])
def test_keyword_that_begins_no_value_may_be_the_name_of_a_let(word: str) -> None:
    result = parse(f'let {word} = true\nrule "A"\n  when\n  {word} and {word}\n  reject "x"\n')
    assert result.diagnostics == ()


def test_item_of_a_list_of_one_has_its_own_span() -> None:
    written = 'let it = a in ( "x" )'
    value = parse(written).file.statements[0].value  # type: ignore[union-attr]
    assert isinstance(value, Membership)
    assert isinstance(value.container, ListLiteral)
    spans = [node.span for node in (value, value.container, value.container.items[0])]
    assert [written[start:end] for start, end in spans] == ['a in ( "x" )', '( "x" )', '"x"']
