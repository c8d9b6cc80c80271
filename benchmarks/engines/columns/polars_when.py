"""Polars: `when(…).then(…)` for each rule, one chain, over a data frame."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

from engines.spelling import Condition, Rules


def prepare(rules: Rules, table: Any) -> Callable[[], Any]:  # noqa: ANN401 - a pyarrow table
    """Return what evaluates the chain."""
    import polars as pl  # noqa: PLC0415 - there only in its own environment

    frame = pl.from_arrow(table)
    chain: Any = pl
    for number, rule in enumerate(rules):
        chain = chain.when(reduce(and_, [_spelled(pl, condition) for condition in rule])).then(pl.lit(number))
    found = chain.otherwise(pl.lit(-1)).alias("rule")

    def match() -> Any:  # noqa: ANN401 - an array
        return None, frame.select(found)["rule"].to_numpy()

    return match


def _spelled(pl: Any, condition: Condition) -> Any:  # noqa: ANN401 - the module, and its expressions
    field, operator, value = condition
    column = pl.col(field)
    if operator == "between":
        return column.is_between(*value)
    if operator == "has":
        return column.list.contains(value)
    if operator == "in":
        return column.is_in(value)
    if operator == "=":
        return column == value
    return column >= value if operator == ">=" else column > value
