"""Every rule text of the golden files, samples and examples reads the same in Chinese, and comes back from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assignkit.language.comparing import first_difference
from assignkit.language.formatter import format_rules
from assignkit.language.parser import parse
from assignkit.language.syntax import LetStatement
from assignkit.language.vocabulary import KEYWORDS

ROOT = Path(__file__).parents[2]
_LINE = re.compile(r"^---\n", re.MULTILINE)
_BLOCK = re.compile(r"^```rules[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOLDERS = ("tests/golden", "tests/unit/language/samples", "examples", "docs")


def _texts() -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix == ".rules":
                yield path.name, path.read_text(encoding="utf-8")
            elif path.suffix == ".case":
                yield (
                    path.stem,
                    re.split(r"^---\n", path.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE)[0],
                )
            elif path.suffix == ".md" and "_build" not in path.parts:
                blocks = _BLOCK.findall(path.read_text(encoding="utf-8"))
                yield from ((f"{path.stem}-{number}", block) for number, block in enumerate(blocks, 1))


VALID = {f"{name}-{place}": text for place, (name, text) in enumerate(_texts()) if not parse(text).diagnostics}


def test_there_are_many_texts() -> None:
    assert len(VALID) > 80


@pytest.mark.parametrize("name", VALID)
def test_a_text_comes_back_from_chinese(name: str) -> None:
    text = VALID[name]
    english, chinese = format_rules(text, "en"), format_rules(text, "zh")
    assert format_rules(chinese, "en") == english
    assert format_rules(english, "zh") == chinese
    assert first_difference(parse(english).file.statements, parse(chinese).file.statements) is None


TRANSLATED = {spelling for word in KEYWORDS if word.chinese for spelling in word.english}


@pytest.mark.parametrize("name", VALID)
def test_no_keyword_that_has_a_chinese_spelling_stays_english(name: str) -> None:
    chinese = format_rules(VALID[name], "zh")
    lets = {each.name for each in parse(chinese).file.statements if isinstance(each, LetStatement)}
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|#[^\n]*|\.\w+', " ", chinese)
    assert set(re.findall(r"[A-Za-z_]\w*", bare)) & TRANSLATED <= lets
