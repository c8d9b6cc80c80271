"""DuckDB: one `CASE` with a `WHEN` for each rule, over a table of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engines.spelling import Condition, Rules


def prepare(rules: Rules, table: Any) -> Callable[[], Any]:  # noqa: ANN401 - a pyarrow table
    """Return what runs the query."""
    import duckdb  # noqa: PLC0415 - there only in its own environment

    database = duckdb.connect()
    database.register("given", table)
    database.execute("CREATE TABLE records AS SELECT * FROM given")
    whens = " ".join(f"WHEN {' AND '.join(map(_spelled, rule))} THEN {number}" for number, rule in enumerate(rules))
    query = f"SELECT row, CASE {whens} ELSE -1 END AS rule FROM records"  # noqa: S608 - the workload's own words

    def match() -> Any:  # noqa: ANN401 - two arrays
        found = database.execute(query).fetchnumpy()
        return found["row"], found["rule"]

    return match


def _spelled(condition: Condition) -> str:
    field, operator, value = condition
    if operator == "between":
        return f"{field} BETWEEN {value[0]} AND {value[1]}"
    if operator == "has":
        return f"list_contains({field}, {_literal(value)})"
    if operator == "in":
        return f"{field} IN ({', '.join(map(_literal, value))})"
    return f"{field} {'>' if operator == 'after' else operator} {_literal(value)}"


def _literal(value: Any) -> str:  # noqa: ANN401 - any constant of the workload
    return f"'{value}'" if isinstance(value, str) else str(value)
