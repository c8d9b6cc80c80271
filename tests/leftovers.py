"""What tests leave to the machine, and where: it is taken away when they end, also when they are killed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Waits for a line, or until nobody holds the other end of its standard input any more, which no kill can prevent.
_KEEPER = 'folder=$1; shift; read -r _; test $# = 0 || "$@"; rm -rf "$folder"'

_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has a name of its own
_ROOM = 2 * 1024**3  # several servers at once; a container often has as little as 64 MB there


def folder_in_memory() -> Path | None:
    """Return a folder in memory where files can be made, or None where there is none with enough room."""
    usable = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    return _MEMORY if usable else None


@contextmanager
def gone_at_the_end(
    folder: Path, *, first: Sequence[str] = (), account: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Run the command `first`, and remove the folder, when this is left or the process ends in whatever way."""
    with subprocess.Popen(
        ["/bin/sh", "-c", _KEEPER, "keeper", str(folder), *first],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,  # an interrupt is for the tests
        **(account or {}),
    ) as keeper:
        try:
            yield
        finally:
            keeper.communicate(b"\n")
