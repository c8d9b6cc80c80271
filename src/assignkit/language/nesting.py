"""How deep a text is nested, counted while its tokens pass by, before any of them is built into a tree."""

from __future__ import annotations

from assignkit.language import codes
from assignkit.language.tokens import LimitReachedError, Token
from assignkit.language.vocabulary import DATE, FIELD, INSTANT, NAME, NUMBER, TEXT
from assignkit.messages.text import say

_OPERANDS = frozenset({NUMBER, TEXT, DATE, INSTANT, FIELD, NAME, "RPAR", "NOW", "TRUE", "FALSE"})


class Nesting:
    """Counts open brackets, and the prefixes (`not`, `-`) that wait for their operand."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._depth = 0
        self._prefixes = 0
        self._outside: list[int] = []
        self._after_operand = False

    def start_over(self) -> None:
        """Forget what is open: a new clause begins."""
        self._depth = self._prefixes = 0
        self._outside.clear()
        self._after_operand = False

    def pass_by(self, token: Token) -> None:
        """Count `token`; raises `LimitReachedError` where it goes too deep."""
        kind = token.type
        if kind == "NOT" or (kind == "MINUS" and not self._after_operand):
            self._prefixes += 1
        elif kind == "LPAR":
            self._outside.append(self._prefixes)
            self._depth += 1 + self._prefixes
            self._prefixes = 0
        else:
            self._prefixes = 0
            if kind == "RPAR" and self._outside:
                self._depth -= 1 + self._outside.pop()
            self._after_operand = kind in _OPERANDS
            return
        self._after_operand = False
        if self._depth + self._prefixes > self._most:
            message = say("form.too_deep", most=self._most)
            raise LimitReachedError(codes.TOO_DEEP, message, token.span)
