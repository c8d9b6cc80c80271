"""The standard streams: usable whatever the program was started with, and what machines read written as it is."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress
from pathlib import Path


def make_ready() -> None:
    """Let nothing be lost because of where the program writes.

    A stream that was closed goes nowhere, so that no file is opened in its place; characters that an encoding does not
    have are written as escapes, in ASCII as UTF-8.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # which takes the lowest number that is free
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - stays open as long as the program
    told = sys.stdout
    if isinstance(told, io.TextIOWrapper):
        encoding = codecs.lookup(told.encoding).name
        if encoding == "ascii":  # nobody has such a terminal any more: the environment does not say what it is
            told.reconfigure(encoding="utf-8", errors="backslashreplace")
        elif encoding != "utf-8" or told.errors == "strict":
            told.reconfigure(errors="backslashreplace")


def write_data(data: bytes) -> None:
    """Write what machines read to the standard output, as it is: nobody else's encoding is its own."""
    if sys.stdout is None:
        return
    sys.stdout.flush()
    left = memoryview(data)
    while left:  # an unbuffered stream (PYTHONUNBUFFERED) may take less than it is given
        left = left[sys.stdout.buffer.write(left) :]
    sys.stdout.buffer.flush()


def hush() -> None:
    """Let what is still to be written go nowhere: nobody takes it, and the interpreter's last flush would fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
