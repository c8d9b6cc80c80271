"""Pairs of calls on PostgreSQL: one is stopped before one of its statements, the other runs, then the first goes on.

Whatever the order, both have to end as if one had come wholly before the other: the same results, the same state.
That covers automatic against manual, accept against expiry, edits between match and write, and late actors.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, Self

import psycopg
import pytest
import sqlalchemy as sa

from assignkit import Customer, Desk
from assignkit.repositories.sql import SqlStore
from assignkit.repositories.sql.databases import database_for
from assignkit.repositories.sql.session import Session
from tests.campaigns.auditing import BrokenPromiseError, audit
from tests.campaigns.playing import Campaign, Place
from tests.campaigns.scenes import dice
from tests.campaigns.stage import CALLS, PEOPLE, Call, differences, open_desk, set_stage

_FENCED: Mapping[str, Callable[[Desk], Any]] = {
    "late reassign": lambda d: d.reassign("held", "dan", actor="dan", reason="mine", fence=1),
    "late reassign to another": lambda d: d.reassign("held", "cat", actor="cat", reason="mine", fence=1),
    "late release": lambda d: d.release("held", actor="ann", reason="no time", fence=1),
    "late complete": lambda d: d.complete("held", actor="ann", fence=1),
    "reassign to its holder": lambda d: d.reassign("held", "bob", actor="boss", reason="stays"),
    "edit": lambda d: d.customers.save(d.customers.get("waits").model_copy(update={"lane": 0})),
    "edit of a held one": lambda d: d.customers.save(d.customers.get("held").model_copy(update={"lane": 1})),
    "assign what is pooled": lambda d: d.assign("pooled"),
    "claim of another": lambda d: d.reassign("pooled", "ann", actor="ann", reason="claimed", fence=0),
    "assign it as well": lambda d: d.assign(Customer(id="new", lane=0)),
    "dismiss": lambda d: d.agents.save(d.agents.get("ann").model_copy(update={"active": False})),
    "more room": lambda d: d.agents.save(d.agents.get("busy").model_copy(update={"capacity": {"customers": 2}})),
}
_UNITS = {"more room": 2}  # what waits comes to who has room, in a unit of its own
ALL: Mapping[str, Call] = {
    **{name: call for name, call in CALLS.items() if name not in ("assign_many", "tick, nothing due")},
    **{name: Call(name, lambda d, _, act=act: act(d), units=_UNITS.get(name, 1)) for name, act in _FENCED.items()},
}
# These save what they read before their unit of work: if that has changed, they are told so and change nothing.
OPTIMISTIC = frozenset(("save, effort", "edit", "edit of a held one", "dismiss", "more room"))
_TOLD = ("ConflictError", "InvalidTransitionError")
# Those that are about the same item are worth every order; of the others some will do.
CLOSE = (
    ("reassign", "late reassign", "release", "late complete", "assign, forced", "save, effort", "edit of a held one"),
    ("late reassign", "late reassign to another", "late release", "late complete", "reassign to its holder"),
    ("accept", "decline", "release, offered", "reassign, offered", "tick", "dismiss"),
    ("accept, of several", "decline, of several", "tick", "assign, offered"),
    ("claim", "claim of another", "assign what is pooled", "broadcast", "correct_rotation", "assign"),
    ("assign", "assign it as well", "add, owned", "set_presence, back", "dismiss", "publish"),
    ("assign, known", "edit", "remove", "release, waiting", "complete", "more room"),
)

# Stopped before its last statement, which is sent with the writes: orders that were found to break a promise once.
FOUND = (("release", "assign, forced"), ("save, effort", "assign, forced"), ("publish", "publish"))


@dataclass(frozen=True)
class Pair:
    """Which call is stopped, before which of its statements, and which runs meanwhile."""

    first: str
    at: int
    second: str

    def __str__(self) -> str:
        return f"`{self.first}` stopped before statement {self.at}, and `{self.second}`"


Outcome = tuple[Any, ...]  # the state, and what came of each call


class Pairs:
    """All pairs at one server; the stage is set once, and each pair has a copy of it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        url = sa.make_url(place.url)
        self._engine = database_for(url.get_backend_name()).engine(url)  # of all desks, which need not connect then
        self._template = place.tenant()
        self._serial: dict[tuple[str, ...], Outcome] = {}
        self._lengths: dict[str, int] = {}
        with place.store(self._template) as store:
            set_stage(store)

    def close(self) -> None:
        """Close the connections of its own."""
        self._engine.dispose()

    def close_one(self, rng: random.Random) -> Pair:
        """Return one order of two calls that are about the same thing."""
        group = rng.choice(CLOSE)
        return self._pair(rng, rng.choice(group), rng.choice(group))

    def any_one(self, rng: random.Random) -> Pair:
        """Return one order of any two calls."""
        return self._pair(rng, rng.choice(list(ALL)), rng.choice(list(ALL)))

    def found(self) -> Iterator[Pair]:
        """Yield the orders that broke a promise before."""
        yield from (Pair(first, self.length(first), second) for first, second in FOUND)

    def _pair(self, rng: random.Random, first: str, second: str) -> Pair:
        return Pair(first, rng.randint(1, self.length(first)), second)

    def length(self, name: str) -> int:
        """Return how many statements a call makes by itself."""
        if name not in self._lengths:
            with _Stop(before=0) as stop, ExitStack() as opened:
                self._act(name, self._desk(opened, self._copy(), name), stop)
                self._lengths[name] = stop.count
        return self._lengths[name]

    def violations(self, pair: Pair) -> Iterator[str]:
        """Play a pair, and yield what it broke."""
        tenant = self._copy()
        with ExitStack() as opened, _Stop(before=pair.at) as stop:
            threads = opened.enter_context(ThreadPoolExecutor(2))
            assert self._place.server is not None
            watcher = opened.enter_context(psycopg.connect(self._place.server.url, autocommit=True))
            one, two = (self._desk(opened, tenant, name) for name in (pair.first, pair.second))
            first = threads.submit(self._act, pair.first, one, stop)
            stop.wait(first)
            second = threads.submit(self._act, pair.second, two, None)
            _done_or_waiting(second, watcher)
            stop.go_on()
            results = first.result(60), second.result(60)
        with self._place.store(tenant) as store:
            now = self._picture(tenant)
            if ALL[pair.first].units == ALL[pair.second].units == 1:
                yield from self._like_one_after_the_other(pair, (now, *results))
            try:
                audit(store, self._place.tables(tenant), agents=PEOPLE)
            except BrokenPromiseError as error:
                yield from (f"{line}\n  {pair}" for line in error.violations)

    def _like_one_after_the_other(self, pair: Pair, found: Outcome) -> Iterator[str]:
        this, that = self._in_order(pair.first, pair.second), self._in_order(pair.second, pair.first)
        that = (that[0], that[2], that[1])
        if any(not differences(one[0], found[0]) and one[1:] == found[1:] for one in (this, that)):
            return
        if self._refused(pair.first, found[1], pair.second, found) or self._refused(
            pair.second, found[2], pair.first, found
        ):
            return
        told = [f"{found[1]} and {found[2]}", f"{this[1]} and {this[2]}", f"{that[1]} and {that[2]}"]
        wrong = [differences(one[0], found[0]) for one in (this, that)]
        yield f"promise 1: {pair}: {told[0]}, not {told[1]} ({wrong[0]}) nor {told[2]} ({wrong[1]})"

    def _refused(self, name: str, said: str, other: str, found: Outcome) -> bool:
        """Return whether a call was told that what it had read has changed, and the other is all that was done."""
        if name not in OPTIMISTIC or not said.startswith(_TOLD):
            return False
        return not differences(self._in_order(other)[0], found[0])

    def _in_order(self, *names: str) -> tuple[Any, ...]:
        """Return the state after some calls, one after the other, and what came of each."""
        if names not in self._serial:
            tenant = self._copy()
            with ExitStack() as opened:
                results = [self._act(name, self._desk(opened, tenant, name), None) for name in names]
            self._serial[names] = (self._picture(tenant), *results)
        return self._serial[names]

    def _picture(self, tenant: str) -> dict[str, Any]:
        """Return what is kept, its history by items: that of all of them is in the order of commits, not of looks."""
        now = self._place.tables(tenant).picture()
        return {**now, "history": sorted(now["history"], key=lambda event: str(event["id"]))}

    def _copy(self) -> str:
        tenant = self._place.tenant()
        self._place.tables(self._template).copy_to(tenant)
        return tenant

    def _desk(self, opened: ExitStack, tenant: str, name: str) -> Desk:
        store = opened.enter_context(closing(SqlStore(self._engine, tenant=tenant)))
        store.teams.list()  # connected
        return open_desk(store, clock=ALL[name].clock())

    def _act(self, name: str, desk: Desk, stop: _Stop | None) -> str:
        """Do a call, and return what came of it, in words that can be compared."""
        if stop is not None:
            stop.mine()
        try:
            result = ALL[name].act(desk, None)
        except Exception as error:  # noqa: BLE001 - compared
            return f"{type(error).__name__}: {error}"
        finally:
            if stop is not None:
                stop.no_longer_mine()
        return str(getattr(result, "outcome", "done"))


class _Stop:
    """Stops one thread before its statement of a given number, until it may go on."""

    def __init__(self, *, before: int) -> None:
        self.count = 0
        self._before = before
        self._thread: int | None = None
        self._reached, self._go = threading.Event(), threading.Event()
        self._patched = pytest.MonkeyPatch()

    def __enter__(self) -> Self:
        original = Session._on_wire

        def on_wire(session: Session, act: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401
            if threading.get_ident() == self._thread:
                self.count += 1
                if self.count == self._before:
                    if session.database.name == "postgresql":
                        session.wire.driver.pgconn.flush()  # what is sent together is carried out as it comes in
                    self._reached.set()
                    assert self._go.wait(60)
            original(session, act, *arguments)

        self._patched.setattr(Session, "_on_wire", on_wire)
        return self

    def __exit__(self, *_: object) -> None:
        self._go.set()
        self._patched.undo()

    def mine(self) -> None:
        """Say that this is the thread to be stopped."""
        self._thread = threading.get_ident()

    def no_longer_mine(self) -> None:
        """Say that what the thread does from now on is another's."""
        self._thread = None

    def wait(self, running: Future[str]) -> None:
        """Wait until the thread has come to its statement, or to its end."""
        while not self._reached.wait(0.001) and not running.done():
            pass

    def go_on(self) -> None:
        """Let it go on."""
        self._go.set()


def _done_or_waiting(running: Future[str], watcher: psycopg.Connection) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    give_up = time.monotonic() + 60
    while not running.done() and watcher.execute(waiting).fetchone() == (0,):
        assert time.monotonic() < give_up, "it neither ends nor waits for a lock"
        time.sleep(0.002)


def pairs(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Play 24 orders of calls that are about the same thing and 12 of any two; in short 10 of the former."""
    rng = dice(seed)
    with closing(Pairs(place)) as played:
        some = [*played.found(), *(played.close_one(rng) for _ in range(24 if full else 10))]
        if full:
            some += [played.any_one(rng) for _ in range(12)]
        found = [line for pair in some for line in played.violations(pair)]
    if found:
        raise BrokenPromiseError(found)
    return Counter(orders=len(some))


PAIRS = Campaign("pairs", "two calls, one stopped before any of its statements", pairs, on=("postgresql",))
