"""From text to syntax tree: drives lark's automaton over the tokens, tells every error, and goes on after each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer

from assignkit.diagnostics import Diagnostic, Source, Span
from assignkit.language import characters, codes, wording
from assignkit.language.automaton import Automaton
from assignkit.language.building.statements import StatementBuilder
from assignkit.language.chains import refuse_long_chains
from assignkit.language.limits import UNLIMITED, Limits
from assignkit.language.nesting import Nesting
from assignkit.language.recovery import resumption
from assignkit.language.reporting import Findings, findings
from assignkit.language.syntax import LetStatement, RuleFile, Statement
from assignkit.language.tokens import WORD, LimitReachedError, Token, Tokens
from assignkit.language.vocabulary import END, FIELD, NAME, TERMINALS, TEXT
from assignkit.language.words import Words
from assignkit.messages.text import Text, say

_TEXT_OR_WHERE = frozenset({TEXT, "WHERE"})


@dataclass(frozen=True, slots=True)
class ParseResult:
    """What could be read of a text, and everything that is wrong with its form.

    `lost_names` are the names of `let`s that were begun but not understood: their uses are no further errors.
    """

    file: RuleFile
    diagnostics: tuple[Diagnostic, ...]
    lost_names: frozenset[str] = frozenset()


def parse(text: str, name: str = "<text>", limits: Limits | None = Limits()) -> ParseResult:  # noqa: B008 - it is frozen
    """Return the syntax tree of a rule text, with all its syntax errors in source order; raises for no text.

    The tree holds the statements and clauses that could be read. `name` is how messages call the text. `limits=None`
    lifts the limits on size, for text that a program made; those on nesting and on the number of errors stay.
    Takes time and memory linear in the size of the text.
    """
    bounds = limits or UNLIMITED
    source = Source(name, text)
    if _size(text) > bounds.size:
        return _refused(source, bounds, clipped=text[:1000])
    return _Reading(source, bounds).result()


def parse_bytes(data: bytes, name: str = "<text>", limits: Limits | None = Limits()) -> ParseResult:  # noqa: B008
    """Return the same as `parse` for a UTF-8 text, with or without a byte order mark; other bytes are an error."""
    bounds = limits or UNLIMITED
    if len(data) > bounds.size:
        clipped = data[:1000].decode(errors="replace")
        return _refused(Source(name, clipped), bounds, clipped=clipped)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _undecoded(data, name, error)
    return parse(text, name, limits)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _refused(source: Source, bounds: Limits, *, clipped: str) -> ParseResult:
    message = say("form.file_too_large", size=bounds.size)
    help = say("form.split_the_file")
    told = Source(source.name, clipped).diagnostic(codes.FILE_TOO_LARGE, message, Span(0, 1), help=help)
    return ParseResult(RuleFile(source, ()), (told,))


def _undecoded(data: bytes, name: str, error: UnicodeDecodeError) -> ParseResult:
    at = len(data[: error.start].decode())
    source = Source(name, data.decode(errors="replace"))
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    help = say("form.save_utf16" if utf16 else "form.save_older")
    message = say("form.not_utf8", byte=data[error.start], offset=error.start)
    told = source.diagnostic(codes.NOT_UTF8, message, Span(at, at + 1), help=help)
    return ParseResult(RuleFile(source, ()), (told,))


class _NoLexer(Lexer):
    """Stands where lark wants a lexer: tokens are fed one by one."""

    def __init__(self, lexer_conf: object) -> None:
        pass

    def lex(self, lexer_state: object, parser_state: object) -> Any:  # noqa: ANN401, ARG002 - lark's signature
        return iter(())


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    """Return the automaton, built on first use; `strict` refuses a grammar with any conflict."""
    rules = files("assignkit.language").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        f"{rules}\n%declare {' '.join(TERMINALS)}\n",
        parser="lalr",
        lexer=_NoLexer,
        transformer=StatementBuilder(),  # nodes are built at once, without trees in between
        keep_all_tokens=True,
        maybe_placeholders=True,
        strict=True,
    )


class _Reading:
    """One text on its way through the automaton."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._findings = Findings(source, most=limits.errors)
        self._tokens = Tokens(source, limits=limits, findings=self._findings)
        self._nesting = Nesting(limits.nesting)
        self._parser = _grammar().parse_interactive()
        state = self._parser.parser_state
        self._stack: list[int] = state.state_stack
        self._values: list[Any] = state.value_stack
        self._states = state.parse_conf.states
        self._automaton = Automaton(self._states, state.parse_conf.end_state)
        self._words = Words(source.text, self._automaton)
        self._previous: Token | None = None
        self._names: set[str] = set()
        self._quiet_until = -1

    def result(self) -> ParseResult:
        """Read everything and return it."""
        before = findings.set(self._findings)
        try:
            statements = self._statements()
        finally:
            findings.reset(before)
        if len(self._source.text) > self._limits.operands:
            refuse_long_chains(statements, limits=self._limits, findings=self._findings)
        kept = {statement.name for statement in statements if isinstance(statement, LetStatement)}
        file = RuleFile(self._source, statements, tuple(self._tokens.comments))
        return ParseResult(file, self._findings.in_order(), frozenset(self._names - kept))

    def _statements(self) -> tuple[Statement, ...]:
        try:
            return self._read_all()
        except LimitReachedError as error:
            self._findings.add(error.code, error.message, error.span)
            return self._close()

    def _read_all(self) -> tuple[Statement, ...]:
        while not self._findings.full:
            token = self._tokens.next()
            if token.type == END:
                return self._end(token)
            if token.type != WORD:
                self._feed(token)
                continue
            pieces = self._words.read(token, self._stack, self._states[self._stack[-1]])
            end = token.span.end
            if pieces[-1].span.end != end:
                self._tokens.back_to(pieces[-1].span.end)
            for piece in pieces:
                self._feed(piece)
        return self._close()

    def _feed(self, token: Token) -> None:
        if token.type in {NAME, FIELD}:
            self._check_name(token)
        self._nesting.pass_by(token)
        try:
            self._parser.feed_token(token)  # type: ignore[arg-type] # lark reads its type only
            self._previous = token
        except UnexpectedToken:
            self._unexpected(token)

    def _end(self, token: Token) -> tuple[Statement, ...]:
        if not self._automaton.accepts(self._stack, END):
            self._tell(token, self._automaton.acceptable(self._stack))
        return self._close()

    def _close(self) -> tuple[Statement, ...]:
        """Return the statements that are complete, and the one that is begun as far as it is."""
        self._keep(self._automaton.depth_accepting(self._stack, END) or 1)
        end = Token(END, Span(len(self._source.text), len(self._source.text)), "")
        result: tuple[Statement, ...] = self._parser.feed_token(end)  # type: ignore[arg-type]
        return result

    def _check_name(self, token: Token) -> None:
        if self._previous is not None and self._previous.type == "LET":
            self._names.add(token.value)
        scripts = characters.mixed_scripts(token.value)
        if scripts:
            name = wording.shown(token.value)
            message = say("form.mixed_scripts", name=name, scripts=wording.scripts_told(scripts))
            help = say("form.one_script")
            self._findings.add_once(codes.MIXED_SCRIPTS, token.value, message, token.span, help=help)

    # --- errors

    def _unexpected(self, token: Token) -> None:
        acceptable = self._automaton.acceptable(self._stack)
        if self._repair(token, acceptable) or self._read_as_text(token, acceptable):
            return
        self._tell(token, acceptable)
        self._go_on_from(token)

    def _repair(self, token: Token, acceptable: frozenset[str]) -> bool:
        """Read a misspelt keyword as what it was meant to be, so that its clause is not lost."""
        written = self._source.text[token.span.start : token.span.end]
        guess = wording.meant(written, acceptable) if written[:1].isalpha() else None
        if guess is None or token.span.start <= self._tokens.quiet_until:
            return False
        terminal, spelling = guess
        foreign = written.lower() in wording.FOREIGN_WORDS
        code = codes.FOREIGN_SPELLING if foreign else codes.MISSPELT
        message = say("form.not_a_word_here", written=written)
        self._findings.add(code, message, token.span, help=say("form.did_you_mean", name=spelling))
        self._feed_as(terminal, token)
        return True

    def _read_as_text(self, token: Token, acceptable: frozenset[str]) -> bool:
        """Read a bare name as a text where nearly nothing else can stand; that its quotes are missing is told."""
        if token.type != NAME or not {TEXT} <= acceptable <= _TEXT_OR_WHERE or self._is_innocent(token):
            return False
        self._tell(token, acceptable)
        self._feed_as(TEXT, token)
        return True

    def _feed_as(self, terminal: str, token: Token) -> None:
        """Read a token as another one, and say nothing more of its line: an error there may come of this."""
        token.type = terminal
        self._parser.feed_token(token)  # type: ignore[arg-type]
        self._previous = token
        line_end = self._source.text.find("\n", token.span.end)
        self._quiet_until = len(self._source.text) if line_end < 0 else line_end

    def _tell(self, token: Token, acceptable: frozenset[str]) -> None:
        written = self._source.text[token.span.start : token.span.end]
        span, what = token.span, wording.found(token, written)
        if self._previous is not None and self._is_innocent(token):
            end = self._previous.span.end
            span, what = Span(end, end), what if token.type == END else say("form.end_of_line")
        message = say("form.unexpected", expected=wording.expected(acceptable), found=what)
        self._add(codes.UNEXPECTED, message, span, help=wording.advice(token, self._previous, acceptable))

    def _is_innocent(self, token: Token) -> bool:
        """Return whether `token` stands well where it is, so that it is the line before that lacks something."""
        return token.begins_line and resumption(token, self._stack, self._automaton) is not None

    def _add(self, code: str, message: Text, span: Span, *, help: Text | None) -> None:
        if span.start > max(self._quiet_until, self._tokens.quiet_until):
            self._findings.add(code, message, span, help=help)

    def _go_on_from(self, token: Token) -> None:
        """Leave out tokens until one begins a line that what was read so far can continue with."""
        while True:
            depth = resumption(token, self._stack, self._automaton)
            if depth is not None:
                break
            token = self._tokens.next()
        self._keep(depth)
        self._nesting.start_over()
        self._previous = None
        self._tokens.put_back(token)

    def _keep(self, depth: int) -> None:
        del self._stack[depth:]
        del self._values[depth - 1 :]
