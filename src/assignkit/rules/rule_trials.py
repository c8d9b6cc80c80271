"""How the rules of a set fare with one item, in the order in which they are tried; rows of long tables in few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assignkit.model.explanation import RuleTrial, TrialVerdict
from assignkit.rules.compiler import decides
from assignkit.rules.facts import Facts
from assignkit.rules.long_tables import LongTable
from assignkit.rules.plan import Rule
from assignkit.rules.rule_order import RuleList
from assignkit.rules.trials import read_values, trial


def trials_of(rules: Sequence[Rule], facts: Facts, *, until: int | None) -> tuple[RuleTrial, ...]:
    """Return how the rules fare, up to the first that decides; with `until`, up to the rule at that position."""
    found: list[RuleTrial] = []
    for part in rules.parts if isinstance(rules, RuleList) else (rules,):
        tried = _of_table(part, facts, until) if isinstance(part, LongTable) else _of_rules(part, facts, until)
        for each, ends in tried:
            found.append(each)
            if ends:
                return tuple(found)
    return tuple(found)


def _of_rules(rules: Sequence[Rule], facts: Facts, until: int | None) -> Iterator[tuple[RuleTrial, bool]]:
    for rule in rules:
        yield trial(rule, facts), _ends(rule, facts, until)


def _of_table(table: LongTable, facts: Facts, until: int | None) -> Iterator[tuple[RuleTrial, bool]]:
    """Yield the trials of the rows that match, and one for all rows between two of them."""
    last = until - table.position if until is not None else -1
    shown = last if 0 <= last < len(table) else len(table) - 1
    begin = 0
    for number in table.matching(facts):
        if number > shown:
            break
        if number > begin:
            yield _between(table, begin, number, facts), False
        rule = table.rule(number)
        yield trial(rule, facts), _ends(rule, facts, until)
        begin = number + 1
    if begin <= shown:
        yield _between(table, begin, shown + 1, facts), shown == last


def _ends(rule: Rule, facts: Facts, until: int | None) -> bool:
    return rule.position == until or (until is None and decides(rule, facts))


def _between(table: LongTable, begin: int, end: int, facts: Facts) -> RuleTrial:
    """Return what is to be said of rows, from number `begin` until before `end`, none of which matches."""
    if end - begin == 1:
        return trial(table.rule(begin), facts)
    read = {value.field: value for each in table.columns for value in read_values(each.subject, facts)}
    verdict: TrialVerdict = "unknown" if read and all(value.missing for value in read.values()) else "failed"
    return RuleTrial(
        rule=f"{table.name} row {begin + 1} to {end}",
        position=table.position + begin,
        verdict=verdict,
        clause=" | ".join(each.subject.text for each in table.columns),
        line=table.lines[begin],
        file=table.source.name,
        values=tuple(read.values()),
    )
