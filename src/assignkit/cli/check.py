"""`assignkit check`: everything that can be said about rules without running them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli import options
from assignkit.cli.exits import RULES_ARE_WRONG, guarded, tell
from assignkit.cli.speech import speak, spoken
from assignkit.cli.streams import write_data
from assignkit.messages.text import say

if TYPE_CHECKING:
    from assignkit.diagnostics import Diagnostic


class CheckFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


@guarded
def check(
    rules: Annotated[
        list[str], typer.Argument(metavar="RULES…", help="Rule files, `-` for stdin.", show_default=False)
    ],
    *,
    files: options.FieldFiles,
    form: Annotated[CheckFormat, typer.Option("--format", help="How findings are written.")] = CheckFormat.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are failures too.")] = False,
    cost: Annotated[
        bool, typer.Option("--cost", help="Say what matching costs, and which conditions no index answers.")
    ] = False,
    reading: options.Reading,
) -> None:
    """Tell all that is wrong or doubtful in rules. Exit code 0: nothing wrong, 1: errors, 2: files or usage."""
    from assignkit.cli.bootstrap import read_inputs  # noqa: PLC0415 - `--help` need not wait for the library
    from assignkit.cli.checking import check_file  # noqa: PLC0415
    from assignkit.cli.costs import told_costs  # noqa: PLC0415
    from assignkit.diagnostics import Severity  # noqa: PLC0415

    if cost and (form is not CheckFormat.TEXT or "-" in rules):
        raise typer.BadParameter(speak("cost_is_text"))
    read = read_inputs(reading.of(agents=files.agents, customers=files.customers, tasks=files.tasks))
    tell(read.notes)
    found = [finding for path in rules for finding in check_file(path, read)]
    _show(found, form, len(rules))
    severities = {finding.severity for finding in found}
    if cost and Severity.ERROR not in severities:
        for path in rules:
            typer.echo(told_costs(path, read), nl=False)
    if Severity.ERROR in severities or (strict and Severity.WARNING in severities):
        raise typer.Exit(RULES_ARE_WRONG)


def _show(found: list[Diagnostic], form: CheckFormat, files: int) -> None:
    from assignkit.renderings import to_github, to_json, to_sarif  # noqa: PLC0415

    if form is CheckFormat.JSON:
        write_data(f"{to_json(found, language=spoken())}\n".encode())
    elif form is CheckFormat.SARIF:
        from importlib.metadata import version  # noqa: PLC0415

        write_data(f"{to_sarif(found, version=version('assignkit'), language=spoken())}\n".encode())
    elif form is CheckFormat.GITHUB:
        if found:
            typer.echo(to_github(found, language=spoken()))
    else:
        _show_text(found, files)


def _show_text(found: list[Diagnostic], files: int) -> None:
    import sys  # noqa: PLC0415

    from assignkit.cli.exits import in_color  # noqa: PLC0415

    color = in_color(sys.stdout)
    for finding in found:
        typer.echo(finding.render(color=color, language=spoken()), color=color)
    typer.echo(_verdict(found, files))


def _verdict(found: list[Diagnostic], files: int) -> str:
    counted = tuple(
        say(f"cli.{severity}", count=count)
        for severity in ("error", "warning", "note")
        if (count := sum(finding.severity == severity for finding in found))
    )
    return speak("checked", count=files, findings=counted or say("cli.nothing_to_say"))
