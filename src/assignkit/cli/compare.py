"""`assignkit compare`: rule files and orders side by side, on the same items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli import options
from assignkit.cli.exits import USAGE, fail, guarded, tell, tell_of_rules
from assignkit.cli.progress import bar_on_terminal
from assignkit.cli.speech import speak, spoken
from assignkit.messages.text import say

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Inputs, Read
    from assignkit.simulation import Comparison, Policy, Workload

_ARRIVALS = 5_000  # of a made-up workload, per replication: a rule set takes a few seconds for them


Policies = Annotated[
    list[str],
    typer.Argument(
        metavar="RULES...", help="Rule files, or orders such as `least loaded`; the first is what is compared with."
    ),
]
History = Annotated[
    str | None, typer.Option("--history", metavar="FILE", help="Items on record, with their arrival and service.")
]
Arrival = Annotated[
    str, typer.Option("--arrival", metavar="COLUMN", help="The column of the history that says when items came.")
]
Rate = Annotated[str | None, typer.Option("--rate", metavar="R", help="Instead: how many items come, such as 12/hour.")]
ServiceTime = Annotated[
    str | None,
    typer.Option("--service", metavar="S", help="How long the work takes, such as 10m; or a column of the history."),
]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="How long items come, as 8h.")]
Arrivals = Annotated[
    int | None, typer.Option("--arrivals", min=1, help="Or how many come. Else 5,000 in each replication.")
]
Replications = Annotated[int, typer.Option("--replications", min=1, help="How often new items are drawn.")]
Target = Annotated[str, typer.Option("--target", metavar="TIME", help="The wait that is still good service.")]
Html = Annotated[str | None, typer.Option("--html", metavar="FILE", help="Write a report for a browser.")]
Plot = Annotated[str | None, typer.Option("--plot", metavar="FILE", help="Write the pictures as SVG.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is said of the workload: the items of a history, or how others come, and which items they look like."""

    history: History = None
    arrival: Arrival = "arrival"
    rate: Rate = None
    service: ServiceTime = None
    customers: options.Customers = None
    tasks: options.Tasks = None
    until: Until = None
    arrivals: Arrivals = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Study:
    """What is said of how the work is simulated, and of what is written about it."""

    replications: Replications = 5
    target: Target = "20s"
    html: Html = None
    plot: Plot = None
    seed: options.Seed = ""


@guarded
def compare(
    policies: Policies,
    agents: options.Agents,
    *,
    work: _Work,
    study: _Study,
    reading: options.Reading,
) -> None:
    """Compare rule files and orders on the same items: waits, service, load and fairness, with what is beyond chance.

    Items are those of a history, or are made up: they come at a rate, and look like those of --customers or --tasks.
    """
    _check(work)
    inputs = reading.of(agents=agents, customers=work.customers, tasks=work.tasks)
    comparison = _compared(policies, inputs, work, study)
    typer.echo(comparison.told(spoken()))
    _write_reports(comparison, study.html, study.plot)


def _check(work: _Work) -> None:
    if (work.history is None) == (work.rate is None):
        fail(say("cli.say_what_comes"), USAGE)
    if work.rate is not None and work.service is None:
        fail(say("cli.say_how_long"), USAGE)
    if work.history is not None and (work.customers or work.tasks):
        fail(say("cli.history_holds_items"), USAGE)


def _compared(policies: Sequence[str], inputs: Inputs, work: _Work, study: _Study) -> Comparison:
    from assignkit.cli.bootstrap import read_inputs  # noqa: PLC0415 - `--help` need not wait for the library
    from assignkit.cli.measures import seconds_of  # noqa: PLC0415
    from assignkit.simulation import compare as run_comparison  # noqa: PLC0415

    files = [*policies, inputs.agents, inputs.customers, inputs.tasks, inputs.schema, work.history]
    _check_reports(study, files)
    read, workload = _workload(work, read_inputs(inputs), inputs)
    tell(read.notes)
    named = _policies(policies, read)
    with bar_on_terminal(speak("simulating")) as progress:
        return run_comparison(
            named,
            read.agents,
            workload,
            seed=study.seed or "compare",
            until=None if work.until is None else seconds_of(work.until, option="--until"),
            replications=study.replications,
            kind=_kind(named, inputs),
            target_seconds=seconds_of(study.target, option="--target"),
            progress=progress,
        )


def _check_reports(study: _Study, files: Sequence[str | None]) -> None:
    """Raise `ConfigurationError` if a report could not be written, before any work is done."""
    from assignkit.cli.writing import HTML, SVG, check_destination  # noqa: PLC0415
    from assignkit.reporting.extras import report_extra  # noqa: PLC0415

    if study.html is not None:
        check_destination(study.html, files, form=HTML, option="--html", stdout_is_free=False)
    if study.plot is not None:
        check_destination(study.plot, [*files, study.html], form=SVG, option="--plot", stdout_is_free=False)
    if study.html is not None or study.plot is not None:
        with report_extra():
            import assignkit.reporting.page  # noqa: F401, PLC0415 - say what is missing before the work is done


def _write_reports(comparison: Comparison, html: str | None, plot: str | None) -> None:
    from assignkit.cli.writing import replace_file  # noqa: PLC0415

    if html is not None:
        replace_file(Path(html), comparison.to_html(language=spoken()).encode("utf-8"))
    if plot is not None:
        replace_file(Path(plot), comparison.plot(language=spoken()).encode("utf-8"))


def _workload(work: _Work, read: Read, inputs: Inputs) -> tuple[Read, Workload]:
    """Return what was read, with the fields of a history, and what is to come in a simulation."""
    from assignkit.cli.recorded import read_history  # noqa: PLC0415

    if work.history is None:
        return read, _made_up(work, read, inputs)
    return read_history(work.history, read, inputs, arrival=work.arrival, service=work.service)


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


def _kind(policies: Mapping[str, Policy], inputs: Inputs) -> str | None:
    """Return the kind of the items: that of their file, else customers where rules are for several; None is theirs."""
    from assignkit.rules.ruleset import RuleSet  # noqa: PLC0415

    if inputs.customers is not None or inputs.tasks is not None:
        return inputs.kind
    of_rules = [{rule.kind for rule in one.representatives()} for one in policies.values() if isinstance(one, RuleSet)]
    return inputs.kind if any(len(kinds) > 1 for kinds in of_rules) else None


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
