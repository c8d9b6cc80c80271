"""Files that the program writes: refused before any work where they cannot be, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say

STDOUT = "-"

_BEGINNING = 50  # characters of a name in that of its temporary file, which is not to become too long for a disk
_STREAMS = ("/dev/fd/", "/dev/stdout", "/dev/stderr", "/proc/")  # how systems name what a program was given open


@dataclass(frozen=True, slots=True)
class Form:
    """What is written, by its name and the endings that files with it may have, the usual one first."""

    name: str
    endings: tuple[str, ...]


CSV = Form("CSV", (".csv",))
HTML = Form("HTML", (".html", ".htm", ".xhtml"))
SVG = Form("SVG", (".svg",))
JUNIT = Form("JUnit XML", (".xml",))

_WORKBOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"}
_DATA = {".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".db", ".sqlite", ".yaml", ".yml", ".toml", ".rules"}
_PAGES = {".pdf", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".eps", ".ps", ".doc", ".docx", ".md"}
_PACKED = {".zip", ".gz", ".bz2", ".xz", ".zst"}
_KNOWN = frozenset().union(*(form.endings for form in (CSV, HTML, SVG, JUNIT)), _WORKBOOKS, _DATA, _PAGES, _PACKED)


def check_destination(
    out: str,
    others: Iterable[str | None],
    *,
    form: Form = CSV,
    option: str = "--out",
    stdout_is_free: bool = True,
) -> None:
    """Raise `ConfigurationError` if nothing could be written to `out`, before any work is done.

    Nor is `form` written under a name that promises another one, nor over one of the `others`.
    """
    if out == STDOUT:
        if not stdout_is_free:
            msg = say("cli.out_is_taken", option=option)
            raise ConfigurationError(msg)
        if sys.stdout is None:
            msg = say("cli.no_standard_output")
            raise ConfigurationError(msg)
        return
    if not out.strip():
        msg = say("cli.out_is_blank", option=option)
        raise ConfigurationError(msg)
    path = Path(out)
    if path.is_dir() or out.endswith(os.sep):
        msg = say("cli.out_is_a_directory", option=option, out=out)
        raise ConfigurationError(msg)
    if not path.parent.is_dir():
        msg = say("cli.out_has_no_directory", option=option, out=out, folder=path.parent)
        raise ConfigurationError(msg)
    if any(given and given != STDOUT and _same_file(path, Path(given)) for given in others):
        msg = say("cli.out_is_used", option=option, out=out)
        raise ConfigurationError(msg)
    ending = path.suffix.lower()
    if ending in _KNOWN and ending not in form.endings:
        named = path.with_suffix(form.endings[0])
        msg = say("cli.out_is_another_form", option=option, out=out, form=form.name, ending=ending, named=named)
        raise ConfigurationError(msg)
    if _is_protected(path):
        msg = say("cli.out_is_read_only", option=option, out=out)
        raise ConfigurationError(msg)


def _same_file(one: Path, other: Path) -> bool:
    try:
        return os.path.realpath(one) == os.path.realpath(other) or one.samefile(other)
    except (OSError, ValueError):
        return False


def _is_protected(path: Path) -> bool:
    """Return whether a file is there that is not to be written, also by those who may write all files."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) and not (mode & 0o222 and os.access(path, os.W_OK))


def _is_given_open(path: Path) -> bool:
    return os.path.abspath(path).startswith(_STREAMS)  # noqa: PTH100 - links there lead to what has no name


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` to `path` at once: whoever looks sees the old file or the new one, also after a crash.

    An existing file keeps its permissions, and one that is read-only stays as it is: `PermissionError`. A link keeps
    pointing where it does; a device or pipe is written to.
    """
    try:
        if _is_protected(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if _is_given_open(path) or (path.exists() and not path.is_file()):
            with path.open("ab") as stream:  # what else went there stays
                stream.write(data)
        else:
            _replace(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error  # not the temporary file, nor none


def _replace(target: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name[:_BEGINNING]}.", dir=target.parent)
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
