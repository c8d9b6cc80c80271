"""Every code has a page, whose wrong example is told so, and whose right one is not."""

from __future__ import annotations

import os

import pytest

from assignkit import check
from assignkit.language.codes import SYNTAX_CODES
from assignkit.messages.codes import CODES as CHINESE
from assignkit.rules.codes import RULE_CODES
from tests.docs.reading import DOCS, Page

CODES = {**SYNTAX_CODES, **RULE_CODES}
WITHOUT_EXAMPLE = {  # too large to show, or about bytes, files, schemas or agents
    *("AK105", "AK111", "AK112", "AK114", "AK115", "AK120", "AK204", "AK220", "AK225", "AK226", "AK314"),
}


def page_of(code: str) -> Page:
    return Page(DOCS / "diagnostics" / f"{code}.md")


def test_every_code_has_a_page_and_no_other_has() -> None:
    assert sorted(path.stem for path in (DOCS / "diagnostics").glob("AK*.md")) == sorted(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_page_says_what_the_code_means_and_shows_it(code: str) -> None:
    page = page_of(code)
    assert page.text.startswith(f"# {code}: {CODES[code]}\n\n")
    wrong = [block.text for block in page.blocks if "wrong" in block.words]
    right = [block.text for block in page.blocks if "right" in block.words]
    assert bool(wrong) is (code not in WITHOUT_EXAMPLE)
    for text in wrong:
        assert code in {found.code for found in check(text)}
    for text in right:
        assert code not in {found.code for found in check(text)}
        assert all(found.severity != "error" for found in check(text))


# --- the list in Chinese, which `REWRITE_PAGES=1 pytest tests/docs/test_diagnostics.py` writes

CHINESE_HEAD = """# 错误与警告

`assignkit check` 和 `RuleSet` 给出的每一条都带有代码。代码不会变，可以用来搜索，
也可以用 `# ok: AK305 原因` 在规则里接受一条警告。每个代码的说明页（英文）写明它是什么意思、为什么要指出、怎么改。

错误会让规则不能使用；警告是多半没有想到的情况；提示只是告知。
"""
SECTIONS = {
    "AK1": "写法",
    "AK2": "名字与类型",
    "AK3": "多半不是本意",
    "AK4": "暂时还不起作用",
    "AK60": "员工、客户和任务的文件",
    "AK61": "",
    "AK62": "",
    "AK64": "规则与数据对不上",
}


def chinese_page() -> str:
    page = CHINESE_HEAD
    for start, title in SECTIONS.items():
        if title:
            page += f"\n## {title}\n\n| 代码 | 说明 |\n|---|---|\n"
        for code in sorted(each for each in CHINESE if each.startswith(start)):
            page += f"| {f'[{code}](../diagnostics/{code}.md)' if code in CODES else code} | {CHINESE[code]} |\n"
    return page


def test_the_chinese_list_has_every_code() -> None:
    page = DOCS / "zh" / "diagnostics.md"
    if os.environ.get("REWRITE_PAGES"):
        page.write_text(chinese_page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == chinese_page()
    assert all(any(code.startswith(start) for start in SECTIONS) for code in CHINESE)
