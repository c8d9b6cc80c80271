"""How a command ends: errors become messages and exit codes, an interrupt leaves nothing behind."""

from __future__ import annotations

import functools
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, ParamSpec, TextIO

import typer

from assignkit.diagnostics import Diagnostic, Severity
from assignkit.errors import AssignkitError, RuleError, UnknownStrategyError
from assignkit.importing.problems import FileError
from assignkit.rules.codes import LATER

P = ParamSpec("P")

RULES_ARE_WRONG = 1
USAGE = 2
INTERRUPTED = 130  # as shells report a program that Ctrl-C ended
TERMINATED = 143
PIPE_CLOSED = 141

_SHOWN = 12  # findings of rules that fit on a screen; files limit theirs themselves


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Return `command` with its errors told on the standard error: a person never sees a traceback of theirs."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        for name in ("assignkit", "psycopg"):
            logging.getLogger(name).addHandler(logging.NullHandler())  # what goes wrong is told once, by us
        try:
            with _unwinding_when_terminated():
                command(*args, **kwargs)
                _flush()
        except KeyboardInterrupt:
            fail("interrupted; nothing was written", INTERRUPTED)
        except BrokenPipeError:
            _hush()
            raise typer.Exit(PIPE_CLOSED) from None
        except AssignkitError as error:
            tell_error(error)
            raise typer.Exit(_code(error)) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            fail(f"{where}{error.strerror or error}: check the disk and your rights, and try again", USAGE)

    return run


@contextmanager
def _unwinding_when_terminated() -> Iterator[None]:
    """Let SIGTERM end the block by an exception, so that temporary files are removed on the way."""
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's business
        yield
        return
    previous = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _hush() -> None:
    """Nobody reads on: let the interpreter's last flush go nowhere instead of failing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def _code(error: AssignkitError) -> int:
    return RULES_ARE_WRONG if isinstance(error, RuleError | UnknownStrategyError) else USAGE


def fail(message: str, code: int) -> NoReturn:
    """Say why the command cannot go on, and end it."""
    sys.stderr.write(f"assignkit: {message}\n")
    raise typer.Exit(code) from None


def tell_error(error: AssignkitError) -> None:
    """Write an error as a person reads it: its findings, or its message."""
    found: tuple[Diagnostic, ...] = getattr(error, "diagnostics", ())
    if isinstance(error, FileError):
        tell(error.diagnostics)
    elif found:
        tell(found[:_SHOWN])
        if len(found) > _SHOWN:
            sys.stderr.write(f"and {len(found) - _SHOWN:,} more: correct these first\n")
    else:
        sys.stderr.write(f"assignkit: {error}\n")


def tell(findings: Iterable[Diagnostic]) -> None:
    """Write findings to the standard error, in colour on a terminal."""
    color = in_color(sys.stderr)
    for finding in findings:
        sys.stderr.write(f"{finding.render(color=color)}\n")


def tell_of_rules(findings: Sequence[Diagnostic], path: str) -> None:
    """Write the warnings about rules that can be used all the same, and count the notes."""
    tell(finding for finding in findings if finding.severity is not Severity.NOTE)
    notes = sum(finding.code == LATER for finding in findings)
    if notes:
        told = "1 clause has" if notes == 1 else f"{notes} clauses have"
        sys.stderr.write(f"{path}: {told} no effect yet: `assignkit check {path}` says which\n")


def in_color(stream: TextIO) -> bool:
    """Return whether colours make sense there."""
    return stream.isatty() and not os.environ.get("NO_COLOR")
