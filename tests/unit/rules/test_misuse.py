"""What is no rule set, schema, row or instant: told in a sentence of the library's own."""

from __future__ import annotations

from datetime import date

import pytest

from assignkit import (
    Agent,
    ConfigurationError,
    RuleSet,
    Schema,
    check,
    register_order,
    run_examples,
)

TEXT = 'rule "A"\n  assign to team "East"'


@pytest.mark.parametrize("given", [None, 5, TEXT, b"x", []], ids=repr)
def test_examples_are_of_a_rule_set(given: object) -> None:
    with pytest.raises(ConfigurationError, match="of a `RuleSet`"):
        run_examples(given)


@pytest.mark.parametrize("given", [5, "x", {"customer": {"vip": bool}}], ids=repr)
def test_a_schema_is_a_schema(given: object) -> None:
    for use in (lambda: RuleSet.from_text(TEXT, schema=given), lambda: check(TEXT, schema=given)):
        with pytest.raises(ConfigurationError, match="`schema` is a Schema"):
            use()
    with pytest.raises(ConfigurationError, match="`limits` is a Limits"):
        RuleSet.from_text(TEXT, limits=given)


@pytest.mark.parametrize("given", [5, [5], "x", ["x"]], ids=repr)
def test_rules_are_checked_with_agents_of_some_form(given: object) -> None:
    with pytest.raises(ConfigurationError, match="agents are mappings"):
        check(TEXT, agents=given)
    assert not [one for one in check(TEXT, agents=[{"id": "a", "teams": ["East"]}]) if one.code == "AK314"]


@pytest.mark.parametrize("given", [{"kind": None}, {"kind": []}, {"kind": 5}, {"zone": None}, {"zone": 5}], ids=repr)
def test_a_kind_and_a_zone_have_names(given: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="there is no"):
        RuleSet.from_text(TEXT).match({}, **given)


@pytest.mark.parametrize("now", ["2026-01-01", date(2026, 1, 1), 5], ids=repr)
def test_now_is_an_instant(now: object) -> None:
    with pytest.raises(ConfigurationError, match="`now` is an instant"):
        RuleSet.from_text(TEXT).match({}, now=now)


@pytest.mark.parametrize("rows", [None, 5, "x", [5], [None], {"a": 1}, [{5: 1}]], ids=repr)
def test_a_schema_is_inferred_from_rows(rows: object) -> None:
    with pytest.raises(ConfigurationError, match="of customers"):
        Schema.infer(customers=rows)


def test_fields_have_names() -> None:
    with pytest.raises(ConfigurationError, match="fields have names"):
        Schema(customer={5: str})


@pytest.mark.parametrize("name", [None, 5, "", " "], ids=repr)
def test_an_order_has_a_name(name: object) -> None:
    with pytest.raises(ConfigurationError, match="an order needs a name"):
        register_order(name)(type("Mine", (), {"key": lambda *_: 0}))


def test_records_and_events_have_a_hash() -> None:
    one = Agent(id="a", skills={"x": 1}, capacity={"customers": 3})
    assert {one, one.model_copy()} == {one}
    assert len({one, one.model_copy(update={"id": "b"})}) == 2
