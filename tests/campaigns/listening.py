"""What stands between clients and PostgreSQL's socket: a listener, with a thread for each client."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

from tests.postgres import USER

SOCKET = ".s.PGSQL.5432"


class Listener:
    """Takes clients at a socket of its own, in a folder whose path is short; `url` leads there."""

    def __init__(self, folder: Path) -> None:
        self.url = f"postgresql://{USER}@/postgres?host={folder}"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more clients."""
        # Closing a socket does not wake up who waits for it.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Speak with one client, and close its socket."""
        raise NotImplementedError
