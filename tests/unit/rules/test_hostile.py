"""Files that are made to be expensive are refused, or cost little; the numbers of told errors are bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assignkit.errors import AssignkitError, ConfigurationError
from assignkit.language.formatter import format_rules
from assignkit.rules.checking import check
from assignkit.rules.ruleset import RuleSet


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


@pytest.mark.parametrize("given", [b"rule", None, 5, ["rule"], bytearray(b"x")])
@pytest.mark.parametrize("use", [RuleSet.from_text, check, format_rules], ids=["RuleSet", "check", "format_rules"])
def test_what_is_no_text_is_refused_by_name(use: Callable[[Any], object], given: object) -> None:
    with pytest.raises(ConfigurationError, match=f"not as {type(given).__name__}"):
        use(given)


@pytest.mark.parametrize("given", [b"a.rules", 5, "a\0.rules", "\ud800.rules", "x" * 5_000 + ".rules", ".", ""])
def test_what_is_no_file_is_refused(given: Any) -> None:  # noqa: ANN401 - whatever a host hands over
    with pytest.raises(AssignkitError):
        RuleSet.load(given)


def test_slips_of_many_long_names_are_found_without_comparing_all() -> None:
    text = "".join(f'team "{"Team" * 20}{i}" = agents where agent.level > {i}\n' for i in range(400))
    text += "".join(f'rule "r{i}" assign to team "{"team" * 20}{i}"\n' for i in range(100))
    text += f'rule "s" assign to team "{"Team" * 20}{7}x"\n'
    found = [each for each in check(text) if each.code == "AK307"]
    assert len(found) == 101
    assert found[-1].help == f"did you mean `{'Team' * 20}7`?"


def test_findings_on_one_long_line_share_its_text() -> None:
    found = check('rule "r" ' + "prefer agent.level > 1 " * 500 + 'assign to team "E"')
    assert len(found) == 500
    assert len({id(each.snippet) for each in found}) == 1
