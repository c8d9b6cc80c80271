"""What an author is told: each case is a rule text, a line `---`, and the diagnostics as they are shown.

After a change of wording, `REWRITE_CASES=1 pytest tests/unit/rules/test_golden_checks.py` writes what is shown now.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assignkit.language.codes import SYNTAX_CODES
from assignkit.rules.checking import check
from assignkit.rules.codes import RULE_CODES

CASES = sorted((Path(__file__).parents[2] / "golden" / "checks").glob("*.case"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_an_author_is_told(case: Path) -> None:
    text, _, expected = case.read_text(encoding="utf-8").partition("---\n")
    found = check(text)
    shown = "".join(f"{told.render()}\n" for told in found)
    if os.environ.get("REWRITE_CASES"):
        case.write_text(f"{text}---\n{shown}", encoding="utf-8")
    else:
        assert shown == expected
    assert {told.code for told in found} <= {*SYNTAX_CODES, *RULE_CODES}


def test_every_code_about_meaning_is_shown_in_a_case_or_needs_files_or_schemas() -> None:
    shown = "".join(case.read_text(encoding="utf-8") for case in CASES)
    elsewhere = {"AK204", "AK220", "AK225", "AK226", "AK314"}
    assert {code for code in RULE_CODES if f"[{code}]" not in shown} == elsewhere
