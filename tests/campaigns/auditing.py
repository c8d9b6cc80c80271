"""The audit: whether a store keeps the promises, told from its tables and from its history.

The only module of the campaigns that knows tables by name: a changed table means a change here, and nowhere else.
Each check yields one line per violation, which begins with the number of the promise.
"""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, get_args

import sqlalchemy as sa

from assignkit import Desk, RuleSet
from assignkit.desk.committing.remembering import placement_after
from assignkit.desk.committing.replaying import replay
from assignkit.model.assignment import NOT_TAKEN_UP, Assignment, Event
from assignkit.model.placement import Placement, PlacementState
from assignkit.model.publication import Publication
from assignkit.repositories.base import Store

Row = Mapping[str, Any]
EVERYTHING = 10**9

PREFIX = "assignkit_"
_BOOKS = {
    "placements": "kind, item_id, state, agent_id, fence, effort",
    "loads": "agent_id, kind, load, ceiling, items, received",
    "assignments": "id, kind, item_id, agent_id, fence, assigned_at, ended_at",
}
_POSITIONS = "position"  # numbered by the database, for all tenants at once
# What is kept, without what differs from one way there to another: by table, in which order, and what is left out.
_PICTURED = {
    "customers": ("id", ()),
    "agents": ("id", ()),
    "placements": ("kind, item_id", ()),
    "loads": ("agent_id, kind", ("revision",)),
    "assignments": ("id", ()),
    "rotations": ("name", ()),
    "seats": ("rotation, agent_id", ()),
    "history": ("number", ("number", "xid")),
    "publications": ("number", ()),
}


class BrokenPromiseError(AssertionError):
    """What an audit found."""

    def __init__(self, violations: Sequence[str]) -> None:
        shown = list(violations[:20])
        more = [f"... and {len(violations) - 20} more"] if len(violations) > 20 else []
        super().__init__("\n".join([*shown, *more]))
        self.violations = list(violations)


# --- the tables ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tables:
    """One tenant's tables, read by an engine of the audit's own."""

    engine: sa.Engine
    tenant: str

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """A transaction that sees one committed state, whatever others do meanwhile."""
        with self.engine.connect() as connection:
            begin = "BEGIN"
            if self.engine.dialect.name == "postgresql":
                begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            connection.exec_driver_sql(begin)
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def read(self, connection: sa.Connection, name: str) -> list[Row]:
        """Return what a table holds of the tenant."""
        columns = _BOOKS[name]
        query = sa.text(f"SELECT {columns} FROM {PREFIX}{name} WHERE tenant = :tenant")  # noqa: S608 - our names
        return [dict(row) for row in connection.execute(query, {"tenant": self.tenant}).mappings()]

    def books(self) -> dict[str, list[Row]]:
        """Return placements, loads and assignments, all of one committed state."""
        with self.snapshot() as connection:
            return {name: self.read(connection, name) for name in _BOOKS}

    def change(self, statement: str, **parameters: Any) -> int:  # noqa: ANN401 - any column's value
        """Change tables behind the store's back, as a planted violation does; return how many rows."""
        with self.engine.connect() as connection:
            text = sa.text(re.sub(r"\{(\w+)\}", rf"{PREFIX}\1", statement))
            return int(connection.execute(text, {"tenant": self.tenant, **parameters}).rowcount)

    def spoil(self, customer_id: str) -> None:
        """Write a record that nobody can read, as a half-finished migration of a host's may."""
        self.change(
            "UPDATE {customers} SET data = :data WHERE tenant = :tenant AND id = :id", data='{"id": 5}', id=customer_id
        )

    def mend(self, customer_id: str) -> None:
        """Write a record that can be read again."""
        data = f'{{"id": "{customer_id}"}}'
        self.change(
            "UPDATE {customers} SET data = :data WHERE tenant = :tenant AND id = :id", data=data, id=customer_id
        )

    def copy_to(self, tenant: str) -> None:
        """Copy all that is kept of this tenant to a new one, so that a scene need be made only once."""
        old, new = (name.replace("'", "''") for name in (self.tenant, tenant))
        said = ["BEGIN"]
        with self.engine.connect() as connection:
            for name, columns in _tenant_columns(connection).items():
                listed = ", ".join(f'"{column}"' for column in columns)
                chosen = ", ".join(f"'{new}'" if column == "tenant" else f'"{column}"' for column in columns)
                order = f" ORDER BY {_POSITIONS}" if name == f"{PREFIX}outbox" else ""
                said.append(f"INSERT INTO {name} ({listed}) SELECT {chosen} FROM {name} WHERE tenant = '{old}'{order}")  # noqa: S608
            said.append("COMMIT")
            together = ["; ".join(said)] if self.engine.dialect.name == "postgresql" else said
            for text in together:
                connection.exec_driver_sql(text)

    def picture(self) -> dict[str, list[Row]]:
        """Return the rows of what is kept for good, by table, to be compared with those of another tenant."""
        found = {}
        with self.snapshot() as connection:
            for name, (order, without) in _PICTURED.items():
                query = sa.text(f"SELECT * FROM {PREFIX}{name} WHERE tenant = :tenant ORDER BY {order}")  # noqa: S608
                rows = connection.execute(query, {"tenant": self.tenant}).mappings()
                found[name] = [{k: row[k] for k in row if k not in ("tenant", *without)} for row in rows]
        return found

    def settle(self) -> None:
        """Wait until a server has noticed that processes are dead, and has ended what they had begun."""
        if self.engine.dialect.name != "postgresql":
            return
        busy = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
            "AND state <> 'idle'"
        )
        give_up = time.monotonic() + 60
        with self.engine.connect() as connection:
            while connection.exec_driver_sql(busy).scalar():
                if time.monotonic() > give_up:
                    msg = "a server goes on with what dead processes had begun"
                    raise AssertionError(msg)
                time.sleep(0.002)


def audit_engine(url: str) -> sa.Engine:
    """Return an engine of the audit's own for the database behind a store's URL."""
    if url.startswith("postgresql:"):
        url = url.replace("postgresql:", "postgresql+psycopg:", 1)
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", pool_size=2, pool_reset_on_return=None)


_columns: dict[int, dict[str, list[str]]] = {}


def _tenant_columns(connection: sa.Connection) -> dict[str, list[str]]:
    """Return the columns of each table that has a tenant, without those that the database fills by itself."""
    known = _columns.get(id(connection.engine))
    if known is None:
        inspector = sa.inspect(connection)
        tables = {name: [c["name"] for c in inspector.get_columns(name)] for name in inspector.get_table_names()}
        known = {
            name: [column for column in columns if column != _POSITIONS]
            for name, columns in tables.items()
            if name.startswith(PREFIX) and "tenant" in columns
        }
        _columns[id(connection.engine)] = known
    return known


# --- holders, loads and fences ---------------------------------------------------------------------------------------


def check_books(books: Mapping[str, list[Row]], *, capacities: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Yield what is wrong with holders, loads and fences at one commit; `capacities` by agent, where none is beneath.

    May be asked of any committed state, also while others write.
    """
    taken = [row for row in books["placements"] if row["state"] in ("held", "offered")]
    yield from _one_holder(taken, books["assignments"])
    yield from _loads(taken, books["loads"], capacities)
    yield from _fences(books["placements"], books["assignments"])


def _one_holder(taken: list[Row], assignments: list[Row]) -> Iterator[str]:
    for item, count in Counter((row["kind"], row["item_id"]) for row in taken).items():
        if count > 1:
            yield f"promise 1: {item} has {count} holders"
    placed = {(r["kind"], r["item_id"]): (r["agent_id"], r["fence"]) for r in taken}
    standing = [row for row in assignments if row["ended_at"] is None]
    for item, count in Counter((row["kind"], row["item_id"]) for row in standing).items():
        if count > 1:
            yield f"promise 1: {item} has {count} open assignments"
    assigned = {(r["kind"], r["item_id"]): (r["agent_id"], r["fence"]) for r in standing}
    for item in sorted(placed.keys() | assigned.keys()):
        if placed.get(item) != assigned.get(item):
            yield f"promise 4: {item} is with {placed.get(item)}, its open assignment says {assigned.get(item)}"


def _loads(taken: list[Row], loads: list[Row], capacities: Mapping[str, Any] | None) -> Iterator[str]:
    effort: defaultdict[tuple[str, str], Any] = defaultdict(int)
    items: Counter[tuple[str, str]] = Counter()
    for row in taken:
        effort[row["agent_id"], row["kind"]] += row["effort"]
        items[row["agent_id"], row["kind"]] += 1
    kept = {(row["agent_id"], row["kind"]): row for row in loads}
    for key in sorted(effort.keys() | kept.keys()):
        row = kept.get(key, {"load": 0, "items": 0, "ceiling": None})
        if (row["load"], row["items"]) != (effort[key], items[key]):
            told = f"{row['load']} in {row['items']} items, but has {effort[key]} in {items[key]}"
            yield f"promise 3: {key} is said to carry {told}"
        if row["ceiling"] is not None and row["load"] > row["ceiling"]:
            yield f"promise 3: {key} carries {row['load']}, above the ceiling of {row['ceiling']}"
        capacity = (capacities or {}).get(key[0])
        if capacity is not None and items[key] > capacity:
            yield f"promise 3: {key} has {items[key]} items, above a capacity of {capacity}"


def _fences(placements: list[Row], assignments: list[Row]) -> Iterator[str]:
    now = {(row["kind"], row["item_id"]): row["fence"] for row in placements}
    by_item: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in assignments:
        by_item[row["kind"], row["item_id"]].append(row)
    for item, rows in by_item.items():
        fences = sorted(row["fence"] for row in rows)
        if len(set(fences)) != len(fences):
            yield f"promise 1: two assignments of {item} bear one fence: {fences}"
        if fences[-1] > now.get(item, -1):
            yield f"promise 1: {item} is at fence {now.get(item)}, but was assigned at {fences[-1]}"
        lasting = [row for row in rows if row["ended_at"] is None and row["fence"] != fences[-1]]
        if lasting:
            yield f"promise 1: an older assignment of {item} still lasts"


# --- the history -----------------------------------------------------------------------------------------------------


def check_history(events: Sequence[Event]) -> Iterator[str]:
    """Yield what is wrong with the numbers, ids, fences and revisions of a whole history."""
    numbers = [event.number for event in events]
    if numbers != list(range(1, len(events) + 1)):
        odd = next(at for at, number in enumerate(numbers, 1) if at != number)
        yield f"promise 4: the history is not numbered without gaps: {numbers[odd - 1]} stands where {odd} should"
    repeated = [id for id, count in Counter(event.id for event in events).items() if count > 1]
    if repeated:
        yield f"promise 13: events with one id: {repeated[:3]}"
    by_item: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        if placement_after(event) is not None:
            by_item[event.kind, event.item_id].append(event)
    for item, own in by_item.items():
        yield from _one_item(item, own)


def _one_item(item: tuple[str, str], events: list[Event]) -> Iterator[str]:
    revisions = [int(event.id.rpartition(":")[2]) for event in events]
    if revisions != list(range(1, len(events) + 1)):
        yield f"promise 13: the events of {item} are {revisions}: one is lost, or out of order"
    holder, fence = None, 0
    for event in events:
        after = placement_after(event)
        if after is None:
            continue
        now = (after.agent_id, after.state) if after.taken else None
        if after.fence < fence or (now != holder and after.fence == fence and not _taken_up(holder, now)):
            yield f"promise 1: {item} went from {holder} at fence {fence} to {now} at {after.fence} ({event.id})"
        holder, fence = now, after.fence


def _taken_up(before: tuple[str | None, str] | None, after: tuple[str | None, str] | None) -> bool:
    """Return whether an offer became a holding: the item is where it was, at the same fence."""
    return before is not None and after == (before[0], "held") and before[1] == "offered"


def check_replay(store: Store, events: Sequence[Event], *, agents: Collection[str]) -> Iterator[str]:
    """Yield where the history, replayed, gives something else than what the store holds."""
    told = replay(events)
    places = [place for state in get_args(PlacementState) for place in store.placements.in_state(state)]
    kept: dict[str, dict[Any, Any]] = {
        "placements": {(place.kind, place.item_id): place for place in places},
        "loads": {
            (agent_id, kind): load
            for agent_id, by_kind in store.loads.of_agents(sorted(agents)).items()
            for kind, load in by_kind.items()
        },
        "assignments": {
            one.id: one for place in places for one in store.assignments.of_item(place.kind, place.item_id)
        },
        "rotations": {rotation.name: rotation for rotation in store.rotations.list()},
        "seats": {
            (rotation.name, seat.agent_id): seat
            for rotation in store.rotations.list()
            for seat in store.rotations.seats(rotation.name)
        },
    }
    for noun, of_store in kept.items():
        of_history = getattr(told, noun)
        for key in sorted(of_store.keys() | of_history.keys(), key=str):
            if of_store.get(key) != of_history.get(key):
                yield f"promise 14: {noun} {key}: kept {of_store.get(key)}, replayed {of_history.get(key)}"


def check_owners(store: Store, kind: str = "customers") -> Iterator[str]:
    """Yield items whose record names another owner than the agent who holds it; who finished one stays its owner."""
    holders: dict[str, Placement] = {p.item_id: p for p in store.placements.in_state("held") if p.kind == kind}
    done = {place.item_id for place in store.placements.in_state("done") if place.kind == kind}
    records = store.items(kind).list()
    for item_id in sorted(holders.keys() - {record.id for record in records}):
        yield f"promise 4: {kind} {item_id} is held by {holders[item_id].agent_id}, and has no record"
    for record in records:
        if record.id in done:
            continue
        place = holders.get(record.id)
        if record.owner != (place.agent_id if place is not None else None):
            yield f"promise 4: {kind} {record.id} is owned by {record.owner}, and held by {place and place.agent_id}"


def check_told(events: Sequence[Event], *, pending: Iterable[str], told: Iterable[str] = ()) -> Iterator[str]:
    """Yield committed events that nobody was told of and nobody will be, and those told that were never committed."""
    committed, known = {event.id for event in events}, {*pending, *told}
    lost, made_up = sorted(committed - known), sorted(known - committed)
    if lost:
        yield f"promise 13: {len(lost)} committed events are neither told nor pending: {lost[:3]}"
    if made_up:
        yield f"promise 13: {len(made_up)} events were told or are pending, but not committed: {made_up[:3]}"


def check_versions(events: Sequence[Event], *, published: Collection[str]) -> Iterator[str]:
    """Yield decisions that name no version of the rules, or one that nobody published and no desk was made with."""
    for event in events:
        version = event.facts.get("rules_version")
        if version is None and "steps" in event.facts:
            yield f"promise 19: {event.id} names no version of the rules"
        elif version is not None and version not in published:
            yield f"promise 19: {event.id} names {version}, which was not kept"


_ENDS = {"accepted": "accepted", "declined": "declined", "expired": "expired", "rescinded": "rescinded"}


def check_offers(events: Sequence[Event], assignments: Iterable[Assignment]) -> Iterator[str]:
    """Yield offers that ended twice, or ended and still stand, or whose assignment says something else."""
    begun: dict[str, str] = {}  # each offer by its assignment's id: how it stands
    standing: dict[tuple[str, str], str] = {}
    for event in events:
        after = placement_after(event)
        if after is None:
            continue
        item = (event.kind, event.item_id)
        offer = standing.get(item)
        if offer is not None and (after.state != "offered" or after.assignment_id != offer):
            del standing[item]
            begun[offer] = "accepted" if after.state == "held" and after.assignment_id == offer else _end(event)
        if after.state == "offered" and after.assignment_id is not None:
            if begun.setdefault(after.assignment_id, "pending") != "pending":
                yield f"promise 11: {after.assignment_id} was {begun[after.assignment_id]} and is offered again"
            standing[item] = after.assignment_id
    for one in assignments:
        if one.offered_until is None:
            continue
        said, found = begun.get(one.id), one.ended_because if not one.counts else None
        if (said in NOT_TAKEN_UP) != (found is not None) or (found is not None and said != found):
            yield f"promise 11: offer {one.id} is {said} by the history, and {found or 'not ended'} by its assignment"


def _end(event: Event) -> str:
    return _ENDS.get(event.type, "rescinded")


# --- all together ----------------------------------------------------------------------------------------------------


def store_rules(store: Store) -> list[Publication]:
    """Return what was published, as any desk on the store tells it."""
    return Desk(RuleSet.from_text('rule "none"\n  reject "only asks"'), store).publications()


def whole_history(store: Store) -> list[Event]:
    """Return every event of a store."""
    return store.history.since(0, limit=EVERYTHING)


def audit(
    store: Store,
    tables: Tables,
    *,
    agents: Collection[str],
    capacities: Mapping[str, Any] | None = None,
    told: Iterable[str] | None = None,
) -> list[Event]:
    """Return the history of a store at rest in which all promises are kept; else raise `BrokenPromiseError`.

    `told` are the ids of the events that subscribers heard of; None if nobody listened.
    """
    events = whole_history(store)
    places = {(event.kind, event.item_id) for event in events if placement_after(event) is not None}
    assignments = [one for kind, item_id in sorted(places) for one in store.assignments.of_item(kind, item_id)]
    found = [
        *check_books(tables.books(), capacities=capacities),
        *check_history(events),
        *check_replay(store, events, agents=agents),
        *check_owners(store),
        *check_versions(events, published={one.version for one in store_rules(store)}),
        *check_offers(events, assignments),
    ]
    if told is not None:
        pending = [event.id for event in store.outbox.pending(limit=EVERYTHING)]
        found += check_told(events, pending=pending, told=told)
    if found:
        raise BrokenPromiseError(found)
    return events
