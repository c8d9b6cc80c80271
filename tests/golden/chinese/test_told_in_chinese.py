"""All cases of `errors` and `checks` in Chinese: `told.txt` has one line for each finding, below the name of its case.

After a change of wording, `REWRITE_CASES=1 pytest tests/golden/chinese` writes what is told now.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assignkit.diagnostics import Diagnostic
from assignkit.language.parser import parse
from assignkit.messages.text import Text
from assignkit.rules.checking import check

GOLDEN = Path(__file__).parents[1]
TOLD = Path(__file__).with_name("told.txt")
CASES = [*sorted(GOLDEN.glob("errors/*.case")), *sorted(GOLDEN.glob("checks/*.case"))]


def _findings(case: Path) -> list[Diagnostic]:
    text = re.split(r"^---\n", case.read_text(encoding="utf-8"), maxsplit=1, flags=re.MULTILINE)[0]
    return list(parse(text, "sales.rules").diagnostics) if case.parent.name == "errors" else check(text)


def _lines(case: Path) -> Iterator[str]:
    for found in _findings(case):
        head = found.render(language="zh").partition("\n")[0]
        yield f"{head}\n" + (f"    {found.help_in('zh')}\n" if found.help else "")


def _recorded() -> dict[str, str]:
    parts = TOLD.read_text(encoding="utf-8").split("== ")[1:]
    return {name: told for name, _, told in (part.partition("\n") for part in parts)}


def test_every_case_reads_in_chinese_as_recorded() -> None:
    told = {f"{case.parent.name}/{case.stem}": "".join(_lines(case)) for case in CASES}
    if os.environ.get("REWRITE_CASES"):
        TOLD.write_text("".join(f"== {name}\n{lines}" for name, lines in told.items()), encoding="utf-8")
    assert told == _recorded()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_nothing_is_left_in_english(case: Path) -> None:
    """Outside what is quoted from the rules, there are no words in Latin letters."""
    for found in _findings(case):
        for text in (found.message, found.help):
            assert text is None or isinstance(text, Text)
            left = re.sub(r"`[^`]*`|\"[^\"]*\"|U\+[0-9A-F]+[A-Z -]*|<text>|\S+\.rules", "", found.message_in("zh"))
            assert re.findall(r"[A-Za-z]{3,}", left) in ([], ["UTF"], ["UTC"]), left


def test_a_finding_about_full_width_characters_stays_aligned() -> None:
    (found,) = check('规则 "其他" 针对 客户\n  当 客户.省份额 = "上海"\n  保留 负责人\n')[:1]
    lines = found.render(language="zh").splitlines()
    assert lines[0].endswith("错误[AK203]: 客户没有字段 `省份额`")
    assert lines[1] == '    2 |   当 客户.省份额 = "上海"'
    assert lines[2] == "      |      ^^^^^^^^^^^ 是不是想写 `客户.省份`？"
