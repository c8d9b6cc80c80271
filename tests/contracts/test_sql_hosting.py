"""Decisions on a host's own tables: in one transaction with ours, as the host has them now, and never half done."""
# ruff: noqa: ARG002, PT012 - repositories have their arguments, and a whole unit of work has to raise

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assignkit import (
    Agent,
    AsyncDesk,
    BackendError,
    ConfigurationError,
    ConflictError,
    Customer,
    Desk,
    InUseError,
    ManualClock,
    NotFoundError,
    RuleSet,
    Schema,
    Team,
)
from assignkit.repositories.sql import SqlStore
from assignkit.testing.samples import NOW
from tests.contracts.crm import Account, Accounts, Employee, Employees, all_kept, engine_of_host

RULES = RuleSet.from_text('rule "All"\n  assign to team "East" by round robin\n')
PROCESSES, ITEMS, ROOM = 2, 20, 5
# On SQLite nobody else can write while a unit is open.
ON_POSTGRESQL = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

_books = itertools.count()


def employ(engine: sa.Engine, book: str, *ids: str, most: int | None = None) -> None:
    """Write employees and accounts as the host does, past every store."""
    with Session(engine) as session:
        for id in ids:
            session.add(Employee(book=book, id=id, revision=1, team="East", most=None if most is None else str(most)))
        session.add_all([Account(book=book, id=f"c{number}", revision=1) for number in range(ITEMS)])
        session.commit()


def change(engine: sa.Engine, book: str, id: str, **facts: Any) -> None:  # noqa: ANN401 - any column
    """Change an employee as the host does."""
    with Session(engine) as session:
        employee = session.get_one(Employee, (book, id))
        for name, value in {**facts, "revision": employee.revision + 1}.items():
            setattr(employee, name, value)
        session.commit()


def owners(engine: sa.Engine, book: str) -> dict[str, str | None]:
    """Return whose accounts are whose in the host's table."""
    with Session(engine) as session:
        return {one.id: one.owner_id for one in session.scalars(sa.select(Account).filter_by(book=book))}


def hosted(place: Any, book: str, **other: Any) -> SqlStore:  # noqa: ANN401 - a URL, an engine; any repositories
    """Return a store with the host's employees and accounts."""
    usual = {"agents": partial(Employees, book=book), "customers": partial(Accounts, book=book)}
    return SqlStore(place, tenant=book, **{**usual, **other})


def desk_on(store: SqlStore) -> Desk:
    return Desk(RULES, store, clock=ManualClock(NOW), seed="test")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """The engine of a host, on a database with its tables and ours."""
    with engine_of_host(request, "hosting") as made:
        yield made


@pytest.fixture
def book() -> str:
    return f"hosting {next(_books)}"


@pytest.fixture
def store(engine: sa.Engine, book: str) -> Iterator[SqlStore]:
    employ(engine, book, "li", "wu")
    with closing(hosted(engine, book)) as made:
        yield made


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    return desk_on(store)


def test_a_decision_writes_the_host_s_row_with_ours(engine: sa.Engine, book: str, desk: Desk) -> None:
    decisions = [desk.assign("c1"), desk.assign({"id": "new", "source": "web"})]
    assert {decision.agent_id for decision in decisions} == {"li", "wu"}
    assert [owners(engine, book)[decision.item_id] for decision in decisions] == [one.agent_id for one in decisions]
    desk.release("c1", actor="boss", reason="gone")
    assert desk.customers.get("new").owner == decisions[1].agent_id


def test_a_batch_is_decided_together(engine: sa.Engine, book: str, desk: Desk) -> None:
    decisions = desk.assign_many([{"id": "n1"}, "c1", "unknown", {"id": "n2"}])
    assert [decision.outcome for decision in decisions] == ["assigned", "assigned", "error", "assigned"]
    found = owners(engine, book)
    assert [found.get(one.item_id) for one in decisions] == [one.agent_id for one in decisions]


# --- as the host has them now


def test_a_change_of_the_host_s_holds_from_the_next_decision_on(engine: sa.Engine, book: str, desk: Desk) -> None:
    others = desk_on(hosted(engine, book))
    assert {desk.assign(f"c{number}").agent_id for number in (0, 1)} == {"li", "wu"}
    change(engine, book, "wu", active=False)
    assert {each.assign(f"c{number}").agent_id for number, each in enumerate((desk, others), 2)} == {"li"}
    change(engine, book, "wu", active=True)
    change(engine, book, "li", team="West")
    assert {each.assign(f"c{number}").agent_id for number, each in enumerate((others, desk), 4)} == {"wu"}
    change(engine, book, "wu", most="3")  # it has one of the first, and two of the last
    assert desk.assign("c6").reasons == ("capacity",)


class Interrupted(Employees):
    """Employees, of whom one is dismissed by somebody else when the unit has just read them."""

    between: Callable[[], None] | None = None

    def list(self, *how: Any) -> list[Any]:  # noqa: ANN401 - as the repository
        found = super().list(*how)
        act, Interrupted.between = Interrupted.between, None
        if act is not None:
            act()
        return found


class Unheld(Interrupted):
    """The same, without what keeps others from changing them."""

    hold = None  # type: ignore[assignment]  # as if it was not there


@ON_POSTGRESQL
@pytest.mark.parametrize("agents", [Interrupted, Unheld])
def test_who_changes_while_a_decision_is_under_way(engine: sa.Engine, book: str, agents: type[Interrupted]) -> None:
    employ(engine, book, "li", "wu")
    desk = desk_on(hosted(engine, book, agents=partial(agents, book=book)))
    (first,) = {desk.explain({"id": "c0"}).agent_id}
    Interrupted.between = partial(change, engine, book, str(first), active=False)
    given = desk.assign("c0").agent_id
    assert (given == first) is (agents is Unheld)
    assert desk.assign("c1").agent_id != first


@ON_POSTGRESQL
def test_who_is_held_waits_for_the_host_s_own_transaction(engine: sa.Engine, book: str, desk: Desk) -> None:
    first = str(desk.explain({"id": "c0"}).agent_id)
    with ThreadPoolExecutor(1) as thread:
        with Session(engine) as session:
            session.get_one(Employee, (book, first), with_for_update=True).active = False
            session.flush()
            begun = thread.submit(desk.assign, "c0")
            with pytest.raises(TimeoutError):
                begun.result(timeout=0.2)
            session.commit()
        assert begun.result(timeout=30).agent_id not in (first, None)


# --- all or nothing


class FailingAccounts(Accounts):
    """Accounts that cannot be written to their end."""

    def save(self, record: Any) -> Any:  # noqa: ANN401 - as the repository
        super().save(record)
        raise ZeroDivisionError


def books(store: SqlStore) -> list[object]:
    """Return what our tables say."""
    return [store.placements.in_state("held"), dict(store.loads.of_agent("li")), store.history.since(0)]


def test_neither_is_kept_if_one_fails(engine: sa.Engine, book: str, desk: Desk, store: SqlStore) -> None:
    failing = desk_on(hosted(engine, book, customers=partial(FailingAccounts, book=book)))
    before = (owners(engine, book), books(store))
    with pytest.raises(ZeroDivisionError):
        failing.assign("c1")
    (one,) = failing.assign_many(["c1"])
    assert (one.outcome, *one.reasons) == ("error", "ZeroDivisionError: ")
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        unit.customers.save(unit.customers.get("c1").model_copy(update={"name": "Pearl"}))
        desk.assign("c1")
        raise ZeroDivisionError
    assert (owners(engine, book), books(store)) == before
    assert desk.assign("c1").outcome == "assigned"


class Remembering(Accounts):
    """Accounts that are read once, and kept."""

    def __init__(self, connection: sa.Connection, book: str) -> None:
        super().__init__(connection, book)
        self.kept: dict[str, Any] = {}

    def find(self, id: str) -> Any:  # noqa: ANN401 - as the repository
        if id not in self.kept:
            self.kept[id] = super().find(id)
        return self.kept[id]

    def save(self, record: Any) -> Any:  # noqa: ANN401 - as the repository
        self.kept[record.id] = super().save(record)
        return self.kept[record.id]


def test_what_a_repository_keeps_in_mind_goes_with_what_was_taken_back(engine: sa.Engine, book: str) -> None:
    employ(engine, book, "li")
    with closing(hosted(engine, book, customers=partial(Remembering, book=book))) as store:
        with store.unit() as unit:
            first = unit.customers.get("c1")
            with pytest.raises(ZeroDivisionError), store.unit() as inner:
                inner.customers.save(first.model_copy(update={"name": "Pearl"}))
                raise ZeroDivisionError
            assert unit.customers.get("c1") == first
            with store.unit() as inner:
                assert inner.customers.get("c1") == first
                second = inner.customers.save(first.model_copy(update={"name": "Bund"}))
            assert unit.customers.get("c1") == second
        with engine.begin() as connection:
            joined = store.within(connection)
            assert joined.customers.get("c1") == second
            connection.execute(sa.update(Account).filter_by(book=book, id="c1").values(company="Dragon"))
            assert joined.customers.get("c1").name == "Dragon"


class DyingAccounts(Accounts):
    """Accounts whose process dies when one has been written."""

    def save(self, record: Any) -> Any:  # noqa: ANN401 - as the repository
        super().save(record)
        os.kill(os.getpid(), signal.SIGKILL)


def _die(url: str, book: str) -> None:
    desk_on(hosted(url, book, customers=partial(DyingAccounts, book=book))).assign("c1")


def _decide(url: str, book: str, number: int) -> list[tuple[str, str | None]]:
    with closing(hosted(url, book)) as store:
        desk = desk_on(store)
        ids = [f"c{(number * 7 + place) % ITEMS}" for place in range(ITEMS)]
        return [(one.item_id, one.agent_id) for one in (desk.assign(id) for id in ids)]


def forking() -> multiprocessing.context.ForkServerContext:
    """Return what starts processes from one without threads, which has what they need."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "psycopg"])
    return context


def url_of(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_a_process_that_is_killed_leaves_nothing_half_done(engine: sa.Engine, book: str, desk: Desk) -> None:
    killed = forking().Process(target=_die, args=(url_of(engine), book))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    assert owners(engine, book)["c1"] is None
    assert desk.history("c1") == []
    assert desk.assign("c1").outcome == "assigned"


@pytest.fixture(scope="module")
def crowd() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(PROCESSES, mp_context=forking()) as pool:
        yield pool


def test_processes_share_a_host_s_agents(engine: sa.Engine, book: str, crowd: ProcessPoolExecutor) -> None:
    employ(engine, book, "li", "wu", "zu", most=ROOM)
    told = list(crowd.map(partial(_decide, url_of(engine), book), range(PROCESSES)))
    with closing(hosted(engine, book)) as store:
        held = {place.item_id: place.agent_id for place in store.placements.in_state("held")}
        loads = {id: store.loads.of_agent(id)["customers"].load for id in ("li", "wu", "zu")}
    assert Counter(held.values()) == dict.fromkeys(("li", "wu", "zu"), ROOM) == loads
    assert {id: owner for id, owner in owners(engine, book).items() if owner} == held
    assert {one for each in told for one in each if one[1]} == set(held.items())


# --- in the host's transaction


def test_a_host_s_transaction_keeps_or_takes_back_all_of_it(engine: sa.Engine, book: str, desk: Desk) -> None:
    with Session(engine) as session:
        joined = desk.within(session.connection())
        session.add(Account(book=book, id="lead", revision=1))
        session.flush()
        decided = joined.assign("lead")
        with session.begin_nested() as savepoint:
            joined.assign("c1")
            savepoint.rollback()
        assert joined.assign_many(["c2", "c2"])[1].outcome == "kept"
        session.rollback()
    assert set(owners(engine, book).values()) == {None}
    with Session(engine) as session, session.begin():
        joined = desk.within(session.connection())
        session.add(Account(book=book, id="lead", revision=1))
        session.flush()
        assert joined.assign("lead").agent_id == decided.agent_id
        assert joined.customers.get("lead").owner == decided.agent_id
    assert owners(engine, book)["lead"] == decided.agent_id
    assert [event.type for event in desk.history("lead")] == ["assigned"]


def test_an_async_desk_decides_on_it(engine: sa.Engine, book: str, store: SqlStore) -> None:
    async def decide() -> list[str | None]:
        async with AsyncDesk(RULES, store, clock=ManualClock(NOW), seed="test") as desk:
            return [one.agent_id for one in await asyncio.gather(*[desk.assign(f"c{one}") for one in range(8)])]

    assert Counter(asyncio.run(decide())) == {"li": 4, "wu": 4}
    assert Counter(owners(engine, book).values()) == {"li": 4, "wu": 4, None: ITEMS - 8}


# --- what hangs together


def test_what_is_in_use_stays_and_ceilings_follow(engine: sa.Engine, book: str, desk: Desk, store: SqlStore) -> None:
    taken = desk.assign("c1")
    with pytest.raises(InUseError):
        desk.customers.remove("c1")
    with pytest.raises(InUseError):
        desk.agents.remove(str(taken.agent_id))
    agent = desk.agents.get(str(taken.agent_id))
    desk.agents.save(agent.model_copy(update={"capacity": {"customers": 4}}))
    assert store.loads.of_agent(agent.id)["customers"].ceiling == 4
    assert {one.id for one in desk.agents.list()} == {"li", "wu"}
    assert "c1" in owners(engine, book)


def test_a_record_that_somebody_saved_meanwhile_is_not_saved_over(desk: Desk) -> None:
    stale = desk.customers.get("c1")
    desk.customers.save(stale.model_copy(update={"name": "Pearl"}))
    with pytest.raises(ConflictError):
        desk.customers.save(stale)
    with pytest.raises(ConflictError):
        desk.assign(stale, version=stale.version)
    assert desk.assign("c1", version=stale.version + 1).outcome == "assigned"


# --- what a database says in between


class Stumbling(Accounts):
    """Accounts whose database refuses the first of some statements."""

    errors: list[Exception] = []  # noqa: RUF012 - each test fills it

    def find(self, id: str) -> Any:  # noqa: ANN401 - as the repository
        if self.errors:
            raise self.errors.pop()
        return super().find(id)

    hold = None  # type: ignore[assignment]  # as if it was not there


class Refused(sqlite3.OperationalError):
    """As SQLite has it."""

    def __init__(self, text: str, code: int, name: str) -> None:
        super().__init__(text)
        self.sqlite_errorcode, self.sqlite_errorname = code, name


def _deadlock() -> Exception:
    return psycopg.errors.DeadlockDetected("deadlock detected")


def _busy() -> Exception:
    return Refused("database is locked", sqlite3.SQLITE_BUSY, "SQLITE_BUSY")


def _taken(dialect: str) -> Exception:
    if dialect == "postgresql":
        return psycopg.errors.UniqueViolation("duplicate key")
    return Refused("UNIQUE constraint failed", sqlite3.SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT_UNIQUE")


def test_what_may_pass_is_tried_again_and_what_may_not_is_told(engine: sa.Engine, book: str) -> None:
    employ(engine, book, "li")
    desk = desk_on(hosted(engine, book, customers=partial(Stumbling, book=book)))
    passing = _deadlock() if engine.dialect.name == "postgresql" else _busy()
    taken = _taken(engine.dialect.name)
    Stumbling.errors += [sa.exc.OperationalError("SELECT", {}, passing), sa.exc.IntegrityError("INSERT", {}, taken)]
    assert desk.assign("c1").agent_id == "li"
    assert Stumbling.errors == []
    Stumbling.errors += [passing]
    assert desk.assign("c2").agent_id == "li"

    class Wrong(Accounts):
        def find(self, id: str) -> Any:  # noqa: ANN401 - as the repository
            return self.session.execute(sa.text("SELECT * FROM nowhere")).one()

        hold = None  # type: ignore[assignment]  # as if it was not there

    wrong = hosted(engine, book, customers=partial(Wrong, book=book))
    with pytest.raises(BackendError, match=r"the repository of customers failed: .*nowhere"):
        desk_on(wrong).assign({"id": "c3"})
    with pytest.raises(BackendError, match=r"nowhere"):
        wrong.customers.find("c3")
    assert desk.assign("c3").agent_id == "li"


def test_a_row_that_is_in_the_way_for_good_is_told_soon(engine: sa.Engine, book: str) -> None:
    employ(engine, book, "li")
    tried: list[str] = []
    in_the_way = sa.exc.IntegrityError("INSERT", {}, _taken(engine.dialect.name))

    class Blocked(Accounts):
        def add(self, record: Any) -> Any:  # noqa: ANN401 - as the repository
            tried.append(record.id)
            raise in_the_way

    desk = desk_on(hosted(engine, book, customers=partial(Blocked, book=book)))
    with pytest.raises(ConflictError, match="a constraint of the database"):
        desk.assign({"id": "new"})
    assert 1 < len(tried) < 8


# --- what a repository may not do


@contextmanager
def misbehaving(engine: sa.Engine, book: str, act: Callable[[Accounts], object]) -> Iterator[Desk]:
    class Misbehaving(Accounts):
        def save(self, record: Any) -> Any:  # noqa: ANN401 - as the repository
            super().save(record)
            act(self)
            return record

    with closing(hosted(engine, book, customers=partial(Misbehaving, book=book))) as store:
        yield desk_on(store)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda one: one.session.get_bind().commit(), "a repository does not commit"),
        (lambda one: one.session.get_bind().rollback(), "has ended the unit's transaction"),
        (lambda one: one.session.rollback(), "has ended the unit's transaction"),
        (lambda one: one.session.connection().invalidate(), "has ended the unit's transaction"),
    ],
)
def test_a_repository_does_not_end_the_unit(
    engine: sa.Engine, book: str, desk: Desk, act: Callable[[Accounts], object], told: str
) -> None:
    with misbehaving(engine, book, act) as misled, pytest.raises(ConfigurationError, match=told):
        misled.assign("c1")
    assert desk.assign("c1").outcome == "assigned"
    assert owners(engine, book)["c1"] is not None


@pytest.mark.parametrize(
    "act",
    [lambda one: one.session.commit(), lambda one: one.session.close(), lambda one: one.session.get_bind().close()],
)
def test_what_does_no_harm_is_let_be(engine: sa.Engine, book: str, act: Callable[[Accounts], object]) -> None:
    employ(engine, book, "li")
    with misbehaving(engine, book, act) as desk:
        assert desk.assign("c1").agent_id == "li"
    assert owners(engine, book)["c1"] == "li"


def test_a_connection_that_was_lent_is_not_used_afterwards(engine: sa.Engine, book: str) -> None:
    employ(engine, book, "li")
    lent: list[sa.Connection] = []

    def make(connection: sa.Connection) -> Accounts:
        lent.append(connection)
        return Accounts(connection, book)

    desk = desk_on(hosted(engine, book, customers=make))
    desk.assign("c1")
    for connection in lent:
        with pytest.raises(ConfigurationError, match="the unit of work is over"):
            connection.execute(sa.text("SELECT 1"))


def test_who_outlives_a_unit_takes_back_nothing_of_the_next_one(engine: sa.Engine, book: str) -> None:
    employ(engine, book, "li")
    lent: list[sa.Connection] = []

    def make(connection: sa.Connection) -> Accounts:
        lent.append(connection)
        return Accounts(connection, book)

    with closing(hosted(engine.url, book, customers=make)) as store:
        desk_on(store).assign("c1")
        before = tuple(lent)
        with store.unit() as unit:
            unit.customers.add(Customer(id="new"))
            for connection in before:
                with suppress(ConfigurationError):
                    connection.rollback()
            unit.teams.add(Team(id="West"))
        assert (store.customers.get("new").id, store.teams.get("West").id) == ("new", "West")


class Folding(Accounts):
    """Finds an account however it is written."""

    def find(self, id: str) -> Any:  # noqa: ANN401 - as the repository
        return super().find(id.lower())

    hold = find


def test_an_item_has_one_id(engine: sa.Engine, book: str, desk: Desk, store: SqlStore) -> None:
    with closing(hosted(engine, book, customers=partial(Folding, book=book))) as folding:
        assert desk.assign("c1").outcome == "assigned"
        with pytest.raises(ConfigurationError, match="was asked for `C1` and gives `c1`: an id has one spelling"):
            desk_on(folding).assign("C1")
    assert store.placements.find("customers", "C1") is None


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        (lambda _: None, ConfigurationError, "`list` of the repository of customers gives records, not a NoneType"),
        (
            lambda one: map(one.session.execute, [sa.text("SELECT nothing")]),
            BackendError,
            "the repository of customers failed",
        ),
    ],
)
def test_what_is_listed_is_read_within_the_call(
    engine: sa.Engine, book: str, given: Callable[[Accounts], Any], error: type[Exception], told: str
) -> None:
    class Listing(Accounts):
        def list(self, filter: Any = None, order: Any = "id", page: Any = None) -> Any:  # noqa: ANN401
            return given(self)

    with (
        closing(hosted(engine, book, customers=partial(Listing, book=book))) as store,
        pytest.raises(error, match=told),
    ):
        store.customers.list()


def test_a_host_s_listeners_do_not_stand_in_the_way(engine: sa.Engine, book: str) -> None:
    employ(engine, book, "li")
    listening = sa.create_engine(engine.url)
    sa.event.listen(listening, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    assert desk_on(hosted(listening, book)).assign("c1").agent_id == "li"
    listening.dispose()


# --- what is handed over


class Service:
    """A repository without a database, as one of a service."""

    def __init__(self, **records: Any) -> None:  # noqa: ANN401 - whatever a service has
        self.records = records

    def find(self, id: str) -> Any:  # noqa: ANN401 - as above
        return self.records.get(id)

    def get(self, id: str) -> Any:  # noqa: ANN401 - as above
        if id not in self.records:
            raise NotFoundError(noun="record", key=id)
        return self.records[id]

    def list(self, *_: object) -> list[Any]:
        return list(self.records.values())

    def add(self, record: Any) -> Any:  # noqa: ANN401 - as above
        self.records[record.id] = record.at_version(1)
        return self.records[record.id]

    def save(self, record: Any) -> Any:  # noqa: ANN401 - as above
        self.records[record.id] = record.at_version(record.version + 1)
        return self.records[record.id]

    def remove(self, id: str) -> None:
        del self.records[id]


class Lead:
    """An item of a host's own class."""

    def __init__(self, id: str, version: int) -> None:
        self.id, self.version = id, version


def test_a_service_is_asked_as_it_is(engine: sa.Engine, book: str) -> None:
    agents = Service(li=Agent(id="li", teams={"East"}, capacity={"customers": 2}))
    customers = Service(c1=Lead("c1", 7))
    desk = desk_on(hosted(engine, book, agents=agents, customers=customers))
    with pytest.raises(ConflictError):
        desk.assign(Lead("c1", 6), version=6)
    assert desk.assign("c1", version=7).agent_id == "li"
    with pytest.raises(ZeroDivisionError), desk._store.unit():
        assert desk.assign({"id": "c2"}).agent_id == "li"
        raise ZeroDivisionError
    assert customers.records["c2"].owner == "li"  # what a service was told stays told
    assert desk.history("c2") == []
    agents.records["li"] = agents.records["li"].model_copy(update={"active": False})
    assert desk.assign({"id": "c3"}).reasons == ("inactive",)
    with pytest.raises(InUseError):
        desk.agents.remove("li")
    assert "li" in agents.records


class Half:
    def find(self, id: str) -> None: ...


class Awaited(Service):
    async def find(self, id: str) -> None: ...


class WithTransactions(Service):
    def begin(self) -> None: ...

    commit = rollback = begin


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"agents": Half()}, "the Half handed over for `agents` is no repository: it has no `get`, `list`, `add`"),
        ({"agents": Half}, "the class Half, handed over for `agents`, is no repository"),
        ({"agents": 7}, "`agents` takes a repository .* not 7"),
        ({"agents": Awaited()}, "has to be awaited for `find`"),
        ({"agents": WithTransactions()}, "calls no `begin`, `commit` or `rollback` of the WithTransactions"),
        ({"items": {"agents": Service()}}, "agents are no kind of item"),
        ({"items": {" ": Service()}}, "`items` takes repositories by kind"),
        ({"items": {"customers": Service()}, "customers": Service()}, "`customers` is given twice"),
        ({"agents": Service(), "models": {"agents": Agent}}, "leave it out of `models`"),
    ],
)
def test_what_is_no_repository_is_refused_at_once(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        SqlStore("sqlite://", **given)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda _: None, "the NoneType that was made for `agents` is no repository"),
        (lambda _: Service(li={"id": "li"}), "`list` of the repository of agents gives a record of the class Agent"),
        (lambda _: Service(li=Customer(id="li")), "not a Customer"),
    ],
)
def test_what_makes_something_else_is_told_when_it_does(make: Callable[[object], object], told: str) -> None:
    store = SqlStore("sqlite://", agents=make)  # type: ignore[arg-type]  # that is what is wrong
    store.migrate()
    with closing(store), pytest.raises(ConfigurationError, match=told):
        desk_on(store).assign({"id": "c1"})


@pytest.mark.parametrize(("kind", "meant"), [("dealz", "deals"), ("customer", "customers"), ("tickets", None)])
def test_a_misspelt_kind_is_refused(kind: str, meant: str | None) -> None:
    rules = RuleSet.from_text('rule "All" reject "no"', schema=Schema(deal={"size": int}))
    with closing(SqlStore("sqlite://", items={kind: Service()})) as store:
        store.migrate()
        if meant is None:  # it may be another desk's
            Desk(rules, store)
            return
        with pytest.raises(ConfigurationError, match=f"`{kind}`, which no rule can speak of: did you mean `{meant}`"):
            Desk(rules, store)


ORDERS = ("skill match", "nearest", "least loaded", "weighted round robin", "fair share")


@pytest.mark.parametrize("order", ORDERS)
def test_agents_of_a_host_get_what_ours_would_get(engine: sa.Engine, book: str, order: str) -> None:
    text = f'rule "All"\n  prefer agent.skills has "law" at 2\n  assign to team "East" by {order}\n  limit 4 open\n'
    staff = [
        Agent(id=id, teams={"East"}, skills={"law": level}, location=(level, 10 * level), weight=level)
        for level, id in enumerate(("li", "wu", "zu", "xu"), 1)
    ]
    told = []
    for hosts in (all_kept(book), {}):
        with closing(SqlStore(engine, tenant=f"{book} {len(hosts)}", **hosts)) as store:
            desk = Desk(RuleSet.from_text(text), store, clock=ManualClock(NOW), seed="test")
            for agent in staff:
                desk.agents.add(agent)
            decided = desk.assign_many([{"id": number, "location": (0, number)} for number in range(6)])
            decided += [desk.assign({"id": f"c{number}", "location": (3, 3 * number)}) for number in range(12)]
            told.append(list(decided))
    assert told[0] == told[1]


def test_an_index_is_made_where_the_records_are() -> None:
    with closing(SqlStore("sqlite://", customers=Service())) as store:
        store.migrate()
        with pytest.raises(ConfigurationError, match="in its own tables"):
            store.index("customers", "branch")
        store.index("agents", "branch")


def test_threads_have_repositories_of_their_own(engine: sa.Engine, book: str) -> None:
    employ(engine, book, "li", "wu")
    made: set[tuple[int, int]] = set()

    def make(connection: sa.Connection) -> Accounts:
        accounts = Accounts(connection, book)
        made.add((threading.get_ident(), id(connection)))
        return accounts

    desk = desk_on(hosted(engine, book, customers=make))
    with ThreadPoolExecutor(4) as pool:
        decided = list(pool.map(lambda number: desk.assign(f"c{number}").agent_id, range(12)))
    assert Counter(decided) == {"li": 6, "wu": 6}
    assert Counter(owners(engine, book).values()) == {"li": 6, "wu": 6, None: ITEMS - 12}
    assert len(made) >= 12
