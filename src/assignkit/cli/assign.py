"""`assignkit assign`: decides every item of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli import options
from assignkit.cli.exits import USAGE, fail, guarded, tell, tell_of_rules

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Inputs, Read
    from assignkit.desk.desk import Desk, Progress
    from assignkit.model.decision import Decision


@guarded
def assign(
    rules: options.Rules,
    agents: options.Agents,
    *,
    customers: options.Customers = None,
    tasks: options.Tasks = None,
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="Where the decisions go, `-` for standard output.")
    ] = "-",
    seed: options.Seed = "",
    now: options.Now = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add a column that says why, for each item.")] = False,
    id_column: options.IdColumn = None,
    agent_id: options.AgentIdColumn = None,
    agent_team: options.AgentTeamColumn = None,
    encoding: options.Encoding = None,
    dates: options.DateOrder = None,
    zone: options.Zone = "UTC",
    schema: options.SchemaFile = None,
) -> None:
    """Decide every item of a file: item_id,outcome,agent_id,rule,reason as CSV. A summary goes to standard error."""
    from assignkit.cli.bootstrap import Inputs  # noqa: PLC0415 - `--help` need not wait for the library

    inputs = Inputs(
        agents=agents,
        customers=customers,
        tasks=tasks,
        id_column=id_column,
        agent_id=agent_id,
        agent_team=agent_team,
        encoding=encoding,
        dates=dates.value if dates else None,
        zone=zone,
        schema=schema,
    )
    _run(rules, inputs, out=out, seed=seed, now=now, explain=explain)


def _run(rules: str, inputs: Inputs, *, out: str, seed: str, now: str | None, explain: bool) -> None:
    from assignkit.cli.bootstrap import clock_at, open_desk, read_inputs, read_rules  # noqa: PLC0415
    from assignkit.cli.decisions import check_destination, write_decisions  # noqa: PLC0415
    from assignkit.cli.membership import absent_owners  # noqa: PLC0415
    from assignkit.cli.summary import show_summary  # noqa: PLC0415
    from assignkit.desk.membership import absentees  # noqa: PLC0415

    if inputs.customers is None and inputs.tasks is None:
        fail("say what to assign: --customers FILE or --tasks FILE", USAGE)
    check_destination(out, [rules, inputs.agents, inputs.customers, inputs.tasks, inputs.schema])
    read = read_inputs(inputs)
    tell([*read.notes, *absent_owners((*read.customers, *read.tasks), read.agents)])
    rule_set = read_rules(rules, read)
    tell_of_rules([*rule_set.diagnostics, *absentees(rule_set, read.agents)], rules)
    desk = open_desk(rule_set, read, clock=clock_at(now, inputs.zone), seed=seed, zone=inputs.zone)
    decisions = decide_all(desk, read, inputs)
    write_decisions(out, decisions, explain=explain)
    show_summary(decisions, read.agents)


def decide_all(desk: Desk, read: Read, inputs: Inputs) -> list[Decision]:
    """Return a decision for each item, in the order of the file; a bar on a terminal shows how far it is."""
    items = read.tasks if inputs.kind == "tasks" else read.customers
    with _progress() as progress:
        return desk.assign_many(items, kind=inputs.kind, progress=progress)


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """Yield what moves a progress bar on the standard error, or None where no terminal would show it."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Bar(console=console, transient=True) as bar:
        task = bar.add_task("assigning")
        yield lambda done, total: bar.update(task, completed=done, total=total)
