"""Options that belong together: a command takes them as one, and a person gives them one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from assignkit.cli.exits import guarded


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """How something is painted."""

    color: Annotated[str, typer.Option("--color")]
    coats: Annotated[int, typer.Option("--coats", min=1)] = 2


@guarded
def paint(what: str, *, before: bool = False, paint: Paint, after: bool = False) -> None:
    """Paint something."""
    typer.echo(f"{what} {paint} {before} {after}")


app = typer.Typer()
app.command()(paint)


def test_the_fields_of_a_group_are_options_and_the_command_gets_them_as_one() -> None:
    told = CliRunner().invoke(app, ["door", "--color", "red", "--after"])

    assert told.output == "door Paint(color='red', coats=2) False True\n"


def test_what_is_wrong_with_an_option_of_a_group_is_told_as_of_any_other() -> None:
    missing = CliRunner().invoke(app, ["door"])
    wrong = CliRunner().invoke(app, ["door", "--color", "red", "--coats", "0"])

    assert (missing.exit_code, wrong.exit_code) == (2, 2)
    assert "--color" in missing.output
    assert "--coats" in wrong.output


def test_help_shows_the_options_of_a_group_in_its_place() -> None:
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "120"}).output

    places = [shown.index(option) for option in ("--before", "--color", "--coats", "--after", "--language")]
    assert places == sorted(places)


def test_a_command_that_is_called_from_python_takes_the_defaults_of_a_group(capsys: pytest.CaptureFixture[str]) -> None:
    paint("wall", color="blue")

    assert capsys.readouterr().out == "wall Paint(color='blue', coats=2) False False\n"
