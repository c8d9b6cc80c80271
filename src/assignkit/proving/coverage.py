"""Which rules, clauses and rows of tables were of use while examples ran."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from assignkit.diagnostics import Source, Span
from assignkit.language import syntax
from assignkit.messages.text import LanguageCode, Text, say
from assignkit.model.explanation import Explanation
from assignkit.rules.plan import Rule
from assignkit.rules.ruleset import RuleSet

What = Literal["rule", "clause", "row"]

_ROW = re.compile(r"(.+) row [0-9]+", re.DOTALL)
_BREAK = re.compile(r"\s*\n\s*")
_OF_MATCHING = (syntax.WhenClause, syntax.ActiveClause, syntax.PriorityClause)
_OF_CHOOSING = (syntax.RequireClause, syntax.PreferClause, syntax.LimitClause)


@dataclass(frozen=True, slots=True)
class Place:
    """A rule, a clause of one, or a row of a table: where it stands, its text, and whether an example used it."""

    what: What
    rule: str
    file: str
    line: int
    text: str
    covered: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """What examples cover, place by place, in the order of the files."""

    places: tuple[Place, ...] = ()

    @property
    def uncovered(self) -> tuple[Place, ...]:
        """Return the places that no example used."""
        return tuple(place for place in self.places if not place.covered)

    def counts(self) -> dict[What, tuple[int, int]]:
        """Return for rules, clauses and rows how many are covered, and how many there are."""
        kinds: tuple[What, ...] = ("rule", "clause", "row")
        found = {kind: [place.covered for place in self.places if place.what == kind] for kind in kinds}
        return {kind: (sum(covered), len(covered)) for kind, covered in found.items() if covered}

    def to_text(self, *, language: LanguageCode = "en") -> str:
        """Return the counts, then each line that is not covered, in `language`."""
        counted = tuple(
            say(f"why.covered_{kind}", covered=covered, total=total) for kind, (covered, total) in self.counts().items()
        )
        lines = [say("why.covered", counts=counted or say("why.covered_nothing"))]
        for places in _runs(self.uncovered):
            lines += _not_covered(places)
        return "\n".join(line.in_language(language) for line in lines)


def _runs(places: Iterable[Place]) -> Iterator[list[Place]]:
    """Yield places one by one, but for rows of a table that follow each other: those together."""
    run: list[Place] = []
    for place in places:
        follows = run and place.what == "row" and (place.file, place.line) == (run[-1].file, run[-1].line + 1)
        if run and not follows:
            yield run
            run = []
        run.append(place)
    if run:
        yield run


def _not_covered(places: list[Place]) -> list[Text]:
    if len(places) <= _MOST_ROWS:
        return [say("why.not_covered", file=place.file, line=place.line, text=place.text) for place in places]
    first, last = places[0], places[-1]
    facts = {"file": first.file, "line": first.line, "first": first.rule, "last": last.rule, "count": len(places)}
    return [say("why.rows_not_covered", **facts)]


_MOST_ROWS = 20  # that follow each other and are told one by one


class Covering:
    """Collects what explanations tell of the use of one rule set."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._ruleset = ruleset
        self._matched: set[str] = set()
        self._decided: set[str] = set()
        self._chose: set[str] = set()
        self._steps: set[tuple[str, int]] = set()
        self._tables = {each.name.value for each in self._statements(syntax.TableStatement)}
        self._written = {each.name.value for each in self._statements(syntax.RuleStatement)}

    def table_of(self, rule: str) -> str | None:
        """Return the table in which a rule is a row, or None."""
        row = None if rule in self._written else _ROW.fullmatch(rule)
        return row[1] if row and row[1] in self._tables else None

    def _statements(
        self, kind: type[syntax.RuleStatement | syntax.TableStatement]
    ) -> Iterator[syntax.RuleStatement | syntax.TableStatement]:
        for file in self._ruleset.files:
            yield from (each for each in file.statements if isinstance(each, kind))

    def add(self, explanation: Explanation) -> None:
        """Take in what one decision used."""
        for trial in explanation.rules:
            if trial.verdict in ("matched", "passed over"):
                self._matched.add(trial.rule)
                self._steps.add((trial.rule, 1))
        if explanation.rule is not None:
            self._decided.add(explanation.rule)
        for step in explanation.steps:
            name = step.rule or explanation.rule or ""
            if step.result != "not due":
                self._steps.add((name, step.step))
            if step.examined:
                self._chose.add(name)

    def coverage(self) -> Coverage:
        """Return what is covered so far."""
        return Coverage(tuple(self._places()))

    def _places(self) -> Iterator[Place]:
        for file in self._ruleset.files:
            for statement in file.statements:
                if isinstance(statement, syntax.RuleStatement):
                    yield from self._of_rule(file.source, statement)
                elif isinstance(statement, syntax.TableStatement):
                    yield from self._of_table(statement)

    def _of_rule(self, source: Source, rule: syntax.RuleStatement) -> Iterator[Place]:
        name = rule.name.value
        head = Span(rule.span.start, rule.name.span.end)
        yield _place("rule", name, source, head, covered=name in self._matched)
        step = 0
        for clause in rule.clauses:
            step += isinstance(clause, syntax.ActionClause | syntax.OtherwiseClause)
            yield _place("clause", name, source, clause.span, covered=self._used(name, clause, step))

    def _used(self, name: str, clause: syntax.Clause, step: int) -> bool:
        if isinstance(clause, syntax.ActionClause | syntax.OtherwiseClause):
            return (name, step) in self._steps
        if isinstance(clause, _OF_MATCHING):
            return name in self._matched
        return name in (self._chose if isinstance(clause, _OF_CHOOSING) else self._decided)

    def _of_table(self, table: syntax.TableStatement) -> Iterator[Place]:
        for rule in self._rows.get(table.name.value, ()):
            text = f"{rule.name}: {rule.text}" if rule.text else rule.name
            yield Place("row", rule.name, rule.file, rule.line, text, covered=rule.name in self._matched)

    @cached_property
    def _rows(self) -> Mapping[str, Sequence[Rule]]:
        rows: dict[str, list[Rule]] = {}
        for rule in self._ruleset.rules:
            table = self.table_of(rule.name)
            if table is not None:
                rows.setdefault(table, []).append(rule)
        return rows


def _place(what: What, name: str, source: Source, span: Span, *, covered: bool) -> Place:
    text = _BREAK.sub(" ", source.text[span.start : span.end])
    return Place(what, name, source.name, source.locate(span).line, text, covered)
