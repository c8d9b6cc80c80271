"""What can be wrong with a store: told in one line, with what to do about it, and never with a password."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assignkit.cli.commands import app
from tests.postgres import Server

SECRET = "s3cr3t-w0rd"  # noqa: S105 - of nobody
FILES = ("assign", "sales.rules", "--agents", "agents.csv", "--customers", "customers.csv")
Invoke = Callable[..., Result]


@pytest.fixture
def invoke(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Return what runs the program in the folder of the desk, within this process."""
    monkeypatch.chdir(desk)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def refused(done: Result, *parts: str) -> None:
    """Check that a command ended with one line that says all of `parts`."""
    assert done.exit_code == 2, done.stdout
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("assignkit: ")]
    assert done.stderr.splitlines()[-1] == line
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr
    for part in parts:
        assert part in line


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("desk.db", "`desk.db` is no URL of a store: write sqlite:///desk.db, or postgresql://"),
        ("", "is no URL of a store"),
        ("sqlite://", "a store in memory is gone when the program ends: name a file"),
        ("sqlite:///:memory:", "a store in memory is gone when the program ends: name a file"),
        ("sqlite://desk.db", "write sqlite:///desk.db, with three slashes"),
        ("sqlite:///none/desk.db", "there is no directory none for the store: make it first"),
        ("sqlite:///.", "is a directory: name a file in it, such as sqlite:///desk.db"),
        ("sqlite:///agents.csv", "agents.csv is not a SQLite database, and is left alone: name another file"),
        ("sqlite:////proc/desk.db", "unable to open database file; check the path, and your rights to it"),
        ("mysql://u:{secret}@h/d", "there is no store for `mysql`; SQLite (sqlite://) and PostgreSQL"),
        ("postgresql://u:{secret}/x@h/d", "cannot be read: write postgresql://user:password@host:port/database"),
        ("postgresql://u:a@{secret}@h/d", "cannot be read: write postgresql://user:password@host:port/database"),
        ("postgresql://u:{secret}@h:port/d", "cannot be read: write postgresql://user:password@host:port/database"),
        ("postgresql://u:{secret}@nowhere.invalid/d", "check that the server runs, and its host and port"),
    ],
)
def test_a_url_that_leads_nowhere_says_what_to_write(invoke: Invoke, desk: Path, url: str, told: str) -> None:
    before = {path.name: path.read_bytes() for path in desk.iterdir()}

    refused(invoke(*FILES, "--store", url.format(secret=SECRET), "--out", "out.csv"), told)

    assert {path.name: path.read_bytes() for path in desk.iterdir()} == before


@pytest.mark.parametrize(
    "command",
    [
        ("explain", "sales.rules", "--item", "c1", "--store"),
        ("history", "show", "--item", "c1", "--store"),
        ("history", "verify", "--store"),
        ("db", "check"),
    ],
)
def test_what_only_reads_makes_no_store(invoke: Invoke, desk: Path, command: tuple[str, ...]) -> None:
    refused(invoke(*command, "sqlite:///no.db"), "there is no store no.db: check the name, or make one with")
    assert not (desk / "no.db").exists()

    (desk / "empty.db").touch()
    if command[0] != "db":
        refused(invoke(*command, "sqlite:///empty.db"), "no tables of assignkit", "`assignkit db upgrade sqlite:///em")


def test_a_store_without_agents_asks_for_them(invoke: Invoke) -> None:
    done = invoke("assign", "sales.rules", "--customers", "customers.csv", "--store", "sqlite:///desk.db")

    refused(done, "there are no agents in the store yet: say who they are with --agents FILE")


def test_rules_with_errors_change_nothing_in_the_store(invoke: Invoke, desk: Path) -> None:
    (desk / "sales.rules").write_text('rule "A"\n when customer.revenu > 1\n assign to team "East"', encoding="utf-8")

    assert invoke(*FILES, "--store", "sqlite:///desk.db").exit_code == 1
    with closing(sqlite3.connect(desk / "desk.db")) as database:
        assert database.execute("SELECT count(*) FROM assignkit_agents").fetchone() == (0,)


@pytest.mark.parametrize(
    ("revision", "told"),
    [
        ("0001", "the tables in sqlite:///desk.db are of an older release (0001, and this release wants"),
        ("9999", "the tables in sqlite:///desk.db are of a newer release (9999, and this one knows them up to"),
    ],
)
def test_tables_of_another_release_are_not_touched(invoke: Invoke, desk: Path, revision: str, told: str) -> None:
    assert invoke("db", "upgrade", "sqlite:///desk.db").exit_code == 0
    with closing(sqlite3.connect(desk / "desk.db")) as database, database:
        database.execute("UPDATE assignkit_migrations SET version_num = ?", (revision,))

    for command in (FILES, ("history", "heads"), ("explain", "sales.rules", "--item", "c1")):
        fix = "assignkit db upgrade sqlite:///desk.db" if revision == "0001" else "pip install --upgrade assignkit"
        refused(invoke(*command, "--store", "sqlite:///desk.db"), told, fix)
    if revision == "9999":
        refused(invoke("db", "upgrade", "sqlite:///desk.db"), told)


def test_a_file_that_was_damaged_is_told(invoke: Invoke, desk: Path) -> None:
    assert invoke(*FILES, "--store", "sqlite:///desk.db").exit_code == 0
    content = (desk / "desk.db").read_bytes()
    (desk / "desk.db").write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))

    refused(invoke("history", "heads", "--store", "sqlite:///desk.db"), "take the last backup, or name another file")


# --- PostgreSQL


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Yield a port where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_server_that_is_not_there(invoke: Invoke, silent_port: int) -> None:
    url = f"postgresql://boss:{SECRET}@127.0.0.1:{silent_port}/crm"

    refused(invoke(*FILES, "--store", url), "Connection refused", "check that the server runs, and its host and port")
    refused(invoke("db", "check", url), "Connection refused")


def test_a_database_or_user_that_is_not_there(invoke: Invoke, postgres: Server) -> None:
    refused(invoke(*FILES, "--store", postgres.url.replace("/postgres?", "/nothing?")), "create it first, such as")
    refused(invoke(*FILES, "--store", postgres.url.replace("//assignkit@", "//ghost@")), "check the user's name")


def test_no_right_to_the_tables(invoke: Invoke, postgres: Server) -> None:
    postgres.sql("CREATE DATABASE guarded")
    url = postgres.url.replace("/postgres?", "/guarded?")
    postgres.sql(f"CREATE ROLE visitor LOGIN PASSWORD '{SECRET}'")
    visitor = url.replace("//assignkit@", f"//visitor:{SECRET}@")
    try:
        refused(
            invoke(*FILES, "--store", visitor, "--db-schema", "crm"),
            "permission denied",
            "ask the owner of the database for the right to it, or name --db-schema",
        )
        assert invoke("db", "upgrade", url).exit_code == 0
        refused(invoke(*FILES, "--store", visitor), "permission denied")
    finally:
        postgres.sql("DROP ROLE visitor")


# --- packages that are missing


@pytest.mark.parametrize(
    ("missing", "command", "extra"),
    [
        ("sqlalchemy", (*FILES, "--store", "sqlite:///desk.db"), "sql"),
        ("alembic", ("db", "ddl", "sqlite"), "sql"),
        ("alembic", ("demo",), "sql"),
        ("sqlalchemy", ("history", "heads", "--store", f"postgresql://u:{SECRET}@h/d"), "postgres"),
        ("psycopg", ("db", "check", f"postgresql://u:{SECRET}@h/d"), "postgres"),
    ],
)
def test_a_missing_extra_is_named(desk: Path, missing: str, command: tuple[str, ...], extra: str) -> None:
    before = sorted(path.name for path in desk.iterdir())
    script = f"import sys; sys.modules['{missing}'] = None; from assignkit.cli.main import main; main()"

    done = subprocess.run(
        [sys.executable, "-c", script, *command], cwd=desk, capture_output=True, text=True, check=False
    )

    wanted = f'assignkit: this needs more packages: pip install "assignkit[{extra}]"\n'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", wanted)
    assert sorted(path.name for path in desk.iterdir()) == before
