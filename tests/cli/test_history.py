"""The history from the command line: what happened, heads, seals, and what is not as it was."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assignkit import Agent, Desk, ManualClock, RuleSet
from assignkit.cli.commands import app
from assignkit.repositories.sql import SqlStore

Run = Callable[..., subprocess.CompletedProcess[bytes]]
URL = "sqlite:///desk.db"


@pytest.fixture
def store(desk: Path) -> Path:
    """Return a database in the folder of the desk, with six events."""
    path = desk / "desk.db"
    with closing(SqlStore(f"sqlite:///{path}")) as store:
        store.migrate()
        clock = ManualClock(datetime(2026, 11, 21, 9, tzinfo=UTC))
        at_desk = Desk(RuleSet.from_text('rule "All"\n  assign to team "East" by round robin\n'), store, clock=clock)
        at_desk.agents.add(Agent(id="li", teams={"East"}))
        at_desk.assign_many([{"id": f"c{n}"} for n in range(5)])
        at_desk.release("c1", actor="boss", reason="went away")
    return path


def lines(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def test_an_item_is_shown(run: Run, store: Path) -> None:
    assert lines(run("history", "show", "--store", URL, "--item", "c1")) == [
        '2 2026-11-21T09:00:00+00:00 assigned li by rule "All"',
        "6 2026-11-21T09:00:00+00:00 released by boss: went away",
    ]
    unknown = run("history", "show", "--store", URL, "--item", "c9")
    assert (unknown.returncode, unknown.stderr) == (2, b"assignkit: nothing is known of `c9` of customers\n")
    assert store.exists()


def test_an_export_says_the_same_as_the_store(run: Run, desk: Path, store: Path) -> None:
    exported = run("history", "export", "--store", URL)
    (desk / "events.jsonl").write_bytes(exported.stdout)
    assert [json.loads(line)["number"] for line in lines(exported)] == [1, 2, 3, 4, 5, 6]
    (head,) = lines(run("history", "heads", "--store", URL))
    assert lines(run("history", "heads", "events.jsonl")) == [head]
    assert lines(run("history", "heads", "-", given=exported.stdout)) == [head]
    assert [each.split(":")[0] for each in lines(run("history", "heads", "events.jsonl", "--every", "4"))] == ["4", "6"]
    assert lines(run("history", "verify", "events.jsonl", "--expect", head))[-1] == f"head {head}"
    assert store.exists()


def test_a_row_that_was_changed_in_the_database_is_named(run: Run, store: Path) -> None:
    (head,) = lines(run("history", "seal", "--store", URL, "--out", "seals.jsonl"))
    intact = lines(run("history", "verify", "--store", URL, "--seals", "seals.jsonl", "--expect", head))
    assert intact == ["6 sealed events are as they were; 0 are not sealed", f"head {head}"]
    with closing(sqlite3.connect(store)) as database, database:
        database.execute("UPDATE assignkit_history SET data = replace(data, 'went away', 'was sold') WHERE number = 6")
        database.execute("DELETE FROM assignkit_history WHERE number = 3")
    broken = run("history", "verify", "--store", URL, "--seals", "seals.jsonl")
    assert (broken.returncode, broken.stdout.decode().splitlines()) == (
        1,
        [
            "deleted: event 3 is gone: customers:c2:1",
            "edited: event 6 is not as it was sealed: customers:c1:2",
        ],
    )
    assert run("history", "verify", "--store", URL, "--expect", head).returncode == 1
    (store.parent / "heads.txt").write_text(f"{head}\n", encoding="ascii")
    by_file = run("history", "verify", "--store", URL, "--heads", "heads.txt")
    assert (by_file.returncode, by_file.stdout.decode().splitlines()[-1][:12]) == (1, "head unknown")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify"], "say where the events are"),
        (["verify", "events.jsonl", "--store", URL], "one of them"),
        (["verify", "no.jsonl"], "there is no file no.jsonl"),
        (["verify", "customers.csv"], "customers.csv:1: this is no event"),
        (["heads", "--store", "sqlite:///no.db"], "there is no store no.db"),
        (["verify", "customers.csv", "--expect", "7"], "a head is a number"),
        (["verify", "customers.csv", "--heads", "no.txt"], "there is no file no.txt"),
        (["verify", "customers.csv", "--heads", "agents.csv"], "a head is a number"),
        (["verify", "customers.csv", "--seals", "no.jsonl"], "there is no file no.jsonl"),
        (["verify", "customers.csv", "--seals", "agents.csv"], "a line of the seals cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told(
    desk: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(desk)
    done = CliRunner().invoke(app, ["history", *arguments])
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (desk / "no.db").exists()
