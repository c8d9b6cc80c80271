"""Diagnostics: places that a person finds, and carets that stand under what they mean."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.diagnostics import Diagnostic, Location, Severity, Source, Span, has_errors


def place(text: str, start: int, end: int | None = None) -> tuple[int, int, int, int]:
    found = Source("t", text).locate(Span(start, start if end is None else end))
    return found.line, found.column, found.end_line, found.end_column


def finding(text: str, meant: str, **options: str) -> Diagnostic:
    """Return a diagnostic about the first occurrence of `meant` in `text`."""
    start = text.index(meant)
    return Source("t.rules", text).diagnostic("E1", "wrong", Span(start, start + len(meant)), **options)  # type: ignore[arg-type]


def underlined(diagnostic: Diagnostic) -> str:
    """Return the characters of the shown line that stand above the carets, by terminal columns."""
    _, shown, marks = diagnostic.render().split("\n")
    carets = [column for column, mark in enumerate(marks) if mark == "^"]
    cells = [character for character in shown for _ in range(width(character))]
    return "".join(dict(enumerate(cells[carets[0] : carets[-1] + 1])).values())


def width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


# --- places ----------------------------------------------------------------------------------------------------------


def test_lines_and_columns_count_from_one_and_the_end_is_exclusive() -> None:
    assert place("ab\ncd", 0, 2) == (1, 1, 1, 3)
    assert place("ab\ncd", 3, 4) == (2, 1, 2, 2)
    assert place("ab\ncd", 1, 4) == (1, 2, 2, 2)


def test_a_line_break_belongs_to_its_line() -> None:
    assert place("ab\ncd", 2) == (1, 3, 1, 3)
    assert place("ab\ncd", 2, 3) == (1, 3, 2, 1)


def test_the_end_of_a_text_has_a_place() -> None:
    assert place("", 0) == (1, 1, 1, 1)
    assert place("ab", 2) == (1, 3, 1, 3)
    assert place("ab\n", 3) == (2, 1, 2, 1)


def test_columns_count_characters_not_bytes_or_cells() -> None:
    assert place("当 客户.省份", 5, 7) == (1, 6, 1, 8)
    assert place("😀x", 1, 2) == (1, 2, 1, 3)


def test_lines_come_without_their_breaks() -> None:
    source = Source("t", "one\r\ntwo\n\nfour")

    assert [source.line(number) for number in (1, 2, 3, 4)] == ["one", "two", "", "four"]


@given(st.text(alphabet="ab客\n\r\t", max_size=40), st.data())
def test_a_place_leads_back_to_its_offset(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    line, column, *_ = place(text, offset)

    lines = text.split("\n")
    assert sum(len(before) + 1 for before in lines[: line - 1]) + column - 1 == offset
    assert 0 <= column - 1 <= len(lines[line - 1])


def test_a_location_reads_as_editors_understand_it() -> None:
    assert str(Location("sales.rules", 3, 14, 3, 18)) == "sales.rules:3:14"


def test_spans_join_from_the_start_of_one_to_the_end_of_the_other() -> None:
    assert Span(3, 5).to(Span(9, 12)) == Span(3, 12)


def test_sources_compare_by_name_and_text_whether_they_were_read_or_not() -> None:
    read, unread = Source("t", "a\nb"), Source("t", "a\nb")
    read.locate(Span(0, 1))

    assert read == unread
    assert hash(read) == hash(unread)


# --- renderings ------------------------------------------------------------------------------------------------------


def test_a_finding_reads_as_a_line_then_the_source_then_carets_and_help() -> None:
    text = 'rule "A"\n  when customer.tir = 1\n'

    assert finding(text, "tir", help="did you mean `tier`?").render() == (
        "t.rules:2:17: error[E1]: wrong\n"
        "    2 |   when customer.tir = 1\n"
        "      |                 ^^^ did you mean `tier`?"
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("when customer.tier", "tier"),
        ("当 客户.省份 = 1", "省份"),
        ('当 客户.等级 = "VIP"', '"VIP"'),
        ("当 客户.电话 以 138 开头", "138"),
        ("２０２６ wide", "wide"),
        ("\twhen\tx", "x"),
        ("when x \r\nthen y", "x"),
        ("cafe\u0301 bar", "bar"),
        ("no\u00a0break\u200b space", "space"),
        ("x", "x"),
    ],
)
def test_carets_stand_under_what_is_meant(text: str, meant: str) -> None:
    marked = underlined(finding(text, meant))

    assert list(dict.fromkeys(marked)) == list(dict.fromkeys(meant))
    assert len(marked) == sum(width(character) for character in meant)


def test_a_span_without_length_gets_one_caret() -> None:
    source = Source("t", "when\nx")

    at_end = source.diagnostic("E1", "something is missing", Span(4, 4))

    assert at_end.render().split("\n")[1:] == ["    1 | when", "      |     ^"]


def test_a_span_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    assert underlined(finding("a (b\n c) d", "(b\n c)")) == "(b"


def test_carriage_returns_are_not_shown() -> None:
    shown = finding("when x\r\nthen y\r\n", "then").render()

    assert "\r" not in shown
    assert "    2 | then y\n" in shown


def test_control_and_bidirectional_characters_do_not_reach_the_terminal() -> None:
    shown = finding("a\x1b[31m\u202eb c", "c").render()

    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize("before", [0, 1, 79, 80, 81, 500, 5000])
def test_a_long_line_is_cut_around_the_span(before: int) -> None:
    text = "." * before + "HERE" + "." * 5000

    shown = finding(text, "HERE")

    assert underlined(shown) == "HERE"
    assert max(map(len, shown.render().split("\n"))) < 200


def test_without_a_text_only_the_message_and_the_help_are_shown() -> None:
    assert Diagnostic("E2", Severity.WARNING, "no agents").render() == "warning[E2]: no agents"
    assert Diagnostic("E2", Severity.NOTE, "no agents", help="add one").render() == "note[E2]: no agents\n  add one"


def test_at_the_end_of_a_text_there_is_no_line_to_show() -> None:
    assert Source("t", "when\n").diagnostic("E1", "rule is missing", Span(5, 5), help="add one").render() == (
        "t:2:1: error[E1]: rule is missing\n  add one"
    )


@pytest.mark.parametrize("severity", list(Severity))
def test_colour_changes_nothing_but_the_colour(severity: Severity) -> None:
    source = Source("t", "when x")
    diagnostic = source.diagnostic("E1", "wrong", Span(5, 6), severity=severity)

    painted = diagnostic.render(color=True)

    assert painted.count("\x1b[0m") == 2
    assert "\x1b" not in diagnostic.render()
    without = (
        painted.replace("\x1b[0m", "").replace("\x1b[1;31m", "").replace("\x1b[1;33m", "").replace("\x1b[1;36m", "")
    )
    assert without == diagnostic.render()


def test_as_data_it_is_json_with_or_without_a_place() -> None:
    told = json.loads(json.dumps(finding("当 x", "x", help="y?").to_dict()))

    assert told == {
        "code": "E1",
        "severity": "error",
        "message": "wrong",
        "help": "y?",
        "file": "t.rules",
        "line": 1,
        "column": 3,
        "end_line": 1,
        "end_column": 4,
    }
    placeless = Diagnostic("E2", Severity.NOTE, "m").to_dict()
    assert {name for name, value in placeless.items() if value is None} == {
        "help",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
    }


def test_only_errors_are_errors() -> None:
    warning, error = (Diagnostic("E", severity, "m") for severity in (Severity.WARNING, Severity.ERROR))

    assert has_errors([warning, error])
    assert not has_errors([warning, warning])
    assert not has_errors([])
