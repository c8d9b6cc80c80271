"""Opening what is to be read: a pipe that nobody writes to is not waited for, a device without end not begun."""

from __future__ import annotations

import errno
import io
import os
import select
import stat
from pathlib import Path
from typing import IO

from assignkit.messages.text import say

_PATIENCE_SECONDS = 10.0  # for somebody who begins to write


def is_stream(path: Path) -> bool:
    """Return whether what is there is neither file nor directory, so that it can be read once only."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def open_to_read(path: Path) -> IO[bytes]:
    """Return an open file, pipe or terminal.

    Raises `OSError` as `open` does, and for a pipe into which nobody writes, and for devices that are no terminal.
    """
    mode = path.stat().st_mode
    if stat.S_ISFIFO(mode):
        return _opened_pipe(path)
    opened = path.open("rb")
    if stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and not (opened.isatty() or path.samefile(os.devnull))):
        opened.close()
        raise OSError(errno.ENODEV, say("file.is_a_device"), str(path))
    return opened


def _opened_pipe(path: Path) -> IO[bytes]:
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # else it waits here for somebody who writes
    try:
        begun = b""
        if not select.select([handle], [], [], _PATIENCE_SECONDS)[0]:
            begun = _begun(handle, path)
        os.set_blocking(handle, True)
        opened = os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise
    if not begun:
        return opened
    with opened:
        return io.BytesIO(begun + opened.read())


def _begun(handle: int, path: Path) -> bytes:
    """Return what has just come; raises `TimeoutError` if nobody has the pipe open to write, now or earlier."""
    try:
        begun = os.read(handle, 1)
    except BlockingIOError:  # somebody has, and takes their time
        return b""
    if not begun:
        raise TimeoutError(errno.ETIMEDOUT, say("file.nobody_writes"), str(path))
    return begun
