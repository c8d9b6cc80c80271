"""A host's own tables, and its repositories on them: once with SQLAlchemy's Core, once with its ORM."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from assignkit.errors import AlreadyExistsError, ConflictError, NotFoundError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.record import Item, Record
from assignkit.repositories.base import Page
from assignkit.repositories.listing import listed
from assignkit.repositories.sql import SqlStore
from assignkit.repositories.sql.mapping import record_data, record_of
from tests.contracts.nouns import MODELS


class Base(DeclarativeBase):
    """All tables of the host; `book` keeps those of many tests apart."""


class Kept(Base):
    """A record of any noun, whole: for contracts that write all there is."""

    __tablename__ = "crm_records"
    book: Mapped[str] = mapped_column(primary_key=True)
    noun: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    body: Mapped[str] = mapped_column()


class Employee(Base):
    """An agent, as a CRM has one."""

    __tablename__ = "crm_employees"
    book: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column()
    name: Mapped[str | None] = mapped_column()
    team: Mapped[str | None] = mapped_column()
    most: Mapped[str | None] = mapped_column()
    active: Mapped[bool] = mapped_column(default=True)
    __mapper_args__ = {"version_id_col": revision, "version_id_generator": False}  # noqa: RUF012 - as the ORM has it


class Account(Base):
    """A customer, as a CRM has one."""

    __tablename__ = "crm_accounts"
    book: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column()
    company: Mapped[str | None] = mapped_column()
    source: Mapped[str | None] = mapped_column()
    revenue: Mapped[str | None] = mapped_column()
    labels: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    founded: Mapped[str | None] = mapped_column()
    owner_id: Mapped[str | None] = mapped_column()
    __mapper_args__ = {"version_id_col": revision, "version_id_generator": False}  # noqa: RUF012 - as the ORM has it


Make = Callable[[sa.Connection], Any]


def kept(noun: str, book: str) -> Make:
    """Return what makes the Core repository of a noun."""
    return lambda connection: CoreRecords(connection, noun, book)


def all_kept(book: str) -> dict[str, Make]:
    """Return what makes those of all nouns, as a store takes them."""
    return {noun: kept(noun, book) for noun in MODELS}


class CoreRecords:
    """Records of any noun, by statements."""

    def __init__(self, connection: sa.Connection, noun: str, book: str) -> None:
        self.connection = connection
        self.key = {"noun": noun, "book": book}
        self.rows = Kept.__table__
        self.noun = noun

    def find(self, id: str) -> Any:  # noqa: ANN401 - of any noun
        return self._one(self._select().where(self.rows.c.id == id))

    def hold(self, id: str) -> Any:  # noqa: ANN401 - as above
        return self._one(self._select().where(self.rows.c.id == id).with_for_update())

    def get(self, id: str) -> Any:  # noqa: ANN401 - as above
        found = self.find(id)
        if found is None:
            raise NotFoundError(noun=self.noun, key=id)
        return found

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[Any]:
        return listed(map(self._record, self.connection.execute(self._select())), filter, order, page)

    def add(self, record: Record) -> Any:  # noqa: ANN401 - as above
        if self.find(record.id) is not None:
            raise AlreadyExistsError(noun=self.noun, key=record.id)
        stored = record.at_version(1)
        self.connection.execute(self.rows.insert().values(**self.key, **self._values(stored)))
        return stored

    def save(self, record: Record) -> Any:  # noqa: ANN401 - as above
        stored = record.at_version(record.version + 1)
        mine = (self.rows.c[name] == value for name, value in self.key.items())
        of_version = (self.rows.c.id == record.id, self.rows.c.version == record.version)
        updated = self.connection.execute(self.rows.update().where(*mine, *of_version).values(self._values(stored)))
        if updated.rowcount != 1:
            raise ConflictError(what=record.id, expected=record.version, found=self.get(record.id).version)
        return stored

    def remove(self, id: str) -> None:
        mine = (self.rows.c[name] == value for name, value in self.key.items())
        if self.connection.execute(self.rows.delete().where(*mine, self.rows.c.id == id)).rowcount != 1:
            raise NotFoundError(noun=self.noun, key=id)

    def _select(self) -> sa.Select[Any]:
        return sa.select(self.rows).filter_by(**self.key)

    def _one(self, query: sa.Select[Any]) -> Any:  # noqa: ANN401 - as above
        row = self.connection.execute(query).one_or_none()
        return None if row is None else self._record(row)

    def _record(self, row: Any) -> Any:  # noqa: ANN401 - as above
        return record_of(MODELS.get(self.noun, Item), row.id, row.version, row.body)

    def _values(self, record: Record) -> dict[str, Any]:
        body = record_data(record, MODELS.get(self.noun, Item), of=record.id)
        return {"id": record.id, "version": record.version, "body": body}


class OrmRecords:
    """Records by SQLAlchemy's ORM, with a session for each unit."""

    table: type[Any]
    noun: str

    def __init__(self, connection: sa.Connection, book: str) -> None:
        self.session = Session(connection)
        self.book = book

    def find(self, id: str) -> Any:  # noqa: ANN401 - of any noun
        row = self.session.get(self.table, (self.book, id))
        return None if row is None else self._record(row)

    def hold(self, id: str) -> Any:  # noqa: ANN401 - as above
        row = self.session.get(self.table, (self.book, id), with_for_update=True)
        return None if row is None else self._record(row)

    def get(self, id: str) -> Any:  # noqa: ANN401 - as above
        return self._record(self._row(id))

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[Any]:
        rows = self.session.scalars(sa.select(self.table).filter_by(book=self.book))
        return listed(map(self._record, rows), filter, order, page)

    def add(self, record: Any) -> Any:  # noqa: ANN401 - as above
        if self.session.get(self.table, (self.book, record.id)) is not None:
            raise AlreadyExistsError(noun=self.noun, key=record.id)
        row = self.table(book=self.book, id=record.id, revision=1)
        self._fill(row, record)
        self.session.add(row)
        self.session.flush()
        return self._record(row)

    def save(self, record: Any) -> Any:  # noqa: ANN401 - as above
        row = self._row(record.id)
        if row.revision != record.version:
            raise ConflictError(what=record.id, expected=record.version, found=row.revision)
        self._fill(row, record)
        row.revision += 1
        self.session.flush()
        return self._record(row)

    def remove(self, id: str) -> None:
        self.session.delete(self._row(id))
        self.session.flush()

    def _row(self, id: str) -> Any:  # noqa: ANN401 - as above
        row = self.session.get(self.table, (self.book, id))
        if row is None:
            raise NotFoundError(noun=self.noun, key=id)
        return row

    def _record(self, row: Any) -> Any:  # noqa: ANN401 - as above
        raise NotImplementedError

    def _fill(self, row: Any, record: Any) -> None:  # noqa: ANN401 - as above
        raise NotImplementedError


class Employees(OrmRecords):
    """The CRM's employees, as agents."""

    table, noun = Employee, "agent"

    def _record(self, row: Employee) -> Agent:
        capacity = {} if row.most is None else {"customers": Decimal(row.most)}
        teams = {row.team} if row.team else set[str]()
        facts = {"name": row.name, "teams": teams, "active": row.active, "capacity": capacity}
        return Agent(id=row.id, version=row.revision, **facts)  # type: ignore[arg-type]  # pydantic takes them

    def _fill(self, row: Employee, record: Agent) -> None:
        row.name, row.team, row.active = record.name, next(iter(record.teams), None), record.active
        most = record.capacity.get("customers")
        row.most = None if most is None else str(most)


class Accounts(OrmRecords):
    """The CRM's accounts, as customers."""

    table, noun = Account, "customer"

    def _record(self, row: Account) -> Customer:
        return Customer(
            id=row.id,
            version=row.revision,
            name=row.company,
            source=row.source,
            revenue=None if row.revenue is None else Decimal(row.revenue),
            tags=row.labels,  # type: ignore[arg-type]  # pydantic takes a list
            created_at=None if row.founded is None else datetime.fromisoformat(row.founded),
            owner=row.owner_id,
        )

    def _fill(self, row: Account, record: Customer) -> None:
        row.company, row.source, row.labels = record.name, record.source, list(record.tags)
        row.revenue = None if record.revenue is None else str(record.revenue)
        row.founded = None if record.created_at is None else record.created_at.isoformat()
        row.owner_id = record.owner


@contextmanager
def engine_of_host(request: pytest.FixtureRequest, name: str) -> Iterator[sa.Engine]:
    """Give the engine of a host, on the database that a fixture's `param` says, with the host's tables and ours."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").url.replace("postgresql", "postgresql+psycopg", 1)
        made = sa.create_engine(url, pool_size=10)
    else:
        made = sa.create_engine(f"sqlite:///{request.getfixturevalue('quick_folder') / f'{name}.db'}")
    with closing(SqlStore(made)) as store:
        store.migrate()
    Base.metadata.create_all(made)
    yield made
    made.dispose()
