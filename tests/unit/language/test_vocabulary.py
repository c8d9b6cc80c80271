from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from importlib.resources import files

from assignkit.language import vocabulary
from assignkit.language.parser import parse
from assignkit.language.syntax import Arithmetic, NameReference, NumberLiteral
from assignkit.language.vocabulary import COMPOUNDS, KEYWORDS, RESERVED_NAMES, SPELLING, TERMINALS, VALUE_TERMINALS

GRAMMAR = files("assignkit.language").joinpath("grammar.lark").read_text(encoding="utf-8")


def test_every_terminal_is_used_by_the_grammar_and_defined_once() -> None:
    assert set(re.findall(r"\b[A-Z][A-Z_]+\b", re.sub(r"//.*", "", GRAMMAR))) == set(TERMINALS)
    assert len(set(TERMINALS)) == len(TERMINALS)


def test_grammar_spells_no_word_itself() -> None:
    assert '"' not in GRAMMAR


def test_english_word_is_one_keyword() -> None:
    spellings = Counter(spelling for word in KEYWORDS for spelling in word.english)
    assert spellings.most_common(1)[0][1] == 1


def test_every_keyword_has_a_spelling() -> None:
    assert all(word.english or word.chinese for word in KEYWORDS)
    assert {word.terminal for word in KEYWORDS} <= SPELLING.keys()
    assert {terminal for reading in COMPOUNDS.values() for terminal in reading} <= set(TERMINALS)


def test_words_that_can_begin_a_value_are_those_that_the_grammar_lets_begin_one() -> None:
    def is_read_as_a_name(word: str) -> bool:
        (statement,) = parse(f"let x = 1 + {word}").file.statements or (None,)
        value = getattr(statement, "value", None)
        return value == Arithmetic("+", NumberLiteral(Decimal(1)), NameReference(word))

    spellings = {(word.terminal, (word.english or word.chinese)[0]) for word in KEYWORDS}
    assert {terminal for terminal, word in spellings if not is_read_as_a_name(word)} == VALUE_TERMINALS - {"NOT"}


def test_reserved_names_are_refused_in_both_languages() -> None:
    for name in RESERVED_NAMES:
        assert [d.code for d in parse(f"let {name} = 1").diagnostics] == ["AK110"], name


def test_readings_of_a_word() -> None:
    assert vocabulary.readings_of("when") == (("WHEN",),)
    assert vocabulary.readings_of("至") == (("UNTIL",), ("TO",))
    assert vocabulary.readings_of("分配给") == (("ASSIGN", "TO"),)
    assert vocabulary.readings_of("anything") == ()
