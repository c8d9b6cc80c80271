"""`assignkit compare`: rule files and orders side by side, on the same items."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assignkit.cli import options
from assignkit.cli.exits import USAGE, fail, guarded, tell, tell_of_rules
from assignkit.cli.speech import speak, spoken
from assignkit.messages.text import say

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Inputs, Read
    from assignkit.simulation import Policy, Workload
    from assignkit.simulation.alike import Progress

_ARRIVALS = 5_000  # of a made-up workload, per replication: a rule set takes a few seconds for them


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What was said of the workload."""

    history: str | None
    arrival: str
    rate: str | None
    service: str | None
    until: str | None
    arrivals: int | None


@guarded
def compare(
    policies: Annotated[
        list[str],
        typer.Argument(
            metavar="RULES...", help="Rule files, or orders such as `least loaded`; the first is what is compared with."
        ),
    ],
    agents: options.Agents,
    *,
    history: Annotated[
        str | None, typer.Option("--history", metavar="FILE", help="Items on record, with their arrival and service.")
    ] = None,
    arrival: Annotated[
        str, typer.Option("--arrival", metavar="COLUMN", help="The column of the history that says when items came.")
    ] = "arrival",
    rate: Annotated[
        str | None, typer.Option("--rate", metavar="R", help="Instead: how many items come, such as 12/hour.")
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(
            "--service", metavar="S", help="How long the work takes, such as 10m; or a column of the history."
        ),
    ] = None,
    customers: options.Customers = None,
    tasks: options.Tasks = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="How long items come, as 8h.")] = None,
    arrivals: Annotated[
        int | None, typer.Option("--arrivals", min=1, help="Or how many come. Else 5,000 in each replication.")
    ] = None,
    replications: Annotated[int, typer.Option("--replications", min=1, help="How often new items are drawn.")] = 5,
    target: Annotated[
        str, typer.Option("--target", metavar="TIME", help="The wait that is still good service.")
    ] = "20s",
    html: Annotated[str | None, typer.Option("--html", metavar="FILE", help="Write a report for a browser.")] = None,
    plot: Annotated[str | None, typer.Option("--plot", metavar="FILE", help="Write the pictures as SVG.")] = None,
    seed: options.Seed = "",
    id_column: options.IdColumn = None,
    agent_id: options.AgentIdColumn = None,
    agent_team: options.AgentTeamColumn = None,
    encoding: options.Encoding = None,
    dates: options.DateOrder = None,
    zone: options.Zone = "UTC",
    schema: options.SchemaFile = None,
) -> None:
    """Compare rule files and orders on the same items: waits, service, load and fairness, with what is beyond chance.

    Items are those of a history, or are made up: they come at a rate, and look like those of --customers or --tasks.
    """
    from assignkit.cli.bootstrap import Inputs  # noqa: PLC0415 - `--help` need not wait for the library

    work = _Work(history=history, arrival=arrival, rate=rate, service=service, until=until, arrivals=arrivals)
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
    _check(work, inputs)
    _run(policies, inputs, work, replications=replications, target=target, seed=seed, html=html, plot=plot)


def _check(work: _Work, inputs: Inputs) -> None:
    if (work.history is None) == (work.rate is None):
        fail(say("cli.say_what_comes"), USAGE)
    if work.rate is not None and work.service is None:
        fail(say("cli.say_how_long"), USAGE)
    if work.history is not None and (inputs.customers or inputs.tasks):
        fail(say("cli.history_holds_items"), USAGE)


def _run(
    policies: Sequence[str],
    inputs: Inputs,
    work: _Work,
    *,
    replications: int,
    target: str,
    seed: str,
    html: str | None,
    plot: str | None,
) -> None:
    from assignkit.cli.bootstrap import read_inputs  # noqa: PLC0415
    from assignkit.cli.decisions import check_destination, replace_file  # noqa: PLC0415
    from assignkit.cli.measures import seconds_of  # noqa: PLC0415
    from assignkit.cli.recorded import read_history  # noqa: PLC0415
    from assignkit.reporting.extras import report_extra  # noqa: PLC0415
    from assignkit.simulation import compare as run_comparison  # noqa: PLC0415

    files = [*policies, inputs.agents, inputs.customers, inputs.tasks, inputs.schema, work.history]
    for out in filter(None, (html, plot)):
        check_destination(out, files)
        with report_extra():
            import assignkit.reporting.page  # noqa: F401, PLC0415 - say what is missing before the work is done
    read = read_inputs(inputs)
    if work.history is not None:
        read, workload = read_history(work.history, read, inputs, arrival=work.arrival, service=work.service)
    else:
        workload = _made_up(work, read, inputs)
    tell(read.notes)
    named = _policies(policies, read)
    with _progress() as progress:
        comparison = run_comparison(
            named,
            read.agents,
            workload,
            seed=seed or "compare",
            until=None if work.until is None else seconds_of(work.until, option="--until"),
            replications=replications,
            target_seconds=seconds_of(target, option="--target"),
            progress=progress,
        )
    sys.stdout.write(f"{comparison.told(spoken())}\n")
    if html is not None:
        replace_file(Path(html), comparison.to_html().encode("utf-8"))
    if plot is not None:
        replace_file(Path(plot), comparison.plot().encode("utf-8"))


def _policies(policies: Sequence[str], read: Read) -> dict[str, Policy]:
    """Return each policy by the name that it has in the report."""
    from assignkit.cli.bootstrap import read_rules  # noqa: PLC0415
    from assignkit.strategies.registry import build_chain  # noqa: PLC0415

    found: dict[str, Policy] = {}
    policy: Policy
    for given in policies:
        if Path(given).exists() or given == "-" or given.endswith(".rules"):
            rules = read_rules(given, read)
            tell_of_rules(rules.diagnostics, given)
            name, policy = Path(given).stem, rules
        else:
            build_chain(given.split(" then "))  # an order that is unknown is told before any work is done
            name = policy = given
        if name in found:
            fail(say("cli.two_policies", name=name), USAGE)
        found[name] = policy
    return found


def _made_up(work: _Work, read: Read, inputs: Inputs) -> Workload:
    from assignkit.cli.measures import rate_of, seconds_of  # noqa: PLC0415
    from assignkit.cli.recorded import fields_of  # noqa: PLC0415
    from assignkit.simulation import ItemClass, Workload  # noqa: PLC0415

    samples = read.tasks if inputs.kind == "tasks" else read.customers
    endless = work.until is None and work.arrivals is None
    return Workload.poisson(
        rate_of(work.rate or "", option="--rate"),
        seconds_of(work.service or "", option="--service"),
        classes=[ItemClass(fields=fields_of(sample)) for sample in samples],
        arrivals=_ARRIVALS if endless else work.arrivals,
    )


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
        task: Any = bar.add_task(speak("simulating"))
        yield lambda done, total: bar.update(task, completed=done, total=total)
