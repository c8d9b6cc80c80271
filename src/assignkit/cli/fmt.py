"""`assignkit fmt`: rules in their canonical form."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assignkit.cli.exits import RULES_ARE_WRONG, guarded, tell_error
from assignkit.cli.options import Speech
from assignkit.cli.speech import speak
from assignkit.cli.streams import write_data

if TYPE_CHECKING:
    from assignkit.messages.text import LanguageCode


@guarded
def fmt(
    rules: Annotated[
        list[str],
        typer.Argument(metavar="RULES…", help="Rule files, `-` for stdin, which goes to stdout.", show_default=False),
    ],
    *,
    check: Annotated[bool, typer.Option("--check", help="Only tell which files would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Only show what would change.")] = False,
    language: Annotated[
        Speech | None,
        typer.Option("--language", help="Write the keywords in this language. Else in that of each file."),
    ] = None,
) -> None:
    """Lay out rules in the one canonical way; comments, texts and names stay. Exit code 1: wrong, or would change."""
    from assignkit.errors import RuleError  # noqa: PLC0415 - `--help` need not wait for the library
    from assignkit.importing.decoding import is_read_once  # noqa: PLC0415

    wanted: LanguageCode | None = language.value if language else None
    failed = changed = False
    for path in rules:
        into_stdout = is_read_once(path) and not (check or diff)
        try:
            before, after = _formatted(path, wanted)
        except RuleError as error:
            tell_error(error)
            failed = True
            continue
        if into_stdout:
            write_data(after.encode("utf-8", "surrogatepass"))
        elif before != after:
            changed = True
            _change(path, before, after, only_tell=check, show=diff)
    if failed or (changed and (check or diff)):
        raise typer.Exit(RULES_ARE_WRONG)


def _formatted(path: str, language: LanguageCode | None) -> tuple[str, str]:
    """Return what a file holds and what it should hold."""
    from assignkit.importing.decoding import STDIN, read_bytes, refuse_binary_data  # noqa: PLC0415
    from assignkit.language.formatter import format_bytes  # noqa: PLC0415

    data = sys.stdin.buffer.read() if path == STDIN else read_bytes(Path(path))
    if path != STDIN:
        refuse_binary_data(Path(path), data)
    after = format_bytes(data, language, name="<stdin>" if path == STDIN else path)
    return data.decode("utf-8", "replace"), after.decode()


def _change(path: str, before: str, after: str, *, only_tell: bool, show: bool) -> None:
    from assignkit.cli.writing import replace_file  # noqa: PLC0415

    if show:
        names = speak("as_it_is", path=path), speak("as_formatted", path=path)
        lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), *names)
        typer.echo("".join(line if line.endswith("\n") else f"{line}\n" for line in lines), nl=False)
    if only_tell:
        sys.stderr.write(f"{speak('would_change', path=path)}\n")
    elif not show:
        replace_file(Path(path), after.encode())
        sys.stderr.write(f"{speak('formatted', path=path)}\n")
