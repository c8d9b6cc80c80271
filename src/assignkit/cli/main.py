"""Where the program starts."""

from __future__ import annotations

import sys

from assignkit.errors import MissingExtraError


def main() -> None:
    """Run the command line and leave the process with its exit code: 0, 1 (rules are wrong), or 2 (usage, files)."""
    try:
        from assignkit.cli.commands import app  # noqa: PLC0415 - its packages may be missing
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("rich", "typer"):
            raise
        sys.stderr.write(f"assignkit: {MissingExtraError(extra='cli')}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    app()
