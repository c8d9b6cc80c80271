"""Records: one repository per noun that a host has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from assignkit.model.record import Record

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a list: skip `offset` records, return at most `limit`."""

    offset: int = 0
    limit: int = 100


class Repository(Protocol[R]):
    """Records of one noun. A host may put its own in a store's place, for its own customers and agents."""

    def add(self, record: R) -> R:
        """Store a new record and return it with `version` 1; `AlreadyExistsError` if the id is taken."""
        ...

    def get(self, id: str) -> R:
        """Return the record; `NotFoundError` if there is none."""
        ...

    def find(self, id: str) -> R | None:
        """Return the record, or None."""
        ...

    def save(self, record: R) -> R:
        """Replace the stored record and return it with its version raised by one.

        `ConflictError` unless `record.version` is the stored version; `NotFoundError` if there is none.
        """
        ...

    def remove(self, id: str) -> None:
        """Remove the record; `NotFoundError` if there is none, `InUseError` while something depends on it."""
        ...

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[R]:
        """Return the records whose fields equal those of `filter`, sorted by `order`, then by id.

        A filter value that is a list, tuple or set means any of them; for a collection field it means that the field
        holds the value. A leading `-` in `order` sorts downwards; missing values come last either way.
        """
        ...
