"""How a command ends: errors become messages and exit codes, an interrupt leaves nothing behind."""

from __future__ import annotations

import functools
import inspect
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn, TextIO

import typer

from assignkit.cli import speech
from assignkit.cli.option_groups import spread
from assignkit.cli.options import SPEECH_HELP, Speech
from assignkit.cli.speech import speak, spoken, translated
from assignkit.cli.streams import hush
from assignkit.diagnostics import Diagnostic, Severity
from assignkit.errors import AssignkitError, RuleError, UnknownStrategyError
from assignkit.importing.problems import FileError
from assignkit.messages.text import Text, say
from assignkit.rules.codes import LATER

RULES_ARE_WRONG = 1
USAGE = 2
INTERRUPTED = 130  # as shells report a program that Ctrl-C ended
TERMINATED = 143
PIPE_CLOSED = 141

_SHOWN = 12  # findings of rules that fit on a screen; files limit theirs themselves


Language = Annotated[Speech | None, typer.Option("--language", help=SPEECH_HELP)]


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` with its errors told on the standard error: a person never sees a traceback of theirs.

    It also gets the option `--language`, which says in which language it speaks, unless it has one of its own; and the
    fields of a dataclass that it takes are options, see `cli.option_groups`.
    """
    options = spread(command)
    parameters = list(options.parameters)
    chooses = any(parameter.name == "language" for parameter in parameters)

    @functools.wraps(command)
    def run(*args: Any, language: Speech | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - whatever it takes
        if language is not None:
            speech.choose(language.value)
        told: dict[str, Any] = {"language": language} if chooses else {}
        _run(command, *args, **told, **options.gathered(kwargs))

    if not chooses:
        parameters.append(
            inspect.Parameter("language", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Language)
        )
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what typer reads
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _run(command: Callable[..., None], *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever it takes
    for name in ("assignkit", "psycopg"):
        logging.getLogger(name).addHandler(logging.NullHandler())  # what goes wrong is told once, by us
    try:
        with _unwinding_when_ended():
            command(*args, **kwargs)
            _flush()
    except KeyboardInterrupt:
        fail(say("cli.interrupted"), INTERRUPTED)
    except BrokenPipeError:
        hush()
        raise typer.Exit(PIPE_CLOSED) from None
    except AssignkitError as error:
        tell_error(error)
        raise typer.Exit(_code(error)) from None
    except OSError as error:
        fail(told_by_system(error), USAGE)


@contextmanager
def _unwinding_when_ended() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the block by an exception, so that temporary files are removed on the way."""
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's business
        yield
        return
    previous = {signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))}
    if callable(signal.getsignal(signal.SIGINT)):  # else the process is to ignore it
        previous[signal.SIGINT] = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _code(error: AssignkitError) -> int:
    return RULES_ARE_WRONG if isinstance(error, RuleError | UnknownStrategyError) else USAGE


def fail(message: Text, code: int) -> NoReturn:
    """Say why the command cannot go on, and end it."""
    sys.stderr.write(f"assignkit: {translated(message)}\n")
    raise typer.Exit(code) from None


def told_by_system(error: OSError) -> Text:
    """Return what the operating system has to say, and what to do about it."""
    where = f"{error.filename}: " if error.filename else ""
    return say("cli.check_the_disk", where=where, why=error.strerror or error)


def tell_error(error: AssignkitError) -> None:
    """Write an error as a person reads it: its findings, or its message."""
    found: tuple[Diagnostic, ...] = getattr(error, "diagnostics", ())
    if isinstance(error, FileError):
        tell(error.diagnostics)
    elif found:
        tell(found[:_SHOWN])
        if len(found) > _SHOWN:
            more = speak("correct_these_first", hidden=len(found) - _SHOWN)
            sys.stderr.write(f"{more}\n")
    else:
        sys.stderr.write(f"assignkit: {translated(error.message)}\n")


def tell(findings: Iterable[Diagnostic]) -> None:
    """Write findings to the standard error, in colour on a terminal."""
    color = in_color(sys.stderr)
    for finding in findings:
        sys.stderr.write(f"{finding.render(color=color, language=spoken())}\n")


def tell_of_rules(findings: Sequence[Diagnostic], path: str) -> None:
    """Write the warnings about rules that can be used all the same, and count the notes."""
    tell(finding for finding in findings if finding.severity is not Severity.NOTE)
    notes = sum(finding.code == LATER for finding in findings)
    if notes:
        sys.stderr.write(f"{speak('no_effect_yet', count=notes, path=path)}\n")


def in_color(stream: TextIO | None) -> bool:
    """Return whether colours make sense there; None is a stream that was closed."""
    return stream is not None and stream.isatty() and not os.environ.get("NO_COLOR")
