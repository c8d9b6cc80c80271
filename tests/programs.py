"""The program as its user runs it, without waiting each time until it has been imported.

A server that has imported the program forks for every command line; the fork has its own folder, environment, standard
streams and exit code, as a process that a shell starts. `Programs` asks it; `python -m tests.programs FD` is it.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from io import BufferedWriter
from pathlib import Path
from typing import Any, Self

import typer.main

from assignkit import RuleSet
from assignkit.repositories.sql import SqlStore
from assignkit.repositories.sql.work import statements_for

_MODULE = "assignkit.cli"
_PACKAGES = (_MODULE, "assignkit.importing", "assignkit.repositories.sql")
_BESIDES = (
    *("assignkit_command", "assignkit.messages.cli", "assignkit.messages.cli_records", "assignkit.messages.cli_stores"),
    *("alembic.migration", "psycopg", "resource", "rich._emoji_codes", "rich.live", "rich.markdown", "rich.progress"),
    *("typer._adapters", "typer.rich_utils"),
)
_LENGTH = struct.Struct("!i")
_STREAMS = 3


class Programs:
    """Runs command lines of assignkit, one after the other."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", __name__, str(theirs.fileno())]
            environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
            self._server = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment
            )

    def run(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], given: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        """Return how `assignkit ARGUMENTS` ended and what it wrote, run in `folder` with `given` as standard input."""
        with self.start(arguments, folder=folder, environment=environment) as running:
            writing = threading.Thread(target=_write, args=(running.stdin, given))
            writing.start()
            said = [b"", b""]
            reading = threading.Thread(target=lambda: said.__setitem__(1, running.stderr.read()))
            reading.start()
            said[0] = running.stdout.read()
            reading.join()
            writing.join()
            return subprocess.CompletedProcess(["assignkit", *arguments], running.wait(), *said)

    def start(
        self, arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], terminal: int | None = None
    ) -> Running:
        """Return `assignkit ARGUMENTS` under way; no other is started before it ends.

        With a `terminal`, a descriptor that is closed here, that is where its standard error goes.
        """
        pipes = [os.pipe() for _ in range(_STREAMS)]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
        given = theirs if terminal is None else [*theirs[:2], terminal]
        wanted = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
        text = json.dumps(wanted).encode()
        socket.send_fds(self._socket, [_LENGTH.pack(len(text))], given)
        self._socket.sendall(text)
        for descriptor in {*theirs, *given}:
            os.close(descriptor)
        return Running(self._socket, (pipes[0][1], pipes[1][0], pipes[2][0]))

    def close(self) -> None:
        """End the server."""
        self._socket.close()
        self._server.wait(timeout=60)


class Running:
    """A program under way, with the other ends of its standard streams; killed in the end if it still is."""

    def __init__(self, server: socket.socket, streams: tuple[int, int, int]) -> None:
        self._server = server
        self._code: int | None = None
        self._pid = _LENGTH.unpack(_receive(server, _LENGTH.size))[0]
        self.stdin = os.fdopen(streams[0], "wb")
        self.stdout, self.stderr = os.fdopen(streams[1], "rb"), os.fdopen(streams[2], "rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.send_signal(signal.SIGKILL)
        self.wait()
        with suppress(BrokenPipeError):
            self.stdin.close()
        self.stdout.close()
        self.stderr.close()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended just now
                os.kill(self._pid, number)

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs; negative for a signal."""
        ended = self._code is not None or select.select([self._server], [], [], 0)[0]
        return self.wait() if ended else None

    def wait(self) -> int:
        """Return the exit code once it has ended."""
        if self._code is None:
            self._code = _LENGTH.unpack(_receive(self._server, _LENGTH.size))[0]
        return self._code


def serve(descriptor: int) -> None:
    """Fork for every command line that comes in, and say how it ended; returns in the forks."""
    asked = socket.socket(fileno=descriptor)
    while True:
        head, streams, _, _ = socket.recv_fds(asked, _LENGTH.size, _STREAMS)
        if not head:
            os._exit(0)
        wanted = json.loads(_receive(asked, _LENGTH.unpack(head)[0]))
        child = os.fork()
        if child == 0:
            asked.close()
            _become(wanted, streams)
            return
        for stream in streams:
            os.close(stream)
        asked.sendall(_LENGTH.pack(child))
        asked.sendall(_LENGTH.pack(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))


def _become(wanted: Mapping[str, Any], streams: Sequence[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which jobs in the background ignore
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - stays open as long as the program
    sys.argv = [_MODULE, *wanted["arguments"]]


def _write(stream: BufferedWriter, given: bytes) -> None:
    with suppress(BrokenPipeError):  # the program did not want all of it
        stream.write(given)
    with suppress(BrokenPipeError):
        stream.close()


def _receive(connection: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        part = connection.recv(length - len(received))
        if not part:
            msg = "the server of programs is gone"
            raise EOFError(msg)
        received += part
    return received


def get_ready() -> None:
    """Import what command lines need, and build what does not depend on them, so that forks find it."""
    # A third of what a short command takes; each fork has a copy of its own, as each process builds its own.
    typer.main.get_command = functools.cache(typer.main.get_command)  # before anybody imports it from there
    for package in map(importlib.import_module, _PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith((".__main__", ".env")):
                importlib.import_module(module.name)
    for name in _BESIDES:
        importlib.import_module(name)
    typer.main.get_command(importlib.import_module(f"{_MODULE}.commands").app)
    RuleSet.from_text('rule "Warm"\n  assign to team "East"')  # the grammar is built at first use, as statements are
    with closing(SqlStore("sqlite://")) as store:
        store.migrate()
    statements_for("postgresql", schema=None, prefix="assignkit_")
    gc.collect()
    gc.freeze()  # or each fork looks through all of that once more when it ends, and copies it by looking


def run() -> int:
    """Run the program; returns its exit code, which is that of the interpreter."""
    try:
        runpy.run_module(_MODULE, run_name="__main__", alter_sys=True)
    except SystemExit as left:
        if left.code is None or isinstance(left.code, int):
            return left.code or 0
        sys.stderr.write(f"{left.code}\n")
        return 1
    except BaseException:  # noqa: BLE001 - as the interpreter does
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def leave(code: int) -> None:
    """End the process as the interpreter does, but for taking itself apart, which takes longer than most commands."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        sys.exit(code)  # nobody reads any more: the interpreter says so
    os._exit(code & 0xFF)


if __name__ == "__main__":
    get_ready()
    serve(int(sys.argv[1]))
    leave(run())
