"""Rule texts made from the grammar itself, with words of both languages and all manner of spaces and comments."""

from __future__ import annotations

import random

import hypothesis.strategies as st
from hypothesis.extra.lark import from_lark

from assignkit.language import vocabulary
from assignkit.language.parser import _grammar
from assignkit.language.vocabulary import KEYWORDS

STATEMENTS = (
    *("let", "team", "calendar", "pool", "category", "rule"),
    *("table", "never", "always", "example", "import_file"),
)
SEAM = "\x1f"  # stands between two words until it is decided what is written there
LITERALS = {
    "NAME": ["strategic", "战略", "x1", "open", "deals", "deal"],
    "TEXT": ['"a"', '"b c"', '""', '"\\"\\u{1F600}"', "“上海”", '「a"b」', '"#"', '"("'],
    "NUMBER": ["0", "5", "1_000", "0.25", "20%", "500万", "１２", "1.2亿"],
    "DATE": ["2026-01-31"],
    "INSTANT": ["2026-01-31T09:00+08:00", "2026-01-31T09:00:30.5Z"],
    "TIME": ["09:00", "18:30", "24:00"],
    "FIELD": [".tier", ".省份", ".when", "。2024_sales"],
    "ROW_START": ["\n|"],
    "BAR": ["|"],
    "ROW_END": ["|\n"],
}
SIGNS = {t: [sign for sign, each in vocabulary.SIGNS.items() if each == t] for t in vocabulary.SIGNS.values()}
SPELLINGS = {**LITERALS, **SIGNS, **{word.terminal: [*word.english, *word.chinese] for word in KEYWORDS}}
FILLERS = (
    " ",
    " ",
    " ",
    "  ",
    "\n",
    "\n  ",
    "\n\n",
    " # why\n",
    "\n# ok: AK305 reason\n",
    "\n    # 注\n\n",
    "\t",
    "\u3000",
)


def _of_rule(start: str) -> st.SearchStrategy[str]:
    _, rules, _ = _grammar().grammar.compile([start], ())
    terminals = {symbol.name for rule in rules for symbol in rule.expansion if symbol.is_term}
    words = {t: st.sampled_from(SPELLINGS[t]).map(lambda word: word + SEAM) for t in terminals}
    return from_lark(_grammar(), start=start, explicit=words)


def _spaced(text: str, seed: int) -> str:
    """Return the words with spaces, breaks and comments between them; a row stays on its line."""
    chooser = random.Random(seed)  # noqa: S311 - not for secrets
    written: list[str] = []
    in_row = False
    for word in text.split(SEAM):
        glued = word.startswith((".", "。"))
        written.append(("" if glued else " " if in_row else chooser.choice(FILLERS)) + word)
        in_row = (in_row or word == "\n|") and word != "|\n"
    return "".join(written)


# slow to make, and not always used
statements = st.deferred(lambda: st.one_of([_of_rule(kind) for kind in STATEMENTS]))
rule_texts = st.builds(_spaced, st.lists(statements, min_size=1, max_size=4).map("".join), st.integers(0, 1_000_000))
"""Texts that the grammar has; a few of them break a rule that the grammar does not say."""
