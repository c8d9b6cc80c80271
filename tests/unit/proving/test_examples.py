"""Examples run through the real desk, tell what came instead, and know what they cover."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from assignkit import RuleSet, Schema, check
from assignkit.proving.examples import ExampleResult, run_examples
from assignkit.proving.junit import to_junit

RULES = """
let strategic = customer.revenue >= 500万 or customer.tier = "VIP"
team "Key" = agents where agent.level >= 3
pool "P"
rule "Owner" priority 9
  when customer.owner is present
  keep owner
  otherwise continue
rule "VIP"
  when strategic
  require agent.skills has "negotiation" at 3
  assign to team "Key" by least loaded
  otherwise hold in pool "P"
table "T"
  | customer.province | assign to    | by          |
  | "Shanghai"        | team "East"  | round robin |
  | "Hebei"           | team "North" | round robin |
rule "Old" when customer.created_at older than 3 days
  reject "old"
rule "Tasks" for tasks
  when task.customer.tier = "VIP"
  assign to team "East" by round robin
"""


def outcome(example: str, rules: str = RULES) -> ExampleResult:
    (result,) = run_examples(RuleSet.from_text(f'{rules}\nexample "it" {example}')).results
    return result


def found(example: str, rules: str = RULES) -> list[str | None]:
    result = outcome(example, rules)
    assert result.error is None
    return [expectation.found for expectation in result.expectations]


TWO = 'given agent "li", level 4, skills ("negotiation" 4) given agent "wu", level 5, skills ("negotiation" 3)'


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ('given customer tier "VIP" expect rule "VIP"', [None]),
        ('given customer tier "VIP" expect rule "T"', ['rule "VIP"']),
        ('given customer tier "VIP" expect no rule', ['rule "VIP"']),
        ('given customer tier "B" expect no rule', [None]),
        ('given customer tier "B" expect rule "VIP"', ["no rule"]),
        ('given customer province "Hebei" expect rule "T" expect rule "T row 2" expect rule "T row 1"',
         [None, None, 'rule "T row 2"']),
        ('given customer tier "VIP" expect held', [None]),
        ('given customer tier "VIP" expect team "Key" expect team "East"', [None, 'team "Key"']),
        (f'given customer tier "VIP" {TWO} expect team "Key" expect held', [None, 'agent "']),
        ('given customer tier "VIP" given agent "li" expect agent "li"', ['nobody: pooled in pool "P"']),
        ('given customer tier "VIP" given agent "li" expect team "Key"', ['nobody: pooled in pool "P"']),
        ('given customer province "Hebei" given agent "li", teams ("North") expect agent "li" expect team "North"',
         [None, None]),
        ('given customer tier "VIP" given owner "li" expect agent "li" expect rule "Owner"', [None, None]),
        ('given customer tier "VIP" given owner "li", active false expect rule "VIP"', [None]),
        ('given task title "call" given customer tier "VIP" expect rule "Tasks" expect team "East"', [None, None]),
        ('given task title "call" given customer tier "B" expect no rule', [None]),
    ],
)  # fmt: skip
def test_what_is_expected_and_what_came_instead(example: str, expected: list[str | None]) -> None:
    results = found(example)
    assert len(results) == len(expected)
    for result, wanted in zip(results, expected, strict=True):
        assert result == wanted or (wanted is not None and result is not None and result.startswith(wanted))


def test_work_that_agents_carry_counts() -> None:
    one, other = "li", "wu"
    for busy, free in ((one, other), (other, one)):
        for work in ("load 3", "open 3", "load 0.5, open 3"):
            agents = f'given agent "{busy}", level 4, skills ("negotiation" 4), {work} '
            agents += f'given agent "{free}", level 4, skills ("negotiation" 4)'
            example = f'given customer tier "VIP" {agents} expect agent "{free}" expect order ("{free}", "{busy}")'
            assert found(example) == [None, None], work


def test_load_is_what_was_given_exactly() -> None:
    rules = 'rule "R" when customer.tier = "A" assign to agents where agent.load = 0.1 and agent.open = 3'
    assert found('given customer tier "A" given agent "li", load 0.1, open 3 expect agent "li"', rules) == [None]


def test_order_is_compared_from_its_head() -> None:
    example = f'given customer tier "VIP" {TWO.replace("level 5", "level 5, load 2")} expect order ('
    assert found(f'{example}"li")') == [None]
    assert found(f'{example}"li", "wu")') == [None]
    assert found(f'{example}"wu", "li")') == ['order ("li", "wu")']


def test_several_items_come_one_after_the_other() -> None:
    rules = 'rule "R" assign to team "East" by round robin'
    agents = 'given agent "li", teams ("East") given agent "wu", teams ("East")'
    once = outcome(f'given customer "c1" {agents} expect agent "li"', rules)
    assert once.decision is not None
    other = {"li": "wu", "wu": "li"}[str(once.decision.agent_id)]
    assert found(f'given customer "c1" given customer "c2" {agents} expect agent "{other}"', rules) == [None]


def test_time_is_the_one_that_was_given() -> None:
    item = "given customer created_at 2026-03-01T00:00Z"
    assert found(f'{item} given now 2026-03-05 expect rule "Old"') == [None]
    assert found(f'{item} given now 2026-03-03T12:00+08:00 expect rule "Old"') == ["no rule"]


def test_fields_are_found_by_their_other_names_and_paths() -> None:
    schema = Schema(customer={"vip": bool, "town": (str, "place.town")}, deal={"amount": float})
    rules = """rule "R" when customer.vip and customer.town = "X" and customer.等级 = "A" reject "r"
      rule "D" for deals when deal.amount > 5 reject "d"
      example "a" given customer 等级 "A", vip true, town "X" expect rule "R"
      example "b" given deal amount 6 expect rule "D" """
    assert run_examples(RuleSet.from_text(rules, schema)).passed


def test_what_cannot_be_run_is_a_failure_with_its_reason() -> None:
    result = outcome('given customer tier "VIP" given agent "li", weight -5 expect rule "VIP"')
    assert not result.passed
    assert result.error is not None
    assert "weight" in result.error
    assert "weight" in result.difference()
    assert result.explanation() == ""


def test_difference_and_explanation_tell_the_failure() -> None:
    result = outcome('given customer tier "VIP" given agent "li", level 1 expect rule "VIP" expect agent "li"')
    assert result.difference().splitlines() == [
        '  expect rule "VIP"',
        '- expect agent "li"',
        '+ found  nobody: pooled in pool "P"',
    ]
    assert 'rule "VIP"' in result.explanation()
    assert '规则 "VIP"' in result.explanation(language="zh")
    assert (result.file, result.line) == ("<text>", 24)


def test_coverage_names_what_no_example_used() -> None:
    text = f'{RULES}\nexample "vip" given customer tier "VIP", province "Hebei" expect rule "VIP"'
    report = run_examples(RuleSet.from_text(text))
    assert report.coverage.counts() == {"rule": (1, 4), "clause": (3, 12), "row": (0, 2)}
    uncovered = {place.text for place in report.coverage.uncovered}
    assert 'require agent.skills has "negotiation" at 3' in uncovered
    assert "keep owner" in uncovered
    assert 'T row 2: customer.province = "Hebei"' in uncovered
    assert "when strategic" not in uncovered
    assert '<text>:17: not covered: T row 2: customer.province = "Hebei"' in report.coverage.to_text()


def test_everything_used_is_covered() -> None:
    examples = f"""
      example "1" given customer tier "VIP" {TWO} expect rule "VIP"
      example "2" given customer tier "VIP" expect held
      example "3" given customer province "Hebei" expect team "North"
      example "4" given customer province "Shanghai" expect team "East"
      example "5" given customer created_at 2020-01-01T00:00Z expect rule "Old"
      example "6" given task title "x" given customer tier "VIP" expect rule "Tasks"
      example "7" given customer tier "VIP" given owner "li" expect rule "Owner"
      example "8" given customer tier "VIP", owner "gone" expect rule "VIP"
    """
    report = run_examples(RuleSet.from_text(RULES + examples))
    assert [result.difference() for result in report.failures] == []
    assert report.coverage.uncovered == ()


def test_junit_report_can_be_read() -> None:
    bad = '\\u{1} <&\\">'
    text = f"""{RULES}
      example "good" given customer tier "VIP" expect rule "VIP"
      example "bad {bad}" given customer tier "VIP" expect no rule
      example "odd" given customer tier "VIP" given agent "li", weight -5 expect rule "VIP" """
    root = ET.fromstring(to_junit(run_examples(RuleSet.from_text(text)).results))  # noqa: S314 - our own
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert [case.get("name") for case in suite] == ["good", 'bad \ufffd <&">', "odd"]
    assert [[child.tag for child in case] for case in suite] == [[], ["failure"], ["error"]]


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ('given agent "li" expect agent "li"', "the example gives nothing to decide"),
        ('given customer tier "A"', "the example expects nothing"),
        ('given customer "c" given agent "li" given agent "li" expect held', "the example gives agent `li` already"),
        ('given customer "c" given now 2026-01-01 given now 2026-01-02 expect held', "the example gives `now` already"),
        ('given customer tier "A" given agent "li" expect agent "lo"', "the example gives no agent `lo`"),
        ('given customer tier "A" given agent "li", received 3 expect agent "li"',
         "`received` cannot be given: it is counted while items are decided"),
        ('given customer tier "A", colour "red" expect held', "customers have no field `colour`"),
    ],
)  # fmt: skip
def test_examples_that_make_no_sense_are_told_when_rules_are_checked(example: str, told: str) -> None:
    messages = [found.message for found in check(f'{RULES}\nexample "it" {example}')]
    assert told in messages
