"""The formatter refuses what it wrote itself, if it does not say what was there."""

from __future__ import annotations

import pytest

from assignkit.errors import RuleSyntaxError
from assignkit.language import formatter
from assignkit.language.formatting.printer import write_file
from assignkit.language.syntax import RuleFile
from assignkit.messages.text import LanguageCode

TEXT = 'let a = customer.x > 5 # why\nrule "r"\n  when a\n  assign to team "East"\n'


def test_what_is_written_faithfully_is_returned() -> None:
    assert "# why" in formatter.format_rules(TEXT)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("5", "6"), ("  # why", ""), ("why", "what"), ("when a", "when not a"), ("East", "West"), ("> 5", "> ")],
)
def test_what_would_say_something_else_is_refused(monkeypatch: pytest.MonkeyPatch, right: str, wrong: str) -> None:
    def written(file: RuleFile, language: LanguageCode) -> str:
        return write_file(file, language).replace(right, wrong)

    monkeypatch.setattr(formatter, "write_file", written)
    with pytest.raises(RuleSyntaxError, match="cannot be formatted without changing what it says"):
        formatter.format_rules(TEXT)
