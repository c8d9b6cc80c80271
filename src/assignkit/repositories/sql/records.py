"""Records of one noun: one row each, with the fields as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Generic, TypeVar, cast

import sqlalchemy as sa

from assignkit.errors import AlreadyExistsError, ConfigurationError, ConflictError, NotFoundError
from assignkit.model.grant import Grant
from assignkit.model.record import Record, as_identity, refuse_what_is_no
from assignkit.repositories.base import Page
from assignkit.repositories.listing import check_page, listed, with_ids_as_text
from assignkit.repositories.sql.buffering import Buffer, Write
from assignkit.repositories.sql.bulk import inserting, updating
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.indexing import allowed
from assignkit.repositories.sql.mapping import record_data, record_of
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.spelling import is_plain
from assignkit.repositories.sql.statements import Row, Statement, this

R = TypeVar("R", bound=Record)


class RecordStatements:
    """What is said to the database about the records of one table; `items` holds those of many kinds."""

    def __init__(self, table: sa.Table, database: Database) -> None:
        self.table = table
        self.database = database
        self.dialect = database.dialect()
        self._of_kind = [this(column) for column in table.c if column.name in ("tenant", "kind")]
        of_id = sa.and_(*self._of_kind, this(table.c.id))
        self._columns = [table.c.id, table.c.version, database.document_text(table.c.data)]
        self.find = Statement(sa.select(*self._columns).where(of_id), self.dialect)
        key, expected = [c.name for c in table.primary_key], {"version": "expected"}
        self.insert = inserting(table, database)
        self.update = updating(table, database, key=key, written=("version", "data"), expected=expected)
        self.all_of = Statement(database.for_each(self.select(), table.c.id, "ids"), self.dialect)
        self.remove = Statement(sa.delete(table).where(of_id), self.dialect)
        self.list = Statement(self.select().order_by(table.c.id), self.dialect)

    def select(self) -> sa.Select[Any]:
        """Return the query for all records of the kind."""
        return sa.select(*self._columns).where(*self._of_kind)


class SqlRecords(Generic[R]):
    """Records by id. `noun` is what errors call one of them, `kind` what the rows of `items` are told apart by.

    `name` is what the unit knows them by, `place` where their writes stand among all others.
    """

    def __init__(
        self,
        session: Session,
        statements: RecordStatements,
        *,
        model: type[R],
        noun: str,
        kind: str | None = None,
        read: Callable[[type[R], str, int, str], R] = record_of,
        name: str | None = None,
        place: int = 30,
    ) -> None:
        self._session = session
        self._say = statements
        self._model = model
        self._noun = noun
        self._read = read
        self._place: dict[str, Any] = {} if kind is None else {"kind": kind}
        self._buffer: Buffer[str, R] = session.buffers.of(name or noun)
        self._buffer.make = Grant.record
        session.buffers.sends(place, self._writes, self._buffer.dirty)

    def add(self, record: R) -> R:
        """Store a new record; see `Repository.add`."""
        refuse_what_is_no(self._model, record)
        _refuse_unkept(record.id)
        if self.find(record.id) is not None:
            raise AlreadyExistsError(noun=self._noun, key=record.id)
        return self._write(record, 1)

    def take(self, grants: Sequence[Grant]) -> None:
        """Store the records of items that agents are given; see `add`."""
        added: dict[str, Grant] = {}
        data: list[str] = []
        for grant in grants:
            id = grant.item_id
            _refuse_unkept(id)
            if id in added or self.find(id) is not None:
                raise AlreadyExistsError(noun=self._noun, key=id)
            data.append(record_data(grant.item, self._model, of=f"{self._noun} `{id}`", owner=grant.agent.id))
            added[id] = grant
        key = (self._session.tenant, *self._place.values())
        rows: list[Row] = [(*key, id, 1, one) for id, one in zip(added, data, strict=True)]
        versions = dict.fromkeys(added, 1)
        self._session.add(self._buffer, Write(self._say.insert, rows), added, stored=versions, spelled=data)

    def get(self, id: str) -> R:
        """Return the record; see `Repository.get`."""
        record = self.find(id)
        if record is None:
            raise NotFoundError(noun=self._noun, key=str(id))
        return record

    def find(self, id: str) -> R | None:
        """Return the record, or None; see `Repository.find`."""
        identity = str(as_identity(id))
        if identity in self._buffer.known:
            return self._buffer.value(identity)
        known = self._remembered(identity)
        if known is not None:
            self._buffer.read(identity, known, known.version)
            return known
        row = self._session.row(self._say.find, **self._place, id=identity) if is_plain(identity) else None
        return self._found(identity, row)

    @property
    def all_of(self) -> Statement:
        """What asks for many at once; `place` are the parameters that it takes beside `ids`."""
        return self._say.all_of

    @property
    def place(self) -> dict[str, Any]:
        """What tells these records from others in the same table."""
        return self._place

    def has_found(self, id: str) -> bool:
        """Return whether the unit has come by the record already, and it is there."""
        return self._buffer.known.get(id) is not None

    def note_new(self, id: str) -> None:
        """Note that the database has no such record; what the unit has added, but not sent yet, is as it is."""
        self._buffer.read(id, self._buffer.value(id) if id in self._buffer.dirty else None, 0)

    def taker(self, ids: Sequence[str]) -> Callable[[Sequence[Row]], None]:
        """Return what notes what the database has of these records, which are locked now.

        What the unit had read before is forgotten: others may have changed it while the unit waited for the locks.
        """

        def take(rows: Sequence[Row]) -> None:
            found = {row[0]: row for row in rows}
            for id in ids:
                if id not in self._buffer.dirty:
                    self._buffer.forget(id)
                self._found(id, found.get(id))

        return take

    def save(self, record: R) -> R:
        """Replace the stored record; see `Repository.save`. `OvertakenError` later, if it is not as it was read."""
        refuse_what_is_no(self._model, record)
        stored = self.find(record.id)
        if stored is None:
            raise NotFoundError(noun=self._noun, key=record.id)
        if stored.version != record.version:
            what = f"version of {self._noun} `{record.id}`"
            raise ConflictError(what=what, expected=record.version, found=stored.version)
        return self._write(record, record.version + 1)

    def remove(self, id: str) -> None:
        """Remove the record; see `Repository.remove`."""
        identity = str(as_identity(id))
        self._session.flush()
        if not self._session.count(self._say.remove, **self._place, id=identity):
            raise NotFoundError(noun=self._noun, key=identity)
        self._buffer.read(identity, None, 0)

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[R]:
        """Return the records that fit, in order; see `Repository.list`.

        The database narrows a filter by texts or numbers down, and cuts the page if all records come by id; the rest is
        done here.
        """
        filter = with_ids_as_text(filter)
        if page is not None:
            check_page(page)
        if page is None and order == "id" and filter is not None and filter.keys() == {"id"}:
            named = _named(filter["id"])
            if named is not None:
                return list(self._those(named))
        self._session.flush()
        if page is not None and not filter and order == "id":
            query = self._say.select().order_by(self._say.table.c.id).limit(page.limit).offset(page.offset)
            return list(self._records(Statement(query, self._say.dialect)))
        return listed(self._records(self._narrowed(filter or {})), filter, order, page)

    # --- inside

    def _those(self, ids: Sequence[str]) -> Sequence[R]:
        """Return the records with these ids that there are, by id; those that the unit knows are not asked for."""
        found: dict[str, R | None] = {}
        for id in ids:
            found[id] = self._buffer.value(id) if id in self._buffer.known else self._remembered(id)
        unknown = [id for id in ids if id not in self._buffer.known and found[id] is None and is_plain(id)]
        if unknown:
            listed = self._say.database.listed(unknown)
            rows = {row[0]: row for row in self._session.rows(self._say.all_of, **self._place, ids=listed)}
            found.update((id, self._found(id, rows.get(id))) for id in unknown)
        return [record for record in found.values() if record is not None]

    def _remembered(self, id: str) -> R | None:  # noqa: ARG002 - for those that are remembered
        """Return the record, if it is known without asking."""
        return None

    def _write(self, record: R, version: int) -> R:
        kept = record.at_version(version)
        data = record_data(kept, self._model, of=f"{self._noun} `{record.id}`")
        self._buffer.spelled[record.id] = kept, data
        self._buffer.write(record.id, kept)
        return kept

    def _found(self, id: str, row: Row | None) -> R | None:
        """Return the record of a row. What was read first counts: what the unit found out since may rest on it."""
        found = None if row is None else self._read(self._model, *row)
        if self._session.writing:
            if id in self._buffer.known:
                return self._buffer.value(id)
            self._buffer.read(id, found, 0 if found is None else found.version)
        return found

    def _writes(self) -> Iterator[Write]:
        added: list[Row] = []
        changed: list[Row] = []
        key = (self._session.tenant, *self._place.values())
        written: list[tuple[str, Any, Any]] = self._buffer.changes()  # records, or grants that they are to be made of
        for id, value, expected in written:
            spelled = self._buffer.spelled.get(id)
            version = 1 if isinstance(value, Grant) else value.version
            if spelled is not None and spelled[0] is value:
                data = spelled[1]
            else:  # it was made of a grant, or an inner unit that was taken back had written over it
                data = record_data(cast("R", self._buffer.value(id)), self._model, of=f"{self._noun} `{id}`")
            if expected:
                changed.append((version, data, *key, id, expected))
            else:
                added.append((*key, id, version, data))
            self._buffer.settle(id, version)
        yield Write(self._say.insert, added)
        yield Write(self._say.update, changed)

    def _records(self, statement: Statement) -> Iterator[R]:
        for row in self._session.rows(statement, **self._place):
            found = self._found(row[0], row)
            if found is not None:
                yield found

    def _narrowed(self, filter: Mapping[str, Any]) -> Statement:
        """Return a query for at least the records that fit; fields with a default are left to Python."""
        query, table = self._say.select(), self._say.table
        conditions: list[sa.ColumnElement[bool]] = []
        for name, wanted in filter.items():
            choices = list(wanted) if isinstance(wanted, list | tuple | AbstractSet) else [wanted]
            if name == "id":
                if all(type(choice) is str for choice in choices):
                    conditions.append(table.c.id.in_([choice for choice in choices if is_plain(choice)]))
            elif self._is_none_by_default(name):
                condition = allowed(table, self._say.database, name, choices)
                conditions += [] if condition is None else [condition]
        if not conditions:
            return self._say.list
        return Statement(query.where(*conditions), self._say.dialect)

    def _is_none_by_default(self, name: str) -> bool:
        field = self._model.model_fields.get(name)
        return field is None or (field.default is None and field.default_factory is None)


def _refuse_unkept(id: str) -> None:
    if not is_plain(id):
        msg = f"a SQL store cannot keep the id {id!r}: it holds a NUL or half a character"
        raise ConfigurationError(msg)


def _named(wanted: object) -> list[str] | None:
    """Return the ids that a filter by id names, sorted, each once; None if it names anything else."""
    choices = wanted if isinstance(wanted, list | tuple | AbstractSet) else (wanted,)
    if all(type(choice) is str for choice in choices):
        return sorted(set(choices))
    return None
