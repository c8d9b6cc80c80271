"""The audit of a store by what stands in its tables: every promise that a query can check, and what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from assignkit.model.agent import Agent
from assignkit.repositories.memory.loads import under_capacity
from assignkit.repositories.sql.connections import Connections
from assignkit.repositories.sql.errors import translated
from assignkit.repositories.sql.mapping import LOAD_COLUMNS, load_of, record_of
from assignkit.repositories.sql.reading import from_json
from assignkit.repositories.sql.tables import Tables

_TAKEN = ("held", "offered")
_LISTED = 20  # of one promise; the rest is counted
_BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that does not hold, and where."""

    promise: str
    told: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.told}"


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found, and how much was looked at."""

    breaches: tuple[Breach, ...]
    placements: int
    assignments: int
    events: int


class Auditor:
    """Audits the tables of one prefix and schema: of all tenants, or of one. Everything is read, nothing is written."""

    def __init__(self, connections: Connections, *, schema: str | None, prefix: str, tenant: str | None) -> None:
        self._connections = connections
        self._database = connections.database
        self._tables = Tables(schema, prefix)
        self._tenant = tenant
        self._schema = schema
        self._say: Callable[[sa.Select[Any]], Any]  # while it runs

    def run(self) -> Audit:
        """Return what is wrong, as of one moment; others may go on working."""
        try:
            with self._connections.engine.connect() as connection:
                connection.exec_driver_sql(_BEGIN[self._database.name])
                self._say = connection.execute
                try:
                    return self._audit(connection)
                finally:
                    connection.exec_driver_sql("ROLLBACK")
        except Exception as error:
            raise translated(error, self._database.fault) from error

    def _audit(self, connection: sa.Connection) -> Audit:
        missing = self._bounded("tables", self._missing(connection))
        if any(breach.told.startswith("table ") for breach in missing):
            return Audit(tuple(missing), 0, 0, 0)
        found = [breach for promise, told in self._checks() for breach in self._bounded(promise, told)]
        counts = (self._count(name) for name in ("placements", "assignments", "history"))
        return Audit((*missing, *found), *counts)

    def _checks(self) -> Iterator[tuple[str, Iterator[str]]]:
        yield "one holder", self._several_holders()
        yield "one holder", self._holders_without_assignment()
        yield "one holder", self._assignments_without_holder()
        yield "fences", self._shared_fences()
        yield "fences", self._fences_behind()
        yield "loads", self._loads()
        yield "ceilings", self._beyond_ceilings()
        yield "ceilings", self._ceilings()
        yield "history", self._gaps()
        yield "history", self._lost()

    def _bounded(self, promise: str, told: Iterator[str]) -> list[Breach]:
        every = list(told)
        breaches = [Breach(promise, each) for each in every[:_LISTED]]
        if len(every) > _LISTED:
            breaches.append(Breach(promise, f"… and {len(every) - _LISTED:,} more"))
        return breaches

    # --- what keeps the promises

    def _missing(self, connection: sa.Connection) -> Iterator[str]:
        inspector = sa.inspect(connection)
        there = set(inspector.get_table_names(schema=self._schema))
        for table in self._tables.metadata.sorted_tables:
            if table.name not in there:
                yield f"table {table.name} is missing"
                continue
            looks: list[Callable[..., Any]] = [
                inspector.get_indexes,
                inspector.get_unique_constraints,
                inspector.get_check_constraints,
            ]
            kept = {str(each["name"]) for look in looks for each in look(table.name, schema=self._schema)}
            names = [getattr(each, "name", None) for each in (*table.indexes, *table.constraints)]
            for name in sorted({str(name) for name in names if isinstance(name, str)} - kept):
                yield f"{name} is missing on {table.name}"

    # --- holders and fences

    def _several_holders(self) -> Iterator[str]:
        held = self._tables["assignments"]
        item = (held.c.tenant, held.c.kind, held.c.item_id)
        several = sa.select(*item, sa.func.count()).where(held.c.ended_at.is_(None), self._ours(held))
        for tenant, kind, item_id, count in self._say(several.group_by(*item).having(sa.func.count() > 1)):
            yield f"{_item(tenant, kind, item_id)} has {count} open assignments"

    def _holders_without_assignment(self) -> Iterator[str]:
        places, held = self._tables["placements"], self._tables["assignments"]
        joined = places.outerjoin(held, sa.and_(_same_item(places, held), held.c.ended_at.is_(None)))
        other = sa.or_(held.c.id.is_(None), held.c.agent_id != places.c.agent_id)
        asked = sa.select(*_ids(places), places.c.agent_id, held.c.agent_id).select_from(joined)
        for tenant, kind, item_id, agent_id, given in self._say(asked.where(_taken(places), other, self._ours(places))):
            said = f"its open assignment is {given}'s" if given else "it has no open assignment"
            yield f"{_item(tenant, kind, item_id)} is with {agent_id}, and {said}"

    def _assignments_without_holder(self) -> Iterator[str]:
        places, held = self._tables["placements"], self._tables["assignments"]
        joined = held.outerjoin(places, sa.and_(_same_item(places, held), _taken(places)))
        asked = sa.select(*_ids(held), held.c.agent_id).select_from(joined)
        lost = sa.and_(held.c.ended_at.is_(None), places.c.item_id.is_(None), self._ours(held))
        for tenant, kind, item_id, agent_id in self._say(asked.where(lost)):
            yield f"{_item(tenant, kind, item_id)} has an open assignment to {agent_id}, and is with nobody"

    def _shared_fences(self) -> Iterator[str]:
        held = self._tables["assignments"]
        fence = (held.c.tenant, held.c.kind, held.c.item_id, held.c.fence)
        shared = sa.select(*fence).where(self._ours(held)).group_by(*fence).having(sa.func.count() > 1)
        for tenant, kind, item_id, number in self._say(shared):
            yield f"{_item(tenant, kind, item_id)} has several assignments with fence {number}"

    def _fences_behind(self) -> Iterator[str]:
        places, held = self._tables["placements"], self._tables["assignments"]
        newest = sa.func.max(held.c.fence)
        asked = sa.select(*_ids(places), places.c.fence, newest).join(held, _same_item(places, held))
        grouped = asked.where(self._ours(places)).group_by(*_ids(places), places.c.fence)
        for tenant, kind, item_id, fence, reached in self._say(grouped.having(newest > places.c.fence)):
            yield f"{_item(tenant, kind, item_id)} is at fence {fence}, and was given at fence {reached}"

    # --- loads

    def _loads(self) -> Iterator[str]:
        places, loads = self._tables["placements"], self._tables["loads"]
        held: dict[Any, tuple[Any, int]] = {}
        whose = (places.c.tenant, places.c.agent_id, places.c.kind)
        asked = sa.select(*whose, sa.func.sum(places.c.effort), sa.func.count()).where(_taken(places))
        for *key, effort, count in self._say(asked.where(self._ours(places)).group_by(*whose)):
            held[tuple(key)] = (self._amount(effort), count)
        kept = sa.select(loads.c.tenant, loads.c.agent_id, loads.c.kind, loads.c.load, loads.c["items"])
        for *key, load, items in self._say(kept.where(self._ours(loads))):
            effort, count = held.pop(tuple(key), ("0", 0))
            if (self._amount(load), items) != (effort, count):
                said = f"stands at {self._amount(load)} with {items} items, and {effort} with {count} is what is held"
                yield f"the load of {_load(*key)} {said}"
        for key, (effort, count) in held.items():
            yield f"the load of {_load(*key)} is missing: {effort} with {count} items is held"

    def _beyond_ceilings(self) -> Iterator[str]:
        loads = self._tables["loads"]
        beyond = sa.or_(loads.c.load < 0, loads.c.load > loads.c.ceiling)
        asked = sa.select(loads.c.tenant, loads.c.agent_id, loads.c.kind, loads.c.load, loads.c.ceiling)
        for *key, load, ceiling in self._say(asked.where(beyond, self._ours(loads))):
            yield f"the load of {_load(*key)} is {self._amount(load)}, beyond its ceiling of {self._amount(ceiling)}"

    def _ceilings(self) -> Iterator[str]:
        loads, agents = self._tables["loads"], self._tables["agents"]
        same = sa.and_(loads.c.tenant == agents.c.tenant, loads.c.agent_id == agents.c.id)
        columns = (loads.c[name] for name in LOAD_COLUMNS)
        capacity = self._database.document_text(agents.c.data)
        asked = sa.select(capacity, loads.c.tenant, *columns).join(agents, same).where(self._ours(loads))
        for data, tenant, *row in self._say(asked):
            load = load_of(tuple(row), self._database)
            wanted = under_capacity(load, record_of(Agent, load.agent_id, 1, data)).ceiling
            if load.ceiling != wanted:
                said = f"is {_limit(load.ceiling)}, and should be {_limit(wanted)}"
                yield f"the ceiling of {_load(tenant, load.agent_id, load.kind)} {said}"

    # --- history

    def _gaps(self) -> Iterator[str]:
        events, numbers = self._tables["history"], self._tables["numbers"]
        found = sa.select(events.c.tenant, sa.func.count())
        if self._database.numbers_later:  # events that nobody has read yet have no number
            place = sa.and_(numbers.c.tenant == events.c.tenant, numbers.c.place == events.c.number)
            found = found.join(numbers, place)
            reached = sa.select(numbers.c.tenant, sa.func.max(numbers.c.number)).group_by(numbers.c.tenant)
            reached = reached.where(self._ours(numbers))
        else:
            reached = sa.select(events.c.tenant, sa.func.max(events.c.number)).group_by(events.c.tenant)
            reached = reached.where(self._ours(events))
        there = dict(map(tuple, self._say(found.where(self._ours(events)).group_by(events.c.tenant))))
        for tenant, last in self._say(reached):
            if there.get(tenant, 0) != last:
                yield f"{last:,} events were numbered, and {there.get(tenant, 0):,} of them are there{_of(tenant)}"

    def _lost(self) -> Iterator[str]:
        """Yield the items whose placements count more events than there are: also those at the end of the history."""
        events, places = self._tables["history"], self._tables["placements"]
        counted = sa.select(*_ids(events), sa.func.count()).where(self._ours(events)).group_by(*_ids(events))
        there = {tuple(item): count for *item, count in self._say(counted)}
        data = self._database.document_text(places.c.data)
        for *item, told in self._say(sa.select(*_ids(places), data).where(self._ours(places)).order_by(*_ids(places))):
            happened, found = from_json(told).get("revision", 0), there.get(tuple(item), 0)
            if happened != found:
                yield f"{happened:,} events were of {_item(*item)}, and {found:,} of them are there"

    # --- inside

    def _ours(self, table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.true() if self._tenant is None else table.c.tenant == self._tenant

    def _count(self, name: str) -> int:
        table = self._tables[name]
        return int(self._say(sa.select(sa.func.count()).select_from(table).where(self._ours(table))).scalar_one())

    def _amount(self, stored: Any) -> Any:  # noqa: ANN401 - as the database keeps amounts
        return None if stored is None else f"{Decimal(self._database.read_amount(stored)).normalize():f}"


def _ids(table: sa.Table) -> tuple[sa.Column[Any], ...]:
    return table.c.tenant, table.c.kind, table.c.item_id


def _taken(places: sa.Table) -> sa.ColumnElement[bool]:
    return places.c.state.in_(_TAKEN)


def _same_item(one: sa.Table, other: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(*(a == b for a, b in zip(_ids(one), _ids(other), strict=True)))


def _item(tenant: str, kind: str, item_id: str) -> str:
    return f"{item_id} of {kind}{_of(tenant)}"


def _load(tenant: str, agent_id: str, kind: str) -> str:
    return f"{agent_id} in {kind}{_of(tenant)}"


def _of(tenant: str) -> str:
    return f" ({tenant})" if tenant else ""


def _limit(ceiling: Any) -> str:  # noqa: ANN401 - an exact number, or None
    return "unlimited" if ceiling is None else str(ceiling)
