"""Whatever is written, checking it gives located diagnostics with known codes, and never raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.diagnostics import has_errors
from assignkit.errors import RuleError
from assignkit.language.codes import SYNTAX_CODES
from assignkit.rules.checking import check
from assignkit.rules.codes import RULE_CODES
from assignkit.rules.ruleset import RuleSet
from tests.searching import examples

WORDS = (
    'rule "a"',
    'rule "b" for tasks',
    'rule "c" for deels',
    "when",
    "let x =",
    "let y =",
    "x",
    "y",
    "customer.tier",
    "=",
    '"A"',
    "5",
    "5%",
    "true",
    "2026-01-01",
    "2026-01-01T00:00Z",
    "30 days",
    "and",
    "or",
    "not",
    "in",
    '("A", "B", "A")',
    "(1, 2)",
    "(",
    ")",
    "has",
    "at",
    "has any of",
    "between",
    "is missing",
    "older than",
    "within last",
    "before",
    "now",
    'during calendar "C"',
    'calendar "C" mon-fri 09:00-12:00',
    "lower(",
    "distance km(",
    "days since(",
    ",",
    "+",
    "/",
    "-",
    "agent.level",
    "agent.skills",
    "customer.location",
    "customer.created_at",
    "customer.tags",
    "owner.id",
    "task.customer",
    "task.customer.tier",
    "customer.nope",
    "nobody.x",
    'team "T" = agents where',
    'team "T" = agents "li"',
    "require",
    "prefer",
    "weight 5",
    "urgency",
    'assign to team "T"',
    "assign to agents where",
    "by round robin then",
    "by lowest",
    'by "mine"',
    'split 50% team "T", 50% agent "li"',
    "keep owner",
    "otherwise after 5 minutes",
    "continue",
    'reject "x"',
    "limit 5 open",
    "active from 2026-01-01",
    "priority 5",
    "never assign customers where",
    "to agents where",
    "always assign tasks",
    'category "K" when',
    'example "e" given customer tier',
    "expect rule",
    'import "x.rules"',
    'table "t"\n| customer.tier | assign to | by |\n',
    '| "A" | team "T" | any |\n',
    "| >= 5 | owner | random |\n",
    "\n",
    "#",
    "客户.等级",
    "当",
    "规则",
    '"甲"',
    "\u202e",
    "\ud800",
)


@examples(300)
@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_any_words_give_rules_or_located_errors(text: str) -> None:
    found = check(text)
    assert {told.code for told in found} <= {*SYNTAX_CODES, *RULE_CODES}
    places = [(told.location.line, told.location.column) for told in found if told.location]
    assert len(places) == len(found)
    assert places == sorted(places)
    assert all(told.render() for told in found)
    if has_errors(found):
        with pytest.raises(RuleError):
            RuleSet.from_text(text)
    else:
        RuleSet.from_text(text)
