"""A fault at every statement of every call of a desk that changes something, in many ways: all of a unit or nothing.

Each case is tried on a copy of one stage. What the store holds afterwards has to be what it held after one of the
commits of the call without faults; a call that raises has changed nothing, unless it says that it cannot know; and the
same call under the same key, done again, ends where it would have ended without faults.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa

from assignkit.errors import AssignkitError
from assignkit.repositories.sql import SqlStore, retrying
from assignkit.repositories.sql.databases import database_for
from assignkit.repositories.sql.errors import UncertainError
from assignkit.repositories.sql.session import Session
from tests.campaigns.auditing import BrokenPromiseError, audit, check_told, whole_history
from tests.campaigns.crowds import forked
from tests.campaigns.playing import Campaign, Place
from tests.campaigns.scenes import dice
from tests.campaigns.stage import CALLS, PEOPLE, Call, differences, open_desk, set_stage
from tests.faults.breaking import Fail, Faulty, busy, dropped, full, killed

KEY = "the key"
PARTS = len(CALLS)  # rounds, each with the next seed, in which every call is played once


@dataclass(frozen=True)
class Way:
    """How a statement fails."""

    name: str
    fail: Fail
    once: bool = True
    passes: bool = False  # whether the desk has to get over it by itself


WAYS: Mapping[str, Way] = {
    way.name: way
    for way in (
        Way("busy", busy, passes=True),
        Way("busy for ever", busy, once=False),
        Way("dropped", dropped, passes=True),
        Way("dropped for ever", dropped, once=False),
        Way("disk full", full),
        Way("disk full for ever", full, once=False),
        Way("killed", killed),
    )
}


@dataclass(frozen=True)
class Case:
    """One fault: which call, at which of its statements, before or after it is carried out, and how."""

    call: str
    at: int
    after: bool
    way: str

    def __str__(self) -> str:
        return f"{self.call}, {self.way} {'after' if self.after else 'before'} statement {self.at}"


@dataclass
class Course:
    """What a call does without faults: its statements, what it returns, and the state after each of its commits."""

    texts: list[str] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    result: Any = None


class Matrix:
    """All cases on one database; the stage is set once, and each case has a copy of it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        url = sa.make_url(place.url)
        self._engine = database_for(url.get_backend_name()).engine(url)  # of all cases, which need not connect then
        self._template = place.tenant()
        with place.store(self._template) as store:
            set_stage(store)
            self._before = [event.id for event in whole_history(store)]
        self._courses: dict[str, Course] = {}

    def close(self) -> None:
        """Close the connections of its own."""
        self._engine.dispose()

    def cases(self, calls: Iterable[str] = tuple(CALLS)) -> Iterator[Case]:
        """Yield every case of these calls."""
        for name in calls:
            for at in range(1, len(self.course(name).texts) + 1):
                for after in (False, True):
                    yield from (
                        Case(name, at, after, way) for way in self._ways(self.course(name).texts[at - 1], after)
                    )

    def _ways(self, text: str, after: bool) -> Iterator[str]:
        """Yield how a statement can fail: what is committed can only fail by a connection that is cut then."""
        for way in WAYS.values():
            if after and way.fail is killed:
                continue  # whoever is killed after a statement is killed before the next
            if after and text == "COMMIT" and (way.fail is not dropped or self._place.name == "sqlite"):
                continue
            yield way.name

    def course(self, name: str) -> Course:
        """Return what a call does without faults."""
        if name not in self._courses:
            self._courses[name] = self._without_faults(CALLS[name])
        return self._courses[name]

    def violations(self, case: Case) -> Iterator[str]:
        """Try a case, and yield what it broke."""
        call, course, way = CALLS[case.call], self.course(case.call), WAYS[case.way]
        with self._copy() as store, TemporaryDirectory() as folder:
            journal = Path(folder) / "told"
            if way.fail is killed:
                raised = self._in_a_process(case, store.tenant, journal)
            else:
                raised = self._here(case, store, journal)
            self._place.tables(store.tenant).settle()
            yield from self._judged(case, course, store, raised)
            told = [*self._before, *journal.read_text().splitlines()] if journal.exists() else self._before
            pending = [event.id for event in store.outbox.pending(limit=10**6)]
            yield from check_told(whole_history(store), pending=pending, told=told)
            if way.once and call.other is not None:
                yield from self._done_again(call, course, store)

    # --- playing

    def _without_faults(self, call: Call) -> Course:
        course = Course()
        with self._copy() as store, pytest.MonkeyPatch.context() as patched:
            desk, tables = open_desk(store, clock=call.clock()), self._place.tables(store.tenant)
            course.states.append(tables.picture())
            original = Session._on_wire

            def on_wire(session: Session, act: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401
                original(session, act, *arguments)
                course.texts.append(arguments[0])
                if arguments[0] == "COMMIT" and differences(course.states[-1], now := tables.picture()):
                    course.states.append(now)

            patched.setattr(Session, "_on_wire", on_wire)
            course.result = call.act(desk, KEY)
            patched.undo()
            audit(store, tables, agents=PEOPLE)
        return course

    @contextmanager
    def _copy(self) -> Iterator[Staged]:
        tenant = self._place.tenant()
        self._place.tables(self._template).copy_to(tenant)
        store = Staged(self._engine, tenant=tenant)
        store.tenant = tenant
        try:
            store.teams.list()  # connected, so that statements are those of the call
            yield store
        finally:
            store.close()

    def _here(self, case: Case, store: SqlStore, journal: Path) -> BaseException | None:
        with pytest.MonkeyPatch.context() as patched:
            if not WAYS[case.way].once:
                patched.setattr(retrying, "PATIENCE_SECONDS", 0.01)
            try:
                _act(case, store, journal, patched)
            except Exception as error:  # noqa: BLE001 - judged below
                return error
        return None

    def _in_a_process(self, case: Case, tenant: str, journal: Path) -> None:
        process = forked().Process(target=_act_and_die, args=(case, self._place.url, tenant, str(journal)), daemon=True)
        process.start()
        process.join(120)
        assert process.exitcode is not None, f"{case}: it never ended"

    # --- judging

    def _judged(self, case: Case, course: Course, store: Staged, raised: BaseException | None) -> Iterator[str]:
        call, way = CALLS[case.call], WAYS[case.way]
        now = self._place.tables(store.tenant).picture()
        where = f"{case} ({course.texts[case.at - 1][:30]!r})"
        known = any(not differences(state, now) for state in course.states)
        if not known and call.units == 1:
            far = differences(course.states[0], now)
            yield f"promise 4: {where}: something of it is there, and something is not: {far}"
        try:
            audit(store, self._place.tables(store.tenant), agents=PEOPLE) if not known else None
        except BrokenPromiseError as error:
            yield from (f"{where}: {line}" for line in error.violations)
        if raised is not None and not isinstance(raised, AssignkitError):
            yield f"promise 12: {where}: {type(raised).__name__} escapes: {raised}"
        elif raised is not None and not _may_have_changed(call, raised) and differences(course.states[0], now):
            told = f"{type(raised).__name__} ({raised})"
            yield f"promise 12: {where}: it raised {told}, but changed {differences(course.states[0], now)}"
        elif raised is None and way.fail is not killed and call.units == 1 and differences(course.states[-1], now):
            yield f"promise 4: {where}: it came to its end, but not {differences(course.states[-1], now)}"
        if way.passes and isinstance(raised, AssignkitError) and not isinstance(raised, UncertainError):
            yield f"promise 12: {where}: it was not done again: {type(raised).__name__}: {raised}"

    def _done_again(self, call: Call, course: Course, store: Staged) -> Iterator[str]:
        """A retry by whoever never got the answer: a desk of its own, the same key."""
        desk = open_desk(store, clock=call.clock())
        result = call.act(desk, KEY)
        if result != course.result:
            yield f"promise 6: {call.name}, done again, gave {result}, not {course.result}"
        left = differences(course.states[-1], self._place.tables(store.tenant).picture())
        if call.units == 1 and left:
            yield f"promise 6: {call.name}, done again, left other {left}"


class Staged(SqlStore):
    """A store that knows the name of its tenant."""

    tenant: str


def _may_have_changed(call: Call, raised: BaseException) -> bool:
    """Return whether an error leaves open what was done: it says so, or the call has many parts that stand alone."""
    return isinstance(raised, UncertainError) or call.in_parts


def _act(case: Case, store: SqlStore, journal: Path, patched: pytest.MonkeyPatch) -> None:
    call, way = CALLS[case.call], WAYS[case.way]
    desk = open_desk(store, clock=call.clock())
    file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    desk.subscribe(lambda event: os.write(file, f"{event.id}\n".encode()) and None)
    Faulty(case.at, after=case.after, fail=way.fail, once=way.once).install(patched)
    try:
        call.act(desk, KEY)
    finally:
        patched.undo()
        os.close(file)


def _act_and_die(case: Case, url: str, tenant: str, journal: str) -> None:
    logging.getLogger("assignkit").setLevel(logging.CRITICAL)
    store = SqlStore(url, tenant=tenant)
    store.teams.list()
    _act(case, store, Path(journal), pytest.MonkeyPatch())
    os._exit(0)


def faults(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Play every case of one call, or a sample of several by the seed; of kills, which are the dearest, it has few."""
    logging.getLogger("assignkit").setLevel(logging.CRITICAL)
    rng = dice(seed)
    calls = [list(CALLS)[seed % PARTS]] if full else rng.sample(list(CALLS), 7)
    with closing(Matrix(place)) as matrix:
        cases = list(matrix.cases(calls))
        if not full:
            quick = [case for case in cases if case.way != "killed"]
            cases = rng.sample(quick, 40) + rng.sample([case for case in cases if case.way == "killed"], 4)
        found: list[str] = []
        for case in cases:
            found += matrix.violations(case)
        if found:
            raise BrokenPromiseError(found)
        return Counter(faults=len(cases), statements=sum(len(matrix.course(name).texts) for name in calls))


FAULTS = Campaign("faults", "a fault at every statement of every call, in seven ways", faults)
