"""What a store in SQL promises beside the contracts: its tables, its tenants, its connections, its queries."""
# ruff: noqa: PT012, S608 - a whole unit of work has to raise; names of tables stand in statements

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assignkit import Desk, RuleSet
from assignkit.clock import ManualClock
from assignkit.errors import AssignkitError, BackendError, ConfigurationError, ConflictError, InUseError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.placement import AgentLoad
from assignkit.model.record import Item
from assignkit.repositories.base import Page, Unit
from assignkit.repositories.memory import MemoryStore
from assignkit.repositories.sql import SqlStore
from assignkit.repositories.sql import connections as connections_module
from assignkit.repositories.sql.connections import Connections, Wire
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.indexing import FieldKind
from assignkit.repositories.sql.pruning import Pruned
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.tables import RECORDS, Tables
from assignkit.testing.samples import NOW, answered, assigned, happened, placed
from tests.contracts.conftest import MakeStore
from tests.postgres import Server, programs_of_wheel, running_server

_NOWHERE = "postgresql://u@127.0.0.1:1/x"

# --- what is refused before anything happens


@pytest.mark.parametrize(
    ("url", "options", "told"),
    [
        ("mysql://localhost/x", {}, "SQLite .* and PostgreSQL .* are supported"),
        ("not a url", {}, "cannot be used"),
        ("sqlite://", {"prefix": "Assign Kit"}, "prefix"),
        ("sqlite://", {"prefix": "x" * 31}, "prefix"),
        ("sqlite://", {"schema": "crm"}, "no schemas"),
        *(("sqlite://", {"prefix": given}, "a prefix has at most") for given in (5, None, b"a", True, ["a"], "a\n")),
        *(("sqlite://", {"tenant": given}, "`tenant` is a text, not") for given in (b"x", True, 1.5, [])),
        *(("sqlite://", {"tenant": given}, "`tenant` is blank") for given in ("", " ", "\n")),
        *(("sqlite://", {"tenant": given}, "`tenant` holds what no database keeps") for given in ("a\0b", "\ud800")),
        *((_NOWHERE, {"schema": given}, "`schema` is a text, not") for given in (5, b"x")),
        (_NOWHERE, {"schema": " "}, "`schema` is blank"),
        (_NOWHERE, {"schema": "客" * 22}, "at most 63 bytes"),
        (_NOWHERE, {"schema": "\ud800"}, "`schema` holds what no database keeps"),
        *(("sqlite://", {"models": given}, "`models` maps kinds to models") for given in (5, "x", [Agent], {5: Agent})),
        *(("sqlite://", {"models": {"deals": given}}, "the model of `deals` is a class") for given in (5, dict, None)),
        *(("sqlite://", {"items": given}, "`items` takes repositories by kind") for given in (5, "x", [1])),
    ],
)
def test_a_store_that_cannot_be_is_refused(url: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        SqlStore(url, **options)


def test_a_tenant_may_be_an_integer_id(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    given: Any = 5
    with closing(SqlStore(url, tenant=given)) as one, closing(SqlStore(url, tenant="5")) as same:
        one.migrate()
        one.agents.add(Agent(id="li"))
        assert same.agents.get("li").id == "li"


def test_an_engine_in_memory_has_to_share_its_connection() -> None:
    with pytest.raises(ConfigurationError, match="StaticPool"):
        SqlStore(sa.create_engine("sqlite://"))


def test_without_sqlalchemy_the_extra_is_named() -> None:
    code = "import sys; sys.modules['sqlalchemy'] = None; from assignkit.repositories.sql import SqlStore"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "assignkit[sql]"' in run.stderr


def test_without_psycopg_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None; from assignkit.repositories.sql import SqlStore;"
        "SqlStore('postgresql://localhost/x')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "assignkit[postgres]"' in run.stderr


def test_a_store_without_tables_says_what_to_do(file_url: str) -> None:
    with closing(SqlStore(file_url)) as store:
        with pytest.raises(BackendError, match="migrate"):
            store.agents.list()
        with pytest.raises(BackendError, match="migrate"):
            store.agents.add(Agent(id="li"))


def test_a_server_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with closing(SqlStore(f"postgresql://nobody@/x?host={tmp_path}")) as store, pytest.raises(BackendError):
        store.agents.add(Agent(id="li"))


def test_a_file_that_is_no_database_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello " * 1000, encoding="utf-8")
    with closing(SqlStore(f"sqlite:///{tmp_path / 'notes.txt'}")) as store, pytest.raises(BackendError):
        store.migrate()


def test_a_closed_store_is_closed(file_url: str) -> None:
    store = SqlStore(file_url)
    store.migrate()
    store.close()
    with pytest.raises(ConfigurationError, match="closed"):
        store.agents.list()


# --- tables


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, file_url: str) -> Iterator[str]:
    if request.param == "sqlite":
        yield file_url
        return
    server: Server = request.getfixturevalue("postgres")
    server.sql("CREATE DATABASE apart")
    yield server.url.replace("/postgres?", "/apart?")
    server.sql("DROP DATABASE apart WITH (FORCE)")


def engine_on(url: str) -> sa.Engine:
    return sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))


def test_the_migrations_make_the_tables_that_the_statements_expect(empty_url: str) -> None:
    with closing(SqlStore(empty_url)) as store:
        store.migrate()
        store.migrate()
    engine = engine_on(empty_url)
    expected = Tables(None, "assignkit_").metadata
    with engine.connect() as connection:
        options = {"compare_type": True, "version_table": "assignkit_migrations"}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), expected) == []
        found = {table: sa.inspect(connection).get_check_constraints(table) for table in expected.tables}
    engine.dispose()
    for name, table in expected.tables.items():
        wanted = {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint)}
        assert {constraint["name"] for constraint in found[name]} == wanted


def test_the_ddl_makes_what_migrate_makes(empty_url: str) -> None:
    with closing(SqlStore(empty_url, prefix="x_")) as store:
        engine = engine_on(empty_url)
        raw: Any = engine.raw_connection()
        if engine.dialect.name == "sqlite":
            raw.driver_connection.executescript(store.ddl("sqlite"))
        else:
            raw.driver_connection.autocommit = True
            raw.driver_connection.execute(store.ddl("postgresql"))
        raw.close()
        store.migrate()  # finds everything done
        assert store.agents.add(Agent(id="li")).version == 1
        engine.dispose()


def test_tables_stand_beside_those_of_a_host(empty_url: str) -> None:
    engine = engine_on(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('of the host')")
        connection.exec_driver_sql("CREATE TABLE customers (id INTEGER)")
    stores = [SqlStore(engine, prefix=prefix) for prefix in ("assignkit_", "other_")]
    for store in stores:
        store.migrate()
    stores[0].agents.add(Agent(id="li"))
    assert [store.agents.list() for store in stores] == [[Agent(id="li", version=1)], []]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == ["of the host"]
    engine.dispose()


def test_tables_stand_in_the_schema_of_the_hosts_choice(postgres: Server) -> None:
    with closing(SqlStore(postgres.url, schema="sales desk", prefix="")) as store:
        store.migrate()
        store.agents.add(Agent(id="li"))
        assert store.agents.get("li").version == 1
        assert 'CREATE SCHEMA IF NOT EXISTS "sales desk"' in store.ddl("postgresql")
    postgres.sql('SELECT id FROM "sales desk".agents')


def test_a_hosts_engine_is_given_back_as_it_was(engine: sa.Engine, make_store: MakeStore) -> None:
    store = make_store()
    store.agents.add(Agent(id="li"))
    store.close()
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE of_host (id INTEGER)")
        connection.commit()
        connection.exec_driver_sql("INSERT INTO of_host VALUES (1)")
        connection.rollback()  # which a connection that was left to commit by itself would not do
        kept = connection.exec_driver_sql("SELECT count(*) FROM of_host").scalar()
        connection.exec_driver_sql("DROP TABLE of_host")
        connection.commit()
    assert kept == 0


def test_tenants_see_only_their_own(make_store: MakeStore) -> None:
    first, second = make_store(), make_store()
    for store in (first, second):
        store.agents.add(Agent(id="li"))
        store.placements.put(placed(agent_id="li"), expected_fence=None)
        store.assignments.add(assigned("a1"))
        store.outbox.append(store.history.append(happened("e1")))
    first.outbox.done(["e1"])
    first.placements.put(placed(state="pooled", fence=2), expected_fence=1)
    first.agents.remove("li")
    assert second.agents.get("li").version == 1
    assert [len(second.placements.of_agent("li")), len(second.outbox.pending())] == [1, 1]
    assert second.history.since(0)[0].number == 1


# --- what has served its time


def test_old_answers_and_untold_events_go_when_the_host_says_so(make_store: MakeStore) -> None:
    store, other = make_store(), make_store()
    day, clock = timedelta(days=1), ManualClock(NOW + timedelta(days=9))
    for books in (store, other):
        for number in range(4):
            at = (NOW + number * day).astimezone(ZoneInfo("Asia/Shanghai"))
            books.idempotency.add(replace(answered(f"k{number}", "claim" if number % 2 else "assign"), at=at))
            books.outbox.append(books.history.append(happened(f"e{number}", at=at)))
    with pytest.raises(ConfigurationError, match="24 hours"):
        store.prune(clock.now() - day + timedelta(seconds=1), clock=clock)
    with pytest.raises(ConfigurationError):
        store.prune(datetime.now(tz=UTC))
    assert store.prune(NOW + 2 * day, clock=clock) == Pruned(answers=2, outbox=2)
    assert store.prune(NOW + 2 * day, clock=clock) == Pruned(answers=0, outbox=0)
    found = [store.idempotency.find("claim" if number % 2 else "assign", f"k{number}") for number in range(4)]
    assert [answer is not None for answer in found] == [False, False, True, True]
    assert [event.id for event in store.outbox.pending()] == ["e2", "e3"]
    assert len(store.history.since(0)) == len(other.outbox.pending()) == 4
    assert other.idempotency.find("assign", "k0") is not None


# --- constraints have the last word


def _columns(**values: object) -> tuple[str, str]:
    shown = [f"'{value}'" if isinstance(value, str) else str(value) for value in values.values()]
    return ", ".join(values), ", ".join(shown)


WRONG = {
    "a load above its ceiling": ("loads", {"load": 3, "ceiling": 2}),
    "a load below nothing": ("loads", {"load": -1, "ceiling": 2}),
    "a second holder": ("placements", {"item_id": "c1", "state": "held", "agent_id": "wu"}),
    "nobody who holds": ("placements", {"item_id": "c9", "state": "held"}),
    "a second open assignment": ("assignments", {"id": "a9", "fence": 9}),
    "a second assignment by one fence": ("assignments", {"id": "a9", "fence": 1, "ended_at": 1}),
    "a second answer": ("answers", {}),
    "a place in the history that is taken": ("history", {"number": "known", "id": "e9"}),
    "a number that is taken": ("numbers", {"number": 1, "place": -1}),
    "a second number of an event": ("numbers", {"number": 9, "place": "known"}),
}
USUAL: dict[str, dict[str, object]] = {
    "loads": {"agent_id": "wu", "kind": "customers", "items": 0, "received": 0, "revision": 1},
    "placements": {"kind": "customers", "fence": 9, "effort": 1, "since": 0, "data": "{}"},
    "assignments": {"kind": "customers", "item_id": "c1", "agent_id": "wu", "assigned_at": 0, "data": "{}"},
    "answers": {"operation": "assign", "key": "k1", "fingerprint": "", "result": "", "at": ""},
    "history": {"kind": "customers", "item_id": "c1", "data": "{}"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_database_itself_refuses(engine: sa.Engine, make_store: MakeStore, wrong: str) -> None:
    from assignkit.testing.samples import answered  # noqa: PLC0415

    store = make_store()
    tenant = store._units._tenant
    store.placements.put(placed(agent_id="li"), expected_fence=None)
    store.assignments.add(assigned("a1"))
    store.history.append(happened("e1"))
    store.idempotency.add(answered("k1"))
    table, values = WRONG[wrong]
    place = _place_of(engine, tenant, store)
    values = {name: place if value == "known" else value for name, value in values.items()}
    names, shown = _columns(tenant=tenant, **USUAL.get(table, {}), **values)
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO assignkit_{table} ({names}) VALUES ({shown})")


def _place_of(engine: sa.Engine, tenant: str, store: SqlStore) -> int:
    """Return the place of the tenant's one event, and see to it that it has a row among the numbers."""
    assert [event.number for event in store.history.since(0)] == [1]
    with engine.begin() as connection:
        found = connection.execute(sa.text("SELECT number FROM assignkit_history WHERE tenant = :it"), {"it": tenant})
        place: int = found.scalar_one()
        if engine.dialect.name == "sqlite":  # which numbers events as they come
            row = {"it": tenant, "place": place}
            connection.execute(sa.text("INSERT INTO assignkit_numbers VALUES (:it, 1, :place)"), row)
    return place


# --- units that fail


def test_what_failed_within_a_unit_cannot_be_kept_by_looking_away(make_store: MakeStore) -> None:
    store = make_store()
    with pytest.raises(BackendError, match="failed before"), store.unit() as unit:
        unit.agents.add(Agent(id="li"))
        with pytest.raises(AssignkitError):
            _break(unit.session)  # type: ignore[attr-defined]
    assert store.agents.list() == []


def test_a_failure_within_an_inner_unit_is_undone_with_it(make_store: MakeStore) -> None:
    store = make_store()
    with store.unit() as unit:
        unit.agents.add(Agent(id="li"))
        with pytest.raises(AssignkitError), store.unit():
            unit.agents.add(Agent(id="wu"))
            unit.agents.list()  # sends what was written, and so needs a savepoint
            _break(unit.session)  # type: ignore[attr-defined]
        unit.agents.add(Agent(id="zu"))
    assert [agent.id for agent in store.agents.list()] == ["li", "zu"]


def test_nothing_is_logged_of_what_comes_after_an_error_in_a_pipeline(
    postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(SqlStore(postgres.url, tenant="piped")) as store:
        store.migrate()
        with pytest.raises(ConflictError, match="changed since"), store.unit() as unit:
            session: Session = unit.session  # type: ignore[attr-defined]
            # So many that the answer to the first is there before the last is sent; dividing by 0 is how guards refuse.
            session._together([("SELECT 1/0", None), *[("SELECT 1", None)] * 500])
        assert store.agents.list() == []
    assert caplog.records == []


def _break(session: Session) -> None:
    """Make a statement fail; PostgreSQL gives the transaction up, and SQLite as if the disk were full."""
    if session.database.name == "sqlite":
        error = ConflictError(what="disk", expected="room", found="none")
        session.broken = error
        raise error
    session.say("SELECT 1/0")


# --- processes


def test_a_child_process_never_uses_its_parents_connection(file_url: str) -> None:
    code = f"""
import os
from assignkit.model.agent import Agent
from assignkit.repositories.sql import SqlStore
store = SqlStore({file_url!r})
store.migrate()
with store.unit() as unit:
    unit.agents.add(Agent(id="li"))
    if os.fork() == 0:
        raise SystemExit(0)
    os.wait()
child = os.fork()
if child == 0:
    store.agents.add(Agent(id="wu"))
    os._exit(0 if [agent.id for agent in store.agents.list()] == ["li", "wu"] else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert [agent.id for agent in store.agents.list()] == ["li", "wu"]
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def told_in_a_fork(act: Callable[[], object]) -> str:
    """Return what a process that is forked now gets from `act`, as text."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = repr(act())
        except BackendError as error:
            told = str(error)
        os.write(writer, told.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    told = os.read(reader, 1000).decode()
    os.close(reader)
    return told


def test_a_store_in_memory_stays_with_its_process() -> None:
    with closing(SqlStore("sqlite://")) as store:
        store.migrate()
        assert "fork" in told_in_a_fork(store.agents.list)


def test_a_process_forked_within_a_unit_is_told_why_it_cannot_write(file_url: str) -> None:
    with closing(SqlStore(file_url)) as store:
        store.migrate()
        with store.unit() as unit:
            unit.agents.add(Agent(id="li"))
            told = told_in_a_fork(lambda: (store.agents.list(), store.agents.add(Agent(id="wu"))))
            assert "forked, which bars it from writing: fork while no unit is open" in told
            assert told_in_a_fork(store.agents.list) == "[]"
        assert told_in_a_fork(lambda: store.agents.add(Agent(id="zu")).id) == "'zu'"
        assert [agent.id for agent in store.agents.list()] == ["li", "zu"]


# --- queries


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of all statements that are run."""
    run: list[str] = []
    original = Session._on_wire

    def noting(session: Session, act: Any, *arguments: Any) -> None:  # noqa: ANN401 - as the original
        run.append(arguments[0])
        original(session, act, *arguments)

    monkeypatch.setattr(Session, "_on_wire", noting)
    return run


def test_lists_take_one_statement_however_long_they_are(make_store: MakeStore, statements: list[str]) -> None:
    store = make_store()
    with store.unit() as unit:
        for number in range(30):
            unit.agents.add(Agent(id=f"agent {number}", teams={"East"}))
            unit.placements.put(placed(f"c{number}", agent_id="li"), expected_fence=None)
    statements.clear()
    assert len(list(store.walk_agents())) == 30
    assert len(store.agents.list({"teams": "East"}, order="-id")) == 30
    assert len(store.placements.of_agent("li")) == 30
    assert len(store.loads.of_agents([f"agent {number}" for number in range(30)])) == 30
    assert len(statements) == 4


def test_agents_that_did_not_change_are_not_made_again(make_store: MakeStore) -> None:
    store = make_store()
    store.agents.add(Agent(id="li"))
    assert store.agents.get("li") is store.agents.list()[0]


def test_a_page_is_cut_by_the_database(make_store: MakeStore, statements: list[str]) -> None:
    store = make_store()
    with store.unit() as unit:
        for number in range(20):
            unit.customers.add(Customer(id=f"{number:02}"))
    statements.clear()
    assert [one.id for one in store.customers.list(page=Page(offset=5, limit=2))] == ["05", "06"]
    assert "LIMIT" in statements[0]


FIELDS = st.sampled_from(["name", "stage", "tags", "revenue", "id", "unknown", "in.it", 'quo"te', "version"])
NUMBERS = st.sampled_from(
    [
        0,
        1,
        2,
        0.1,
        0.5,
        1.0,
        1e300,
        -(2.0**53),
        2**53 + 1,
        2**70,
        *map(Decimal, ("0.1", "0.5", "1.0", "1e-400", "2.00")),
    ]
)
ODD = st.sampled_from([True, False, float("nan"), float("inf"), Decimal("NaN"), Decimal("1e999999"), 10**400])
WORDS = NUMBERS | ODD | st.none() | st.sampled_from(["a", "b", "potential", "\0", "1"]) | st.integers(0, 2)
TOLD = st.lists(WORDS, max_size=2) | WORDS
FILTERS = st.dictionaries(FIELDS, TOLD, max_size=2)
CUSTOMERS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["a", "b", "c", "1"])},
        optional={
            "name": st.none() | st.sampled_from(["a", "b", "\0", "1"]),
            "stage": st.sampled_from(["a", "potential"]),
            "tags": st.lists(st.sampled_from(["a", "b"]), max_size=2),
            "revenue": NUMBERS,
            "unknown": TOLD,
            "in.it": WORDS,
            'quo"te': WORDS,
        },
    ),
    max_size=4,
    unique_by=lambda fields: fields["id"],
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(customers=CUSTOMERS, filter=FILTERS, order=FIELDS)
def test_lists_are_those_of_the_store_in_memory(
    make_store: MakeStore, customers: list[dict[str, Any]], filter: dict[str, Any], order: str
) -> None:
    stores = [make_store(), MemoryStore()]
    for store in stores:
        for fields in customers:
            store.customers.add(Customer.model_validate(fields))
    found, expected = (store.customers.list(filter, order) for store in stores)
    assert [customer.id for customer in found] == [customer.id for customer in expected]  # NaN is not even itself


@pytest.mark.parametrize(
    ("holds", "filter", "found"),
    [("text", {"branch": "b 7"}, "7"), ("text", {"branch": ["b 7", "b 8"]}, "7 8"), ("number", {"grade": 7}, "7")],
)
def test_a_field_that_is_indexed_is_found_without_looking_at_all_records(
    make_store: MakeStore, holds: FieldKind, filter: dict[str, Any], found: str
) -> None:
    store = make_store()
    store.transact(
        lambda unit: [unit.items("deals").add(Item(id=str(n), branch=f"b {n}", grade=n)) for n in range(3000)]
    )
    (field,) = filter
    for _ in range(2):  # the second time there is nothing to do
        store.index("deals", field, holds=holds)
    assert " ".join(item.id for item in store.items("deals").list(filter)) == found
    with store.unit() as unit:
        records: Any = unit.items("deals")
        asked = records._narrowed(filter)
        asked.text = f"EXPLAIN {'QUERY PLAN' if asked.text.count('json_type') else ''} {asked.text}"
        plan = str(list(records._session.rows(asked, **records._place)))
    assert f"items_by_{field}_{holds}" in plan


@pytest.mark.parametrize("before", range(8))
def test_a_statement_may_come_twice_where_it_comes_to_be_prepared(postgres: Server, before: int) -> None:
    """Whenever it is that a statement has come often enough: items of two kinds are asked for by the same one."""
    with closing(SqlStore(postgres.url, tenant=f"twice {before}")) as store:
        store.migrate()
        for _ in range(before):
            with store.unit() as unit:
                unit.expect(items=[("customers", "c1"), ("customers", "c2")])
        for _ in range(2):
            with store.unit() as unit:
                unit.expect(items=[("customers", "c1"), ("tasks", "t1")])
                assert unit.placements.find("tasks", "t1") is None


def test_a_decision_leaves_nothing_for_the_collector(make_store: MakeStore) -> None:
    desk = Desk(
        RuleSet.from_text('rule "A" assign to team "East" by round robin'), make_store(), clock=ManualClock(NOW)
    )
    desk.agents.add(Agent(id="li", teams={"East"}))
    for number in range(12):  # more than the engine has connections: each has heard of the rules then
        desk.assign(Customer(id=f"before {number}"))
    items = [*(Customer(id=f"c{number}") for number in range(3)), Customer(id="c1")]
    while gc.collect():  # of other tests: what is let go may let go of more
        pass
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for item in items:
            desk.assign(item)
        gc.collect()
        left = {type(each).__qualname__ for each in gc.garbage if type(each).__module__.startswith("assignkit")}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert left == set()


@pytest.mark.parametrize(("field", "holds"), [("a b", "text"), ("x'; --", "text"), ("", "number"), ("name", "date")])
def test_what_cannot_be_indexed_is_refused(make_store: MakeStore, field: str, holds: FieldKind) -> None:
    with pytest.raises(ConfigurationError, match=r"a field (that )?is indexed"):
        make_store().index("customers", field, holds=holds)
    nowhere = SqlStore("sqlite:////no/such/folder/books.db")  # it is refused before anybody connects
    with pytest.raises(ConfigurationError, match=r"a field (that )?is indexed"):
        nowhere.index("customers", field, holds=holds)


def test_what_is_no_name_or_instant_is_refused(quick_folder: Path) -> None:
    with closing(SqlStore(f"sqlite:///{quick_folder / 'names.db'}")) as store:
        store.migrate()
        given: Any
        for given in ("", " ", None, 5, b"x", [], {}):
            with pytest.raises(ConfigurationError, match="`kind` is a name"):
                store.index(given, "tier")
        for given in (None, 5, b"x", [], {}):
            with pytest.raises(ConfigurationError, match="`field` is a name"):
                store.index("customers", given)
        for given in (None, 5, "2026-01-01", timedelta(1), []):
            with pytest.raises(ConfigurationError, match="`before` is an instant"):
                store.prune(given)
        for given in (None, 5, b"name", ("name",)):
            for records in (store.agents, store.customers, MemoryStore().agents):
                with pytest.raises(ConfigurationError, match="a filter maps the names of fields"):
                    records.list({given: "x"})


@pytest.mark.parametrize("kind", ["categories", "customers", "deals"])
def test_the_name_of_an_index_is_short_enough_for_every_database(quick_folder: Path, kind: str) -> None:
    url = f"sqlite:///{quick_folder / f'long {kind}.db'}"
    with closing(SqlStore(url, prefix="p" * 30)) as store:
        store.migrate()
        for field in ("f" * 80, "f" * 81):
            store.index(kind, field)
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            names = (
                connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%fffff%'").scalars().all()
            )
        engine.dispose()
    assert len(names) == 2
    assert all(len(name) < 64 for name in names)


@pytest.mark.parametrize("id", ["a\0b", "\ud800"])
def test_an_id_that_no_database_keeps_is_found_nowhere_and_refused(make_store: MakeStore, id: str) -> None:
    store = make_store()
    assert store.customers.find(id) is None
    with pytest.raises(ConfigurationError, match="cannot keep"):
        store.customers.add(Customer.model_construct(id=id))


def test_ceilings_and_uses_are_kept_together(make_store: MakeStore) -> None:
    store = make_store()
    li = store.agents.add(Agent(id="li", capacity={"customers": 3}))
    store.loads.put(AgentLoad(agent_id="li", kind="customers", load=2, ceiling=3, touched_at=NOW))
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        unit.agents.save(li.model_copy(update={"capacity": {"customers": 1}}))
        assert unit.loads.of_agent("li")["customers"].ceiling == 2
        raise ZeroDivisionError
    assert store.loads.of_agent("li")["customers"].ceiling == 3
    store.items("deals").add(Item(id="d1"))
    store.placements.put(placed("d1", kind="deals", agent_id="li"), expected_fence=None)
    with store.unit() as unit:
        for remove, id in ((unit.agents.remove, "li"), (unit.items("deals").remove, "d1")):
            with pytest.raises(InUseError):
                remove(id)
    assert store.agents.get("li") == li
    assert {noun for noun in RECORDS if getattr(store, noun).list()} == {"agents"}


def test_a_bare_machine_gets_its_server_from_the_wheel() -> None:
    with running_server(programs=programs_of_wheel()) as server, closing(SqlStore(server.url)) as store:
        store.migrate()
        assert store.agents.add(Agent(id="li")).version == 1


def test_a_connection_that_is_closed_already_may_be_given_back_once_more(tmp_path: Path) -> None:
    connections = Connections(f"sqlite:///{tmp_path / 'store.db'}")
    wire = connections.take()
    connections.give_back(wire, usable=False)
    connections.give_back(wire, usable=False)  # the pool would warn of that, and a warning fails this test
    connections.close()


def waits(connections: Connections, threads: ThreadPoolExecutor) -> Future[Wire]:
    """Have one more thread ask for a connection, and return when it waits, or has got one."""
    assert connections._turnstile is not None
    waiting = connections._turnstile._waiting
    before = len(waiting)
    begun = threads.submit(connections.take)
    while len(waiting) == before and not begun.done():
        time.sleep(0.001)
    return begun


def test_who_waits_longest_for_a_connection_gets_the_next(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Connections(postgres.url)) as connections, ThreadPoolExecutor(3) as threads:
        taken = [connections.take() for _ in range(15)]
        first, second = waits(connections, threads), waits(connections, threads)
        connections.give_back(taken.pop())
        third = waits(connections, threads)  # who comes now is faster than any thread that waits
        taken.append(first.result(timeout=20))
        assert not second.done()
        assert not third.done()
        for _ in range(2):
            connections.give_back(taken.pop())
        taken += [second.result(timeout=20), third.result(timeout=20)]
        monkeypatch.setattr(connections_module, "_PATIENCE_SECONDS", 0.01)
        with pytest.raises(BackendError, match="a store lends 15"):
            connections.take()
        connections.give_back(taken.pop())
        taken.append(connections.take())
        for wire in taken:
            connections.give_back(wire)


def test_a_unit_that_is_kept_is_not_done_again_for_what_is_raised_afterwards(tmp_path: Path) -> None:
    done: list[str] = []

    def overtaken() -> None:
        raise OvertakenError(what="something else", expected="as it was", found="changed")

    with closing(SqlStore(f"sqlite:///{tmp_path / 'store.db'}")) as store:
        store.migrate()

        def act(unit: Unit) -> None:
            done.append(unit.agents.add(Agent(id=f"a{len(done)}")).id)
            store.after_commit(overtaken)

        with pytest.raises(OvertakenError):
            store.transact(act)
        assert [agent.id for agent in store.agents.list()] == done == ["a0"]
