"""The arguments and options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Inputs


class Dates(StrEnum):
    """The order of day, month and year, where cells alone cannot tell."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


SPEECH_HELP = "The language of what is said: en or zh. Else that of the locale."


class Speech(StrEnum):
    """The languages that the program speaks."""

    EN = "en"
    ZH = "zh"


Rules = Annotated[str, typer.Argument(metavar="RULES", help="The rules, `-` for standard input.", show_default=False)]
Agents = Annotated[
    str, typer.Option("--agents", metavar="FILE", help="The agents, CSV, XLSX or JSON lines.", show_default=False)
]
AgentsOfDesk = Annotated[
    str | None,
    typer.Option("--agents", metavar="FILE", help="The agents, CSV, XLSX or JSON lines. Else those of the store."),
]
Customers = Annotated[
    str | None,
    typer.Option("--customers", metavar="FILE", help="The customers, CSV, XLSX or JSON lines, `-` for stdin."),
]
Tasks = Annotated[
    str | None, typer.Option("--tasks", metavar="FILE", help="The tasks; `--customers` is then who they are for.")
]
IdColumn = Annotated[
    str | None, typer.Option("--id", metavar="COLUMN", help="The column with the identities of items. Else `id`.")
]
AgentIdColumn = Annotated[
    str | None,
    typer.Option("--agent-id", metavar="COLUMN", help="The column with the identities of agents. Else `id`."),
]
AgentTeamColumn = Annotated[
    str | None, typer.Option("--agent-team", metavar="COLUMN", help="A column that names the team of each agent.")
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="How the files are written, such as cp1252. Else UTF-8, UTF-16, GB18030 or Big5."),
]
DateOrder = Annotated[
    Dates | None, typer.Option("--dates", help="The order of day and month, where cells cannot tell.")
]
Zone = Annotated[str, typer.Option("--zone", metavar="ZONE", help="The time zone of the desk, such as Asia/Shanghai.")]
SchemaFile = Annotated[
    str | None, typer.Option("--schema", metavar="FILE", help='Types of fields: {"customers": {"vip": "boolean"}}.')
]
Seed = Annotated[str, typer.Option("--seed", help="Settles ties and `random`: the same seed, the same result.")]
Now = Annotated[
    str | None, typer.Option("--now", metavar="TIME", help="Decide as of then, such as 2026-11-21T09:00. Else now.")
]
Optimise = Annotated[
    bool,
    typer.Option("--optimise", help="Choose the agents for all items at once. Never worse than one after the other."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFiles:
    """The files that only say which fields there are, where nothing in them is decided."""

    agents: Annotated[
        str | None, typer.Option("--agents", metavar="FILE", help="The agents: checks teams and their fields.")
    ] = None
    customers: Annotated[
        str | None, typer.Option("--customers", metavar="FILE", help="Customers: their columns become fields.")
    ] = None
    tasks: Annotated[
        str | None, typer.Option("--tasks", metavar="FILE", help="Tasks: their columns become fields.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How files are to be read: the last options of each command that reads some."""

    id_column: IdColumn = None
    agent_id: AgentIdColumn = None
    agent_team: AgentTeamColumn = None
    encoding: Encoding = None
    dates: DateOrder = None
    zone: Zone = "UTC"
    schema: SchemaFile = None

    def of(self, *, agents: str | None, customers: str | None, tasks: str | None) -> Inputs:
        """Return these files, to be read so."""
        from assignkit.cli.bootstrap import Inputs  # noqa: PLC0415 - `--help` need not wait for the library

        return Inputs(
            agents=agents,
            customers=customers,
            tasks=tasks,
            id_column=self.id_column,
            agent_id=self.agent_id,
            agent_team=self.agent_team,
            encoding=self.encoding,
            dates=self.dates.value if self.dates else None,
            zone=self.zone,
            schema=self.schema,
        )
