"""The text as tokens: words, signs and literals with their spans, in one linear pass and on demand.

Whether a word is a keyword is left open here: that depends on where it stands, which only the parser knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from assignkit.diagnostics import Source, Span
from assignkit.language import characters, codes, literals
from assignkit.language.formatting.spelling import CHINESE
from assignkit.language.limits import Limits
from assignkit.language.literals import BadLiteralError
from assignkit.language.reporting import Findings
from assignkit.language.syntax import Comment
from assignkit.language.vocabulary import BAR, DATE, END, FIELD, INSTANT, NUMBER, ROW_END, ROW_START, SIGNS, TEXT, TIME
from assignkit.messages.text import Text, say

WORD = "WORD"
CLOSING = {'"': '"', "\u201c": "\u201d", "\u201d": "\u201d", "\u300c": "\u300d", "\u300e": "\u300f"}

_PATTERN = r"""
  (?P<COMMENT>\#[^\n]*)
| (?P<TEXT>"(?:[^"\\\n]|\\[^\n])*" | [“”](?:[^“”\\\n]|\\[^\n])*[“”]
  | 「(?:[^」\\\n]|\\[^\n])*」 | 『(?:[^』\\\n]|\\[^\n])*』)
| (?P<FIELD>\.[\w{marks}]+)
| (?P<INSTANT>[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}T[0-9:.]+(?:Z|[+-][0-9:]+)?)
| (?P<DATE>[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?![0-9]))
| (?P<TIME>[0-9]{{1,2}}:[0-9]{{2}}(?![0-9:]))
| (?P<NUMBER>[0-9][0-9_]*(?:\.[0-9][0-9_]*)?[万亿]?%?)
| (?P<WORD>[^\W\d_][\w{marks}]*)
| (?P<WRONG>=>|=<|<>|&&|!(?!=)|'[^'\n]*'|‘[^‘’\n]*’|[][~≥≤≠])
| (?P<SIGN>==|!=|<=|>=|[=<>+*/(),-])
| (?P<BAR>\|)
| (?P<DOT>\.(?=[ \t\r\n]|\Z))
| (?P<OPEN>["“”「『][^\n]*)
"""
_SPACE = re.compile(r"[ \t\r\n]+")
_SEPARATOR_ROW = re.compile(r"\|[ \t|:]*-[ \t|:-]*\|[ \t\r]*(?=\n|\Z)")
_REST_IS_EMPTY = re.compile(r"\|[ \t\r]*(?:#[^\n]*)?(?:\n|\Z)")

WRONG_SIGNS: dict[str, tuple[str, str]] = {
    "=>": ("GE", ">="),
    "=<": ("LE", "<="),
    "<>": ("NE", "!="),
    "≥": ("GE", ">="),
    "≤": ("LE", "<="),
    "≠": ("NE", "!="),
    "&&": ("AND", "and"),
    "||": ("OR", "or"),
    "!": ("NOT", "not"),
    "~": ("LIKE", "like"),
    "[": ("LPAR", "("),
    "]": ("RPAR", ")"),
}
"""Signs of other languages: the terminal that is meant, and how it is written here."""


@lru_cache(maxsize=1)
def _token_pattern() -> Callable[[str, int], re.Match[str] | None]:
    return re.compile(_PATTERN.format(marks=characters.combining_marks()), re.VERBOSE).match


class Token:
    """A word, sign or literal: the kind (`type`), where it stands, what it means, and whether it begins its line."""

    __slots__ = ("begins_line", "span", "type", "value")

    def __init__(self, kind: str, span: Span, value: Any, *, begins_line: bool = False) -> None:  # noqa: ANN401
        self.type = kind
        self.span = span
        self.value = value
        self.begins_line = begins_line

    def __repr__(self) -> str:
        return f"Token({self.type}, {self.value!r}, {self.span.start}-{self.span.end})"


class LimitReachedError(Exception):
    """The text goes beyond a limit at `span`; reading stops there."""

    def __init__(self, code: str, message: Text, span: Span) -> None:
        super().__init__(message)
        self.code, self.message, self.span = code, message, span


class Tokens:
    """The tokens of one text, one by one; literals that mean nothing are told, and stand for something harmless."""

    def __init__(self, source: Source, *, limits: Limits, findings: Findings) -> None:
        self.comments: list[Comment] = []
        self.quiet_until = -1  # what is unexpected before this place follows from an error that was told
        self._original = source.text
        self._text = characters.with_ascii_signs(source.text)
        self._limits = limits
        self._findings = findings
        self._match = _token_pattern()
        self._at = 0
        self._waiting: Token | None = None
        self._count = 0
        self._begins_line = True
        self._row_start = 0
        self._row_end = -1  # where the line of the open table row ends

    def next(self) -> Token:
        """Return the next token; a token of type `$END` at the end, again and again."""
        if self._waiting is not None:
            token, self._waiting = self._waiting, None
            return token
        while True:
            self._skip_space()
            start = self._at
            if self._row_end >= 0 and start >= self._row_end:
                return self._unclosed_row()
            if start >= len(self._text) or self._findings.full:
                return Token(END, Span(start, start), "", begins_line=True)
            match = self._match(self._text, start)
            if match is None:
                self._tell_of_character(start)
                continue
            self._at = match.end()
            read = self._token(str(match.lastgroup), Span(start, self._at))
            if read is not None:
                return self._counted(read)

    def put_back(self, token: Token) -> None:
        """Let `token` be the next one."""
        self._waiting = token

    def back_to(self, position: int) -> None:
        """Read on from `position`, inside the token that was read last."""
        self._at = position

    def _skip_space(self) -> None:
        space = _SPACE.match(self._text, self._at)
        if space is not None:
            self._at = space.end()
            if "\n" in space[0]:
                self._begins_line = True

    def _counted(self, token: Token) -> Token:
        self._count += 1
        if self._count > self._limits.tokens:
            message = say("form.too_many_tokens", most=self._limits.tokens)
            raise LimitReachedError(codes.TOO_MANY_TOKENS, message, token.span)
        token.begins_line = self._begins_line
        self._begins_line = False
        return token

    def _token(self, kind: str, span: Span) -> Token | None:
        if kind in {WORD, FIELD}:
            return self._word(kind, span)
        if kind == "SIGN":
            sign = self._text[span.start : span.end]
            return Token(SIGNS[sign], span, sign)
        if kind in _LITERALS:
            return Token(kind, span, self._literal(kind, span))
        if kind == "COMMENT":
            self._comment(span)
            return None
        if kind == TEXT:
            return Token(TEXT, span, self._quoted(Span(span.start + 1, span.end - 1)))
        if kind == "DOT":
            return Token(kind, span, ".")
        if kind == BAR:
            return self._bar(span)
        return self._wrong(span) if kind == "WRONG" else self._open_text(span)

    def _word(self, kind: str, span: Span) -> Token:
        word = self._text[span.start : span.end]
        if not word.isascii() and self._refuse(word, at=span.start, where="name"):
            self.quiet_until = self._line_end(span.start)
        return Token(kind, span, word if kind == WORD else unicodedata.normalize("NFC", word[1:]))

    def _literal(self, kind: str, span: Span) -> object:
        reader, instead = _LITERALS[kind]
        try:
            return reader(self._text[span.start : span.end])
        except BadLiteralError as error:
            self._findings.add(error.code, error.message, span, help=error.help)
            return instead

    def _comment(self, span: Span) -> None:
        end = span.end - self._original[span.start : span.end].endswith("\r")
        text = self._original[span.start : end]
        self.comments.append(Comment(text, span=Span(span.start, end)))
        self._refuse(text, at=span.start, where="comment")

    def _quoted(self, inside: Span) -> str:
        text = self._original[inside.start : inside.end]
        self._refuse(text, at=inside.start, where="text")
        try:
            return literals.text(text)
        except BadLiteralError as error:
            part = error.span or Span(0, len(text))
            span = Span(inside.start + part.start, inside.start + part.end)
            self._findings.add(error.code, error.message, span, help=error.help)
            return text

    def _refuse(self, text: str, *, at: int, where: Literal["name", "comment", "text"]) -> bool:
        quoted = where == "text"
        found = characters.first_forbidden(text, quoted=quoted)
        if found is not None:
            span = Span(at + found.start(), at + found.end())
            help = say("form.write_code_point" if quoted else "form.delete_it")
            message = say(f"form.character_in_{where}", character=characters.described(found[0]))
            self._findings.add(codes.BAD_CHARACTER, message, span, help=help)
        return found is not None

    def _open_text(self, span: Span) -> Token:
        end = span.start + len(self._text[span.start : span.end].rstrip())
        opening = self._original[span.start]
        help = say("form.close_the_text", quote=CLOSING[opening])
        self.quiet_until = self._line_end(span.start)
        message = say("form.no_closing_quote")
        self._findings.add(codes.UNTERMINATED_TEXT, message, Span(span.start, end), help=help)
        return Token(TEXT, Span(span.start, end), self._original[span.start + 1 : end])

    def _wrong(self, span: Span) -> Token:
        sign = self._original[span.start : span.end]
        if sign[0] in "'‘":
            help = say("form.write", what=f'"{sign[1:-1]}"')
            self._findings.add(codes.FOREIGN_SPELLING, say("form.double_quotes"), span, help=help)
            return Token(TEXT, span, sign[1:-1])
        return self._foreign(self._text[span.start : span.end], span)

    def _foreign(self, sign: str, span: Span) -> Token:
        terminal, here = WRONG_SIGNS[sign]
        help = say("form.write", what=say("form.word", english=here, chinese=CHINESE.get(here, here)))
        self._findings.add(codes.FOREIGN_SPELLING, say("form.foreign_sign", sign=sign), span, help=help)
        return Token(terminal, span, here)

    def _tell_of_character(self, start: int) -> None:
        character = self._text[start]
        end = start + 1
        while end < len(self._text) and self._text[end] == character:
            end += 1
        self._at = end
        message = say("form.character_here", character=characters.described(self._original[start]))
        invisible = "delete_it" if characters.is_invisible(character) else None
        advice = _CHARACTER_HELP.get(character, invisible)
        help = say(f"form.{advice}") if advice else None
        self._findings.add(codes.BAD_CHARACTER, message, Span(start, end), help=help)
        if character not in ";{}" and start >= self.quiet_until and not characters.is_invisible(character):
            self.quiet_until = self._line_end(start)

    def _line_end(self, start: int) -> int:
        end = self._text.find("\n", start)
        return len(self._text) if end < 0 else end

    # --- table rows: the one place where a line break has a meaning

    def _bar(self, span: Span) -> Token | None:
        if self._row_end < 0:
            return self._first_bar(span)
        if _REST_IS_EMPTY.match(self._text, span.start):
            self._row_end = -1
            return Token(ROW_END, span, "|")
        return Token(BAR, span, "|")

    def _first_bar(self, span: Span) -> Token | None:
        if not self._begins_line:
            if self._text.startswith("||", span.start):
                self._at = span.start + 2
                return self._foreign("||", Span(span.start, self._at))
            return Token(BAR, span, "|")
        separator = _SEPARATOR_ROW.match(self._text, span.start)
        if separator is not None:
            self._at = separator.end()
            return None
        self._row_start, self._row_end = span.start, self._line_end(span.start)
        return Token(ROW_START, span, "|")

    def _unclosed_row(self) -> Token:
        end = self._row_start + len(self._text[self._row_start : self._row_end].rstrip())
        self._row_end = -1
        span = Span(end - 1, end)
        if span.start >= self.quiet_until:
            self._findings.add(codes.TABLE_SHAPE, say("form.row_not_closed"), span, help=say("form.row_form"))
        return Token(ROW_END, Span(end, end), "|")


_LITERALS: dict[str, tuple[Callable[[str], Any], Any]] = {
    NUMBER: (literals.number, Decimal(0)),
    DATE: (literals.calendar_date, date(2000, 1, 1)),
    INSTANT: (literals.instant, datetime(2000, 1, 1, tzinfo=UTC)),
    TIME: (literals.time_of_day, literals.NO_TIME),
}
"""How each kind of literal is read, and what stands for one that means nothing, so that reading goes on."""

_CHARACTER_HELP = {
    "\uff02": "quotes_help",
    ";": "no_end_sign",
    "{": "no_braces",
    "}": "no_braces",
    "'": "quotes_help",
    "&": "write_and",
    "^": "no_regular_expressions",
    "?": "question_mark",
    "%": "percent",
    ".": "field_after_dot",
    "$": "plain_fields",
    "@": "plain_fields",
}
"""What to do about a character: the name of a message."""
