"""`assignkit assign --store`: what is kept, what comes back, and what a second run makes of it."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from assignkit import Agent, Customer, Desk, RuleSet
from assignkit.repositories.sql import SqlStore
from tests.postgres import Server

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

STORE = ("--store", "sqlite:///desk.db")
ITEMS = ("--customers", "customers.csv")
FILES = ("sales.rules", "--agents", "agents.csv", *ITEMS)


def rows_of(data: bytes) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(data.decode()))][1:]


def ok(done: subprocess.CompletedProcess[bytes]) -> bytes:
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@contextmanager
def store_of(desk: Path) -> Iterator[SqlStore]:
    with closing(SqlStore(f"sqlite:///{desk / 'desk.db'}")) as store:
        yield store


def test_a_store_decides_as_memory_does_and_keeps_it(run: Run, desk: Path) -> None:
    done = run("assign", *FILES, *STORE)

    assert ok(done) == ok(run("assign", *FILES))
    assert b"agents: 3 new, 0 changed, 0 as they were\n" in done.stderr
    with store_of(desk) as store:
        assert [agent.id for agent in store.agents.list()] == ["li", "ma", "wu"]
        assert {customer.id: customer.owner for customer in store.customers.list()} == {
            row[0]: row[2] or None for row in rows_of(done.stdout)
        }
        assert [event.item_id for event in store.history.since(0)] == [f"c{n}" for n in range(8)]


def test_a_server_decides_as_memory_does(run: Run, postgres: Server) -> None:
    postgres.sql("CREATE DATABASE leads")
    place = ("--store", postgres.url.replace("/postgres?", "/leads?"), "--tenant", "one", "--db-schema", "crm")

    assert ok(run("assign", *FILES, *place)) == ok(run("assign", *FILES))
    again = run("assign", *FILES, *place)
    assert {row[1] for row in rows_of(ok(again))} == {"kept", "pooled"}
    checked = ok(run("db", "check", place[1], "--tenant", "one", "--schema", "crm")).decode()
    assert "8 items placed, 6 assignments, 8 events" in checked


def test_what_somebody_has_is_kept_in_the_next_run_with_its_rule(run: Run) -> None:
    first = rows_of(ok(run("assign", *FILES, *STORE)))
    again = rows_of(ok(run("assign", *FILES, *STORE)))

    assert [(row[0], row[2], row[3]) for row in again] == [(row[0], row[2], row[3]) for row in first]
    assert [row[1:5:3] for row in again[2:]] == [("kept", "held")] * 6
    assert [row[1] for row in again[:2]] == ["pooled"] * 2
    assert len(ok(run("history", "export", *STORE)).splitlines()) == 8


def test_what_waited_is_tried_again_in_the_next_run(run: Run, desk: Path) -> None:
    (desk / "agents.csv").write_text("id,teams,capacity\nli,East,2\n", encoding="utf-8")
    assert [row[1] for row in rows_of(ok(run("assign", *FILES, *STORE)))[2:]] == ["assigned"] * 2 + ["waiting"] * 4

    (desk / "agents.csv").write_text("id,teams,capacity\nli,East,3\nnew,East,1\n", encoding="utf-8")
    done = run("assign", *FILES, *STORE)

    assert b"agents: 1 new, 1 changed, 0 as they were\n" in done.stderr
    assert sorted((row[1], row[2]) for row in rows_of(ok(done))[2:]) == [
        ("assigned", "li"),
        ("assigned", "new"),
        ("kept", "li"),
        ("kept", "li"),
        ("waiting", ""),
        ("waiting", ""),
    ]


def test_agents_are_brought_without_losing_what_the_store_knows_of_them(run: Run, desk: Path) -> None:
    with store_of(desk) as store:
        store.migrate()
        store.agents.add(Agent(id="li", teams={"West"}, phone="123", capacity={"customers": 9, "tasks": 5}, desk_no=7))
        store.agents.add(Agent(id="wu", teams={"East"}, level=3))
        store.agents.add(Agent(id="old", teams={"East"}))
    (desk / "agents.csv").write_text("id,teams,capacity,level\nli,East,2,\nwu,East,,\n", encoding="utf-8")

    done = run("assign", *FILES, *STORE)

    assert ok(done)
    assert b"agents: 0 new, 1 changed, 1 as they were; 1 more of the store take part\n" in done.stderr
    with store_of(desk) as store:
        assert store.agents.get("li") == Agent(
            id="li", version=2, teams={"East"}, phone="123", capacity={"customers": 2, "tasks": 5}, desk_no=7
        )
        assert store.agents.get("wu").version == 1
        assert {customer.owner for customer in store.customers.list()} == {None, "li", "wu", "old"}


def test_without_a_file_the_agents_of_the_store_decide_and_rules_may_speak_of_their_fields(
    run: Run, desk: Path
) -> None:
    with store_of(desk) as store:
        store.migrate()
        store.agents.add(Agent(id="li", floor=3, since="2026-01-01"))
        store.agents.add(Agent(id="wu", floor=4))
        store.agents.add(Agent(id="zu", floor=5, since=2))  # a field that means two things is left out
    (desk / "sales.rules").write_text('rule "A"\n assign to agents where agent.floor = 4\n', encoding="utf-8")

    assert {row[2] for row in rows_of(ok(run("assign", "sales.rules", *ITEMS, *STORE)))} == {"wu"}


def test_tasks_find_the_customers_that_are_brought_with_them(run: Run, desk: Path) -> None:
    rules = 'rule "Visit" for tasks\n when task.customer.revenue >= 1000\n assign to team "East" by round robin'
    (desk / "sales.rules").write_text(rules, encoding="utf-8")
    (desk / "tasks.csv").write_text("id,customer\nt1,c1\nt2,c7\n", encoding="utf-8")
    with store_of(desk) as store:
        store.migrate()
        at_desk = Desk(RuleSet.from_text(rules), store)
        at_desk.agents.add(Agent(id="li", teams={"East"}))
        at_desk.customers.add(Customer(id="c7", phone="1", revenue=1, owner="li"))

    first = rows_of(ok(run("assign", *FILES, "--tasks", "tasks.csv", *STORE)))
    again = rows_of(ok(run("assign", *FILES, "--tasks", "tasks.csv", *STORE)))

    assert [row[1] for row in first] == ["unmatched", "assigned"]
    assert [(row[1], row[2]) for row in again] == [("unmatched", ""), ("kept", first[1][2])]
    with store_of(desk) as store:
        seven = store.customers.get("c7")
        assert (seven.phone, seven.revenue, seven.owner, seven.version) == ("1", 3500, "li", 2)
        assert [event.item_id for event in store.history.since(0) if event.kind == "tasks"] == ["t1", "t2"]


def test_published_rules_are_not_passed_over(run: Run, desk: Path) -> None:
    ok(run("assign", *FILES, *STORE))
    text = (desk / "sales.rules").read_text(encoding="utf-8")
    with store_of(desk) as store:
        at_desk = Desk(RuleSet.from_text(text), store)
        at_desk.publish(text.replace('"Public"', '"Open"'), actor="boss", reason="renamed")

    done = run("assign", *FILES, *STORE)
    assert done.returncode == 2
    assert b"rules that were published in the store decide there, and sales.rules differs from them" in done.stderr

    (desk / "sales.rules").write_text(text.replace('"Public"', '"Open"'), encoding="utf-8")
    assert ok(run("assign", *FILES, *STORE))


def test_explain_tells_how_a_held_item_got_there_and_what_would_become_of_others(run: Run, desk: Path) -> None:
    ok(run("assign", *FILES, *STORE))

    held = ok(run("explain", "sales.rules", *STORE, "--item", "c7")).decode()
    assert "customers c7 stays with wu" in held
    assert 'by rule "Big", step 1' in held
    in_shanghai = ok(run("explain", "sales.rules", *STORE, "--item", "c7", "--zone", "Asia/Shanghai"))
    assert b" +08:00\n" in in_shanghai.splitlines(keepends=True)[1]
    pooled = ok(run("explain", "sales.rules", *STORE, "--item", "c0")).decode()
    assert '1. "Big": no, `customer.revenue >= 1000` (customer.revenue is 0)' in pooled

    fresh = ok(run("explain", "sales.rules", *STORE, "--customer", '{"revenue": 9000}')).decode()
    assert "li: has 2 of 2 units" in fresh
    (desk / "agents.csv").write_text("id,capacity\nli,3\n", encoding="utf-8")
    raised = ok(run("explain", "sales.rules", *STORE, "--agents", "agents.csv", "--customer", '{"revenue": 9000}'))
    assert b"would be assigned to li" in raised
    with store_of(desk) as store:
        assert store.agents.get("li").capacity == {"customers": 2}

    unknown = run("explain", "sales.rules", *STORE, "--item", "c99")
    assert (unknown.returncode, unknown.stdout) == (2, b"")
    assert b"there is no `c99` of customers in sqlite:///desk.db: check --item, or --kind" in unknown.stderr


def test_explain_knows_further_fields_of_stored_items(run: Run, desk: Path) -> None:
    (desk / "sales.rules").write_text('rule "A" for tasks\n when task.floor > 2\n assign to team "East"', "utf-8")
    (desk / "tasks.csv").write_text("id,floor\nt1,3\nt2,1\n", encoding="utf-8")
    ok(run("assign", "sales.rules", "--agents", "agents.csv", "--tasks", "tasks.csv", *STORE))

    told = ok(run("explain", "sales.rules", *STORE, "--item", "t2", "--kind", "tasks"))

    assert b"task.floor is 1" in told


def test_the_history_of_a_run_is_shown_sealed_and_verified(run: Run, desk: Path) -> None:
    ok(run("assign", *FILES, *STORE))

    assert ok(run("history", "show", *STORE, "--item", "c7")).decode().endswith('assigned wu by rule "Big"\n')
    head = ok(run("history", "heads", *STORE)).decode().strip()
    assert head.startswith("8:")
    assert ok(run("history", "verify", *STORE, "--expect", head)).decode().endswith(f"head {head}\n")
    (desk / "events.jsonl").write_bytes(ok(run("history", "export", *STORE)))
    assert ok(run("history", "heads", "events.jsonl")).decode().strip() == head


def test_explanations_are_written_for_items_of_a_store_too(run: Run) -> None:
    rows = rows_of(ok(run("assign", *FILES, *STORE, "--explain")))

    assert "c0 is in pool Public" in rows[0][5]
    assert "c7 was assigned to" in rows[7][5]


@pytest.mark.parametrize("column", ["", "owner"])
def test_the_same_seed_gives_the_same_decisions_on_every_store(run: Run, desk: Path, column: str) -> None:
    (desk / "sales.rules").write_text('rule "Any" assign to team "East" by random', encoding="utf-8")
    (desk / "customers.csv").write_text(f"id,{column or 'name'}\nc1,li\nc2,wu\nc3,\n", encoding="utf-8")

    def decide(*options: str) -> bytes:
        return ok(run("assign", *FILES, "--seed", "s", *options))

    assert decide(*STORE) == decide("--store", "sqlite:///other.db") == decide()
