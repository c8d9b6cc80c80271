"""Where the program `assignkit` begins: beside the package, which takes a while to import."""

from __future__ import annotations

import signal
import sys

_INTERRUPTED = 130  # as `assignkit.cli.exits` says it, which is still to be imported


def main() -> None:
    """Run the command line, and leave the process with its exit code; on Ctrl-C at once, from the first import on.

    A command says itself how it is interrupted, while it runs.
    """
    if callable(signal.getsignal(signal.SIGINT)):  # else the process is to ignore it
        signal.signal(signal.SIGINT, _leave)
    from assignkit.cli.main import main as run  # noqa: PLC0415 - this is what takes long

    run()


def _leave(*_: object) -> None:
    sys.exit(_INTERRUPTED)
