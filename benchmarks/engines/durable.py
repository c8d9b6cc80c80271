"""durable_rules (C, Rete): rules with a priority each; records are events, which the first rule that matches takes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import reduce
from operator import and_, or_
from typing import Any

from engines.spelling import Condition, Match, Record, Rules


def prepare(rules: Rules) -> Match:
    """Return what posts each record, and notes which rule took it."""
    from durable import engine, lang  # noqa: PLC0415

    taken = [-1]
    desk = lang.ruleset("desk")
    with desk:
        for number, rule in enumerate(rules):
            tests = [_test(lang, condition) for condition in rule]
            lang.when_all(lang.pri(number), reduce(and_, tests))(_noting(taken, number))

    def match(records: Sequence[Record]) -> list[int]:
        found = []
        for record in records:
            taken[0] = -1
            with suppress(engine.MessageNotHandledException):  # no rule matches
                lang.post("desk", record)
            found.append(taken[0])
        return found

    return match


def _noting(taken: list[int], number: int) -> Any:  # noqa: ANN401 - what the engine calls
    def note(_: object) -> None:
        taken[0] = number

    return note


def _test(lang: Any, condition: Condition) -> Any:  # noqa: ANN401 - an expression of the engine's
    field, operator, value = condition
    told = getattr(lang.m, field)
    if operator == "between":
        return (told >= value[0]) & (told <= value[1])
    if operator == "in":
        return reduce(or_, [told == each for each in value])
    if operator == "has":
        return told.anyItem(lang.item == value)
    if operator == "=":
        return told == value
    return told > value if operator in (">", "after") else told >= value
