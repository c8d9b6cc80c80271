"""Decisions as a CSV file: inert in spreadsheets, the same bytes each time, written whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from assignkit.cli.speech import spoken
from assignkit.cli.streams import write_data
from assignkit.errors import ConfigurationError
from assignkit.messages.text import say
from assignkit.model.decision import Decision
from assignkit.model.wording import queue_text, reasons_text

STDOUT = "-"
COLUMNS = ("item_id", "outcome", "agent_id", "rule", "reason")

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")  # full-width twins too
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def check_destination(out: str, inputs: Iterable[str | None]) -> None:
    """Raise `ConfigurationError` if nothing could be written to `out`, before any work is done."""
    if out == STDOUT:
        if sys.stdout is None:
            msg = say("cli.no_standard_output")
            raise ConfigurationError(msg)
        return
    path = Path(out)
    if path.is_dir():
        msg = say("cli.out_is_a_directory", out=out)
        raise ConfigurationError(msg)
    if not path.parent.is_dir():
        msg = say("cli.out_has_no_directory", out=out, folder=path.parent)
        raise ConfigurationError(msg)
    if any(given and given != STDOUT and _same_file(path, Path(given)) for given in inputs):
        msg = say("cli.out_is_read", out=out)
        raise ConfigurationError(msg)


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def write_decisions(out: str, decisions: Sequence[Decision], *, explain: bool = False) -> None:
    """Write one row per decision, in order: UTF-8, lines ending in LF; `explain` adds a column that says why."""
    data = decisions_csv(decisions, explain=explain).encode("utf-8", "surrogatepass")
    if out == STDOUT:
        write_data(data)
        return
    replace_file(Path(out), data)


def decisions_csv(decisions: Iterable[Decision], *, explain: bool = False) -> str:
    """Return the decisions as CSV text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, "explanation") if explain else COLUMNS)
    for decision in decisions:
        cells = (decision.item_id, decision.outcome, decision.agent_id, decision.rule, reason_of(decision))
        writer.writerow(
            [inert(cell or "") for cell in (*cells, *((decision.explain(language=spoken()),) if explain else ()))]
        )
    return text.getvalue()


def reason_of(decision: Decision) -> str:
    """Return in a few words why the item is where it is, or where that is."""
    place = f'pool "{decision.pool}"' if decision.pool else decision.queue
    return "; ".join(filter(None, (place, *decision.reasons)))


def told_reason(decision: Decision) -> str:
    """Return the reason as a person reads it: in Chinese in words, in English as in the file."""
    if spoken() == "en":
        return reason_of(decision)
    words = [reasons_text(decision.reasons, language=spoken())] if decision.reasons else []
    place = (
        [f"公海“{decision.pool}”"]
        if decision.pool
        else [queue_text(decision.queue, language=spoken())]
        if decision.queue
        else []
    )
    return "；".join([*place, *words])


def inert(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula.

    >>> inert("=1+1"), inert("-5"), inert("Li")
    ("'=1+1", '-5', 'Li')
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` to `path` at once: whoever looks sees the old file or the new one, also after a crash.

    An existing file keeps its permissions; a link keeps pointing where it does; a device or pipe is written to.
    """
    try:
        _replace(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error  # not the temporary file, nor none


def _replace(target: Path, data: bytes) -> None:
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))  # noqa: PTH101
        os.replace(temporary, target)  # noqa: PTH105 - the same in either spelling
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


def _mode(target: Path) -> int:
    """Return the permissions of the file that is replaced, or those of any new file."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
