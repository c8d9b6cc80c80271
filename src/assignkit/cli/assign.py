"""`assignkit assign`: decides every item of a file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli import options, stores
from assignkit.cli.exits import USAGE, fail, guarded, tell, tell_of_rules
from assignkit.cli.speech import speak
from assignkit.messages.text import say

if TYPE_CHECKING:
    from assignkit.cli.assign_in_store import Wanted
    from assignkit.cli.bootstrap import Inputs, Read
    from assignkit.desk.desk import Desk
    from assignkit.model.batch import BatchReport, Decisions


@guarded
def assign(
    rules: options.Rules,
    *,
    agents: options.AgentsOfDesk = None,
    customers: options.Customers = None,
    tasks: options.Tasks = None,
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="Where the decisions go, `-` for standard output.")
    ] = "-",
    store: stores.StoreOptions,
    seed: options.Seed = "",
    now: options.Now = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add a column that says why, for each item.")] = False,
    optimise: options.Optimise = False,
    reading: options.Reading,
) -> None:
    """Decide every item of a file: item_id,outcome,agent_id,rule,reason as CSV. A summary goes to standard error.

    With --store, agents and decisions are kept there, and a run that was cut off goes on where it was.
    """
    from assignkit.cli.assign_in_store import Wanted  # noqa: PLC0415 - `--help` need not wait for the library
    from assignkit.cli.bootstrap import clock_at  # noqa: PLC0415
    from assignkit.cli.writing import check_destination  # noqa: PLC0415

    inputs = reading.of(agents=agents, customers=customers, tasks=tasks)
    place = store.place
    if agents is None and place is None:
        fail(say("cli.say_who"), USAGE)
    if customers is None and tasks is None:
        fail(say("cli.say_what"), USAGE)
    check_destination(out, [rules, agents, customers, tasks, reading.schema])
    wanted = Wanted(
        rules=rules, inputs=inputs, clock=clock_at(now, reading.zone), seed=seed, explain=explain, optimise=optimise
    )
    if place is None:
        _assign(wanted, out)
    else:
        _assign_in_store(wanted, out, place)


def _assign(wanted: Wanted, out: str) -> None:
    from assignkit.cli.bootstrap import open_desk, read_inputs, read_rules  # noqa: PLC0415
    from assignkit.cli.decisions import write_decisions  # noqa: PLC0415
    from assignkit.cli.membership import absent_owners  # noqa: PLC0415
    from assignkit.cli.summary import show_summary  # noqa: PLC0415
    from assignkit.desk.membership import absentees  # noqa: PLC0415

    inputs = wanted.inputs
    read = read_inputs(inputs)
    tell([*read.notes, *absent_owners((*read.customers, *read.tasks), read.agents)])
    rule_set = read_rules(wanted.rules, read)
    tell_of_rules([*rule_set.diagnostics, *absentees(rule_set, read.agents)], wanted.rules)
    desk = open_desk(rule_set, read, clock=wanted.clock, seed=wanted.seed, zone=inputs.zone)
    decisions = decide_all(desk, read, inputs, optimise=wanted.optimise)
    write_decisions(out, decisions, explain=wanted.explain)
    show_summary(decisions, read.agents)
    tell_gain(decisions.report)


def _assign_in_store(wanted: Wanted, out: str, place: stores.Place) -> None:
    from assignkit.cli.assign_in_store import Tally, decide_in_store, telling_what_is_kept  # noqa: PLC0415
    from assignkit.cli.bootstrap import read_inputs  # noqa: PLC0415
    from assignkit.cli.decisions import write_decisions  # noqa: PLC0415
    from assignkit.cli.runs import finish  # noqa: PLC0415
    from assignkit.cli.summary import show_summary  # noqa: PLC0415
    from assignkit.clock import SystemClock  # noqa: PLC0415

    read = read_inputs(wanted.inputs)
    tally = Tally(place)
    with telling_what_is_kept(tally), stores.opened(place, new=True) as store:
        outcome = decide_in_store(store, read, wanted, tally)
        write_decisions(out, outcome.decisions, explain=wanted.explain)
        finish(store, outcome.run, now=SystemClock().now())
    show_summary(outcome.decisions, outcome.agents)
    tell_gain(outcome.report)


def tell_gain(report: BatchReport | None) -> None:
    """Say on the standard error what choosing for all items at once was worth, if they were chosen for so."""
    if report is not None:
        told = speak(
            "chosen_at_once",
            placed=report.placed,
            items=report.items,
            more=f"{report.gained_items:+d}",
            fit=f"{report.preference:.4g}",
            better=f"{report.gained_preference:+.4g}",
            score=f"{report.score:.4g}",
            gain=f"{report.gained_score:+.4g}",
            gap=f"{report.gap:.2g}",
        )
        sys.stderr.write(f"{told}\n")


def decide_all(desk: Desk, read: Read, inputs: Inputs, *, optimise: bool = False) -> Decisions:
    """Return a decision for each item, in the order of the file; progress goes to the standard error."""
    from assignkit.cli.progress import shown_progress  # noqa: PLC0415

    items = read.tasks if inputs.kind == "tasks" else read.customers
    with shown_progress() as progress:
        return desk.assign_many(items, kind=inputs.kind, progress=progress, optimise=optimise)
