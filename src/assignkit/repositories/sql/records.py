"""Records of one noun: one row each, with the fields as JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from assignkit.errors import AlreadyExistsError, ConfigurationError, ConflictError, NotFoundError
from assignkit.model.record import Record, as_identity
from assignkit.repositories.base import Page
from assignkit.repositories.memory.listing import listed
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.encoding import is_plain
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.mapping import record_data, record_of
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this

R = TypeVar("R", bound=Record)

_FIELD = re.compile(r"\w+")


class RecordStatements:
    """What is said to the database about the records of one table; `items` holds those of many kinds."""

    def __init__(self, table: sa.Table, database: Database) -> None:
        self.table = table
        self.database = database
        self.dialect = database.dialect()
        self._of_kind = [this(column) for column in table.c if column.name in ("tenant", "kind")]
        of_id = sa.and_(*self._of_kind, this(table.c.id))
        self._columns = [table.c.id, table.c.version, database.document_text(table.c.data)]
        written = {name: sa.bindparam(name, type_=table.c[name].type) for name in ("version", "data")}
        self.find = Statement(sa.select(*self._columns).where(of_id), self.dialect)
        self.insert = Statement(database.insert(table).on_conflict_do_nothing(), self.dialect)
        update = sa.update(table).where(of_id, this(table.c.version, "expected")).values(written)
        self.update = Statement(update, self.dialect)
        self.remove = Statement(sa.delete(table).where(of_id), self.dialect)
        self.list = Statement(self.select().order_by(table.c.id), self.dialect)

    def select(self) -> sa.Select[Any]:
        """Return the query for all records of the kind."""
        return sa.select(*self._columns).where(*self._of_kind)


class SqlRecords(Generic[R]):
    """Records by id. `noun` is what errors call one of them, `kind` what the rows of `items` are told apart by."""

    def __init__(
        self,
        session: Session,
        statements: RecordStatements,
        *,
        model: type[R],
        noun: str,
        kind: str | None = None,
        read: Callable[[type[R], str, int, str], R] = record_of,
    ) -> None:
        self._session = session
        self._say = statements
        self._model = model
        self._noun = noun
        self._read = read
        self._place: dict[str, Any] = {} if kind is None else {"kind": kind}

    def add(self, record: R) -> R:
        """Store a new record; see `Repository.add`."""
        if not is_plain(record.id):
            msg = f"a SQL store cannot keep the id {record.id!r}: it holds a NUL or half a character"
            raise ConfigurationError(msg)
        stored = record.at_version(1)
        if not self._session.count(self._say.insert, **self._place, id=record.id, version=1, data=self._data(record)):
            if self._noted(record.id) == 0:
                raise OvertakenError(what=f"{self._noun} `{record.id}`", expected=None, found="one that is new")
            raise AlreadyExistsError(noun=self._noun, key=record.id)
        self._note(record.id, 1)
        return stored

    def get(self, id: str) -> R:
        """Return the record; see `Repository.get`."""
        record = self.find(id)
        if record is None:
            raise NotFoundError(noun=self._noun, key=str(id))
        return record

    def find(self, id: str) -> R | None:
        """Return the record, or None; see `Repository.find`."""
        identity = str(as_identity(id))
        row = self._session.row(self._say.find, **self._place, id=identity) if is_plain(identity) else None
        if row is None:
            self._note_read(identity, 0)
            return None
        self._note_read(identity, row[1])
        return self._read(self._model, *row)

    def save(self, record: R) -> R:
        """Replace the stored record; see `Repository.save`."""
        expected, version = record.version, record.version + 1
        written = self._session.count(
            self._say.update, **self._place, id=record.id, expected=expected, version=version, data=self._data(record)
        )
        if not written:
            self._refuse_save(record)
        self._note(record.id, version)
        return record.at_version(version)

    def remove(self, id: str) -> None:
        """Remove the record; see `Repository.remove`."""
        identity = str(as_identity(id))
        if not self._session.count(self._say.remove, **self._place, id=identity):
            raise NotFoundError(noun=self._noun, key=identity)
        self._note(identity, 0)

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[R]:
        """Return the records that fit, in order; see `Repository.list`.

        The database narrows a filter by texts down, and cuts the page if all records come by id; the rest is done here.
        """
        if page is not None and not filter and order == "id" and min(page.offset, page.limit) >= 0:
            query = self._say.select().order_by(self._say.table.c.id).limit(page.limit).offset(page.offset)
            return list(self._records(Statement(query, self._say.dialect)))
        return listed(self._records(self._narrowed(filter or {})), filter, order, page)

    # --- inside

    def _data(self, record: R) -> str:
        return record_data(record, self._model, of=f"{self._noun} `{record.id}`")

    def _records(self, statement: Statement) -> Iterator[R]:
        for row in self._session.rows(statement, **self._place):
            self._note_read(row[0], row[1])
            yield self._read(self._model, *row)

    def _narrowed(self, filter: Mapping[str, Any]) -> Statement:
        """Return a query for at least the records that fit; fields with a default are left to Python."""
        query, table = self._say.select(), self._say.table
        conditions: list[sa.ColumnElement[bool]] = []
        for name, wanted in filter.items():
            choices = list(wanted) if isinstance(wanted, list | tuple | AbstractSet) else [wanted]
            if not all(type(choice) is str for choice in choices) or not _FIELD.fullmatch(name):
                continue
            choices = [choice for choice in choices if is_plain(choice)]  # the others are kept as objects
            if name == "id":
                conditions.append(table.c.id.in_(choices))
            elif self._is_none_by_default(name):
                text, kind = (
                    ask(table.c.data, name) for ask in (self._say.database.field_text, self._say.database.field_kind)
                )
                conditions.append(sa.or_(text.in_(choices), kind.in_(["array", "object"])))
        if not conditions:
            return self._say.list
        return Statement(query.where(*conditions), self._say.dialect)

    def _is_none_by_default(self, name: str) -> bool:
        field = self._model.model_fields.get(name)
        return field is None or (field.default is None and field.default_factory is None)

    def _refuse_save(self, record: R) -> None:
        noted = self._noted(record.id)
        row = self._session.row(self._say.find, **self._place, id=record.id)
        what = f"version of {self._noun} `{record.id}`"
        if noted == record.version != 0:
            raise OvertakenError(what=what, expected=record.version, found=row[1] if row else None)
        if row is None:
            raise NotFoundError(noun=self._noun, key=record.id)
        raise ConflictError(what=what, expected=record.version, found=row[1])

    # --- what the unit knows: the version it read, 0 for none

    def _key(self, id: str) -> tuple[str, str, str]:
        return self._say.table.name, self._place.get("kind", ""), id

    def _noted(self, id: str) -> int | None:
        noted: int | None = self._session.memory.recall(self._key(id))
        return noted

    def _note(self, id: str, version: int) -> None:
        self._session.memory.note(self._key(id), version)

    def _note_read(self, id: str, version: int) -> None:
        # The first reading counts: what the unit found out since may rest on it.
        if self._session.writing and self._key(id) not in self._session.memory:
            self._note(id, version)
