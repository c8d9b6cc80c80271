"""Evalidate (Python, compiled): checked expressions, in the documented ways of evaluating them."""

from __future__ import annotations

from typing import Any

from engines.spelling import Match, Rules, joined

_TOGETHER = 50  # rules in one expression; Python refuses deeper ones


def prepare(rules: Rules) -> Match:
    """One expression for each rule, evaluated by `Expr.eval`, as its documentation begins."""
    made = _made([joined(rule) for rule in rules])
    return lambda records: [next((i for i, rule in enumerate(made) if rule.eval(record)), -1) for record in records]


def raw(rules: Rules) -> Match:
    """The same with Python's `eval` on the checked code ("Advanced Topics"), which raises whatever goes wrong."""
    codes = [each.code for each in _made([joined(rule) for rule in rules])]
    return lambda records: [
        next((i for i, code in enumerate(codes) if eval(code, {}, record)), -1)  # noqa: S307 - its own fast form
        for record in records
    ]


def together(rules: Rules) -> Match:
    """Many rules in one expression, `0 if … else 1 if … else -1`: no rules any more, but a program written by hand."""
    texts = [
        " else ".join([*(f"{i} if {joined(rules[i])}" for i in range(start, min(start + _TOGETHER, len(rules)))), "-1"])
        for start in range(0, len(rules), _TOGETHER)
    ]
    made = _made(texts)
    return lambda records: [
        next((found for part in made if (found := part.eval(record)) >= 0), -1) for record in records
    ]


def _made(texts: list[str]) -> list[Any]:
    from evalidate import base_eval_model  # noqa: PLC0415 - there only in its own environment

    model = base_eval_model.clone()
    model.nodes += ["List", "Tuple"]
    return [model.expr(text) for text in texts]
