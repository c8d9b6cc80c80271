"""The command line as a whole: in which language it speaks, and whether the packages that it needs are there."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from assignkit.cli import speech
from assignkit.cli.streams import hush, make_ready
from assignkit.errors import MissingExtraError

if TYPE_CHECKING:
    import typer


def main() -> None:
    """Run the command line and leave the process with its exit code: 0, 1 (rules are wrong), or 2 (usage, files)."""
    make_ready()
    speech.choose(speech.of_arguments(sys.argv[1:]))
    try:
        from assignkit.cli.commands import app  # noqa: PLC0415 - its packages may be missing
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("rich", "typer"):
            raise
        sys.stderr.write(f"assignkit: {speech.translated(MissingExtraError(extra='cli').message)}\n")
        sys.exit(2)
    from assignkit.cli.exits import PIPE_CLOSED, USAGE, told_by_system  # noqa: PLC0415 - as above

    try:
        _run(app)
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # help and tables are written by packages, which leave with 1
            sys.exit(PIPE_CLOSED)
        raise
    except OSError as error:  # even what is to be said of it may find no room
        hush()
        with suppress(OSError):
            sys.stderr.write(f"assignkit: {speech.translated(told_by_system(error))}\n")
        sys.exit(USAGE)


def _run(app: typer.Typer) -> None:
    if speech.spoken() == "en":
        app()
    from assignkit.cli.chinese import run  # noqa: PLC0415 - only where it is spoken

    run(app)
