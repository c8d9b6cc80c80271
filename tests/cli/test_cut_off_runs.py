"""Runs on a store that are cut off in the middle, by a kill, an interrupt or a lost server; and gone on with."""

from __future__ import annotations

import csv
import resource
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assignkit.cli.commands import app
from assignkit.desk import assigning
from assignkit.desk.assigning import Request
from assignkit.desk.express import Express
from assignkit.desk.receiving import Received
from assignkit.desk.session import Session
from assignkit.model.decision import Decision
from assignkit.repositories.sql import SqlStore
from tests.postgres import Server, running_server
from tests.programs import Running

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
Start = Callable[..., Running]

ITEMS = 800  # many times as many as are kept at once
FILES = ("sales.rules", "--agents", "agents.csv", "--customers", "customers.csv", "--seed", "s", "--now", "2026-11-21")
RULES = """
rule "Big"
  priority 10
  when customer.revenue >= 300
  assign to team "East" by weighted round robin
rule "Owned"
  when customer.revenue >= 200
  assign to agent "ma"
rule "Rest"
  hold in pool "Public"
"""


@pytest.fixture
def large_desk(desk: Path) -> Path:
    """Return a folder with a desk whose items come to every kind of end."""
    (desk / "sales.rules").write_text(RULES, encoding="utf-8")
    (desk / "agents.csv").write_text("id,teams,weight,capacity\nli,East,3,\nwu,East,1,\nma,North,1,20\n", "utf-8")
    rows = "".join(f"c{n},{n * 7 % 500},{'wu' if n % 50 == 0 else ''}\n" for n in range(ITEMS))
    (desk / "customers.csv").write_text(f"id,revenue,owner\n{rows}", encoding="utf-8")
    return desk


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, large_desk: Path) -> str:
    """Return where the store is to be made."""
    if request.param == "sqlite":
        return f"sqlite:///{large_desk / 'desk.db'}"
    server: Server = request.getfixturevalue("postgres")
    server.sql("DROP DATABASE IF EXISTS cut_off")
    server.sql("CREATE DATABASE cut_off")
    return server.url.replace("/postgres?", "/cut_off?")


@contextmanager
def begun(start: Start, url: str) -> Iterator[Running]:
    """Yield a run that has decided some items, and writes to out.csv."""
    with start("assign", *FILES, "--store", url, "--out", "out.csv") as process:
        _wait_for_decisions(url, process)
        yield process


def _wait_for_decisions(url: str, process: Running) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if events_of(url):
            return
        time.sleep(0.005)
    pytest.fail(f"nothing was decided: {process.stderr.read().decode() if process.poll() is not None else 'late'}")


def events_of(url: str) -> list[str]:
    """Return the ids of the items in the history, as often as they are there."""
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        return []
    with closing(SqlStore(url)) as store:
        try:
            return [event.item_id for event in store.history.since(0, limit=10_000)]
        except Exception:  # noqa: BLE001 - the tables are not there yet
            return []


def go_on(run: Run, desk: Path, url: str) -> tuple[bytes, str]:
    """Return what the same command writes when it is run again, and says."""
    done = run("assign", *FILES, "--store", url, "--out", "out.csv")
    assert done.returncode == 0, done.stderr.decode()
    return (desk / "out.csv").read_bytes(), done.stderr.decode()


def in_one_go(run: Run) -> bytes:
    """Return what a run writes that nobody cuts off."""
    return run("assign", *FILES).stdout


def test_a_killed_run_is_gone_on_with_as_if_nothing_had_happened(
    run: Run, start: Start, large_desk: Path, url: str
) -> None:
    (large_desk / "out.csv").write_text("from before", encoding="utf-8")
    for _ in range(2):  # the second time, before it has got far
        with begun(start, url) as process:
            process.send_signal(signal.SIGKILL)
    before = events_of(url)
    assert 0 < len(before) < ITEMS
    assert (large_desk / "out.csv").read_text(encoding="utf-8") == "from before"

    written, told = go_on(run, large_desk, url)

    assert written == in_one_go(run)
    assert f"{len(before):,} of {ITEMS} items were decided then" in told
    assert Counter(events_of(url)) == Counter(row[0] for row in list(csv.reader(written.decode().splitlines()))[1:])
    assert run("db", "check", url).returncode == 0


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_says_what_is_kept_and_how_to_go_on(
    run: Run, start: Start, large_desk: Path, sent: signal.Signals
) -> None:
    code, said = (130, "interrupted") if sent is signal.SIGINT else (143, "ended")
    url = "sqlite:///" + str(large_desk / "desk.db")
    with begun(start, url) as process:
        process.send_signal(sent)
        told = process.stderr.read().decode()
    assert process.wait() == code
    assert told.splitlines()[-1].startswith(f"assignkit: {said}: ")
    assert told.endswith(f" of {ITEMS} items are decided, and kept in {url}; run the same command again to go on\n")
    assert "Traceback" not in told
    assert not (large_desk / "out.csv").exists()

    if sent is signal.SIGINT:
        assert go_on(run, large_desk, url)[0] == in_one_go(run)


def test_a_server_that_goes_away_is_told_at_once_and_the_run_goes_on_when_it_is_back(
    run: Run, start: Start, large_desk: Path
) -> None:
    with running_server() as server:
        with begun(start, server.url) as process:
            server.stop()
            told = process.stderr.read().decode()
        server.start()
        assert process.wait() == 2
        assert "Traceback" not in told
        assert "check that the server runs" in told.splitlines()[-1]
        assert f"of {ITEMS} items are decided, and kept in " in told.splitlines()[-1]
        out = large_desk / "out.csv"
        assert not out.exists() or out.read_bytes() == in_one_go(run)  # on a slow machine, all was decided by then

        assert go_on(run, large_desk, server.url)[0] == in_one_go(run)
        assert set(Counter(events_of(server.url)).values()) == {1}


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file that this process writes grow beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_ends_the_run_at_once_and_it_goes_on_when_there_is_room(
    run: Run, large_desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(large_desk)
    url = "sqlite:///" + str(large_desk / "desk.db")
    with full_disk(1_000_000):
        done = CliRunner().invoke(app, ["assign", *FILES, "--store", url, "--out", "out.csv"])
    before = events_of(url)

    assert done.exit_code == 2
    assert 0 < len(before) < ITEMS
    told = f"{len(before)} of {ITEMS} items are decided, and kept in {url}; run the same command again to go on"
    assert done.stderr.splitlines()[-1].endswith(told)
    assert not (large_desk / "out.csv").exists()

    written, said = go_on(run, large_desk, url)
    assert f"{len(before)} of {ITEMS} items were decided then" in said
    assert Counter(row[1] for row in csv.reader(written.decode().splitlines()))["error"] == 0


def test_an_item_that_is_wrong_itself_does_not_end_the_run(large_desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(large_desk)
    url = "sqlite:///" + str(large_desk / "desk.db")
    received = assigning.assign

    def fails(session: Session, given: Received, request: Request) -> Decision:
        if given.item_id == "c7":
            msg = "no"
            raise ValueError(msg)
        return received(session, given, request)

    monkeypatch.setattr(assigning, "assign", fails)
    monkeypatch.setattr(Express, "assign", lambda *_: None)
    done = CliRunner().invoke(app, ["assign", *FILES, "--store", url, "--out", "out.csv"])
    assert done.exit_code == 0, done.stderr
    assert "c7: ValueError: no" in done.stderr
    assert len(events_of(url)) == ITEMS - 1


@pytest.fixture
def unfinished(run: Run, desk: Path) -> str:
    """Return a store in which a run of the small desk is not finished, though it has decided everything."""
    url = "sqlite:///desk.db"
    assert run("assign", *FILES, "--store", url).returncode == 0
    with closing(sqlite3.connect(desk / "desk.db")) as database, database:
        assert database.execute("DELETE FROM assignkit_answers WHERE operation LIKE '%finished'").rowcount == 1
    return url


def outcomes_of(run: Run, url: str, *options: str) -> tuple[bool, Counter[str]]:
    """Return whether the run went on with another one, and the outcomes that it wrote."""
    done = run("assign", *FILES, "--store", url, *options)
    assert done.returncode == 0, done.stderr.decode()
    rows = list(csv.reader(done.stdout.decode().splitlines()))[1:]
    return b"going on with the run of" in done.stderr, Counter(row[1] for row in rows)


def test_an_unfinished_run_is_gone_on_with_once(run: Run, unfinished: str) -> None:
    assert outcomes_of(run, unfinished) == (True, Counter(assigned=6, pooled=2))
    assert outcomes_of(run, unfinished) == (False, Counter(kept=6, pooled=2))


@pytest.mark.parametrize("changed", ["sales.rules", "agents.csv", "customers.csv", "--seed"])
def test_with_other_rules_records_or_options_it_is_another_run(
    run: Run, desk: Path, unfinished: str, changed: str
) -> None:
    if changed != "--seed":
        text = (desk / changed).read_text(encoding="utf-8")
        (desk / changed).write_text(
            text.replace("Public", "Open").replace("c0,0", "c0,1").replace("li,East", "li,West")
        )

    went_on, outcomes = outcomes_of(run, unfinished, *(("--seed", "t") if changed == "--seed" else ()))

    assert (went_on, outcomes) == (False, Counter(kept=6, pooled=2))


def test_explanations_of_what_was_decided_before_come_from_the_history(run: Run, unfinished: str) -> None:
    done = run("assign", *FILES, "--store", unfinished, "--explain", "--zone", "UTC")

    rows = list(csv.reader(done.stdout.decode().splitlines(keepends=True)))[1:]
    assert b"going on with the run of" in done.stderr
    assert "customers c7 was assigned to" in rows[7][5]
    assert 'by rule "Big", step 1' in rows[7][5]
