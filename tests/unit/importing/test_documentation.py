"""The reference page and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

from assignkit.cli.membership import TITLES as ABSENT
from assignkit.importing.dates import STYLES
from assignkit.importing.declared import TYPES
from assignkit.importing.problems import TITLES

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "files.md").read_text(encoding="utf-8")


def test_the_page_lists_every_code_with_its_title() -> None:
    titles = {str(code): title for code, title in (*TITLES.items(), *ABSENT.items())}

    assert dict(re.findall(r"^\| (AK\d+) \| (.+) \|$", PAGE, re.MULTILINE)) == titles


def test_the_page_names_every_type_of_a_schema_file() -> None:
    assert [name for name in TYPES if f"`{name}`" not in PAGE] == []


def test_the_page_shows_every_style_of_dates() -> None:
    shown = set(re.findall(r"`([^`]+)`", PAGE))

    assert [s.example for s in STYLES if s.example not in shown and s.example != "11-21-2026"] == []
