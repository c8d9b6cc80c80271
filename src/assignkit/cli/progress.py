"""How far a command is, on the standard error: a bar on a terminal, else a line from time to time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assignkit.cli.speech import speak

if TYPE_CHECKING:
    from assignkit.desk.chunking import Progress

_EVERY_SECONDS = 10.0


@contextmanager
def shown_progress(*, lines: bool = True) -> Iterator[Progress]:
    """Yield what is told how many items are done, and of how many; without `lines` it is quiet off a terminal."""
    with bar_on_terminal(speak("assigning")) as show:
        if show is None:
            yield _Lines() if lines else lambda _done, _total: None
        else:
            yield show


@contextmanager
def bar_on_terminal(label: str) -> Iterator[Progress | None]:
    """Yield what is told how much is done, and of how much; None where no terminal would show it."""
    from rich.console import Console  # noqa: PLC0415 - `--help` need not wait for it
    from rich.progress import Progress as Bar  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Bar(console=console, transient=True) as bar:
        task = bar.add_task(label)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _Lines:
    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._told > _EVERY_SECONDS:
            self._told = time.monotonic()
            sys.stderr.write(f"{speak('so_far', done=done, total=total)}\n")
            sys.stderr.flush()
