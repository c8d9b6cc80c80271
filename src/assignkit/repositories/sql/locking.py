"""Which names a unit has locked, and the numbers that stand for names among a database's locks."""

from __future__ import annotations

import hashlib

from assignkit.hashing import SEPARATOR
from assignkit.repositories.sql.buffering import Undo


class Locks:
    """The names that one unit has locked until it ends, whether rows bear them or not.

    A lock that an inner unit took goes with it when it is taken back, as it does in the database.
    """

    def __init__(self, undo: Undo, *, scope: str, tenant: str) -> None:
        self._undo = undo
        self._scope = scope
        self._tenant = tenant
        self._held: dict[tuple[str, ...], bool] = {}

    def has(self, *names: str) -> bool:
        """Return whether the name is locked."""
        return names in self._held

    def note(self, *names: str) -> None:
        """Note that the name is locked."""
        self._undo.write(self._held, names, value=True)

    def number_of(self, *names: str) -> int:
        """Return the number that stands for a name among the locks of all stores in the database."""
        return _number_of(SEPARATOR.join((self._scope, self._tenant, *names)))

    def clear(self) -> None:
        """Forget all, as they ended with the unit."""
        self._held.clear()


def _number_of(name: str) -> int:
    # Names that share a number wait for each other without need, and nothing worse.
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
