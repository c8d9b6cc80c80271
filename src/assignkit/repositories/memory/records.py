"""Records of one noun."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from assignkit.errors import AlreadyExistsError, ConflictError, NotFoundError
from assignkit.model.building import altered
from assignkit.model.grant import Grant
from assignkit.model.record import Record, as_identity, refuse_what_is_no
from assignkit.repositories.base import Page
from assignkit.repositories.listing import listed
from assignkit.repositories.memory.undo import UndoLog

R = TypeVar("R", bound=Record)


class RecordBook(Generic[R]):
    """Records by id, all of them of one model. `noun` is what errors call one of them."""

    def __init__(self, noun: str, undo: UndoLog, *, model: type[Record] = Record) -> None:
        self._noun = noun
        self._model = model
        self._undo = undo
        self._records: dict[str, R | Grant] = {}

    def add(self, record: R) -> R:
        """Store a new record; see `Repository.add`."""
        refuse_what_is_no(self._model, record)
        if record.id in self._records:
            raise AlreadyExistsError(noun=self._noun, key=record.id)
        return self._write(record, version=1)

    def take(self, grants: Sequence[Grant]) -> None:
        """Take note of items that were not here before; their records are made of it when somebody asks."""
        known, taken = self._records, list[Grant]()
        self._undo.note((taken, self._take_out, 1))
        for grant in grants:
            if grant.item_id in known:
                raise AlreadyExistsError(noun=self._noun, key=grant.item_id)
            taken.append(grant)
            known[grant.item_id] = grant

    def get(self, id: str) -> R:
        """Return the record; see `Repository.get`."""
        record = self.find(id)
        if record is None:
            raise NotFoundError(noun=self._noun, key=str(id))
        return record

    def find(self, id: str) -> R | None:
        """Return the record, or None; see `Repository.find`."""
        if type(id) is not str:
            id = str(as_identity(id))
        found = self._records.get(id)
        return None if found is None else self._made(id)

    def save(self, record: R) -> R:
        """Replace the stored record; see `Repository.save`."""
        refuse_what_is_no(self._model, record)
        stored = self.get(record.id)
        if stored.version != record.version:
            what = f"version of {self._noun} `{record.id}`"
            raise ConflictError(what=what, expected=record.version, found=stored.version)
        return self._write(record, version=stored.version + 1)

    def remove(self, id: str) -> None:
        """Remove the record; see `Repository.remove`."""
        self._undo.erase(self._records, self.get(id).id)

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[R]:
        """Return the records that fit, in order; see `Repository.list`. Takes time by the number of records."""
        return listed(self, filter, order, page)

    def __iter__(self) -> Iterator[R]:
        return map(self._made, tuple(self._records))

    def _made(self, id: str) -> R:
        found = self._records[id]
        if not isinstance(found, Grant):
            return found
        made = self._records[id] = cast("R", found.record())
        return made

    def _take_out(self, taken: Sequence[Grant]) -> None:
        for grant in taken:
            self._records.pop(grant.item_id, None)

    def _write(self, record: R, *, version: int) -> R:
        stored = record if record.version == version else altered(record, {"version": version})
        self._undo.write(self._records, record.id, stored)
        return stored
