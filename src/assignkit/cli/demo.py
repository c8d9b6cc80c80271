"""`assignkit demo`: a small sales desk, from files to decisions that are kept in a database."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli.exits import guarded
from assignkit.cli.speech import speak, spoken

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
    console.print(f"\n{speak('demo_why', item=chosen.item_id)}\n", markup=False)
    console.print(chosen.explain(language=spoken()), markup=False, soft_wrap=True)
    store = f"sqlite:///{_STORE}"
    told = speak("demo_next", folder=folder, program=_program(), store=store, item=chosen.item_id)
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
    file = folder / _STORE
    said = [speak("demo_desk", folder=folder, agents=len(outcome.agents), customers=total, file=file)]
    if outcome.before == total:
        said.append(speak("demo_all_before"))
    elif outcome.before:
        said.append(speak("demo_some_before", before=outcome.before))
    return "".join(f"{line}\n" for line in said)


def _program() -> str:
    """Return what to type for `assignkit`: a virtual environment that is not activated is not on the path."""
    started = Path(sys.argv[0]).absolute()
    return "assignkit" if shutil.which("assignkit") or started.stem != "assignkit" else str(started)


def _show_decisions(decisions: Sequence[Decision], console: Console) -> None:
    from rich.table import Table  # noqa: PLC0415

    from assignkit.cli.decisions import told_reason  # noqa: PLC0415

    table = Table(title=speak("demo_first", shown=_SHOWN), title_justify="left")
    for heading in ("item", "outcome", "agent", "rule", "reason"):
        table.add_column(speak(f"heading_{heading}"))
    for decision in decisions[:_SHOWN]:
        outcome = speak(f"outcome_{decision.outcome}")
        table.add_row(decision.item_id, outcome, decision.agent_id or "", decision.rule or "", told_reason(decision))
    console.print(table)


def _telling(decisions: Sequence[Decision]) -> Decision:
    """Return a decision whose rule had to choose among several people."""
    return next((d for d in decisions if d.rule == "Strategic accounts" and d.outcome == "assigned"), decisions[0])
