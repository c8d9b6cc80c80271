"""parse ∘ format ∘ parse is the identity, for any file of the grammar: meaning and comments stay, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from assignkit.language import vocabulary
from assignkit.language.comparing import first_difference
from assignkit.language.formatter import format_rules
from assignkit.language.formatting.spelling import CHINESE
from assignkit.language.parser import parse
from assignkit.language.vocabulary import readings_of
from tests.properties.rule_texts import SPELLINGS, rule_texts
from tests.searching import examples

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "tests/unit/language/samples").glob("*.rules"), *(ROOT / "examples").rglob("*.rules")])


def check_formatting(text: str) -> None:
    before = parse(text).file
    english, chinese = format_rules(text), format_rules(text, "zh")
    for formatted, again in ((english, format_rules(english)), (chinese, format_rules(chinese, "zh"))):
        after = parse(formatted)
        assert after.diagnostics == ()
        assert first_difference(before.statements, after.file.statements) is None
        assert [c.text.rstrip() for c in after.file.comments] == [c.text.rstrip() for c in before.comments]
        assert again == formatted
    assert format_rules(chinese) == english
    assert format_rules(english, "zh") == chinese


@settings(examples(40), suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(text=rule_texts)
@example(text="let a = 1.5 hours\n")
def test_any_file_of_the_grammar_means_the_same_once_formatted(text: str) -> None:
    assume(not parse(text).diagnostics)
    check_formatting(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_mean_the_same_once_formatted(path: Path) -> None:
    check_formatting(path.read_text(encoding="utf-8"))


def test_every_terminal_of_the_grammar_is_generated() -> None:
    assert set(SPELLINGS) == set(vocabulary.TERMINALS)


def test_chinese_phrases_read_as_the_english_ones() -> None:
    for english, chinese in CHINESE.items():
        wanted = [terminal for word in english.split() for terminal in readings_of(word)[0]]
        readings = [readings_of(word) for word in chinese.split()]
        found = [terminal for word in readings for terminal in word[0]]
        others = [terminal for word in readings for reading in word for terminal in reading]
        assert found == wanted or sorted(wanted) == sorted(found) or set(wanted) <= set(others), english


@pytest.mark.parametrize("value", ["0.25 # why\n seconds", "1 # why\n hour", "90 # a\n # b\n minutes"])
def test_comments_within_a_duration_are_kept(value: str) -> None:
    check_formatting(f"let a = {value}\n")
