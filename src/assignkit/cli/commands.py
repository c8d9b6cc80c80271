"""The table of commands."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from assignkit.cli.assign import assign
from assignkit.cli.backtest import backtest
from assignkit.cli.check import check
from assignkit.cli.compare import compare
from assignkit.cli.db import db
from assignkit.cli.demo import demo
from assignkit.cli.explain import explain
from assignkit.cli.fmt import fmt
from assignkit.cli.history import history
from assignkit.cli.options import SPEECH_HELP, Speech
from assignkit.cli.speech import choose
from assignkit.cli.test import run_tests

app = typer.Typer(
    help="Decide who gets this customer, and who does this task: by rules that a sales manager can read.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(demo)
app.command()(assign)
app.command()(check)
app.command()(fmt)
app.command("test")(run_tests)
app.command()(explain)
app.add_typer(history, name="history")
app.add_typer(db, name="db")
app.command()(compare)
app.command()(backtest)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - how typer calls back
    if wanted:
        typer.echo(f"assignkit {version('assignkit')}")
        raise typer.Exit


def _choose(language: Speech | None) -> None:
    if language is not None:
        choose(language.value)


@app.callback()
def assignkit(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version.")
    ] = False,
    language: Annotated[
        Speech | None,
        typer.Option("--language", callback=_choose, help=SPEECH_HELP),
    ] = None,
) -> None:
    """Decide who gets this customer, and who does this task: by rules that a sales manager can read."""
