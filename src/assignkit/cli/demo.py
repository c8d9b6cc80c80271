"""`assignkit demo`: a small sales desk, from files to decisions."""

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

    from assignkit.model.decision import Decision

_SHOWN = 12
_ZONE = "Asia/Shanghai"
_NOW = "2026-11-21T09:00"


@guarded
def demo(
    *,
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where the files go. Files you changed are never overwritten.")
    ] = Path("assignkit-demo"),
) -> None:
    """Write a small sales desk (rules, agents, customers), and run it end to end."""
    from rich.console import Console  # noqa: PLC0415 - `--help` need not wait for the library

    from assignkit.cli.bootstrap import Inputs, clock_at, open_desk, read_inputs, read_rules  # noqa: PLC0415
    from assignkit.cli.decisions import write_decisions  # noqa: PLC0415
    from assignkit.cli.sample import AGENTS, CUSTOMERS, RULES, lay_out  # noqa: PLC0415
    from assignkit.cli.summary import show_summary  # noqa: PLC0415

    lay_out(folder)
    inputs = Inputs(agents=str(folder / AGENTS), customers=str(folder / CUSTOMERS), zone=_ZONE)
    read = read_inputs(inputs)
    rules = read_rules(str(folder / RULES), read)
    desk = open_desk(rules, read, clock=clock_at(_NOW, _ZONE), seed="demo", zone=_ZONE)
    decisions = desk.assign_many(read.customers)
    write_decisions(str(folder / "decisions.csv"), decisions)
    console = Console(highlight=False)
    console.print(f"The desk in {folder}: {len(read.agents)} agents, {len(decisions)} customers.\n", markup=False)
    _show_decisions(decisions, console)
    show_summary(decisions, read.agents, console=console)
    _show_explanation(decisions, console)
    console.print(_NEXT.format(folder=folder, program=_program()), markup=False, soft_wrap=True)


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


def _show_explanation(decisions: Sequence[Decision], console: Console) -> None:
    """Show why for one customer whose rule had to choose among several people."""
    chosen = next((d for d in decisions if d.rule == "Strategic accounts" and d.outcome == "assigned"), decisions[0])
    console.print(f"\nwhy, for {chosen.item_id}:\n", markup=False)
    console.print(chosen.explain(), markup=False, soft_wrap=True)


_NEXT = """
next:
  cd {folder}
  edit sales.rules, then see what changes:
    {program} check sales.rules --agents agents.csv --customers customers.csv
    {program} assign sales.rules --agents agents.csv --customers customers.csv --zone Asia/Shanghai --out decisions.csv
  ask why one customer goes where it goes:
    {program} explain sales.rules --agents agents.csv --customers customers.csv --zone Asia/Shanghai --item C0002
  then give it your own files: any CSV with a header will do."""
