"""A proxy in front of PostgreSQL that loses answers: it stands between a store and the server's socket."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from tests.campaigns.listening import SOCKET, Listener
from tests.postgres import Server

Fate = Literal["pass", "cut before", "cut after", "swallow"]
Choose = Callable[[bytes], Fate]

_CHUNK = 1 << 16
_PATIENCE_SECONDS = 1  # a server says nothing to a part of a pipeline that goes on in the next piece


class Proxy(Listener):
    """Passes on what clients say; `choose` decides the fate of each piece, and of the connection with it.

    `cut before` drops the connection and the piece; `cut after` hands it on and does not wait for the answer;
    `swallow` waits until the server has answered, and tells nobody.
    """

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self.choose: Choose = lambda _: "pass"
        self.lost = 0
        super().__init__(folder)

    def _serve(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            server.connect(str(self._server.directory / SOCKET))
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if server in ready:
                    told = server.recv(_CHUNK)
                    if not told:
                        return
                    client.sendall(told)
                if client in ready and not self._passed_on(client, server):
                    return

    def _passed_on(self, client: socket.socket, server: socket.socket) -> bool:
        said = client.recv(_CHUNK)
        if not said:
            return False
        fate = self.choose(said)
        if fate == "pass":
            server.sendall(said)
            return True
        self.lost += 1
        if fate != "cut before":
            server.sendall(said)
        if fate == "swallow" and select.select([server], [], [], _PATIENCE_SECONDS)[0]:
            server.recv(_CHUNK)
        return False


@contextmanager
def proxy_for(server: Server) -> Iterator[Proxy]:
    """A proxy in front of a server, closed at the end."""
    with TemporaryDirectory(prefix="px") as folder:  # the path of a socket has to be short
        proxy = Proxy(server, Path(folder))
        try:
            yield proxy
        finally:
            proxy.close()
