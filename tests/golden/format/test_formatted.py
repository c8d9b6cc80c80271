"""Each `*.case` file is a test: a text, a line `---`, and the text as it is formatted (`zh-*.case` into Chinese).

To add a case, add a file; `REGENERATE_CASES=1 pytest tests/golden/format` writes the form of now below the line.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assignkit.language.formatter import format_rules

CASES = sorted(Path(__file__).parent.glob("*.case"))
LINE = "\n---\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_text_is_formatted_as_recorded(path: Path) -> None:
    text, _, recorded = path.read_text(encoding="utf-8").partition(LINE)
    formatted = format_rules(text + "\n", "zh" if path.name.startswith("zh-") else "en")
    if os.environ.get("REGENERATE_CASES"):
        path.write_text(f"{text}{LINE}{formatted}", encoding="utf-8")
        return
    assert formatted == recorded


def test_there_are_cases() -> None:
    assert len(CASES) >= 6
