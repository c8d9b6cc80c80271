"""`assignkit demo`: a small sales desk, from files to decisions that are kept in a database."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli.exits import guarded

if TYPE_CHECKING:
    from rich.console import Console

    from assignkit.cli.assign_in_store import Outcome
    from assignkit.model.decision import Decision

_SHOWN = 12
_ZONE = "Asia/Shanghai"
_NOW = "2026-11-21T09:00"
_STORE = "desk.db"


@guarded
def demo(
    *,
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where the files go. Files you changed are never overwritten.")
    ] = Path("assignkit-demo"),
) -> None:
    """Write a small sales desk (rules, agents, customers), and run it end to end on a SQLite file."""
    from rich.console import Console  # noqa: PLC0415 - `--help` need not wait for the library

    from assignkit.cli.sample import lay_out  # noqa: PLC0415
    from assignkit.cli.stores import require_sql  # noqa: PLC0415
    from assignkit.cli.summary import show_summary  # noqa: PLC0415

    require_sql()
    lay_out(folder)
    outcome = _decide(folder)
    console = Console(highlight=False)
    console.print(_opening(folder, outcome), markup=False, soft_wrap=True)
    _show_decisions(outcome.decisions, console)
    show_summary(outcome.decisions, outcome.agents, console=console)
    chosen = _telling(outcome.decisions)
    console.print(f"\nwhy, for {chosen.item_id}:\n", markup=False)
    console.print(chosen.explain(), markup=False, soft_wrap=True)
    told = _NEXT.format(folder=folder, program=_program(), store=f"sqlite:///{_STORE}", item=chosen.item_id)
    console.print(told, markup=False, soft_wrap=True)


def _decide(folder: Path) -> Outcome:
    from assignkit.cli.assign_in_store import Tally, Wanted, decide_in_store, telling_what_is_kept  # noqa: PLC0415
    from assignkit.cli.bootstrap import Inputs, clock_at, read_inputs  # noqa: PLC0415
    from assignkit.cli.decisions import write_decisions  # noqa: PLC0415
    from assignkit.cli.runs import finish  # noqa: PLC0415
    from assignkit.cli.sample import AGENTS, CUSTOMERS, RULES  # noqa: PLC0415
    from assignkit.cli.stores import Place, opened  # noqa: PLC0415
    from assignkit.clock import SystemClock  # noqa: PLC0415

    inputs = Inputs(agents=str(folder / AGENTS), customers=str(folder / CUSTOMERS), zone=_ZONE)
    read = read_inputs(inputs)
    clock = clock_at(_NOW, _ZONE)
    wanted = Wanted(rules=str(folder / RULES), inputs=inputs, clock=clock, seed="demo", explain=True, quiet=True)
    place = Place(f"sqlite:///{folder / _STORE}")
    tally = Tally(place)
    with telling_what_is_kept(tally), opened(place, new=True) as store:
        outcome = decide_in_store(store, read, wanted, tally, again=False)
        write_decisions(str(folder / "decisions.csv"), outcome.decisions)
        finish(store, outcome.run, now=SystemClock().now())
    return outcome


def _opening(folder: Path, outcome: Outcome) -> str:
    total = len(outcome.decisions)
    said = f"The desk in {folder}: {len(outcome.agents)} agents, {total} customers, kept in {folder / _STORE}.\n"
    if outcome.before == total:
        return f"{said}All of them were decided before, and nothing is decided twice.\n"
    if outcome.before:
        return f"{said}{outcome.before} of them were decided before; the rest is decided now.\n"
    return said


def _program() -> str:
    """Return what to type for `assignkit`: a virtual environment that is not activated is not on the path."""
    started = Path(sys.argv[0]).absolute()
    return "assignkit" if shutil.which("assignkit") or started.stem != "assignkit" else str(started)


def _show_decisions(decisions: Sequence[Decision], console: Console) -> None:
    from rich.table import Table  # noqa: PLC0415

    from assignkit.cli.decisions import reason_of  # noqa: PLC0415

    table = Table(title=f"the first {_SHOWN} decisions", title_justify="left")
    for heading in ("item", "outcome", "agent", "rule", "reason"):
        table.add_column(heading)
    for decision in decisions[:_SHOWN]:
        table.add_row(
            decision.item_id, decision.outcome, decision.agent_id or "", decision.rule or "", reason_of(decision)
        )
    console.print(table)


def _telling(decisions: Sequence[Decision]) -> Decision:
    """Return a decision whose rule had to choose among several people."""
    return next((d for d in decisions if d.rule == "Strategic accounts" and d.outcome == "assigned"), decisions[0])


_NEXT = """
next:
  cd {folder}
  ask why a customer is where it is, and what happened to it:
    {program} explain sales.rules --store {store} --item {item} --zone Asia/Shanghai
    {program} history show --store {store} --item {item}
  edit sales.rules, and see what would come of it; without --store nothing is kept:
    {program} check sales.rules --agents agents.csv --customers customers.csv
    {program} assign sales.rules --agents agents.csv --customers customers.csv --zone Asia/Shanghai --out changed.csv
  add a customer to customers.csv, and decide it beside those that are decided already:
    {program} assign sales.rules --customers customers.csv --store {store} --zone Asia/Shanghai --out decisions.csv
  see whether the books add up:
    {program} db check {store}
  then give it your own files: any CSV with a header will do."""
