"""Agents from a file."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from assignkit.importing.cells import capacity_reader
from assignkit.importing.dates import DateOrder
from assignkit.importing.kinds import entries
from assignkit.importing.records import Assembly, Imported, identity_column
from assignkit.importing.table import read_table
from assignkit.model.agent import Agent
from assignkit.rules.schema import Schema


def read_agents(
    path: str | Path,
    *,
    kind: str = "customers",
    id_column: str | None = None,
    team_column: str | None = None,
    schema: Schema | None = None,
    encoding: str | None = None,
    dates: DateOrder | None = None,
    zone: str = "UTC",
) -> Imported[Agent]:
    """Return the agents in a CSV, XLSX or JSON file, in its order.

    Columns that are fields of `Agent` are read as such, others become further fields. A plain number as `capacity` is
    that of `kind`. `id_column` and `team_column` name the columns with the identity (default `id`) and with a team (or
    several, separated by `;`) that the agent is in. Times without an offset are in `zone`. Raises `FileError`.
    """
    table = read_table(path, encoding=encoding, dates=dates)
    known = (schema or Schema.default()).agent
    assembly = Assembly(
        table,
        Agent,
        known,
        identity_column(table, known, given=id_column, option="--agent-id"),
        ZoneInfo(zone),
        readers={"capacity": capacity_reader(kind)},
    )
    if team_column is None:
        return assembly.run()
    teams = table.get(team_column, option="--agent-team").cells
    return assembly.run(joined={"teams": [None if cell is None else entries(str(cell)) for cell in teams]})
