"""How often a decision speaks to its database: seen on the wire, or by SQLite itself."""

from __future__ import annotations

import selectors
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import Pool

from benchmarks.store_scene import Place

_QUERY, _EXECUTE = ord("Q"), ord("E")
_SOCKET = ".s.PGSQL.5432"


@dataclass(slots=True)
class Tally:
    """What was said: statements, and the trips that they took."""

    statements: float = 0
    trips: float = 0


@contextmanager
def tallied(place: Place) -> Iterator[tuple[Place, Tally]]:
    """Lend the place with all its conversations counted."""
    tally = Tally()
    with _tallied_sqlite(place, tally) if place.is_sqlite else _tallied_postgres(place, tally) as heard:
        yield heard, tally


@contextmanager
def _tallied_sqlite(place: Place, tally: Tally) -> Iterator[Place]:
    def heard(_: str) -> None:
        tally.statements += 1
        tally.trips += 1

    def listen(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's
        connection.set_trace_callback(heard)

    sa.event.listen(Pool, "connect", listen)
    try:
        yield place
    finally:
        sa.event.remove(Pool, "connect", listen)


@contextmanager
def _tallied_postgres(place: Place, tally: Tally) -> Iterator[Place]:
    """Stand between client and server, and count on the way."""
    server = place.url.partition("host=")[2]
    with tempfile.TemporaryDirectory(prefix="pgway") as folder, socket.socket(socket.AF_UNIX) as ear:
        ear.bind(str(Path(folder) / _SOCKET))
        ear.listen()
        threading.Thread(target=_accept, args=(ear, f"{server}/{_SOCKET}", tally), daemon=True).start()
        yield replace(place, url=place.url.replace(server, folder))


def _accept(ear: socket.socket, server: str, tally: Tally) -> None:
    with suppress(OSError):  # the ear is closed at the end
        while True:
            client = ear.accept()[0]
            threading.Thread(target=_pass_on, args=(client, server, tally), daemon=True).start()


def _pass_on(client: socket.socket, address: str, tally: Tally) -> None:
    counter = _Counter(tally)
    with client, socket.socket(socket.AF_UNIX) as server, selectors.DefaultSelector() as ready, suppress(OSError):
        server.connect(address)
        ready.register(client, selectors.EVENT_READ, server)
        ready.register(server, selectors.EVENT_READ, client)
        while True:
            for key, _ in ready.select():
                source: Any = key.fileobj
                told = source.recv(1 << 16)
                if not told:
                    return
                if source is client:
                    counter.asked(told)
                else:
                    counter.answered()
                key.data.sendall(told)


class _Counter:
    """Reads what a client says: a trip begins where it speaks after the server did."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._unread = bytearray()
        self._started = False
        self._heard = True

    def asked(self, told: bytes) -> None:
        self._unread += told
        if self._heard:
            self._tally.trips += 1
            self._heard = False
        while (length := self._length()) and len(self._unread) >= length:
            if self._started and self._unread[0] in (_QUERY, _EXECUTE):
                self._tally.statements += 1
            self._started = self._started or length != len(_SSL_REQUEST)
            del self._unread[:length]

    def answered(self) -> None:
        self._heard = True

    def _length(self) -> int:
        """Return how long the next message is, 0 if that is not known yet; the first has no letter before it."""
        start = int(self._started)
        if len(self._unread) < start + 4:
            return 0
        return start + int.from_bytes(self._unread[start : start + 4], "big")


_SSL_REQUEST = bytes(8)
