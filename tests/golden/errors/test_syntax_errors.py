"""Each `syntax-*.case` file is a test: a text, a line `---`, and the errors as a person reads them.

To add a case, add a file; `REGENERATE_CASES=1 pytest tests/golden/errors` writes what is told now below the line.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assignkit.language.codes import SYNTAX_CODES
from assignkit.language.parser import parse

CASES = sorted(Path(__file__).parent.glob("syntax-*.case"))
LINE = "\n---\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_errors_are_told_as_recorded(path: Path) -> None:
    text, _, recorded = path.read_text(encoding="utf-8").partition(LINE)
    found = parse(text + "\n", "sales.rules").diagnostics
    told = "".join(f"{diagnostic.render()}\n" for diagnostic in found)
    if os.environ.get("REGENERATE_CASES"):
        path.write_text(f"{text}{LINE}{told}", encoding="utf-8")
        return
    assert told == recorded
    assert all(diagnostic.code in SYNTAX_CODES for diagnostic in found)


def test_there_are_cases() -> None:
    assert len(CASES) >= 40
