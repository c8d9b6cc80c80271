from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assignkit.diagnostics import Severity
from assignkit.language.limits import Limits
from assignkit.language.parser import ParseResult, parse, parse_bytes
from assignkit.language.syntax import Comment, LetStatement, RuleStatement, TableStatement
from assignkit.language.walking import walk

SAMPLES = Path(__file__).parent / "samples"
ENGLISH = (SAMPLES / "sample.en.rules").read_text(encoding="utf-8")
CHINESE = (SAMPLES / "sample.zh.rules").read_text(encoding="utf-8")


def codes(result: ParseResult) -> list[str]:
    return [diagnostic.code for diagnostic in result.diagnostics]


def shape(result: ParseResult) -> list[str]:
    return [type(node).__name__ for node in walk(result.file)]


# --- whole files


def test_sample_is_read_without_errors() -> None:
    result = parse(ENGLISH, "sample.rules")
    assert result.diagnostics == ()
    assert len(result.file.statements) == 13
    rule = result.file.statements[7]
    assert isinstance(rule, RuleStatement)
    assert len(rule.clauses) == 16


def test_chinese_sample_has_the_shape_of_the_english_one() -> None:
    result = parse(CHINESE, "sample.zh.rules")
    assert result.diagnostics == ()
    assert shape(result) == shape(parse(ENGLISH))


def test_both_languages_may_be_mixed() -> None:
    assert (
        parse('规则 "A" for 客户\n  when 客户.tier = "x" 且 now before 2026-01-01\n  assign to 团队 "B"\n').diagnostics
        == ()
    )


def test_comments_are_kept_with_their_places() -> None:
    text = '# first\r\nrule "#no" # second\n  ＃第三\n'
    result = parse(text)
    assert [c.text for c in result.file.comments] == ["# first", "# second", "＃第三"]
    assert all(text[c.span.start : c.span.end] == c.text for c in result.file.comments)
    assert isinstance(result.file.comments[0], Comment)


@pytest.mark.parametrize("text", ["", "\n", "  \t\r\n", "\ufeff", "# only a comment", "\u3000"])
def test_text_without_statements_is_a_file_without_statements(text: str) -> None:
    result = parse(text)
    assert (result.file.statements, result.diagnostics) == ((), ())


def test_line_breaks_carry_no_meaning() -> None:
    spread = parse('rule\n"A"\nwhen\ncustomer\n.tier\n=\n"x"\nassign\nto\nowner\n')
    assert spread.file == parse('rule "A" when customer.tier = "x" assign to owner').file
    assert spread.diagnostics == ()


def test_name_of_the_text_is_told() -> None:
    (diagnostic,) = parse("rulee", "sales.rules").diagnostics
    assert str(diagnostic.location) == "sales.rules:1:1"
    assert diagnostic.severity is Severity.ERROR


def test_texts_may_be_read_at_the_same_time() -> None:
    bad = 'pool "P" hold at most 1 hold at most 2\n' * 20
    found: list[list[str]] = []

    def read(text: str) -> None:
        found.extend(codes(parse(text)) for _ in range(20))

    threads = [threading.Thread(target=read, args=(text,)) for text in (bad, ENGLISH, bad)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, found)) == [0] * 20 + [20] * 40


def test_grammar_is_built_on_first_use_only() -> None:
    program = "import assignkit.language.parser as p; print(p._grammar.cache_info().currsize)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "0"


# --- bytes


def test_bytes_are_read_as_utf8_with_or_without_mark() -> None:
    data = 'rule "上海"\n'.encode()
    assert parse_bytes(data).file == parse_bytes(b"\xef\xbb\xbf" + data).file == parse('rule "上海"').file


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        ('rule "A"\nrule "上'.encode("gb18030"), "f:2:7", "byte 0xC9 at offset 15"),
        ('rule "A"'.encode("utf-16"), "f:1:1", "byte 0xFF at offset 0"),
        (b'# \xe4\xb8\xad\nrule "\x80"', "f:2:7", "byte 0x80 at offset 12"),
    ],
)
def test_other_bytes_are_a_located_error(data: bytes, place: str, said: str) -> None:
    (diagnostic,) = parse_bytes(data, "f").diagnostics
    assert (diagnostic.code, str(diagnostic.location)) == ("AK105", place)
    assert said in diagnostic.message


def test_lone_surrogates_are_told() -> None:
    assert codes(parse('rule "\ud800"\n# \udfff\n\ud801')) == ["AK104"] * 3


@pytest.mark.parametrize("character", "\0\x07\x7f\x85\u00ad\u200b\u200d\u202e\u2066\u2028\u3164\ufe0f\ufeff\U000e0041")
def test_invisible_characters_are_told_outside_texts(character: str) -> None:
    for text in (
        f"let a{character}b = 1",
        f"let{character} a = 1",
        f"let a = 1 # {character}",
        f"let a = c.b{character}b",
    ):
        first = parse(text).diagnostics[0]
        assert first.code == "AK104"
        assert f"U+{ord(character):04X}" in first.message
        assert first.location
        assert first.location.column == text.index(character) + 1


@pytest.mark.parametrize("character", "\u00ad\u200d\u202e\u3164\ufe0f")
def test_invisible_characters_may_stand_in_texts(character: str) -> None:
    assert parse(f'rule "a{character}b"').diagnostics == ()


# --- recovery


def test_what_is_complete_is_kept() -> None:
    result = parse('rule "A"\n  when customer.x = = 3\n  limit 5 open\nlet y = )\nrule "B"\n  reject "x"\n')
    first, second = result.file.statements
    assert isinstance(first, RuleStatement)
    assert isinstance(second, RuleStatement)
    assert [type(clause).__name__ for clause in first.clauses] == ["WhenClause", "LimitClause"]
    assert len(second.clauses) == 1
    assert result.lost_names == {"y"}


def test_misspelt_keyword_loses_nothing() -> None:
    result = parse('rule "A"\n  wen customer.x = 3\n  asign to owner\n')
    assert result.file == parse('rule "A"\n  when customer.x = 3\n  assign to owner\n').file
    assert codes(result) == ["AK118", "AK118"]


def test_rows_behind_a_bad_row_are_kept() -> None:
    result = parse('table "T"\n| customer.a | assign to |\n| = = | owner |\n| 1 | owner |\n| 2 | owner |\n')
    (table,) = result.file.statements
    assert isinstance(table, TableStatement)
    assert len(table.rows) == 2
    assert len(result.diagnostics) == 1


def test_value_missing_at_the_end_of_a_line_does_not_swallow_the_next() -> None:
    result = parse("let a =\nlet b = 2\n")
    assert [s.name for s in result.file.statements if isinstance(s, LetStatement)] == ["b"]
    assert str(result.diagnostics[0].location) == "<text>:1:8"


def test_diagnostics_stand_in_source_order() -> None:
    text = 'pool "P"\n  hold at most 1\n  hold at most \u200b2\n  claim at most $\nlet now = "\\q"\n'
    places = [d.location for d in parse(text).diagnostics]
    lines = [(place.line, place.column) for place in places if place]
    assert lines == sorted(lines)
    assert len(lines) >= 4


# --- limits


def test_number_of_errors_is_bounded() -> None:
    result = parse("let = 1\n" * 50, limits=Limits(errors=7))
    assert codes(result) == ["AK101"] * 7 + ["AK115"]


def test_size_is_counted_in_bytes() -> None:
    text = "# 上海\n"
    assert parse(text, limits=Limits(size=9)).diagnostics == ()
    assert codes(parse(text, limits=Limits(size=8))) == ["AK111"]
    assert codes(parse_bytes(text.encode(), limits=Limits(size=8))) == ["AK111"]
    assert parse(text, limits=None).diagnostics == ()


def test_tokens_are_bounded() -> None:
    text = 'rule "A"\nrule "B"\n'
    assert parse(text, limits=Limits(tokens=4)).diagnostics == ()
    result = parse(text, limits=Limits(tokens=3))
    assert codes(result) == ["AK112"]
    assert len(result.file.statements) == 1


@pytest.mark.parametrize(
    "written",
    ["{open}a{close}", "{nots}a", "{minuses}a", "{calls}a{close}", "{subtractions}a{close}", "{chinese} a"],
)
def test_nesting_is_bounded(written: str) -> None:
    def text(depth: int) -> str:
        parts = {
            "open": "(" * depth,
            "close": ")" * depth,
            "nots": "not " * depth,
            "minuses": "- " * depth,
            "calls": "abs(" * depth,
            "subtractions": "(a - " * depth,
            "chinese": ("非非非非 " * depth)[: depth + depth // 4],
        }
        return "let x = " + written.format(**parts)

    assert parse(text(64)).diagnostics == ()
    assert codes(parse(text(65))) == ["AK113"]
    assert codes(parse(text(20_000), limits=None)) == ["AK113"]


@pytest.mark.parametrize(
    ("start", "link", "end"),
    [("", " or ", ""), ("", " and ", ""), ("", " + ", ""), ("", " * ", ""), ("a in (", ", ", ")"), ("max(", ", ", ")")],
)
def test_chains_are_bounded(start: str, link: str, end: str) -> None:
    def text(operands: int) -> str:
        return f"let x = {start}{link.join(['a'] * operands)}{end}"

    assert parse(text(1_000)).diagnostics == ()
    assert codes(parse(text(1_001))) == ["AK114"]
    assert codes(parse(text(10_000))) == ["AK114"]
    assert parse(text(1_001), limits=None).diagnostics == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("let x = " + "9" * 5_000, "AK106"),
        ("let x = 1" + "0" * 5_000, "AK106"),
        ("let x = 0." + "0" * 5_000 + "1", "AK106"),
        ("let x = " + "a" * 10_000_000, "AK111"),
        ("(" * 50_000, "AK101"),
        ("| " * 40_000, "AK101"),
    ],
)
def test_monsters_are_told_and_done_with(text: str, code: str) -> None:
    assert codes(parse(text))[0] == code


def test_message_about_a_monster_is_short() -> None:
    for text in ("rule " + "x" * 100_000, "let x = 5 " + "аb" * 40_000, "let x = 1" + "_" * 100_000):
        assert all(len(d.render()) < 1_000 for d in parse(text).diagnostics)
