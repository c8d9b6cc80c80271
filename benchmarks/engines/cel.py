"""CEL through its bindings for C++ (cel-expr-python) and Rust (common-expression-language).

Rules are joined to `c0 ? 0 : c1 ? 1 : … : -1`, as many as the C++ library's limit on recursion lets through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engines.spelling import Match, Record, Rules, joined

_TOGETHER = 12  # rules in one expression
_WHOLE = ("employees", "score", "created")


def cpp(rules: Rules) -> Match:
    """Return what evaluates the expressions in turn, over one activation a record."""
    from cel_expr_python import cel as library  # noqa: PLC0415

    kinds = library.Type
    fields = {field for rule in rules for field, _, _ in rule}
    special = {"revenue": kinds.DOUBLE, "vip": kinds.BOOL, "tags": kinds.List(kinds.STRING)}
    types = {field: special.get(field, kinds.INT if field in _WHOLE else kinds.STRING) for field in fields}
    environment = library.NewEnv(variables=types)
    programs = [environment.compile(text) for text in _expressions(rules)]

    def first(record: Record) -> int:
        world = environment.Activation({field: record[field] for field in fields})
        return next((found for each in programs if (found := each.eval(world).value()) >= 0), -1)

    return lambda records: [first(record) for record in records]


def rust(rules: Rules) -> Match:
    """Return what executes the programs in turn, over one context a record."""
    import cel as library  # noqa: PLC0415

    programs = [library.compile(text) for text in _expressions(rules)]

    def match(records: Sequence[Record]) -> list[int]:
        worlds: Any = (library.Context(variables=record) for record in records)
        return [next((n for each in programs if (n := each.execute(world)) >= 0), -1) for world in worlds]

    return match


def _expressions(rules: Rules) -> list[str]:
    texts = [joined(_typed(rule), and_=" && ", true="true", false="false") for rule in rules]
    return [
        " : ".join([*(f"{text} ? {start + i}" for i, text in enumerate(texts[start : start + _TOGETHER])), "-1"])
        for start in range(0, len(texts), _TOGETHER)
    ]


def _typed(rule: list[tuple[str, str, Any]]) -> list[tuple[str, str, Any]]:
    return [(field, how, float(value) if field == "revenue" else value) for field, how, value in rule]
