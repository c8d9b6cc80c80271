"""The store of a run: where the database is gone, the run ends, instead of every item failing for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from assignkit.errors import BackendError
from assignkit.repositories.base import Unit
from assignkit.repositories.sql import SqlStore
from assignkit.repositories.sql.errors import TransientError, UncertainError

T = TypeVar("T")


class LostError(BaseException):
    """The database cannot be used any more. No `Exception`: a batch tells those as errors of its items, and goes on."""

    def __init__(self, error: BackendError) -> None:
        super().__init__(str(error))
        self.error = error


class RunStore(SqlStore):
    """A store in a SQL database that raises `LostError` where doing a unit again did not help."""

    def transact(self, act: Callable[[Unit], T]) -> T:
        """Return what `act` gives within a unit; see `Store.transact`."""
        try:
            return super().transact(act)
        except BackendError as error:
            if any(isinstance(each, TransientError | UncertainError) for each in (error, error.__cause__)):
                raise LostError(error) from error
            raise
