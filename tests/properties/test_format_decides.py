"""Formatting keeps every decision: generated rule sets decide as before, in either language."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.language.formatter import format_rules
from assignkit.messages.text import LanguageCode
from assignkit.rules.ruleset import RuleSet
from tests.properties import test_rules_compiled as compiled
from tests.searching import examples


@pytest.mark.parametrize("language", ["en", "zh"])
@examples(30)
@given(written=compiled.rules, worlds=st.lists(compiled.worlds, min_size=1, max_size=4))
def test_a_formatted_rule_set_decides_as_before(
    language: LanguageCode, written: list[tuple[int, str, str | None, str]], worlds: list[dict[str, Any]]
) -> None:
    text = compiled.PREAMBLE + "\n".join(
        f'rule "{number}" priority {priority} {period} {f"when {condition}" if condition else ""} {action}'
        for number, (priority, period, condition, action) in enumerate(written)
    )
    before = RuleSet.from_text(text, compiled.SCHEMA)
    after = RuleSet.from_text(format_rules(text, language), compiled.SCHEMA)
    for world in worlds:
        at = {"owner": world["owner"], "now": world["now"]}
        found = [match.rule.name for match in before.matches(world["item"], **at)]
        assert [match.rule.name for match in after.matches(world["item"], **at)] == found
