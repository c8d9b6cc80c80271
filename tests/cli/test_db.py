"""`assignkit db`: tables that are made, written down and audited."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from assignkit import Agent, Desk, RuleSet
from assignkit.cli.commands import app
from assignkit.repositories.sql import SqlStore
from tests.postgres import Server

Invoke = Callable[..., Result]
RULES = 'rule "All"\n  assign to team "East" by round robin\n'


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Return what runs `assignkit db` in a folder of its own, within this process."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["db", *arguments])


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where a database is that nobody has used."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.db'}"
    server: Server = request.getfixturevalue("postgres")
    server.sql("DROP DATABASE IF EXISTS audited")
    server.sql("CREATE DATABASE audited")
    return server.url.replace("/postgres?", "/audited?")


def filled(url: str, tenant: str | None = None) -> None:
    """Fill a store with nine items, which two agents hold, but for one that was released."""
    with closing(SqlStore(url, tenant=tenant)) as store:
        store.migrate()
        desk = Desk(RuleSet.from_text(RULES), store)
        desk.agents.add(Agent(id="li", teams={"East"}, capacity={"customers": 3}))
        desk.agents.add(Agent(id="wu", teams={"East"}))
        desk.assign_many([{"id": f"c{n}", "effort": "0.5"} for n in range(9)])
        desk.release("c8", actor="boss", reason="went away")
        assert len(store.history.since(0)) == 10  # PostgreSQL numbers events when they are read


def say(url: str, *statements: str) -> None:
    """Do to the tables what no program of ours would do."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_tables_are_made_once(invoke: Invoke, url: str) -> None:
    first, again = invoke("upgrade", url), invoke("upgrade", url)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout.startswith(f"{url}: the tables are made, at 0")
    assert again.stdout.startswith(f"{url}: the tables are up to date, at 0")
    filled(url)


def test_older_tables_are_brought_up_to_date(invoke: Invoke, tmp_path: Path) -> None:
    text = invoke("ddl", "sqlite").stdout
    first = text.partition("-- Running upgrade 0001 -> 0002")[0]
    with closing(sqlite3.connect(tmp_path / "desk.db")) as database:
        database.executescript(first + "COMMIT;")

    checked = invoke("check", "sqlite:///desk.db")
    assert checked.exit_code == 1
    assert "tables at 0001, 0002" in checked.stdout
    assert "`assignkit db upgrade sqlite:///desk.db` brings them to 0" in checked.stdout
    assert "the tables were at 0001, and are at 0" in invoke("upgrade", "sqlite:///desk.db").stdout
    assert invoke("check", "sqlite:///desk.db").exit_code == 0


def test_a_database_without_tables_is_not_in_order(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "desk.db").touch()

    checked = invoke("check", "sqlite:///desk.db", "--prefix", "crm_")

    assert checked.exit_code == 1
    assert "no tables yet" in checked.stdout
    assert "`assignkit db upgrade sqlite:///desk.db --prefix crm_`" in checked.stdout


def test_tables_of_another_program_with_our_names_are_left_alone(invoke: Invoke, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "desk.db")) as database:
        database.execute("create table assignkit_agents (theirs)")

    refused = invoke("upgrade", "sqlite:///desk.db")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "table assignkit_agents already exists; they are not ours" in refused.stderr
    with closing(sqlite3.connect(tmp_path / "desk.db")) as database:
        assert database.execute("select name from sqlite_master").fetchall() == [("assignkit_agents",)]
    assert invoke("upgrade", "sqlite:///desk.db", "--prefix", "desk_").exit_code == 0


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_ddl_makes_the_same_tables(invoke: Invoke, tmp_path: Path, postgres: Server, dialect: str) -> None:
    text = invoke("ddl", dialect, "--prefix", "by_hand_").stdout
    if dialect == "sqlite":
        url = "sqlite:///by_hand.db"
        with closing(sqlite3.connect(tmp_path / "by_hand.db")) as database:
            database.executescript(text)
    else:
        url = postgres.url
        postgres.sql(text)

    checked = invoke("check", url, "--prefix", "by_hand_")

    assert checked.exit_code == 0, checked.stdout
    assert "0 items placed, 0 assignments, 0 events" in checked.stdout


def test_ddl_names_the_schema(invoke: Invoke) -> None:
    assert "CREATE TABLE crm.assignkit_agents" in invoke("ddl", "postgresql", "--schema", "crm").stdout
    refused = invoke("ddl", "sqlite", "--schema", "crm")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "SQLite has no schemas: use --prefix" in refused.stderr
    assert "--prefix has at most" in invoke("ddl", "sqlite", "--prefix", "Not; one").stderr


def test_a_store_in_order_says_so(invoke: Invoke, url: str) -> None:
    filled(url)

    checked = invoke("check", url)

    assert checked.exit_code == 0, checked.stdout
    reachable, tables, counted, promises = checked.stdout.splitlines()
    assert reachable.startswith(f"{url}: {'SQLite' if url.startswith('sqlite') else 'PostgreSQL'} ")
    assert tables.endswith("as this release wants them")
    assert counted == "9 items placed, 9 assignments, 10 events"
    assert promises == "one holder per item, fences, loads, ceilings, and no event lost: as they should be"


NEVER = "assignkit_assignments_open"
BREACHES = {
    "index": (
        [f"DROP INDEX {NEVER}"],
        f"tables: {NEVER} is missing on assignkit_assignments",
    ),
    "holders": (
        [
            f"DROP INDEX {NEVER}",
            """INSERT INTO assignkit_assignments
            SELECT tenant, id || 'x', kind, item_id, 'wu', fence + 5, target, assigned_at, ended_at, data
            FROM assignkit_assignments WHERE item_id = 'c2'""",
        ],
        "one holder: c2 of customers has 2 open assignments",
    ),
    "fence": (
        ["UPDATE assignkit_assignments SET fence = 7 WHERE item_id = 'c3'"],
        "fences: c3 of customers is at fence 1, and was given at fence 7",
    ),
    "other holder": (
        ["UPDATE assignkit_placements SET agent_id = 'zu' WHERE item_id = 'c3'"],
        "one holder: c3 of customers is with zu, and its open assignment is",
    ),
    "no assignment": (
        ["UPDATE assignkit_assignments SET ended_at = 1 WHERE item_id = 'c3'"],
        "one holder: c3 of customers is with",
    ),
    "no holder": (
        ["UPDATE assignkit_placements SET state = 'pooled' WHERE item_id = 'c3'"],
        "one holder: c3 of customers has an open assignment to",
    ),
    "load": (
        ["UPDATE assignkit_loads SET items = 9 WHERE agent_id = 'li'"],
        "loads: the load of li in customers stands at 2 with 9 items, and 2 with 4 is what is held",
    ),
    "no load": (
        ["DELETE FROM assignkit_loads WHERE agent_id = 'wu'"],
        "loads: the load of wu in customers is missing: 2 with 4 items is held",
    ),
    "ceiling": (
        ["UPDATE assignkit_loads SET ceiling = ceiling + ceiling WHERE agent_id = 'li'"],
        "ceilings: the ceiling of li in customers is 6, and should be 3",
    ),
    "history": (
        ["DELETE FROM assignkit_history WHERE number = 4"],
        "history: 10 events were numbered, and 9 of them are there",
    ),
    "end of history": (
        ["DELETE FROM assignkit_history WHERE number > 8"],
        "history: 2 events were of c8 of customers, and 0 of them are there",
    ),
    "table": (["DROP TABLE assignkit_loads"], "tables: table assignkit_loads is missing"),
}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_is_wrong_is_named(invoke: Invoke, tmp_path: Path, postgres: Server, database: str) -> None:
    """Every promise by itself, in a store of its own: a copy is faster than to fill one each time."""
    if database == "sqlite":
        filled(f"sqlite:///{tmp_path / 'whole.db'}")
        content = (tmp_path / "whole.db").read_bytes()
    else:
        postgres.sql("CREATE DATABASE whole")
        filled(postgres.url.replace("/postgres?", "/whole?"))
    for number, (statements, told) in enumerate(BREACHES.values()):
        if database == "sqlite":
            (tmp_path / f"broken{number}.db").write_bytes(content)
            url = f"sqlite:///broken{number}.db"
        else:
            postgres.sql(f"CREATE DATABASE broken{number} TEMPLATE whole")
            url = postgres.url.replace("/postgres?", f"/broken{number}?")
        say(url, *statements)

        checked = invoke("check", url)

        assert checked.exit_code == 1, statements
        assert told in checked.stdout, statements
        assert "as they should be" not in checked.stdout


def test_many_breaches_are_counted(invoke: Invoke, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    with closing(SqlStore(url)) as store:
        store.migrate()
        desk = Desk(RuleSet.from_text('rule "All"\n  hold in pool "P"\n'), store)
        desk.assign_many([{"id": f"c{n}"} for n in range(30)])
    say(url, "UPDATE assignkit_placements SET state = 'held', agent_id = 'li'")

    checked = invoke("check", url).stdout

    assert checked.count("one holder: c") == 20
    assert "one holder: … and 10 more" in checked


def test_tenants_are_named_and_can_be_audited_alone(invoke: Invoke, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    filled(url, "north")
    filled(url, "south")
    say(url, "DELETE FROM assignkit_loads WHERE tenant = 'south' AND agent_id = 'wu'")

    assert "the load of wu in customers (south) is missing" in invoke("check", url).stdout
    assert "18 items placed" in invoke("check", url).stdout
    alone = invoke("check", url, "--tenant", "north")
    assert (alone.exit_code, "9 items placed" in alone.stdout) == (0, True)


def test_pruning_lets_go_of_what_is_old_alone(invoke: Invoke, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    filled(url)

    assert invoke("prune", url, "--older-than", "7d").stdout == (
        "0 answers and 0 events that nobody was told of are gone\n"
    )
    for refused, told in (("1h", "at least 24 hours"), ("soon", "no length of time"), ("", "no length of time")):
        done = invoke("prune", url, "--older-than", refused)
        assert (done.exit_code, done.stdout) == (2, "")
        assert told in done.stderr
    assert invoke("prune", url, "--older-than", "99999999999w").exit_code == 0
    assert "10 events" in invoke("check", url).stdout
