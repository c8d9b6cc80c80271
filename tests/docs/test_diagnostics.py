"""Every code has a page, whose wrong example is told so, and whose right one is not."""

from __future__ import annotations

import pytest

from assignkit import check
from assignkit.language.codes import SYNTAX_CODES
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
