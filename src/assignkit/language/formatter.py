"""The canonical form of a rule text: one way to write it, with its comments, in English or in Chinese."""

from __future__ import annotations

from assignkit.diagnostics import Span
from assignkit.errors import ConfigurationError, RuleSyntaxError
from assignkit.language import codes
from assignkit.language.comparing import first_difference
from assignkit.language.formatting.printer import write_file
from assignkit.language.given import refuse_what_is_no_text
from assignkit.language.limits import Limits
from assignkit.language.parser import ParseResult, parse, parse_bytes
from assignkit.language.syntax import RuleFile
from assignkit.messages.text import LanguageCode, say


def format_rules(
    text: str,
    language: LanguageCode = "en",
    *,
    name: str = "<text>",
    limits: Limits | None = Limits(),  # noqa: B008 - it is frozen
) -> str:
    r"""Return a rule text in its canonical form: keywords in `language`, one clause a line, tables aligned.

    `language` is `en` or `zh`. Comments, texts, names and the spelling of numbers stay. Formatting twice changes
    nothing more. The result is read again and compared before it is returned. Raises `RuleSyntaxError` for a text that
    is not in the language, or that cannot change its form without changing what it says; `ConfigurationError` for
    another language.

    >>> format_rules('规则 "其他"  分配给 团队 "华东"  按 轮询')
    'rule "其他"\n  assign to team "华东" by round robin\n'
    """
    if language not in ("en", "zh"):
        msg = f"rules are written in `en` or `zh`, not `{language}`"
        raise ConfigurationError(msg)
    return _formatted(parse(refuse_what_is_no_text(text), name, limits), language, limits)


def format_bytes(
    data: bytes,
    language: LanguageCode | None = None,
    *,
    name: str = "<text>",
    limits: Limits | None = Limits(),  # noqa: B008
) -> bytes:
    """Return what `format_rules` returns, for the bytes of a file; without a language, in the one it is written in."""
    before = parse_bytes(data, name, limits)
    return _formatted(before, language or language_of(before.file), limits).encode()


def language_of(file: RuleFile) -> LanguageCode:
    """Return the language in which most of the statements begin, English if there are none."""
    first_letters = [file.source.text[statement.span.start] for statement in file.statements]
    chinese = sum(not letter.isascii() for letter in first_letters)
    return "zh" if 2 * chinese > len(first_letters) else "en"


def _formatted(before: ParseResult, language: LanguageCode, limits: Limits | None) -> str:
    if before.diagnostics:
        raise RuleSyntaxError(diagnostics=before.diagnostics)
    formatted = write_file(before.file, language)
    after = parse(formatted, before.file.source.name, limits)
    _prove(before.file, after, formatted, language)
    return formatted


def _prove(before: RuleFile, after: ParseResult, formatted: str, language: LanguageCode) -> None:
    """Raise `RuleSyntaxError` unless the formatted text says the same, and is formatted as it is."""
    place: Span | None = None
    if after.diagnostics:
        place = before.statements[0].span if before.statements else Span(0, 0)
    elif (node := first_difference(before.statements, after.file.statements)) is not None:
        place = node.span
    elif _comments(before) != _comments(after.file) or write_file(after.file, language) != formatted:
        place = before.comments[0].span if before.comments else Span(0, 0)
    if place is not None:
        message = say("form.not_formatted")
        help = after.diagnostics[0].message if after.diagnostics else say("form.report_it")
        told = before.source.diagnostic(codes.NOT_FORMATTED, message, place, help=help)
        raise RuleSyntaxError(diagnostics=[told])


def _comments(file: RuleFile) -> list[str]:
    return [comment.text.rstrip() for comment in file.comments]
