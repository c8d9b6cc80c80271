"""Whatever the text: the parser returns a file and located errors, and every node knows its own source."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from assignkit.language import vocabulary
from assignkit.language.codes import SYNTAX_CODES
from assignkit.language.parser import ParseResult, parse, parse_bytes
from assignkit.language.syntax import LetStatement, Node
from assignkit.language.walking import walk

SAMPLES = Path(__file__).parents[1] / "unit" / "language" / "samples"
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.rules"))}
WORDS = sorted({s for word in vocabulary.KEYWORDS for s in (*word.english, *word.chinese)} | vocabulary.CHINESE_WORDS)
LITERALS = """a 5 0.5 20% 500万 "x" “y” 「z」 .tier 。省份 09:00 24:00 2026-01-01 2026-01-01T09:00Z customer 客户2 1_0_
2026-99-99 ' " “ ! & ; ~ ≥ => [ ] { } \\ . _ | || #"""
BREAKS = ("\n", "\n  ", "\n|", "|\n", "\t", "\r", "\x00", "\u202e", "\ud800")
SOUP = st.sampled_from([*WORDS, *vocabulary.SIGNS, *LITERALS.split(), *BREAKS])


def check(result: ParseResult, text: str) -> None:
    places = [d.location for d in result.diagnostics]
    assert all(places)
    assert {d.code for d in result.diagnostics} <= SYNTAX_CODES.keys()
    assert len(places) <= 101
    starts = [(place.line, place.column) for place in places if place]
    assert starts[:100] == sorted(starts[:100])
    for diagnostic in result.diagnostics:
        assert diagnostic.render()
    for node in walk(result.file):
        if node is not result.file:
            assert 0 <= node.span.start < node.span.end <= len(text)


@given(st.text())
@example("\r")
@example("\ufeff\ufeff")
@example('rule"')
def test_any_text_gives_a_file_and_located_errors(text: str) -> None:
    check(parse(text), text)


@given(st.lists(SOUP, max_size=60), st.sampled_from(["", " "]))
def test_any_words_give_a_file_and_located_errors(words: list[str], between: str) -> None:
    text = between.join(words)
    check(parse(text), text)


@given(st.binary())
def test_any_bytes_give_a_file_and_located_errors(data: bytes) -> None:
    result = parse_bytes(data)
    assert all(d.location for d in result.diagnostics)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A sample with one stretch replaced by something else."""
    text = draw(st.sampled_from(sorted(TEXTS.values())))
    start = draw(st.integers(0, len(text)))
    end = min(len(text), start + draw(st.integers(0, 12)))
    return text[:start] + draw(st.one_of(SOUP, st.text(max_size=3))) + text[end:]


@given(damaged())
def test_damage_in_one_place_leaves_the_other_statements(text: str) -> None:
    result = parse(text)
    check(result, text)
    assert len(result.file.statements) >= 8
    assert len(result.diagnostics) <= 12


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_statement_reads_the_same_from_its_own_span(text: str) -> None:
    for statement in parse(text).file.statements:
        alone = parse(text[statement.span.start : statement.span.end])
        assert alone.diagnostics == ()
        assert alone.file.statements == (statement,)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_span_of_an_expression_is_its_source(text: str) -> None:
    count = 0
    for node in walk(parse(text).file):
        if type(node).__name__ in EXPRESSIONS:
            count += 1
            assert expression(text[node.span.start : node.span.end]) == node
    assert count > 60


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_children_stand_inside_their_parents(text: str) -> None:
    file = parse(text).file
    for parent in walk(file):
        if parent is file:
            continue
        for child in walk(parent):
            assert parent.span.start <= child.span.start
            assert child.span.end <= parent.span.end


EXPRESSIONS = {
    *("NumberLiteral", "TextLiteral", "BooleanLiteral", "DurationLiteral", "ListLiteral", "NameReference"),
    *("FieldReference", "AndExpression", "OrExpression", "Comparison", "Presence", "Membership", "Has"),
}


def expression(written: str) -> Node:
    result = parse(f"let it = {written}")
    assert result.diagnostics == ()
    (statement,) = result.file.statements
    assert isinstance(statement, LetStatement)
    return statement.value
