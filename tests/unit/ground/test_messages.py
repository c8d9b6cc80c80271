"""The catalogue of messages: complete in both languages, used as it is written, and the same text in English."""

from __future__ import annotations

import ast
import pickle
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from assignkit.diagnostics import Diagnostic, Severity
from assignkit.errors import ConflictError, MissingExtraError, RuleSyntaxError
from assignkit.language.codes import SYNTAX_CODES
from assignkit.messages.codes import CODES
from assignkit.messages.text import Entry, Text, catalogue, has, recognised, say, subjects, told
from assignkit.rules.codes import RULE_CODES

SOURCE = Path(__file__).parents[3] / "src" / "assignkit"
ENTRIES = {f"{subject}.{name}": entry for subject in subjects() for name, entry in catalogue(subject).items()}
FREE = {"article"}  # what only one of the languages needs
SIGNS_ONLY = {
    "form.and_or",
    "meaning.traits",
    "meaning.traits_listed",
    "meaning.traits_with",
}  # where English has words


def _placeholders(template: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(template) if field}


def _english(entry: Entry) -> tuple[str, ...]:
    return (entry[0],) if isinstance(entry[0], str) else entry[0]


@pytest.mark.parametrize("key", ENTRIES)
def test_a_message_has_the_same_facts_in_both_languages(key: str) -> None:
    entry = ENTRIES[key]
    english = [_placeholders(template) for template in _english(entry)]
    if key in ("form.word", "form.phrase"):
        assert (english[0], _placeholders(entry[1])) == ({"english"}, {"chinese"})
        return
    assert all(facts - FREE == _placeholders(entry[1]) - FREE for facts in english)
    assert len(english) == 1 or "count" in english[0]


@pytest.mark.parametrize("key", ENTRIES)
def test_the_chinese_of_a_message_is_chinese(key: str) -> None:
    plain = re.sub(r"\{[^}]*\}|`[^`]*`|\s", "", ENTRIES[key][1])
    outside = not re.search(r"[A-Za-z]{2}", re.sub(r"\{[^}]*\}|`[^`]*`", "", "".join(_english(ENTRIES[key]))))
    assert outside or key in SIGNS_ONLY or re.search(r"[\u4e00-\u9fff]", plain), "it is told in English"


# --- how the program uses it


@cache
def _said() -> tuple[tuple[str, ast.Call, ast.expr], ...]:
    """Return each use of a message: what its key begins with in this place, the call, and the key as it is written."""
    return tuple(
        ("cli." if node.func.id == "speak" else "", node, node.args[0])
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "speak")
    )


def _keys(prefix: str, written: ast.expr) -> set[str]:
    """Return the keys that an expression can give, as far as it is written out."""
    match written:
        case ast.Constant(value=str(key)):
            return {prefix + key}
        case ast.IfExp(body=one, orelse=other):
            return _keys(prefix, one) | _keys(prefix, other)
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
            return {key for key in ENTRIES if key.startswith(prefix + start)}
    return set()


def test_what_the_program_says_is_in_the_catalogue_with_its_facts() -> None:
    for prefix, call, written in _said():
        for key in _keys(prefix, written):
            assert key in ENTRIES, ast.unparse(call)
            wanted = _placeholders(ENTRIES[key][1]) | _placeholders(_english(ENTRIES[key])[0])
            given = {keyword.arg for keyword in call.keywords}
            spread = None in given
            assert isinstance(written, ast.JoinedStr) or spread or wanted <= given, ast.unparse(call)


def test_every_message_is_said_somewhere() -> None:
    said = {key for prefix, _, written in _said() for key in _keys(prefix, written)}
    sources = [path for path in SOURCE.rglob("*.py") if "messages" not in path.parts]
    texts = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(re.findall(r"[\"'](?:\w+\.)?([\w ]+)[\"']", texts))
    unsaid = {key for key in ENTRIES if key not in said and key.partition(".")[2] not in named}
    families = {key for key in unsaid if key.startswith(("why.", "form.", "cli.moved_"))}  # by code, by place
    assert unsaid == families
    for key in families - {each for each in families if each.startswith("why.")}:
        assert key.startswith(("form.script_", "form.error", "form.warning", "form.note")) or "_range" in key, key


# --- the codes


def test_every_code_has_its_title_in_chinese() -> None:
    from assignkit.cli.membership import TITLES as MEMBERSHIP  # noqa: PLC0415 - it is above the rest
    from assignkit.importing.problems import TITLES as FILES  # noqa: PLC0415 - as above

    english = {*SYNTAX_CODES, *RULE_CODES, *map(str, FILES), *MEMBERSHIP}
    assert set(CODES) == english
    assert all(re.search(r"[\u4e00-\u9fff]", title) for title in CODES.values())


def test_every_finding_about_rules_has_a_line_of_help() -> None:
    assert set(catalogue("usual")) == {*SYNTAX_CODES, *RULE_CODES}
    for code in catalogue("usual"):
        assert Diagnostic(code, Severity.ERROR, "m").help_in("en")
    own = Diagnostic("AK101", Severity.ERROR, "m", help="say so")
    assert own.help == "say so"
    assert Diagnostic("X1", Severity.ERROR, "of a host").help is None


# --- the texts themselves


def test_a_message_is_its_english_text_and_knows_the_chinese_one() -> None:
    message = say("form.not_a_date", written="2026-13-01")
    assert message == "`2026-13-01` is not a date"
    assert message.in_language("en") == message
    assert message.in_language("zh") == "`2026-13-01` 不是日期"
    assert told(message, "zh") == "`2026-13-01` 不是日期"
    assert told("a text of somebody", "zh") == "a text of somebody"


def test_messages_in_messages_and_lists_are_told_in_the_same_language() -> None:
    most = (say("form.value"), say("form.name"))
    message = say("form.unexpected", expected=say("form.or", most=most, last=say("form.end_of_line")), found="x")
    assert message == "expected a value, a name or the end of the line, found x"
    assert message.in_language("zh") == "这里应该是：一个值、名字或者行末；现在是：x"


def test_one_and_several_differ_in_english() -> None:
    assert say("cli.error", count=1) == "1 error"
    assert say("cli.error", count=2) == "2 errors"
    assert say("cli.error", count=2).in_language("zh") == "2 个错误"


def test_what_is_quoted_stands_apart_from_chinese_letters() -> None:
    message = say("meaning.hidden_together", rule="r", blockers=say("meaning.and", most=("`a`",), last="`b`"))
    assert message.in_language("zh") == "`r` 永远轮不到：能匹配到的都已被 `a` 和 `b` 先接走"


def test_messages_survive_pickling() -> None:
    message = say("form.or", most=(say("form.value"),), last=say("form.name"))
    again = pickle.loads(pickle.dumps(message))  # noqa: S301 - our own bytes
    assert isinstance(again, Text)
    assert again.in_language("zh") == message.in_language("zh")


def test_texts_that_are_kept_in_english_are_recognised() -> None:
    found = recognised("2 of 30 units", "why.key ")
    assert found is not None
    assert found.in_language("zh") == "负载 2/30"
    assert recognised("what a host says", "why.key ") is None


def test_there_is_no_message_without_an_entry() -> None:
    assert has("form.value")
    assert not has("form.no such")
    assert not has("nothing")
    with pytest.raises(KeyError):
        say("form.no such")


def test_a_finding_is_told_in_either_language() -> None:
    found = Diagnostic("AK107", Severity.ERROR, say("form.not_a_date", written="x"), help=say("form.month_range"))
    assert found.render() == "error[AK107]: `x` is not a date\n  month must be in 1..12"
    assert found.render(language="zh") == "错误[AK107]: `x` 不是日期\n  月份只能是 1 到 12"
    assert found.to_dict(language="zh")["message"] == "`x` 不是日期"
    assert Diagnostic("X1", Severity.NOTE, "of a host").render(language="zh") == "提示[X1]: of a host"


def test_errors_are_told_in_either_language() -> None:
    found = Diagnostic("AK107", Severity.ERROR, say("form.not_a_date", written="x"))
    error = pickle.loads(pickle.dumps(RuleSyntaxError(diagnostics=[found])))  # noqa: S301 - our own bytes
    usual = "use days and times that there are, the earlier one first"
    assert str(error) == error.told() == f"error[AK107]: `x` is not a date\n  {usual}"
    assert error.told("zh") == "错误[AK107]: `x` 不是日期\n  请写存在的日期和时刻，较早的在前"
    assert MissingExtraError(extra="sql").told("zh") == '这需要安装更多的包：pip install "assignkit[sql]"'
    assert ConflictError(what="c1", expected=1, found=2).told("zh") == "c1：应为 1，实际是 2"
