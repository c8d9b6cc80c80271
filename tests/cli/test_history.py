"""The history from the command line: what happened, heads, seals, and what is not as it was."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import threading
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
    assert run("history", "verify", "--store", URL, "--expect", head).stderr == b""
    unsuspecting = run("history", "verify", "--store", URL)
    assert unsuspecting.stderr.startswith(b"nothing to compare them with: say --seals FILE")
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
        (["verify", "."], "assignkit: . is a directory"),
        (["verify", "customers.csv", "--heads", "."], "assignkit: . is a directory"),
        (["verify", "customers.csv", "--seals", "."], "assignkit: . is a directory"),
        (["verify", "customers.csv/x"], "customers.csv/x cannot be read: Not a directory"),
        (["verify", "customers.csv"], "customers.csv:1: this is no event"),
        (["heads", "--store", "sqlite:///no.db"], "there is no store no.db"),
        (["verify", "customers.csv", "--expect", "7"], "a head is a number"),
        (["verify", "customers.csv", "--heads", "no.txt"], "there is no file no.txt"),
        (["verify", "customers.csv", "--heads", "agents.csv"], "agents.csv:1: a head is a number"),
        (["verify", "customers.csv", "--seals", "no.jsonl"], "there is no file no.jsonl"),
        (["verify", "customers.csv", "--seals", "agents.csv"], "agents.csv:1: this is no seal: 'id,teams"),
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


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00not a text",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"head":"1:' + b"0" * 64 + b'","marks":[[Infinity,"","","",""]]}',
        b'{"head":5,"marks":[]}',
        b"[]",
        b"9" * 5_000 + b":" + b"0" * 64,
        b"x" * 1_000_000,
    ],
    ids=lambda content: f"{content[:12]!r}",
)
@pytest.mark.parametrize("option", ["--seals", "--heads"])
def test_a_file_of_something_else_is_told_with_its_line_in_few_words(
    desk: Path, monkeypatch: pytest.MonkeyPatch, option: str, content: bytes
) -> None:
    monkeypatch.chdir(desk)
    (desk / "other").write_bytes(b"\n" + content)
    done = CliRunner().invoke(app, ["history", "verify", "customers.csv", option, "other"])
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert "other:2: " in done.stderr
    assert len(done.stderr) < 400


@pytest.mark.parametrize("content", [b"42", b'{"a": 1}', b'rule "All"\n  assign to team "East"', b"\x00\x01"])
def test_sealing_into_a_file_of_something_else_leaves_it_as_it_is(run: Run, store: Path, content: bytes) -> None:
    other = store.parent / "other"
    other.write_bytes(content)
    done = run("history", "seal", "--store", URL, "--out", "other")
    assert (done.returncode, done.stderr[:33]) == (2, b"assignkit: other: this is no seal")
    assert other.read_bytes() == content


@pytest.mark.parametrize("out", [".", "pipe", "/dev/null"])
def test_seals_are_kept_in_a_file(run: Run, store: Path, out: str) -> None:
    os.mkfifo(store.parent / "pipe")
    done = run("history", "seal", "--store", URL, "--out", out)
    assert (done.returncode, done.stderr) == (2, f"assignkit: {out}: it is no regular file\n".encode())


@pytest.mark.parametrize("kept", [0, 1, 5, 40])
def test_sealing_goes_on_behind_a_seal_that_was_cut_off(run: Run, store: Path, kept: int) -> None:
    (head,) = lines(run("history", "seal", "--store", URL, "--out", "seals"))
    seals = store.parent / "seals"
    whole = seals.read_bytes()
    seals.write_bytes(whole[:kept])
    assert lines(run("history", "seal", "--store", URL, "--out", "seals")) == [head]
    assert seals.read_bytes() == whole


def test_events_may_come_through_a_named_pipe(run: Run, desk: Path, store: Path) -> None:
    exported = run("history", "export", "--store", URL).stdout
    pipe = desk / "events"
    os.mkfifo(pipe)
    writing = threading.Thread(target=pipe.write_bytes, args=(exported,))
    writing.start()
    assert lines(run("history", "heads", "events")) == lines(run("history", "heads", "--store", URL))
    writing.join()
    assert store.exists()
