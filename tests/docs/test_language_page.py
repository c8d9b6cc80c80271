"""The tables of expressions in the language reference say what the expressions give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from assignkit import RuleSet
from tests.docs.reading import page

PAGE = page("docs/reference/language.md")


def sample() -> dict[str, Any]:
    """Return the sample that the page defines in its first Python block."""
    namespace: dict[str, Any] = {}
    exec(next(block.text for block in PAGE.blocks if block.language == "python"), namespace)  # noqa: S102 - our own
    return namespace


def claims() -> list[tuple[str, str]]:
    """Return (expression, what it gives) from each row of a table whose second column is headed `gives`."""
    return [
        (row[0].strip("`"), row[1].strip("`")) for header, rows in PAGE.tables() if header[1] == "gives" for row in rows
    ]


def matches(condition: str) -> bool:
    given = sample()
    text = f'rule "R" when {condition} assign to owner\n{given["definitions"]}'
    rules = RuleSet.from_text(text, schema=given["schema"])
    now: datetime = given["now"]
    return rules.match(given["customer"], now=now, zone=given["zone"]) is not None


def test_there_are_claims() -> None:
    assert len(claims()) > 60


@pytest.mark.parametrize(("expression", "gives"), claims())
def test_an_expression_gives_what_the_page_says(expression: str, gives: str) -> None:
    if gives == "true":
        assert matches(expression)
    elif gives == "false":
        assert matches(f"not ({expression})")
    elif gives == "unknown":
        assert not matches(expression)
        assert not matches(f"not ({expression})")
    elif gives == "missing":
        assert matches(f"({expression}) is missing")
    else:
        assert matches(f"({expression}) = {gives}")


def test_every_word_of_the_grammar_is_on_the_page() -> None:
    from assignkit.language.vocabulary import KEYWORDS  # noqa: PLC0415 - the only thing from inside

    missing = [word.english[0] for word in KEYWORDS if word.english and word.english[0].rstrip("s") not in PAGE.text]
    assert missing == []
