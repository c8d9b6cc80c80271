"""`assignkit backtest`: what rules would have done with recorded items; fit to gate a pull request."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assignkit.cli import options, stores
from assignkit.cli.exits import USAGE, fail, guarded, tell, tell_of_rules
from assignkit.cli.progress import bar_on_terminal
from assignkit.cli.speech import speak
from assignkit.cli.streams import write_data
from assignkit.messages.text import say

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Inputs, Read
    from assignkit.simulation import Backtest, Columns, Recorded

LIMIT_EXCEEDED = 1


History = Annotated[
    str | None, typer.Option("--history", metavar="FILE", help="The decisions on record, CSV, XLSX or JSON.")
]
Baseline = Annotated[
    str | None, typer.Option("--baseline", metavar="RULES", help="Compare with these rules, not with the record.")
]
Tasks = Annotated[bool, typer.Option("--tasks", help="The history holds tasks. Else customers.")]
Time = Annotated[str, typer.Option("--time", metavar="COLUMN", help="When an item came.")]
Agent = Annotated[str, typer.Option("--agent", metavar="COLUMN", help="Who got it.")]
Outcome = Annotated[str, typer.Option("--outcome", metavar="COLUMN", help="What came of it.")]
Won = Annotated[str, typer.Option("--won", metavar="WORDS", help="Outcomes that are a success, `;` between.")]
Lost = Annotated[str, typer.Option("--lost", metavar="WORDS", help="Outcomes that are a failure.")]
Closed = Annotated[str | None, typer.Option("--closed", metavar="COLUMN", help="When the agent was done with it.")]
Reward = Annotated[
    str | None, typer.Option("--reward", metavar="COLUMN", help="What it was worth, instead of won or lost.")
]
Propensity = Annotated[
    str | None, typer.Option("--propensity", metavar="COLUMN", help="The chance that the agent had of getting it.")
]
MaxMoved = Annotated[
    str | None, typer.Option("--max-moved", metavar="PART", help="Fail if more items move, such as 5%.")
]
MaxUnassigned = Annotated[
    str | None, typer.Option("--max-unassigned", metavar="PART", help="Fail if more items have nobody.")
]
MaxBreaches = Annotated[
    int | None, typer.Option("--max-breaches", min=0, help="Fail if the rules forbid more of what is on record.")
]
MaxDead = Annotated[int | None, typer.Option("--max-dead", min=0, help="Fail if more rules decide nothing.")]
Form = Annotated[str, typer.Option("--format", help="`text` or `json`.")]
Out = Annotated[str | None, typer.Option("--out", metavar="FILE", help="Write a row per item, as CSV.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    """Which columns of the history hold what."""

    time: Time = "time"
    agent: Agent = "agent"
    outcome: Outcome = "outcome"
    won: Won = "won"
    lost: Lost = "lost"
    closed: Closed = None
    reward: Reward = None
    propensity: Propensity = None

    @property
    def columns(self) -> Columns:
        """The same as a replay takes it."""
        from assignkit.simulation import Columns  # noqa: PLC0415 - `--help` need not wait for the library

        return Columns(
            at=self.time,
            agent=self.agent,
            outcome=self.outcome,
            won=_words(self.won),
            lost=_words(self.lost),
            closed_at=self.closed,
            reward=self.reward,
            propensity=self.propensity,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where the record is: in the files that were named, or in the history of a store."""

    inputs: Inputs
    place: stores.Place | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """What may change before the command says no; None for anything."""

    max_moved: MaxMoved = None
    max_unassigned: MaxUnassigned = None
    max_breaches: MaxBreaches = None
    max_dead: MaxDead = None


@guarded
def backtest(
    rules: options.Rules,
    *,
    agents: options.AgentsOfDesk = None,
    history: History = None,
    store: stores.StoreOptions,
    baseline: Baseline = None,
    tasks: Tasks = False,
    where: _Where,
    limits: _Limits,
    form: Form = "text",
    out: Out = None,
    seed: options.Seed = "",
    reading: options.Reading,
) -> None:
    """Replay decisions on record under these rules: who gains, who loses, what nobody has, which rules are dead.

    The record is a file, or a store's history. Ends with 1 if a limit is exceeded, so that it can guard a pull request.
    """
    place = store.place
    if (history is None) == (place is None) or (history is not None and agents is None):
        fail(say("cli.say_what_record"), USAGE)
    inputs = reading.of(agents=agents, tasks=history if tasks else None, customers=None if tasks else history)
    source = _Source(inputs=inputs, place=place, kind="tasks" if tasks else "customers")
    _check(form, out, [rules, baseline], inputs)
    bounds = _bounds(limits)
    read, records = _read(source, where)
    found = _replay(rules, baseline, read, records, source, seed=seed)
    _write(found, form, out)
    _judge(found, bounds)


def _check(form: str, out: str | None, rules: Sequence[str | None], inputs: Inputs) -> None:
    """Raise `ConfigurationError` if nothing could be written as it is wanted, before any work is done."""
    from assignkit.cli.writing import check_destination  # noqa: PLC0415 - `--help` need not wait for the library
    from assignkit.errors import ConfigurationError  # noqa: PLC0415

    if form not in ("text", "json"):
        msg = say("cli.text_or_json", form=form)
        raise ConfigurationError(msg)
    if out is not None:
        files = [*rules, inputs.agents, inputs.customers, inputs.tasks, inputs.schema]
        check_destination(out, files, stdout_is_free=False)


def _read(source: _Source, where: _Where) -> tuple[Read, list[Recorded]]:
    """Return what the files or the store hold, and the decisions on record; tell of what is doubtful."""
    from assignkit.cli.bootstrap import read_inputs  # noqa: PLC0415

    read = read_inputs(source.inputs)
    if source.place is None:
        records = _records(read, source.inputs, where)
    else:
        read, records = _stored(read, source.place, source.kind, where)
    tell(read.notes)
    return read, records


def _replay(
    rules: str, baseline: str | None, read: Read, records: list[Recorded], source: _Source, *, seed: str
) -> Backtest:
    from assignkit.cli.bootstrap import read_rules  # noqa: PLC0415
    from assignkit.simulation import backtest as run_backtest  # noqa: PLC0415

    rule_set = read_rules(rules, read)
    tell_of_rules(rule_set.diagnostics, rules)
    with bar_on_terminal(speak("replaying")) as progress:
        return run_backtest(
            rule_set,
            read.agents,
            records,
            baseline=None if baseline is None else read_rules(baseline, read),
            seed=seed,
            kind=source.kind,
            zone=source.inputs.zone,
            progress=progress,
        )


def _write(found: Backtest, form: str, out: str | None) -> None:
    from assignkit.cli.backtest_text import as_csv, as_text  # noqa: PLC0415
    from assignkit.cli.writing import replace_file  # noqa: PLC0415

    if form == "json":
        write_data(f"{json.dumps(found.to_data(), indent=2, ensure_ascii=False)}\n".encode())
    else:
        typer.echo(as_text(found))
    if out is not None:
        replace_file(Path(out), as_csv(found).encode("utf-8"))


def _records(read: Read, inputs: Inputs, where: _Where) -> list[Recorded]:
    from assignkit.cli.recorded import fields_of, instant  # noqa: PLC0415
    from assignkit.simulation import read_recorded  # noqa: PLC0415

    items = read.tasks if inputs.kind == "tasks" else read.customers
    rows: list[dict[str, Any]] = []
    for item in items:
        row = {**fields_of(item), "id": item.id}
        if item.owner is not None:
            row["owner"] = item.owner
        for column in filter(None, (where.time, where.closed)):
            if row.get(column) is not None:
                row[column] = instant(row, column, inputs.zone)
        rows.append(row)
    _check_columns(rows, where)
    return read_recorded(rows, where.columns)


def _stored(read: Read, place: stores.Place, kind: str, where: _Where) -> tuple[Read, list[Recorded]]:
    """Return what is known with a store's agents, those of a file laid over them, and the decisions in its history."""
    from assignkit.cli.bringing import compare_agents, fields_of_stored, with_stored_agents  # noqa: PLC0415
    from assignkit.simulation import recorded_in  # noqa: PLC0415

    with stores.opened(place) as store:
        known = with_stored_agents(read, compare_agents(store, read.agents).agents)
        fields = fields_of_stored(kind, store.items(kind).list())
        return known.with_columns(kind, fields), recorded_in(store, kind=kind, columns=where.columns)


def _check_columns(rows: list[dict[str, Any]], where: _Where) -> None:
    """Raise `ConfigurationError` for a column that no row has: it is named wrongly."""
    from assignkit.errors import ConfigurationError  # noqa: PLC0415

    named = {"--time": where.time, "--agent": where.agent, "--closed": where.closed}
    named |= {"--reward": where.reward, "--propensity": where.propensity}
    known = {name for row in rows for name in row}
    for option, column in named.items():
        if rows and column is not None and column not in known:
            msg = say("cli.no_column", column=column, option=option, known=tuple(sorted(known)))
            raise ConfigurationError(msg)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(";") if word.strip())


def _bounds(limits: _Limits) -> dict[str, float]:
    from assignkit.cli.measures import part_of  # noqa: PLC0415

    found: dict[str, float] = {}
    if limits.max_moved is not None:
        found["moved"] = part_of(limits.max_moved, option="--max-moved")
    if limits.max_unassigned is not None:
        found["unassigned"] = part_of(limits.max_unassigned, option="--max-unassigned")
    if limits.max_breaches is not None:
        found["breaches"] = limits.max_breaches
    if limits.max_dead is not None:
        found["dead"] = limits.max_dead
    return found


def _judge(found: Backtest, bounds: dict[str, float]) -> None:
    """End with 1 if more changes than may, and say what."""
    breaches, dead = sum(found.breaches.values()), len(found.dead_rules)
    seen = {"moved": found.moved_part, "unassigned": found.unassigned_part, "breaches": breaches, "dead": dead}
    broken = [name for name, bound in bounds.items() if seen[name] > bound]
    for name in broken:
        told = {("found" if name in ("breaches", "dead") else "part"): seen[name], "bound": bounds[name]}
        sys.stderr.write(f"assignkit: {speak(f'limit_{name}', **told)}\n")
    if broken:
        raise typer.Exit(LIMIT_EXCEEDED)
