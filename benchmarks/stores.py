"""Whole decisions on SQL stores, beside transactions written by hand that leave the same rows; many processes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from os import getloadavg
from pathlib import Path
from statistics import median
from time import monotonic

from benchmarks.report import Cell, Report
from benchmarks.store_audit import audit
from benchmarks.store_clients import BATCH, Clients, Decider, Ours, Round
from benchmarks.store_floors import SqliteFloor, seed
from benchmarks.store_floors_postgres import PostgresFloor, PostgresOneTripFloor
from benchmarks.store_scene import AGENTS_PER_TEAM, Place, Templates, capture
from benchmarks.store_trips import Tally, tallied
from tests.postgres import running_server

OURS, FLOOR, ONE_TRIP = "ours", "floor", "one_trip"
ROTATIONS = (1, 64)
CLIENTS = (1, 8, 32)
HELD_CLIENTS = 8
TARGETS = {1: 0.6, BATCH: 0.5}
TALLIED = {1: 20, BATCH: 3}
"""How many calls of ours are listened to, by the size of their batches."""
CONNECTIONS = 150
THREADS = 32

Floors = Mapping[str, Callable[[Place, Templates], Decider]]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: seconds per round, passes over all cells, seconds after which no pass begins."""

    seconds: float
    passes: int
    enough: float
    clients: Sequence[int]


QUICK = Effort(seconds=0.25, passes=1, enough=0, clients=(1, 8))
FULL = Effort(seconds=0.6, passes=5, enough=40, clients=CLIENTS)


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """What a row of the table is about; `besides` is what is special about it."""

    besides: str
    batch: int
    rotations: int
    clients: int


SNAPSHOT = "an old snapshot is held"
IN_THREADS = "threads of one process, ours with group commit"


@dataclass(slots=True)
class Measured:
    """The rounds of each contender by setting, and what one decision of ours says to the database."""

    rounds: dict[tuple[Setting, str], list[Round]] = field(default_factory=dict)
    tallies: dict[int, Tally] = field(default_factory=dict)

    def middle(self, setting: Setting, who: str, figure: str = "rate") -> float:
        """Return the median of a figure."""
        return float(median(getattr(one, figure) for one in self.rounds[setting, who]))

    def ratio(self, setting: Setting, other: str) -> float | None:
        """Return the median ratio of ours to the other's, each within the same pass."""
        if (setting, other) not in self.rounds:
            return None
        pairs = zip(self.rounds[setting, OURS], self.rounds[setting, other], strict=True)
        return median(ours.rate / floor.rate for ours, floor in pairs)


def run(*, quick: bool) -> Report:
    """Measure both databases; what was measured is audited, and a wrong table is an error."""
    effort = QUICK if quick else FULL
    found = {"SQLite": _sqlite(effort), "PostgreSQL": _postgres(effort)}
    rows = [_row(name, setting, measured) for name, measured in found.items() for setting in _settings(measured)]
    return Report(
        name="stores",
        about=_ABOUT,
        columns=[
            "database",
            "rotations",
            "clients",
            "batch",
            "besides",
            "ours, decisions/s",
            "floor",
            "one-trip floor",
            "ours : floor",
            "ours : one-trip floor",
            "ours p50, ms",
            "ours p99, ms",
            "floor p50, ms",
            "floor p99, ms",
            "ours CPU, ms",
            "floor CPU, ms",
        ],
        rows=rows,
        target="0.6 of the floor one at a time, 0.5 in batches of 100",
        findings=_findings(rows, found),
        packages=["sqlalchemy", "psycopg"],
    )


_ABOUT = f"""\
One decision is a whole transaction: on disk when the call returns (SQLite: WAL, `synchronous=FULL`; PostgreSQL: `fsync`
and `synchronous_commit` on). Clients are processes, each with a connection of its own, deciding for a while by one rule
per rotation: whose turn it is of {AGENTS_PER_TEAM} agents, if there is room.

The *floor* is written by hand with sqlite3 and psycopg alone. It writes into the same tables, with the same indexes and
constraints, the same rows, copied from real ones of ours: the item's record with its holder, placement, assignment,
event of the history, outbox; load, seat and rotation. Who is next is found within its transaction, under the rotation's
lock; the capacity is checked, and the primary key refuses a second holder. On SQLite these are ten statements at most,
on PostgreSQL as many, each a trip to the server, with BEGIN and COMMIT besides; a batch is one transaction with one
statement (`executemany`, a JSON list) for each table. The *one-trip floor* sends BEGIN, the lock, one statement that
writes everything, and COMMIT together. A floor matches no rules, builds no models, explains nothing, and answers no
call twice.

All take turns in short rounds. Figures are medians, ratios are medians of the ratios within a pass. Times are those of
one call: a decision, or a batch; CPU is what one decision takes of the client's processor. After the rounds the tables
of each are audited: one holder per item, loads that are the sums of what is held, turns within a team that differ by
one at most, one event per decision. With group commit the calls that wait at the same time in {THREADS} threads of a
process share a transaction of ours; each thread of the floor has a connection."""


def _settings(measured: Measured) -> list[Setting]:
    return sorted({setting for setting, _ in measured.rounds})


def _row(name: str, setting: Setting, measured: Measured) -> list[Cell]:
    one_trip = (setting, ONE_TRIP) in measured.rounds
    return [
        name,
        setting.rotations,
        setting.clients,
        setting.batch,
        setting.besides,
        round(measured.middle(setting, OURS)),
        round(measured.middle(setting, FLOOR)),
        round(measured.middle(setting, ONE_TRIP)) if one_trip else "–",
        measured.ratio(setting, FLOOR) or "–",
        measured.ratio(setting, ONE_TRIP) or "–",
        *(measured.middle(setting, who, figure) for who in (OURS, FLOOR) for figure in ("p50", "p99")),
        *(measured.middle(setting, who, "busy") for who in (OURS, FLOOR)),
    ]


def _findings(rows: Sequence[Sequence[Cell]], found: Mapping[str, Measured]) -> list[str]:
    """Return how far the targets are met, what a decision says to its database, and how busy the machine was."""
    told = []
    for name, measured in found.items():
        for batch, target in TARGETS.items():
            ratios = [float(row[8]) for row in rows if row[0] == name and row[3] == batch and row[4] != IN_THREADS]
            how = "one at a time" if batch == 1 else f"in batches of {batch}"
            held = sum(ratio >= target for ratio in ratios)
            spread = f"{min(ratios):.2f} to {max(ratios):.2f} of the floor"
            told.append(f"{name}, {how}: {spread}; target {target}: held in {held} of {len(ratios)} settings")
        grouped = [float(row[8]) for row in rows if row[0] == name and row[4] == IN_THREADS]
        told.append(
            f"{name}, group commit: {min(grouped):.2f} to {max(grouped):.2f} times the floor in as many threads"
        )
        told.append(_told(name, measured))
    return [*told, f"load average at the end: {getloadavg()[0]:.1f}"]


def _told(name: str, measured: Measured) -> str:
    """Return what one decision of ours costs, and how it compares."""
    said = [
        f"{tally.statements:,.1f} statements in {tally.trips:,.1f} trips "
        f"{'one at a time' if batch == 1 else 'in a batch'}"
        for batch, tally in measured.tallies.items()
    ]
    return f"{name}: a decision of ours takes {', '.join(said)}"


def _sqlite(effort: Effort) -> Measured:
    with tempfile.TemporaryDirectory(prefix="stores") as folder:
        return _Bench(lambda name: f"sqlite:///{Path(folder) / name}.db", {FLOOR: SqliteFloor}, effort).measured()


def _postgres(effort: Effort) -> Measured:
    with running_server(fsync=True) as server:
        server.sql(f"ALTER SYSTEM SET max_connections = {CONNECTIONS}")
        server.stop()
        server.start()
        return _Bench(lambda _: server.url, {FLOOR: PostgresFloor, ONE_TRIP: PostgresOneTripFloor}, effort).measured()


@dataclass(frozen=True, slots=True)
class _Bench:
    """One database, and who races on it."""

    url_of: Callable[[str], str]
    floors: Floors
    effort: Effort

    def measured(self) -> Measured:
        measured = Measured()
        templates = capture(Place(self.url_of("captured"), "captured_", 1))
        for rotations in ROTATIONS:
            with self._contenders(rotations, templates) as clients:
                self._race(rotations, clients, measured)
                _audit_all(clients, templates)
            with self._in_threads(rotations, templates) as clients:
                setting = Setting(IN_THREADS, 1, rotations, THREADS)
                for _ in range(self.effort.passes):
                    self._all_in_turn(setting, clients, 1, measured)
                _audit_all(clients, templates)
        measured.tallies = _tallies(Place(self.url_of("tallied"), "tallied_", 1))
        return measured

    def _race(self, rotations: int, clients: Mapping[str, Clients], measured: Measured) -> None:
        """Measure all settings with so many rotations, in passes; everybody in turn, so that all have the same luck."""
        settings = [Setting("", batch, rotations, number) for batch in TARGETS for number in self.effort.clients]
        began = monotonic()
        for played in range(self.effort.passes):
            if played and monotonic() - began > self.effort.enough:
                break
            for setting in settings:
                self._all_in_turn(setting, clients, setting.clients, measured)
            with _old_snapshots([running.place for running in clients.values()]):
                for batch in TARGETS:
                    setting = Setting(SNAPSHOT, batch, rotations, HELD_CLIENTS)
                    self._all_in_turn(setting, clients, HELD_CLIENTS, measured)

    def _all_in_turn(
        self, setting: Setting, clients: Mapping[str, Clients], processes: int, measured: Measured
    ) -> None:
        for who, running in clients.items():
            if who == ONE_TRIP and setting.batch > 1:
                continue  # its batches are the other floor's
            done = running.go(processes, batch=setting.batch, seconds=self.effort.seconds)
            measured.rounds.setdefault((setting, who), []).append(done)

    @contextmanager
    def _contenders(self, rotations: int, templates: Templates) -> Iterator[dict[str, Clients]]:
        """Lend everybody's clients, each a process; each contender has tables of its own."""
        makers: Floors = {OURS: lambda place, _: Ours(place.desk()), **self.floors}
        with ExitStack() as stack:
            yield {
                name: stack.enter_context(
                    Clients(place, partial(makers[name], place, templates), max(self.effort.clients))
                )
                for name, place in self._places(makers, f"{rotations}", rotations, templates)
            }

    @contextmanager
    def _in_threads(self, rotations: int, templates: Templates) -> Iterator[dict[str, Clients]]:
        """Lend a process for each contender, with a client in each of its threads; those of ours share a desk."""
        shared = cache(lambda place: place.desk(group_commit=THREADS))
        makers: Floors = {OURS: lambda place, _: Ours(shared(place)), **self.floors}
        with ExitStack() as stack:
            yield {
                name: stack.enter_context(Clients(place, partial(makers[name], place, templates), 1, threads=THREADS))
                for name, place in self._places(makers, f"threads{rotations}", rotations, templates)
            }

    def _places(
        self, names: Iterable[str], label: str, rotations: int, templates: Templates
    ) -> Iterator[tuple[str, Place]]:
        """Yield where each contender works, set up."""
        for name in names:
            place = Place(self.url_of(f"{name}{label}"), f"{name}{label}_", rotations)
            place.set_up()
            if name != OURS:
                seed(place, templates)
            yield name, place


def _audit_all(clients: Mapping[str, Clients], templates: Templates) -> None:
    for who, running in clients.items():
        audit(running.place, running.decisions, keeps_outbox=who != OURS and "outbox" in templates.rows)


@contextmanager
def _old_snapshots(places: Sequence[Place]) -> Iterator[None]:
    """Hold a transaction open that has read each contender's tables, and keeps what it saw alive."""
    with ExitStack() as stack:
        for place in places:
            connection = stack.enter_context(place.connected())
            connection.execute("BEGIN" if place.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute(place.say("SELECT count(*) FROM @placements")).fetchall()
        yield


def _tallies(place: Place) -> dict[int, Tally]:
    """Return what one decision of ours says to the database, by the size of its batch."""
    place.set_up()
    found = {}
    with tallied(place) as (heard, tally):
        ours = Ours(heard.desk())
        ours.one(ours.prepared(("first", 0)))  # reads the agents, and keeps the rules
        for batch, calls in TALLIED.items():
            before = Tally(tally.statements, tally.trips)
            for number in range(calls):
                items = [ours.prepared((f"{batch}-{number}-{item}", 0)) for item in range(batch)]
                ours.one(items[0]) if batch == 1 else ours.many(items)
            share = 1 / calls / batch
            found[batch] = Tally((tally.statements - before.statements) * share, (tally.trips - before.trips) * share)
    return found
