"""Whole decisions on SQL stores, beside transactions written by hand that leave the same rows; many processes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
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
CONNECTIONS = 120

Floors = Mapping[str, Callable[[Place, Templates], Decider]]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: seconds per round, passes over all cells, seconds after which no pass begins."""

    seconds: float
    passes: int
    enough: float
    clients: Sequence[int]


QUICK = Effort(seconds=0.25, passes=1, enough=0, clients=(1, 8))
FULL = Effort(seconds=0.6, passes=5, enough=70, clients=CLIENTS)


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """What a row of the table is about; `snapshot` says that an old one is held open meanwhile."""

    rotations: int
    clients: int
    batch: int
    snapshot: bool = False


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
            "old snapshot held",
            "ours, decisions/s",
            "floor",
            "one-trip floor",
            "ours : floor",
            "ours : one-trip floor",
            "target",
            "ours p50, ms",
            "ours p99, ms",
            "floor p50, ms",
            "floor p99, ms",
        ],
        rows=rows,
        target="0.6 of the floor one at a time, 0.5 in batches of 100",
        findings=[_told(name, measured) for name, measured in found.items()],
        packages=["sqlalchemy", "psycopg"],
    )


_ABOUT = (
    "One decision is a whole transaction: on disk when the call returns (SQLite: WAL, `synchronous=FULL`; PostgreSQL: "
    "`fsync` and `synchronous_commit` on). Clients are processes, each with a connection of its own, deciding for a "
    f"while by one rule per rotation: least recent of {AGENTS_PER_TEAM} agents who has room. The floor is written by "
    "hand, with sqlite3 and psycopg and nothing else, into the same tables with the same indexes and constraints, and "
    "leaves the same rows, copied from real ones of ours: the item's record with its holder, placement, assignment, "
    "history event, outbox row; load, seat and rotation. It picks the agent within its transaction, under the "
    "rotation's lock, checks the capacity, and lets the primary key refuse a second holder. It is ten statements on "
    "SQLite; on PostgreSQL it is ten and BEGIN and COMMIT, each a trip to the server, and a batch is one statement per "
    "table with arrays; the one-trip floor sends BEGIN, lock, one statement that writes everything, and COMMIT "
    "together. The floor matches no rule, builds no model, explains nothing, answers no key twice. All take turns in "
    "short rounds; figures are medians, ratios the medians of ratios within a pass. Times are of one call: a decision, "
    "or a batch. After the rounds each table is audited: one holder per item, loads that are the sums of what is held, "
    "turns within a team that differ by one at most, one event per decision."
)


def _settings(measured: Measured) -> list[Setting]:
    return sorted({setting for setting, _ in measured.rounds}, key=lambda one: (one.snapshot, one.batch, one))


def _row(name: str, setting: Setting, measured: Measured) -> list[Cell]:
    one_trip = (setting, ONE_TRIP) in measured.rounds
    return [
        name,
        setting.rotations,
        setting.clients,
        setting.batch,
        "yes" if setting.snapshot else "no",
        round(measured.middle(setting, OURS)),
        round(measured.middle(setting, FLOOR)),
        round(measured.middle(setting, ONE_TRIP)) if one_trip else "–",
        measured.ratio(setting, FLOOR) or "–",
        measured.ratio(setting, ONE_TRIP) or "–",
        TARGETS[setting.batch],
        *(measured.middle(setting, who, figure) for who in (OURS, FLOOR) for figure in ("p50", "p99")),
    ]


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
                for who, running in clients.items():
                    keeps_outbox = who != OURS and "outbox" in templates.rows
                    audit(running.place, running.decisions, keeps_outbox=keeps_outbox)
        measured.tallies = _tallies(Place(self.url_of("tallied"), "tallied_", 1))
        return measured

    def _race(self, rotations: int, clients: Mapping[str, Clients], measured: Measured) -> None:
        """Measure all settings with so many rotations, in passes; everybody in turn, so that all have the same luck."""
        settings = [Setting(rotations, number, batch) for batch in TARGETS for number in self.effort.clients]
        began = monotonic()
        for played in range(self.effort.passes):
            if played and monotonic() - began > self.effort.enough:
                break
            for setting in settings:
                self._all_in_turn(setting, clients, measured)
            with _old_snapshots([running.place for running in clients.values()]):
                for batch in TARGETS:
                    self._all_in_turn(Setting(rotations, HELD_CLIENTS, batch, snapshot=True), clients, measured)

    def _all_in_turn(self, setting: Setting, clients: Mapping[str, Clients], measured: Measured) -> None:
        for who, running in clients.items():
            done = running.go(setting.clients, batch=setting.batch, seconds=self.effort.seconds)
            measured.rounds.setdefault((setting, who), []).append(done)

    @contextmanager
    def _contenders(self, rotations: int, templates: Templates) -> Iterator[dict[str, Clients]]:
        """Lend everybody's clients; each has tables of its own."""
        most = max(self.effort.clients)
        with ExitStack() as stack:
            found = {}
            for name in (OURS, *self.floors):
                place = Place(self.url_of(f"{name}{rotations}"), f"{name}{rotations}_", rotations)
                place.set_up()
                if name != OURS:
                    seed(place, templates)
                found[name] = stack.enter_context(Clients(place, self._maker(name, place, templates), most))
            yield found

    def _maker(self, name: str, place: Place, templates: Templates) -> Callable[[], Decider]:
        return lambda: Ours(place.desk()) if name == OURS else self.floors[name](place, templates)


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
