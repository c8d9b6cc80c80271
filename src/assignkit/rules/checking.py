"""All that is wrong with rule texts, without ever raising for their content."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from assignkit.diagnostics import Diagnostic, Severity, has_errors
from assignkit.errors import ConfigurationError, RuleError
from assignkit.language.codes import SYNTAX_CODES, TOO_MANY_ERRORS
from assignkit.language.given import refuse_what_is_no_text
from assignkit.language.limits import UNLIMITED, Limits
from assignkit.language.parser import ParseResult, parse
from assignkit.language.syntax import ExampleStatement, ImportStatement, LetStatement, TableStatement
from assignkit.messages.text import say
from assignkit.order_names import registered
from assignkit.rules import codes
from assignkit.rules.collecting import collector_paused
from assignkit.rules.draft import Draft
from assignkit.rules.given_texts import Texts
from assignkit.rules.loading import load_texts
from assignkit.rules.passes import PASSES
from assignkit.rules.passes.lint import lint
from assignkit.rules.schema import Schema
from assignkit.rules.silencing import silenced_by

# What may only be a consequence of something that could not be read.
_CONSEQUENCES = frozenset({
    codes.UNKNOWN_NAME, codes.NO_ACTION, codes.UNKNOWN_CALENDAR, codes.UNKNOWN_EXPECTATION, codes.BAD_SHARES,
    codes.TABLE_COLUMNS, codes.BAD_EXAMPLE,
})  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """What came of checking texts: the draft with its plan, and the diagnostics of all files in source order."""

    draft: Draft
    texts: Texts
    results: tuple[ParseResult, ...]

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what was found, without what is silenced; of meaning, nothing that may follow from wrong words."""
        meaning = self.draft.diagnostics()
        if has_errors(self.texts.problems) or any(has_errors(result.diagnostics) for result in self.results):
            meaning = tuple(d for d in meaning if d.severity is Severity.ERROR and d.code not in _CONSEQUENCES)
        silenced = {key for result in self.results for key in silenced_by(result.file)}
        meaning = tuple(d for d in meaning if d.severity is Severity.ERROR or _key(d) not in silenced)
        meaning = _bounded(meaning, self.draft.limits.errors)
        told = (*self.texts.problems, *(d for result in self.results for d in result.diagnostics), *meaning)
        files = [result.file.source.name for result in self.results]
        return tuple(sorted(told, key=lambda d: _place(files, d)))

    @property
    def examples(self) -> tuple[ExampleStatement, ...]:
        """Return the examples as written, in the order of the files."""
        return tuple(each for _, each in self.draft.statements() if isinstance(each, ExampleStatement))

    @property
    def has_errors(self) -> bool:
        """Return whether the rules cannot be used."""
        return has_errors(self.diagnostics)

    @property
    def has_syntax_errors(self) -> bool:
        """Return whether a file could not be read to its end."""
        unreadable = any(has_errors(result.diagnostics) for result in self.results)
        return unreadable or any(d.code in SYNTAX_CODES for d in self.texts.problems)

    def linted(self) -> Checked:
        """Return the same with what lints say, which may take longer than all other checks."""
        draft = replace(self.draft, found=list(self.draft.found))
        lint(draft)
        return replace(self, draft=draft)


def check_texts(
    texts: Texts,
    schema: Schema,
    limits: Limits,
    orders: frozenset[str],
    agents: Iterable[Mapping[str, Any]] | None = None,
) -> Checked:
    """Return what is wrong with the texts, and the plan, which is complete if there are no errors; no lints yet.

    `ConfigurationError` for what is no schema, no limits, or no agents.
    """
    _refuse_misuse(schema, limits)
    bounds = None if limits is UNLIMITED else limits
    results = tuple(parse(text, name, bounds) for name, text in texts.files)
    lost = frozenset(name for result in results for name in _lost_lets(result))
    draft = Draft(
        tuple(result.file for result in results),
        schema,
        orders,
        limits,
        lost,
        None if agents is None else _listed(agents),
    )
    draft.table_files = texts.tables
    for each in PASSES:
        each(draft)
    if not texts.from_disk:
        _refuse_files(draft)
    return Checked(draft, texts, results)


def _refuse_misuse(schema: object, limits: object) -> None:
    for name, given, wanted in (("schema", schema, Schema), ("limits", limits, Limits)):
        if not isinstance(given, wanted):
            msg = f"`{name}` is a {wanted.__name__}(…), not a {type(given).__name__}"
            raise ConfigurationError(msg)


def _listed(agents: object) -> tuple[Any, ...]:
    found = tuple(agents) if isinstance(agents, Iterable) and not isinstance(agents, str | Mapping) else (agents,)
    for one in found:
        if not isinstance(one, Mapping) and not hasattr(one, "id"):
            msg = f"agents are mappings or records with an `id`, and {one!r} is neither"
            raise ConfigurationError(msg)
    return found


def _lost_lets(result: ParseResult) -> Iterator[str]:
    """Return the names of `let`s that were not read, or not to their end: their uses are no further errors."""
    yield from result.lost_names
    starts = [result.file.source.locate(each.span) for each in result.file.statements]
    places = [(start.line, start.column) for start in starts]
    for told in result.diagnostics:
        if told.location is not None:
            before = bisect_right(places, (told.location.line, told.location.column)) - 1
            statement = result.file.statements[before] if before >= 0 else None
            if isinstance(statement, LetStatement):
                yield statement.name


def _bounded(found: tuple[Diagnostic, ...], most: int) -> tuple[Diagnostic, ...]:
    """Return the diagnostics without the errors beyond the first `most`, and a word about those."""
    errors = [each for each in found if each.severity is Severity.ERROR]
    if len(errors) <= most:
        return found
    rest = set(map(id, errors[most:]))
    more = say("meaning.more_errors", count=len(rest))
    note = replace(errors[most], code=TOO_MANY_ERRORS, message=more, help=say("form.mend_first"))
    return (*(each for each in found if id(each) not in rest), note)


def _key(told: Diagnostic) -> tuple[str, int, str]:
    place = told.location
    return (place.file, place.line, told.code) if place else ("", 0, told.code)


def _refuse_files(draft: Draft) -> None:
    for source, statement in draft.statements():
        if isinstance(statement, ImportStatement):
            message = say("meaning.cannot_be_imported", name=statement.path.value, why=say("meaning.not_in_a_file"))
            draft.report(codes.BAD_IMPORT, message, source, statement.path.span)
        elif isinstance(statement, TableStatement) and statement.path is not None:
            message = say("meaning.cannot_be_read", name=statement.path.value, why=say("meaning.not_in_a_file"))
            draft.report(codes.TABLE_FILE, message, source, statement.path.span)


def _place(files: list[str], told: Diagnostic) -> tuple[int, int, int]:
    place = told.location
    if place is None:
        return (-1, 0, 0)
    return (files.index(place.file) if place.file in files else len(files), place.line, place.column)


_FILE = re.compile(r'[^\n\r"“”「」=]*\.rules')


def check(
    text_or_path: str | Path,
    schema: Schema | None = None,
    agents: Iterable[Mapping[str, Any]] | None = None,
    *,
    limits: Limits | None = Limits(),  # noqa: B008 - it is frozen
    orders: Iterable[str] = (),
) -> list[Diagnostic]:
    """Return everything that is wrong with rules, in source order: errors, warnings and notes. Raises for no content.

    A `Path` is a file, and so is a string that ends in `.rules` and has no line break, quote or `=`; any other string
    is the text itself. A text of somebody who shall not read your files is therefore best passed with a line break at
    its end. `ConfigurationError` for what is neither.
    """
    bounds = limits or UNLIMITED
    path = text_or_path if isinstance(text_or_path, Path) else None
    if isinstance(text_or_path, str) and _FILE.fullmatch(text_or_path):
        path = Path(text_or_path)
    try:
        texts = (
            load_texts(path, bounds) if path is not None else Texts((("<text>", refuse_what_is_no_text(text_or_path)),))
        )
    except RuleError as error:
        return list(error.diagnostics)
    with collector_paused():
        checked = check_texts(texts, schema or Schema.default(), bounds, registered() | frozenset(orders), agents)
        return list(checked.linted().diagnostics)
