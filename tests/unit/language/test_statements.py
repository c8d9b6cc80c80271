from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from assignkit.language.parser import parse
from assignkit.language.syntax import (
    AcceptClause,
    Action,
    ActionCell,
    ActionClause,
    ActiveClause,
    AgentsWhereTarget,
    AgentTarget,
    AlwaysStatement,
    AnyCell,
    AssignAction,
    CalendarHours,
    CalendarStatement,
    CategoryStatement,
    ClaimLimit,
    Clause,
    ConditionCell,
    ContinueAction,
    DateLiteral,
    DayDates,
    DueClause,
    DurationLiteral,
    EscalateClause,
    ExampleStatement,
    ExpectClause,
    FieldReference,
    GivenClause,
    GivenField,
    HoldInPoolAction,
    HoldInTeamAction,
    ImportStatement,
    KeepOwnerAction,
    LetStatement,
    LimitClause,
    LimitTerm,
    ListLiteral,
    ManagerTarget,
    MapLiteral,
    NameReference,
    NeverStatement,
    NotifyClause,
    NumberLiteral,
    OrderCell,
    OrderTerm,
    OtherwiseClause,
    OwnerTarget,
    PoolStatement,
    PreferClause,
    PriorityClause,
    RecycleClause,
    RejectAction,
    RemindClause,
    RequireClause,
    RuleStatement,
    SpecialDays,
    SplitAction,
    SplitPart,
    Statement,
    TableColumn,
    TableRow,
    TableStatement,
    TeamStatement,
    TeamTarget,
    TextLiteral,
    UrgencyClause,
    WhenClause,
)


def n(value: str) -> NumberLiteral:
    return NumberLiteral(Decimal(value))


def day(month: int, number: int) -> DateLiteral:
    return DateLiteral(date(2026, month, number))


def t(value: str) -> TextLiteral:
    return TextLiteral(value)


def lasting(**units: int) -> DurationLiteral:
    return DurationLiteral(timedelta(**units))


A = NameReference("a")
AGENT_LEVEL = FieldReference("agent", ("level",))
EAST, WEST = TeamTarget(t("East")), TeamTarget(t("West"))
POOL = HoldInPoolAction(t("P"))


def statement(written: str) -> Statement:
    result = parse(written)
    assert result.diagnostics == (), [d.render() for d in result.diagnostics]
    (found,) = result.file.statements
    assert written[found.span.start : found.span.end] == written.strip()
    return found


ACTIONS: list[tuple[str, Action]] = [
    ('assign to team "East"', AssignAction(EAST)),
    ('assign to agent "li" by random', AssignAction(AgentTarget(t("li")), (OrderTerm("random"),))),
    ("assign to agents where a", AssignAction(AgentsWhereTarget(A))),
    ("assign to owner", AssignAction(OwnerTarget())),
    ("assign to manager", AssignAction(ManagerTarget())),
    (
        'assign to team "East" by "my order" then lowest agent.level then highest a',
        AssignAction(
            EAST, (OrderTerm("my order", hosted=True), OrderTerm("lowest", AGENT_LEVEL), OrderTerm("highest", A))
        ),
    ),
    ('split 70% team "East", 30% team "West"', SplitAction((SplitPart(n("0.7"), EAST), SplitPart(n("0.3"), WEST)))),
    (
        'split 70% team "East", 30% agent "li" by random',
        SplitAction((SplitPart(n("0.7"), EAST), SplitPart(n("0.3"), AgentTarget(t("li")))), (OrderTerm("random"),)),
    ),
    ("keep owner", KeepOwnerAction()),
    ("keep owner even if full", KeepOwnerAction(even_if_full=True)),
    ('hold in pool "P"', POOL),
    ('hold in team "East"', HoldInTeamAction(t("East"))),
    ('reject "no"', RejectAction(t("no"))),
    ("continue", ContinueAction()),
]

CLAUSES: list[tuple[str, Clause]] = [
    *((written, ActionClause(action)) for written, action in ACTIONS),
    ("active from 2026-01-01", ActiveClause(DateLiteral(date(2026, 1, 1)))),
    (
        "active from 2026-01-01 until 2026-02-01",
        ActiveClause(DateLiteral(date(2026, 1, 1)), DateLiteral(date(2026, 2, 1))),
    ),
    ("priority 100", PriorityClause(n("100"))),
    ("priority -5", PriorityClause(n("-5"))),
    ("when a", WhenClause(A)),
    ("require a", RequireClause(A)),
    ("require a for 10 minutes", RequireClause(A, lasting(minutes=10))),
    ("urgency 5", UrgencyClause(n("5"))),
    ("prefer a", PreferClause(A)),
    ("prefer a weight 2", PreferClause(A, n("2"))),
    ("otherwise continue", OtherwiseClause(ContinueAction())),
    ('otherwise after 10 minutes hold in pool "P"', OtherwiseClause(POOL, lasting(minutes=10))),
    ("limit 30 open", LimitClause((LimitTerm(n("30")),))),
    (
        "limit 1 per hour, 2 per day, 3 per week, 4 per month",
        LimitClause(
            (
                LimitTerm(n("1"), "hour"),
                LimitTerm(n("2"), "day"),
                LimitTerm(n("3"), "week"),
                LimitTerm(n("4"), "month"),
            )
        ),
    ),
    ("accept within 2 minutes", AcceptClause(lasting(minutes=2))),
    ("respond within 2 hours", DueClause("respond", lasting(hours=2))),
    ('finish within 2 days in calendar "Office"', DueClause("finish", lasting(days=2), t("Office"))),
    ("remind 30 minutes before due", RemindClause(lasting(minutes=30), "before")),
    ("remind every 1 day when overdue", RemindClause(lasting(days=1), "overdue")),
    ("escalate to manager when overdue", EscalateClause(ManagerTarget())),
    ('escalate to team "East" when overdue by 2 hours', EscalateClause(EAST, lasting(hours=2))),
    ('escalate to agent "li" when overdue', EscalateClause(AgentTarget(t("li")))),
    ('recycle to pool "P" after 7 days without contact', RecycleClause(t("P"), lasting(days=7), "contact")),
    ('recycle to pool "P" after 7 days without deal', RecycleClause(t("P"), lasting(days=7), "deal")),
    ('notify agent by email, "sms"', NotifyClause("agent", ("email", "sms"))),
    ("notify manager by email", NotifyClause("manager", ("email",))),
    ("notify team by agent", NotifyClause("team", ("agent",))),
    ("notify owner by wecom", NotifyClause("owner", ("wecom",))),
]


@pytest.mark.parametrize(("written", "clause"), CLAUSES, ids=[written for written, _ in CLAUSES])
def test_clause_is_read(written: str, clause: Clause) -> None:
    text = f'rule "A"\n  {written}'
    found = statement(text)
    assert found == RuleStatement(t("A"), "customers", (clause,))
    (node,) = found.clauses
    assert text[node.span.start : node.span.end] == written


@pytest.mark.parametrize(
    "name",
    [
        "round robin",
        "weighted round robin",
        "weighted balance",
        "fair share",
        "least loaded",
        "skill match",
        "longest idle",
        "priority queue",
        "quota",
        "best rated",
        "nearest",
        "random",
    ],
)
def test_order_is_known(name: str) -> None:
    found = statement(f'rule "A"\n  assign to team "East" by {name} then {name}')
    action = AssignAction(EAST, (OrderTerm(name), OrderTerm(name)))
    assert found == RuleStatement(t("A"), "customers", (ActionClause(action),))


@pytest.mark.parametrize(
    ("written", "kind"),
    [("customers", "customers"), ("customer", "customers"), ("tasks", "tasks"), ("task", "tasks"), ("deals", "deals")],
)
def test_kind_is_the_plural(written: str, kind: str) -> None:
    assert statement(f'rule "A" for {written}') == RuleStatement(t("A"), kind)
    assert statement(f'category "A" for {written} when a') == CategoryStatement(t("A"), kind, A)
    assert statement(f"always assign {written}") == AlwaysStatement(kind)


EXAMPLE = """example "E"
  given customer "c1", tier "VIP", tags ("a", "b"), vip true, since 2026-01-01, debt -5
  given agent "li", level 4, skills ("x" 3, "y" 4)
  given owner "wang"
  given now 2026-01-01
  given deal stage "won", when 5
  expect rule "R"
  expect no rule
  expect team "T"
  expect agent "li"
  expect held
  expect order ("li", "wang")"""

STATEMENTS: list[tuple[str, Statement]] = [
    ("let x = a", LetStatement("x", A)),
    ('team "T" = agents where agent.level', TeamStatement(t("T"), AGENT_LEVEL)),
    ('team "T" = agents "li", "wang"', TeamStatement(t("T"), members=(t("li"), t("wang")))),
    ('team “T” ＝ 员工 "li"、"wang"', TeamStatement(t("T"), members=(t("li"), t("wang")))),
    ('import "other.rules"', ImportStatement(t("other.rules"))),
    ('category "C" when a', CategoryStatement(t("C"), "customers", A)),
    ('rule "A"', RuleStatement(t("A"), "customers")),
    ("never assign tasks to agents", NeverStatement("tasks")),
    ("never assign tasks where a to agents", NeverStatement("tasks", A)),
    ("never assign tasks to agents where agent.level", NeverStatement("tasks", None, AGENT_LEVEL)),
    ("always assign customers where a", AlwaysStatement("customers", A)),
    ('pool "P"', PoolStatement(t("P"))),
    (
        'pool "P" claim at most 5 per day, claim at most 9 per week hold at most 50 cooldown 3 days for previous owner',
        PoolStatement(t("P"), (ClaimLimit(n("5"), "day"), ClaimLimit(n("9"), "week")), n("50"), lasting(days=3)),
    ),
    ('calendar "C"', CalendarStatement(t("C"))),
    (
        'calendar "C" mon-fri 09:00-12:00, 13:30-18:00 sat,sun 10:00-24:00 zone "Asia/Shanghai" holidays "CN", "DE-BY"',
        CalendarStatement(
            t("C"),
            (
                CalendarHours((0, 1, 2, 3, 4), ((time(9), time(12)), (time(13, 30), time(18)))),
                CalendarHours((5, 6), ((time(10), None),)),
            ),
            t("Asia/Shanghai"),
            (t("CN"), t("DE-BY")),
        ),
    ),
    (
        'calendar "C" sat-mon 09:00-12:00',
        CalendarStatement(t("C"), (CalendarHours((5, 6, 0), ((time(9), time(12)),)),)),
    ),
    (
        'calendar "C" on 2026-10-01 to 2026-10-07, 2026-12-25 closed on 2026-10-10 10:00-12:00',
        CalendarStatement(
            t("C"),
            special=(
                SpecialDays((DayDates(day(10, 1), day(10, 7)), DayDates(day(12, 25)))),
                SpecialDays((DayDates(day(10, 10)),), ((time(10), time(12)),)),
            ),
        ),
    ),
    ('table "T" from "t.csv"', TableStatement(t("T"), "customers", path=t("t.csv"))),
    ('table "T" for tasks priority 5 from "t.csv"', TableStatement(t("T"), "tasks", n("5"), path=t("t.csv"))),
    ('table "T" priority 5 for tasks from "t.csv"', TableStatement(t("T"), "tasks", n("5"), path=t("t.csv"))),
    (
        EXAMPLE,
        ExampleStatement(
            t("E"),
            (
                GivenClause(
                    "customer",
                    t("c1"),
                    (
                        GivenField("tier", t("VIP")),
                        GivenField("tags", ListLiteral((t("a"), t("b")))),
                        GivenField("vip", parse("let x = true").file.statements[0].value),  # type: ignore[union-attr]
                        GivenField("since", DateLiteral(date(2026, 1, 1))),
                        GivenField("debt", n("-5")),
                    ),
                ),
                GivenClause(
                    "agent",
                    t("li"),
                    (
                        GivenField("level", n("4")),
                        GivenField("skills", MapLiteral(((t("x"), n("3")), (t("y"), n("4"))))),
                    ),
                ),
                GivenClause("owner", t("wang")),
                GivenClause("now", instant=DateLiteral(date(2026, 1, 1))),
                GivenClause("deal", None, (GivenField("stage", t("won")), GivenField("when", n("5")))),
            ),
            (
                ExpectClause("rule", (t("R"),)),
                ExpectClause("no rule"),
                ExpectClause("team", (t("T"),)),
                ExpectClause("agent", (t("li"),)),
                ExpectClause("held"),
                ExpectClause("order", (t("li"), t("wang"))),
            ),
        ),
    ),
]


@pytest.mark.parametrize(("written", "tree"), STATEMENTS, ids=[written[:40] for written, _ in STATEMENTS])
def test_statement_is_read(written: str, tree: Statement) -> None:
    assert statement(written) == tree


def test_field_of_a_given_may_be_named_like_a_statement_behind_a_comma_or_without_an_id() -> None:
    found = statement('example "E"\n  given agent "li", team "East"\n  given customer team "East"')
    assert found == ExampleStatement(
        t("E"),
        (
            GivenClause("agent", t("li"), (GivenField("team", t("East")),)),
            GivenClause("customer", None, (GivenField("team", t("East")),)),
        ),
    )


CELLS: list[tuple[str, ConditionCell | AnyCell]] = [
    ("any", AnyCell()),
    ('"Shanghai"', ConditionCell("=", (t("Shanghai"),))),
    ("= 5", ConditionCell("=", (n("5"),))),
    ("!= 5", ConditionCell("!=", (n("5"),))),
    ("< 5", ConditionCell("<", (n("5"),))),
    (">= -5", ConditionCell(">=", (n("-5"),))),
    ("10 to 99", ConditionCell("to", (n("10"), n("99")))),
    ("10 至 99", ConditionCell("to", (n("10"), n("99")))),
    ('in ("a", "b")', ConditionCell("in", (ListLiteral((t("a"), t("b"))),))),
    ('in ("a")', ConditionCell("in", (ListLiteral((t("a"),)),))),
    ("not in a", ConditionCell("not in", (A,))),
    ('has "x"', ConditionCell("has", (t("x"),))),
    ("is missing", ConditionCell("missing")),
    ("is not missing", ConditionCell("present")),
    ("存在", ConditionCell("present")),
    ("a", ConditionCell("=", (A,))),
]


@pytest.mark.parametrize(("written", "cell"), CELLS, ids=[written for written, _ in CELLS])
def test_cell_is_read(written: str, cell: ConditionCell | AnyCell) -> None:
    found = statement(f'table "T"\n  | customer.x | assign to |\n  |-----|:--|\n  | {written} | owner |')
    assert isinstance(found, TableStatement)
    assert found.rows[0].cells[0] == cell


@pytest.mark.parametrize(("written", "action"), ACTIONS[4:], ids=[written for written, _ in ACTIONS[4:]])
def test_action_may_be_a_cell(written: str, action: Action) -> None:
    found = statement(f'table "T"\n  | assign to |\n  | {written} |')
    assert found == TableStatement(
        t("T"), "customers", columns=(TableColumn("action"),), rows=(TableRow((ActionCell(action),)),)
    )


def test_table_has_columns_and_rows() -> None:
    found = statement(
        'table "T" for tasks\n| a + 1 | assign to | by |\n| any | team "East" | "mine" |\n| 1 | owner | any |'
    )
    assert isinstance(found, TableStatement)
    assert [column.role for column in found.columns] == ["condition", "action", "order"]
    hosted = OrderCell((OrderTerm("mine", hosted=True),))
    assert found.rows == (
        TableRow((AnyCell(), ActionCell(AssignAction(EAST)), hosted)),
        TableRow((ConditionCell("=", (n("1"),)), ActionCell(AssignAction(OwnerTarget())), AnyCell())),
    )


def test_order_cell_may_be_a_chain() -> None:
    found = statement('table "T"\n| assign to | by |\n| owner | skill match then random |\n| owner | "x" then random |')
    assert isinstance(found, TableStatement)
    assert found.rows[0].cells[1] == OrderCell((OrderTerm("skill match"), OrderTerm("random")))
    assert found.rows[1].cells[1] == OrderCell((OrderTerm("x", hosted=True), OrderTerm("random")))


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ('规则"甲"针对客户', 'rule "甲" for customers'),
        ("上限30在手，每天5", "limit 30 open, 5 per day"),
        ("生效 自 2026-01-01 至 2026-02-01", "active from 2026-01-01 until 2026-02-01"),
        ("要求 a 限时10分钟", "require a for 10 minutes"),
        ('回收至公海"P"满7天未跟进', 'recycle to pool "P" after 7 days without contact'),
        ('回收 至 公海 "P" 满 7 天 未 成交', 'recycle to pool "P" after 7 days without deal'),
        ("提醒 每 1 天 逾期 时", "remind every 1 day when overdue"),
        ("提醒 到期 前 30 分钟", "remind 30 minutes before due"),
        ("升级 给 主管 逾期 超过 2 小时 时", "escalate to manager when overdue by 2 hours"),
        ("升级 给 主管 逾期 时 超过 2 小时", "escalate to manager when overdue by 2 hours"),
        ("保留 负责人 即使满额", "keep owner even if full"),
        ('分流 70% 团队 "A"、30% 团队 "B"', 'split 70% team "A", 30% team "B"'),
        ('放入公海"P"', 'hold in pool "P"'),
        ('拒绝 "x"', 'reject "x"'),
        ("紧急度 5", "urgency 5"),
        ('完成 时限 2 小时 在 日历 "C"', 'finish within 2 hours in calendar "C"'),
        ("通知 员工 通过 email，sms", "notify agent by email, sms"),
        ("分配给主管按加权轮询再按最小员工.x", "assign to manager by weighted round robin then lowest agent.x"),
    ],
)
def test_chinese_clause_reads_as_the_english_one(chinese: str, english: str) -> None:
    def clauses(written: str) -> object:
        text = written if written.startswith(("rule", "规则")) else f'rule "A" {written}'
        return statement(text)

    assert clauses(chinese) == clauses(english)
