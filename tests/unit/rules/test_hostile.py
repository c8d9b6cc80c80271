"""Files that are made to be expensive are refused, or cost little; the numbers of told errors are bounded."""

from __future__ import annotations

import re
from datetime import UTC
from types import CodeType

from assignkit.rules.checking import check
from assignkit.rules.emission import _NAMESPACE
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema


def test_errors_beyond_the_limit_are_counted_and_not_told() -> None:
    text = "\n".join(f'rule "r{i}" when customer.provinc{i} = "a" reject "x"' for i in range(300))
    found = check(text)
    assert [each.code for each in found] == ["AK203"] * 100 + ["AK115"]
    assert found[-1].message == "there are 200 more errors; they are not shown"
    assert found[50].help == "did you mean `customer.province`?"


def test_rules_that_share_a_long_chain_of_lets_share_its_code() -> None:
    lets = ["let a0 = customer.revenue > 5", *(f"let a{i} = not a{i - 1}" for i in range(1, 1000))]
    rules = [f'rule "r{i}" when a999 and customer.score > {i} reject "x"' for i in range(1000)]
    found = RuleSet.from_text("\n".join([*lets, *rules])).match({"revenue": 5, "score": 1})
    assert found is not None
    assert found.rule.name == "r0"


def test_brackets_up_to_the_limit_compile() -> None:
    condition = "(customer.score = 4 or customer.revenue > 3 and " * 60 + "customer.revenue > 5" + ")" * 60
    rules = RuleSet.from_text(f'rule "r" when {condition} reject "x"')
    assert rules.match({"revenue": 6}) is not None
    assert rules.match({"revenue": 5}) is None


def test_no_text_of_an_author_or_a_host_becomes_code() -> None:
    text = (
        'rule "r" when customer.tier = "\\"); import os #" and customer.city in ("__import__(\'os\')", "x") reject "x"'
    )
    assert RuleSet.from_text(text).match({"tier": '"); import os #', "city": "__import__('os')"}) is not None


def test_generated_code_uses_generated_names_and_a_fixed_list_of_ours() -> None:
    text = """
    let big = customer.revenue > 0.1 and customer.tier like "V*"
    calendar "Office" mon-fri 09:00-12:00
    rule "a" active from 2026-01-01 when big and not (customer.tags has any of ("import", "os") or customer.vip) and
      customer.city in ("exec", "eval") and now during calendar "Office" and lower(customer.name) = "globals" and
      customer.score * 2 > min(customer.employees, 5) and customer.created_at older than 5 days and owner.level at_most
    """.replace("owner.level at_most", 'owner.level < 3 reject "x"')
    rules = RuleSet.from_text(text, Schema(customer={"vip": bool, "city": (str, "address.__class__")}))
    generated = rules._matchers["customers"]._generate("attribute", resuming=True)
    (code,) = [each for each in generated.code.co_consts if isinstance(each, CodeType)]
    plain = {*code.co_names, *code.co_varnames} - set(_NAMESPACE) - {"ZONE", "FALLBACK"}
    allowed = re.compile(
        r"[KUfv]\d+|nowK\d+|item|agent|owner|owning|customer|now|agent_facts|start|owner_keyed|get|tzinfo|__class__|"
        r"startswith|endswith"
    )
    assert [name for name in plain if not allowed.fullmatch(name)] == []
    assert {each for each in code.co_consts if isinstance(each, str)} == set()


def test_generated_code_has_no_builtins() -> None:
    rules = RuleSet.from_text('rule "r" when customer.tier = "A" reject "x"')
    finder = rules._matchers["customers"].finder(UTC, "entry")
    assert finder.__globals__["__builtins__"] == {}  # type: ignore[attr-defined]
