"""`assignkit test`: runs the examples that stand in rules."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli import options
from assignkit.cli.exits import RULES_ARE_WRONG, guarded, in_color, tell_error
from assignkit.cli.speech import speak, spoken
from assignkit.cli.streams import write_data

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Read
    from assignkit.proving.examples import ExampleReport, ExampleResult


@guarded
def run_tests(
    rules: Annotated[
        list[str], typer.Argument(metavar="RULES…", help="Rule files, `-` for stdin.", show_default=False)
    ],
    *,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Tell which rules, clauses and rows no example used.")
    ] = False,
    junit: Annotated[
        str | None, typer.Option("--junit", metavar="FILE", help="Write the outcome as JUnit XML too, `-` for stdout.")
    ] = None,
    seed: options.Seed = "",
    zone: options.Zone = "UTC",
    files: options.FieldFiles,
    schema: options.SchemaFile = None,
) -> None:
    """Run the examples in rules. Exit code 0: all as expected, 1: some not, or rules are wrong, 2: files or usage."""
    from assignkit.cli.bootstrap import Inputs, read_inputs  # noqa: PLC0415 - `--help` need not wait for the library

    _check_junit(junit, [*rules, files.agents, files.customers, files.tasks, schema])
    inputs = Inputs(agents=files.agents, customers=files.customers, tasks=files.tasks, zone=zone, schema=schema)
    reports = _reports(rules, read_inputs(inputs), seed=seed, zone=zone)
    _show(reports, coverage=coverage, told=junit != "-")
    if junit is not None:
        _write_junit(junit, [result for report in reports for result in report.results])
    if len(reports) < len(rules) or not all(report.passed for report in reports):
        raise typer.Exit(RULES_ARE_WRONG)


def _reports(rules: list[str], read: Read, *, seed: str, zone: str) -> list[ExampleReport]:
    """Return what came of the examples of each file; what is wrong with the rules of others is told, and no report."""
    from assignkit.cli.bootstrap import read_rules  # noqa: PLC0415
    from assignkit.errors import RuleError  # noqa: PLC0415
    from assignkit.proving.examples import run_examples  # noqa: PLC0415

    reports: list[ExampleReport] = []
    for path in rules:
        try:
            ruleset = read_rules(path, read)
        except RuleError as error:
            tell_error(error)
        else:
            reports.append(run_examples(ruleset, zone=zone, seed=seed))
    return reports


def _show(reports: list[ExampleReport], *, coverage: bool, told: bool) -> None:
    if not told:
        return
    color = in_color(sys.stdout)
    for result in (result for report in reports for result in report.failures):
        typer.echo(_failure(result, color=color), color=color)
    if coverage:
        for report in reports:
            typer.echo(report.coverage.to_text(language=spoken()))
    results = [result for report in reports for result in report.results]
    failed = sum(not result.passed for result in results)
    count = len(results)
    typer.echo(
        speak("examples_failed", count=count, failed=failed) if failed else speak("examples_passed", count=count)
    )


def _failure(result: ExampleResult, *, color: bool) -> str:
    red, green, reset = ("\x1b[31m", "\x1b[32m", "\x1b[0m") if color else ("", "", "")
    paint = {"-": red, "+": green}
    lines = [f"{paint.get(line[:1], '')}{line}{reset}" for line in result.difference(language=spoken()).splitlines()]
    why = [f"    {line}" for line in result.explanation(language=spoken()).splitlines()]
    failed = speak("example_failed", file=result.file, line=result.line, name=result.name)
    return "\n".join([failed, *lines, *why, ""])


def _check_junit(path: str | None, files: list[str | None]) -> None:
    """Raise `ConfigurationError` if the outcome could not be written, before anything is run."""
    from assignkit.cli.writing import JUNIT, check_destination  # noqa: PLC0415

    if path is not None:
        check_destination(path, files, form=JUNIT, option="--junit")


def _write_junit(path: str, results: list[ExampleResult]) -> None:
    from assignkit.cli.writing import replace_file  # noqa: PLC0415
    from assignkit.proving.junit import to_junit  # noqa: PLC0415

    report = to_junit(results)
    if path == "-":
        write_data(report.encode())
    else:
        replace_file(Path(path), report.encode())
