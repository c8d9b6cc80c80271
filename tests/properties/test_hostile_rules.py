"""Any rule text that the grammar has is checked without a traceback, and runs if nothing is wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from assignkit.diagnostics import has_errors
from assignkit.errors import RuleError
from assignkit.proving.examples import run_examples
from assignkit.rules.checking import check
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema
from tests.properties.rule_texts import rule_texts
from tests.searching import examples

SCHEMA = Schema(
    customer={"省份": str, "when": float, "2024_sales": float},
    task={"省份": str, "tier": str, "when": float, "2024_sales": float},
    agent={"tier": str, "省份": str, "when": float, "2024_sales": float},
    deal={"tier": str},
)
PREAMBLE = 'let strategic = customer.tier = "a" let 战略 = customer.when > 1 let x1 = ("a", "b") let open = 5\n'


@settings(examples(50), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(rule_texts)
def test_any_text_is_checked_and_what_is_right_runs(text: str) -> None:
    found = check(PREAMBLE + text, SCHEMA)
    assert all(each.location for each in found)
    assert all(each.render() for each in found)
    if has_errors(found):
        with pytest.raises(RuleError):
            RuleSet.from_text(PREAMBLE + text, SCHEMA)
    else:
        run_examples(RuleSet.from_text(PREAMBLE + text, SCHEMA))
