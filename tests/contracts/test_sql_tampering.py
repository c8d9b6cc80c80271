"""Somebody rewrites the history with SQL, past the library: each event that is not as it was sealed is named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from assignkit import Agent, Desk, ManualClock, RuleSet
from assignkit.cli.commands import app
from assignkit.errors import UnreadableError
from assignkit.proving.chain import Head
from assignkit.proving.sealing import SealFile, events_of
from assignkit.proving.verifying import Verification, verify
from assignkit.repositories.sql import SqlStore
from assignkit.testing.samples import NOW
from tests.contracts.conftest import MakeStore

EVENTS = 12


class Ledger:
    """A sealed history, and the database behind the library's back."""

    def __init__(self, engine: sa.Engine, store: SqlStore, folder: Path) -> None:
        self.engine, self.store = engine, store
        self.seals = SealFile(folder / "seals")
        desk = Desk(RuleSet.from_text('rule "All"\n  assign to team "East"\n'), store, clock=ManualClock(NOW), seed="s")
        for name in ("li", "wang"):
            desk.agents.add(Agent(id=name, teams={"East"}))
        desk.assign_many([{"id": f"c{number}"} for number in range(EVENTS - 2)])
        desk.release("c1", actor="boss", reason="went away")
        desk.assign("c1")
        self.desk = desk
        self.head: Head = self.seals.seal(store.history)
        self.ids = [event.id for event in events_of(store.history)]

    def do(self, statement: str, **values: object) -> int:
        """Run SQL on the tenant's rows, and return how many it touched."""
        with self.engine.begin() as connection:
            return connection.execute(sa.text(statement), {"tenant": self.store._tenant, **values}).rowcount

    def data_of(self, number: int) -> str:
        with self.engine.begin() as connection:
            query = sa.text("SELECT data FROM assignkit_history WHERE tenant = :tenant AND id = :id")
            data = connection.execute(query, {"tenant": self.store._tenant, "id": self.ids[number - 1]}).scalar_one()
        return data if isinstance(data, str) else json.dumps(data)

    def write(self, number: int, data: str) -> None:
        update = "UPDATE assignkit_history SET data = :data WHERE tenant = :tenant AND id = :id"
        if self.engine.dialect.name == "postgresql":
            update = update.replace(":data", "CAST(:data AS jsonb)")
        assert self.do(update, data=data, id=self.ids[number - 1]) == 1

    def delete(self, number: int) -> None:
        delete = "DELETE FROM assignkit_history WHERE tenant = :tenant AND id = :id"
        assert self.do(delete, id=self.ids[number - 1]) == 1

    def verified(self) -> Verification:
        return verify(events_of(self.store.history), self.seals.seals(), expect=[self.head])


@pytest.fixture
def ledger(engine: sa.Engine, make_store: MakeStore, tmp_path: Path) -> Ledger:
    made = Ledger(engine, make_store(), tmp_path)
    assert (made.head.number, made.verified().ok) == (EVENTS, True)
    return made


def edit(ledger: Ledger, number: int) -> None:
    ledger.write(number, ledger.data_of(number).replace("rule", "cheat", 1))


def swap(ledger: Ledger, number: int) -> None:
    one, other = ledger.data_of(number), ledger.data_of(number + 1)
    ledger.write(number, other)
    ledger.write(number + 1, one)


def truncate(ledger: Ledger, number: int) -> None:
    for each in range(number, EVENTS + 1):
        ledger.delete(each)


def backdate(ledger: Ledger, number: int) -> None:
    told = json.loads(ledger.data_of(number))
    told["at"] = "2020-01-01T00:00:00Z"
    ledger.write(number, json.dumps(told))


@pytest.mark.parametrize(
    ("change", "number", "named"),
    [
        (edit, 1, {1}),
        (edit, 7, {7}),
        (edit, EVENTS, {EVENTS}),
        (backdate, 5, {5}),
        (Ledger.delete, 1, {1}),
        (Ledger.delete, 6, {6}),
        (swap, 3, {3, 4}),
        (truncate, EVENTS, {EVENTS}),
        (truncate, 9, {9}),
    ],
)
def test_what_was_rewritten_is_named(
    ledger: Ledger, change: Callable[[Ledger, int], None], number: int, named: set[int]
) -> None:
    change(ledger, number)
    found = ledger.verified()
    assert not found.ok
    assert {finding.number for finding in found.findings if finding.fault != "head unknown"} & named
    assert all(
        finding.number in named or finding.fault in ("head unknown", "truncated") for finding in found.findings
    ), found.findings
    without_seals = verify(events_of(ledger.store.history), expect=[ledger.head])
    assert not without_seals.ok


@pytest.mark.parametrize(
    "data", ["{}", "[]", "null", '"text"', '{"type": 1}', '{"at": "noon", "type": "kept", "facts": []}']
)
def test_what_is_no_event_any_more_is_named(ledger: Ledger, data: str) -> None:
    for number in (1, 4, 5, EVENTS):
        ledger.write(number, data)
    assert [f.number for f in ledger.verified().findings if f.fault == "edited"] == [1, 4, 5, EVENTS]
    with pytest.raises(UnreadableError, match="event 1, `customers:c0:1`, cannot be read"):
        ledger.desk.history("c0")


@pytest.mark.parametrize(("column", "value"), [("item_id", "c2"), ("kind", "tasks"), ("id", "customers:zzz:1")])
def test_an_event_that_was_hidden_from_its_item_is_named(ledger: Ledger, column: str, value: str) -> None:
    update = "UPDATE assignkit_history SET column = :value WHERE tenant = :tenant AND id = :id"
    assert ledger.do(update.replace("column", column), value=value, id=ledger.ids[3]) == 1
    assert [finding.number for finding in ledger.verified().findings if finding.fault == "edited"] == [4]


def test_numbers_that_were_rewritten_are_named(ledger: Ledger) -> None:
    table = "assignkit_numbers" if ledger.engine.dialect.name == "postgresql" else "assignkit_history"
    update = f"UPDATE {table} SET number = :to WHERE tenant = :tenant AND number = :number"  # noqa: S608
    for number, to in ((3, 99), (8, 3), (99, 8)):
        assert ledger.do(update, number=number, to=to) == 1
    first = ledger.verified().findings[0]
    assert (first.fault, first.number) == ("swapped", 3)
    assert ledger.do(f"DELETE FROM {table} WHERE tenant = :tenant AND number = :number", number=5) == 1  # noqa: S608
    assert ("deleted", 5) in [(finding.fault, finding.number) for finding in ledger.verified().findings]


def test_another_tenant_is_none_of_its_business(ledger: Ledger, make_store: MakeStore, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Ledger(ledger.engine, make_store(), tmp_path / "other")
    other.delete(3)
    assert ledger.verified().ok
    assert not other.verified().ok


def test_verifying_while_the_desk_goes_on(ledger: Ledger) -> None:
    done = threading.Event()
    failures: list[BaseException] = []

    def go_on() -> None:
        try:
            for number in range(40):
                ledger.desk.assign({"id": f"later {number}"})
                if number % 10 == 0:
                    ledger.seals.seal(ledger.store.history)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=go_on)
    thread.start()
    looked = 0
    while not done.is_set() or not looked:
        found = ledger.verified()
        assert found.ok, found.findings
        looked += 1
    thread.join()
    assert not failures
    ledger.seals.seal(ledger.store.history)
    found = ledger.verified()
    assert (found.findings, found.sealed, found.unsealed) == ((), EVENTS + 40, 0)


def test_the_command_line_verifies_by_a_head_alone(ledger: Ledger, tmp_path: Path) -> None:
    def verified() -> tuple[int, list[str]]:
        done = CliRunner().invoke(app, ["history", "verify", *where(ledger, tmp_path), "--expect", str(ledger.head)])
        return done.exit_code, done.stdout.splitlines()

    code, lines = verified()
    assert (code, lines[-1]) == (0, f"head {ledger.head}")
    edit(ledger, 7)
    ledger.delete(9)
    code, lines = verified()
    assert (code, [line.partition(":")[0] for line in lines]) == (1, ["deleted", "head unknown"])


def where(ledger: Ledger, folder: Path) -> list[str]:
    """Return how the command line finds the history; a database in memory is in no other process, so it is exported."""
    if ledger.engine.url.database is not None:
        return ["--store", ledger.engine.url.render_as_string(hide_password=False), "--tenant", ledger.store._tenant]
    export = folder / "events.jsonl"
    export.write_text("".join(f"{event.model_dump_json()}\n" for event in events_of(ledger.store.history)), "utf-8")
    return [str(export)]
