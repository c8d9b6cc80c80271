"""The store in a SQL database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from copy import copy
from datetime import datetime
from operator import attrgetter
from typing import Any, TypedDict, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assignkit.clock import Clock, SystemClock
from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.record import Item, Record
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.repositories.base import (
    AssignmentRepository,
    Changes,
    HistoryRepository,
    IdempotencyRepository,
    LoadRepository,
    OutboxRepository,
    PlacementRepository,
    PublicationRepository,
    Repository,
    RotationRepository,
    Unit,
)
from assignkit.repositories.fitting import NOUNS
from assignkit.repositories.sql.connections import Connections
from assignkit.repositories.sql.hosting.handed_over import AGENTS, Hosted, hosts_of
from assignkit.repositories.sql.hosting.lending import lending_engine
from assignkit.repositories.sql.hosting.unit import HostedUnit
from assignkit.repositories.sql.indexing import FieldKind, create
from assignkit.repositories.sql.joining import JoinedUnits
from assignkit.repositories.sql.migrations.upgrading import ddl, upgrade
from assignkit.repositories.sql.mirroring import Cursors
from assignkit.repositories.sql.outside import HistoryPerCall, OneUnitPerCall
from assignkit.repositories.sql.pruning import Pruned, refuse_too_young
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.units import Units
from assignkit.repositories.sql.whereabouts import models_given, prefix_given, schema_given, tenant_given
from assignkit.repositories.sql.work import MODELS, SqlUnit, statements_for

T = TypeVar("T")


class _Where(TypedDict):
    schema: str | None
    prefix: str


class SqlStore:
    """A whole store in SQLite (3.35 or newer, a file or memory) or PostgreSQL (13 or newer, by psycopg 3).

    `url_or_engine` is a URL, or a host's SQLAlchemy engine, which stays the host's. `schema` (PostgreSQL) and `prefix`
    say where the tables are; `tenant` keeps the books of many apart in the same tables. `models` says which model a
    kind or noun is kept as, if a host has its own: `{"deals": Deal}`. Call `migrate` before the first use.

    A host may put its own repository in the place of any noun's; `items` maps kinds of item to theirs. What makes one
    of a connection (a class, or a function) is called in each unit of work, inner ones too, with the SQLAlchemy
    connection that the unit works on: what such a repository writes is kept or taken back with everything else. It
    writes at once (`session.flush()`), never commits, and returns whole records. Its optional `hold(id)` is `find` that
    keeps others from changing the record until the unit ends; on PostgreSQL decisions then rest on it.

    A repository that is given as it is, such as one of a service, has no part in units: what it wrote stays written, is
    written again if a unit is done again, and a decision rests on what it said last. Many threads may call it at once.

    Thread-safe, and safe between processes. A unit of work is a transaction; one within another is a savepoint. Use
    `transact` where others may be at the same records: it does again what was overtaken. A unit on SQLite keeps all
    other writers out from its beginning; one on PostgreSQL locks the items, rotations and keys that it looks up.

    >>> store = SqlStore("sqlite://")
    >>> store.migrate()
    >>> store.transact(lambda unit: unit.agents.add(Agent(id="li", teams={"East"}))).version
    1
    >>> store.close()
    """

    def __init__(
        self,
        url_or_engine: str | sa.URL | Engine,
        *,
        schema: str | None = None,
        prefix: str = "assignkit_",
        tenant: str | None = None,
        models: Mapping[str, type[Record]] | None = None,
        customers: Hosted[Any] | None = None,
        tasks: Hosted[Any] | None = None,
        agents: Hosted[Agent] | None = None,
        teams: Hosted[Team] | None = None,
        pools: Hosted[Pool] | None = None,
        categories: Hosted[Category] | None = None,
        items: Mapping[str, Hosted[Any]] | None = None,
    ) -> None:
        given = (customers, tasks, agents, teams, pools, categories)
        own = models_given(models)
        self._hosts = hosts_of(dict(zip(NOUNS, given, strict=True)), items, models=own)
        self._connections = Connections(url_or_engine)
        database = self._connections.database
        self._where: _Where = {"schema": schema_given(schema, database=database.name), "prefix": prefix_given(prefix)}
        self._make = self._maker({**MODELS, **own})
        self._tenant, self._scope = tenant_given(tenant), f"{schema or ''}.{prefix}"
        self._bind(Units(self._connections, make=self._make, tenant=self._tenant, scope=self._scope))

    def _maker(self, models: Mapping[str, type[Record]]) -> Callable[[Session], SqlUnit]:
        """Return what makes units: of our own tables alone, or with a host's repositories among them."""
        statements, cursors = statements_for(self._connections.database.name, **self._where), Cursors()
        if not self._hosts:
            return lambda session: SqlUnit(session, statements, models, cursors=cursors)
        hosts, engine = self._hosts, lending_engine(self._connections.engine)
        return lambda session: HostedUnit(session, statements, models, cursors=cursors, hosts=hosts, engine=engine)

    def _bind(self, units: Units[SqlUnit] | JoinedUnits[SqlUnit]) -> None:
        self._units = units
        self._items: dict[str, Repository[Item]] = {}
        self.customers: Repository[Customer] = self._outside("customers")
        self.tasks: Repository[Task] = self._outside("tasks")
        self.agents: Repository[Agent] = self._outside("agents")
        self.teams: Repository[Team] = self._outside("teams")
        self.pools: Repository[Pool] = self._outside("pools")
        self.categories: Repository[Category] = self._outside("categories")
        self.placements: PlacementRepository = self._outside("placements")
        self.loads: LoadRepository = self._outside("loads")
        self.assignments: AssignmentRepository = self._outside("assignments")
        self.rotations: RotationRepository = self._outside("rotations")
        self.history: HistoryRepository = cast("HistoryRepository", HistoryPerCall(self._units, attrgetter("history")))
        self.outbox: OutboxRepository = self._outside("outbox")
        self.idempotency: IdempotencyRepository = self._outside("idempotency")
        self.publications: PublicationRepository = self._outside("publications")

    def items(self, kind: str) -> Repository[Item]:
        """Return the records of one kind of item: `customers`, `tasks`, or a host's own kind, which may be new."""
        if kind not in self._items:
            picked = OneUnitPerCall(self._units, lambda unit: unit.items(kind))
            self._items[kind] = cast("Repository[Item]", picked)
        return self._items[kind]

    def unit(self) -> AbstractContextManager[Unit]:
        """Open a unit of work: it commits when the block ends, and rolls back if the block raises.

        It is done once: where others write as well, it may raise `ConflictError` or `BackendError` for `transact` to
        have done it again. An `UncertainError` says that the connection was lost while committing.
        """
        return cast("AbstractContextManager[Unit]", self._units.unit())

    def transact(self, act: Callable[[Unit], T]) -> T:
        """Return what `act` gives within a unit, called again while that may help; see `Store.transact`."""
        return self._units.transact(cast("Callable[[SqlUnit], T]", act))

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` when this thread's open unit is kept, at once if it has none."""
        self._units.after_commit(callback)

    def within(self, connection: sa.Connection) -> SqlStore:
        """Return this store as a part of a host's open transaction: what is written is kept when the host commits.

        Units are savepoints of it. Nothing that was overtaken is done again, and locks are held until the host is done.
        For one thread, until the transaction is over. PostgreSQL has to be at READ COMMITTED. `ConfigurationError` if
        the connection has no transaction, or is to another kind of database.
        """
        database = self._connections.database
        joined = copy(self)
        units = JoinedUnits(connection, database, make=self._make, tenant=self._tenant, scope=self._scope)
        joined._bind(units)  # noqa: SLF001 - a store of our own
        return joined

    @property
    def hosted_kinds(self) -> frozenset[str]:
        """The host's own kinds of item for which it has handed a repository over."""
        return frozenset(self._hosts).difference(NOUNS)

    @property
    def shared(self) -> bool:
        """True: others write to the same tables."""
        return True

    def changes(self, cursor: int | None) -> Changes | None:
        """Return which agents changed since `cursor`, by whichever process; see `Store.changes`.

        Within a unit, as that unit sees it after the last lock that it took. None for a store that is a part of a
        host's transaction, or whose agents are a host's, who may change them behind the store's back. Our own agents
        must be written by stores of this kind: what is changed by a host's own statements is not told.
        """
        if isinstance(self._units, JoinedUnits) or AGENTS in self._hosts:
            return None
        unit = self._units.current()
        if unit is not None:
            return unit.changed.since(cursor)
        return self._units.transact(lambda unit: unit.changed.since(cursor))

    def walk_agents(self) -> Iterator[Agent]:
        """Yield every agent, by id, as they are when the first is asked for."""
        yield from self.agents.list()

    def migrate(self) -> None:
        """Create the tables, or bring them up to this release; nothing happens if they are.

        Safe when several processes call it at once, and beside a host's own migrations: which ones were applied stands
        in a table of our own. `ConfigurationError` if the server is too old.
        """
        upgrade(self._connections, **self._where)

    def index(self, kind: str, field: str, *, holds: FieldKind = "text") -> None:
        """Index a field of the records of one kind (`customers`, `agents`, a kind of the host's), for lists by it.

        `list({field: …})` finds by texts, or with `holds="number"` by numbers, what it would otherwise look for in all
        records. If there is such an index, only the database's figures of it are brought up to date, which SQLite needs
        when there are many more records than before. Nobody writes records of the kind meanwhile. `ConfigurationError`
        for a name with other characters than letters, digits and `_`, or a kind that a host keeps.
        """
        if kind in list(self._hosts):  # compared, as what was given for a kind may be anything
            msg = f"{kind} are kept by a repository that was handed over: make the index in its own tables"
            raise ConfigurationError(msg)
        create(self._connections, kind, field, holds=holds, **self._where)

    def prune(self, before: datetime, *, clock: Clock | None = None) -> Pruned:
        """Delete answers to idempotency keys, and events that nobody was told of, that are older than `before`.

        Nothing calls this but the host, whose choice it is. Answers are kept for at least 24 hours by `clock`, the
        system's unless told: `ConfigurationError` for less. History, assignments and records stay.
        """
        refuse_too_young(before, clock or SystemClock())
        return self._units.transact(lambda unit: unit.prune(before))

    def ddl(self, dialect_name: str) -> str:
        """Return what `migrate` would do to an empty `sqlite` or `postgresql` database, as SQL for people to run."""
        return ddl(dialect_name, **self._where)

    def close(self) -> None:
        """Close the store's connections; a host's engine stays open. The store cannot be used any more."""
        if isinstance(self._units, JoinedUnits):
            return  # they are the host's
        self._units.close()
        self._connections.close()

    def _outside(self, name: str) -> Any:  # noqa: ANN401 - stands for any repository
        return OneUnitPerCall(self._units, attrgetter(name))
