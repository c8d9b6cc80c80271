"""A pooler in front of PostgreSQL, in transaction mode and without mercy: each transaction comes to another session.

It does what PgBouncer does with `pool_mode = transaction`, and never `DISCARD`s: whoever keeps anything in a session, a
lock, a setting, a prepared statement, does not find it again, or finds somebody else's. Of the protocol (PostgreSQL's
manual, "Frontend/Backend Protocol", version 3.0) it knows what it takes to see where a transaction ends.
"""

from __future__ import annotations

import queue
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.campaigns.listening import SOCKET, Listener
from tests.postgres import USER, Server

_CHUNK = 1 << 16
_VERSION = 196608
_WELCOME = b"R" + struct.pack("!ii", 8, 0)
_KEY = b"K" + struct.pack("!iii", 12, 2**30, 0)  # a client's own, as poolers give it: no process of the server has it
_READY = b"Z" + struct.pack("!i", 5) + b"I"
_ASKING = b"QSF"  # what the server answers with "ready": a query, the end of a pipeline's part, a function call
_WAIT_SECONDS = 30


class Pieces:
    """Cuts a stream into messages: what has come of the last one waits for its rest."""

    def __init__(self) -> None:
        self._rest = b""

    def of(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that are whole by now."""
        self._rest += data
        while len(self._rest) > 4:
            (length,) = struct.unpack_from("!i", self._rest, 1)
            if len(self._rest) <= length:
                return
            yield self._rest[: length + 1]
            self._rest = self._rest[length + 1 :]


class Pooler(Listener):
    """Few sessions for many clients: one that is asked for comes back at the end of the queue.

    `lent` counts transactions, `sessions` says by how many of the server's they were served.
    """

    def __init__(self, server: Server, folder: Path, *, sessions: int) -> None:
        self._where = str(server.directory / SOCKET)
        self.sessions = sessions
        self.lent = 0
        self._told = b""
        self._free: queue.Queue[socket.socket] = queue.Queue()
        for _ in range(sessions):
            self._free.put(self._session())
        super().__init__(folder)

    def close(self) -> None:
        """Take no more clients, and end the sessions."""
        super().close()
        while not self._free.empty():
            self._free.get().close()

    def _session(self) -> socket.socket:
        """Begin a session with the server; what it says of itself at first is told to every client."""
        session = socket.socket(socket.AF_UNIX)
        session.connect(self._where)
        names = b"".join(part.encode() + b"\0" for part in ("user", USER, "database", "postgres")) + b"\0"
        session.sendall(struct.pack("!ii", len(names) + 8, _VERSION) + names)
        pieces, told = Pieces(), b""
        while True:
            for message in pieces.of(session.recv(_CHUNK)):
                told += message if message[:1] == b"S" else b""
                if message[:1] == b"Z":
                    self._told = told
                    return session

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            (length,) = struct.unpack("!i", client.recv(4))
            client.recv(length - 4)
            client.sendall(_WELCOME + self._told + _KEY + _READY)
            said = Pieces()
            while first := client.recv(_CHUNK):
                messages = list(said.of(first))
                if messages and messages[0][:1] == b"X":
                    return
                if messages:
                    self._transact(client, said, messages)

    def _transact(self, client: socket.socket, said: Pieces, messages: list[bytes]) -> None:
        """Lend the client a session until the transaction is over; if the client goes before, the session does too."""
        session = self._free.get(timeout=_WAIT_SECONDS)
        whole = False
        try:
            whole = _passed_on(client, session, said, messages)
        finally:
            self.lent += 1
            if not whole:
                session.close()
                session = self._session()
            self._free.put(session)


def _passed_on(client: socket.socket, session: socket.socket, said: Pieces, messages: list[bytes]) -> bool:
    """Pass on what both say; returns True when the session is idle, False when the client is gone."""
    told, asked = Pieces(), 0
    while True:
        for message in messages:
            asked += message[:1] in _ASKING
        session.sendall(b"".join(messages))
        messages = []
        ready, _, _ = select.select([client, session], [], [])
        if session in ready:
            data = session.recv(_CHUNK)
            idle = False
            for message in told.of(data):
                if message[:1] == b"Z":
                    asked -= 1
                    idle = message[5:6] == b"I"
            client.sendall(data)
            if not asked and idle:
                return True
        elif client in ready:
            data = client.recv(_CHUNK)
            messages = list(said.of(data))
            if not data or any(message[:1] == b"X" for message in messages):
                return False


@contextmanager
def pooler_for(server: Server, *, sessions: int = 4) -> Iterator[Pooler]:
    """A pooler in front of a server, closed at the end."""
    with TemporaryDirectory(prefix="pb") as folder:  # the path of a socket has to be short
        pooler = Pooler(server, Path(folder), sessions=sessions)
        try:
            yield pooler
        finally:
            pooler.close()
