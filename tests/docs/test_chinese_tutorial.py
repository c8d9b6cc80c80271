"""The Chinese tutorial's desk is formatted, keeps its meaning in English, and its examples come out."""

from __future__ import annotations

from assignkit import RuleSet
from assignkit.language.formatter import format_rules
from assignkit.proving.examples import run_examples
from tests.docs.reading import page

(DESK,) = [block.text for block in page("docs/zh/tutorial.md").blocks if block.language == "rules"]


def test_the_desk_is_formatted_and_can_be_translated() -> None:
    assert format_rules(DESK, "zh") == DESK
    assert format_rules(format_rules(DESK), "zh") == DESK


def test_its_examples_come_out_in_both_languages() -> None:
    for text in (DESK, format_rules(DESK)):
        report = run_examples(RuleSet.from_text(text))
        assert len(report.results) == 3
        assert [result.difference() for result in report.failures] == []
