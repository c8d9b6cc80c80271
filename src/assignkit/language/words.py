"""Decides what a word is where it stands: a keyword, several Chinese keywords in one, or a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence

from assignkit.diagnostics import Span
from assignkit.language.automaton import Automaton
from assignkit.language.tokens import Token
from assignkit.language.vocabulary import (
    CHINESE_WORDS,
    LINE_TERMINALS,
    LONGEST_CHINESE,
    NAME,
    SEVERAL,
    SINGLE,
    readings_of,
)

MOST_GLUED = 8
"""How many Chinese keywords may be written without a space between them."""

_LET = re.compile(r"(?:let|定义)[ \t\u3000]+(\w+)")


class Words:
    """Reads the words of one text; a keyword is reserved only where it can stand."""

    def __init__(self, text: str, automaton: Automaton) -> None:
        self._text = text
        self._automaton = automaton
        self._lets: frozenset[str] | None = None

    def read(self, word: Token, stack: Sequence[int], choices: Container[str]) -> list[Token]:
        """Return the tokens that `word` is read as; they may end before the word does."""
        value = word.value
        single = SINGLE.get(value)
        if single is not None and single in choices:
            word.type = single
            return [word]
        if word.begins_line and self._begins_something_else(word, stack):
            word.type = readings_of(value)[0][0]
            return [word]
        if not value.isascii():
            tokens = self._chinese(word, stack, named=self._automaton.accepts(stack, NAME))
            if tokens:
                return tokens
        word.type = NAME
        word.value = unicodedata.normalize("NFC", value)
        if single is not None and NAME not in choices:
            word.type = single
        return [word]

    def _begins_something_else(self, word: Token, stack: Sequence[int]) -> bool:
        """Return whether a word where a value should stand is rather the first of the next clause or statement."""
        readings = readings_of(word.value)
        if not readings or readings[0][0] not in LINE_TERMINALS or not self._automaton.accepts(stack, "LPAR"):
            return False
        return word.value not in self._names_of_lets()

    def _chinese(self, word: Token, stack: Sequence[int], *, named: bool) -> list[Token]:
        whole = SEVERAL.get(word.value)
        if whole is not None:
            reading = self._automaton.spread(stack, whole)
            return _pieces(word, [(word.value, reading)]) if reading else []
        if named and word.value in self._names_of_lets():
            return []
        return _pieces(word, self._split(word.value, stack, named=named))

    def _names_of_lets(self) -> frozenset[str]:
        if self._lets is None:
            self._lets = frozenset(_LET.findall(self._text))
        return self._lets

    def _split(self, word: str, stack: Sequence[int], *, named: bool) -> list[tuple[str, tuple[str, ...]]]:
        """Split `word` into keywords, longest first; a digit may follow the last one where no name can stand."""
        found: list[tuple[str, tuple[str, ...]]] = []
        at = 0
        states: list[int] | None = list(stack)
        while at < len(word) and len(found) < MOST_GLUED and states is not None:
            sizes = range(LONGEST_CHINESE, 0, -1)
            piece = next((word[at : at + n] for n in sizes if word[at : at + n] in CHINESE_WORDS), None)
            if piece is None:
                break
            reading = self._automaton.spread(states, readings_of(piece))
            if reading is None:
                return []
            states = self._automaton.after(states, reading)
            found.append((piece, reading))
            at += len(piece)
        complete = at == len(word) or (not named and word[at].isdecimal())
        return found if complete else []


def _pieces(word: Token, split: Sequence[tuple[str, tuple[str, ...]]]) -> list[Token]:
    tokens: list[Token] = []
    start = word.span.start
    for piece, reading in split:
        span = Span(start, start + len(piece))
        tokens.extend(Token(terminal, span, piece, begins_line=word.begins_line and not tokens) for terminal in reading)
        start = span.end
    return tokens
