"""The command line as a whole: in which language it speaks, and whether the packages that it needs are there."""

from __future__ import annotations

import sys

from assignkit.cli import speech
from assignkit.errors import MissingExtraError


def main() -> None:
    """Run the command line and leave the process with its exit code: 0, 1 (rules are wrong), or 2 (usage, files)."""
    speech.choose(speech.of_arguments(sys.argv[1:]))
    try:
        from assignkit.cli.commands import app  # noqa: PLC0415 - its packages may be missing
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("rich", "typer"):
            raise
        sys.stderr.write(f"assignkit: {speech.translated(MissingExtraError(extra='cli').message)}\n")
        sys.exit(2)
    if speech.spoken() == "en":
        app()
    from assignkit.cli.chinese import run  # noqa: PLC0415 - only where it is spoken

    run(app)
