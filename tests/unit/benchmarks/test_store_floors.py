"""What a benchmark races against has to be right as well, and the audit has to notice if it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks.store_audit import AuditError, audit
from benchmarks.store_clients import Ours
from benchmarks.store_floors import SqliteFloor, seed
from benchmarks.store_floors_postgres import PostgresFloor, PostgresOneTripFloor
from benchmarks.store_scene import Place, Templates, capture
from benchmarks.store_trips import tallied
from tests.postgres import Server

Open = Callable[[Any], Any]

LEADS = [(f"lead {number}", number % 2) for number in range(12)]


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return capture(Place(f"sqlite:///{tmp_path_factory.mktemp('captured')}/a.db", "captured_", 1))


@pytest.fixture
def place(tmp_path: Path, captured: Templates) -> Place:
    made = Place(f"sqlite:///{tmp_path}/floor.db", "floor_", 2)
    made.set_up()
    seed(made, captured)
    return made


@pytest.fixture
def opened() -> Iterator[Open]:
    """Return what takes a floor and closes it in the end."""
    with ExitStack() as stack:
        yield lambda floor: stack.enter_context(closing(floor))


def change(place: Place, statement: str) -> None:
    with place.connected() as connection:
        connection.execute(place.say(statement))


def rows_of(place: Place, table: str, order: str) -> list[str]:
    """Return the rows as text; which agent it is, and by which rules, differs."""
    with place.connected() as connection:
        rows = connection.execute(place.say(f"SELECT * FROM @{table} ORDER BY {order}")).fetchall()  # noqa: S608
    told = (str([_sorted(value) for value in row]) for row in rows)
    return [re.sub(r'agent-\d+-\d+|(?<="rules_version":")\w+', "…", row) for row in told]


def _sorted(value: object) -> object:
    """Return a document in one order: which of its fields comes first means nothing."""
    if not isinstance(value, str) or not value.startswith("{"):
        return value
    return json.dumps(json.loads(value), sort_keys=True, separators=(",", ":"))


def test_a_floor_on_sqlite_leaves_tables_that_are_right(place: Place, captured: Templates, opened: Open) -> None:
    floor = opened(SqliteFloor(place, captured))
    for lead in LEADS[:4]:
        floor.one(lead)
    floor.many(LEADS[4:])
    audit(place, len(LEADS), keeps_outbox="outbox" in captured.rows)


@pytest.mark.parametrize("kind", [PostgresFloor, PostgresOneTripFloor])
def test_a_floor_on_postgresql_leaves_tables_that_are_right(
    kind: type[PostgresFloor], postgres: Server, opened: Open
) -> None:
    captured = capture(Place(postgres.url, f"{kind.__name__.lower()}_captured_", 1))
    place = Place(postgres.url, f"{kind.__name__.lower()}_", 2)
    place.set_up()
    seed(place, captured)
    floor = opened(kind(place, captured))
    for lead in LEADS[:4]:
        floor.one(lead)
    floor.many(LEADS[4:])
    audit(place, len(LEADS), keeps_outbox="outbox" in captured.rows)


def test_a_floor_writes_rows_like_ours(place: Place, captured: Templates, opened: Open, tmp_path: Path) -> None:
    theirs = Place(f"sqlite:///{tmp_path}/ours.db", "ours_", 2)
    theirs.set_up()
    ours = Ours(theirs.desk())
    floor = opened(SqliteFloor(place, captured))
    for lead in LEADS:
        ours.one(ours.prepared(lead))
        floor.one(lead)
    for table, order in (("customers", "id"), ("placements", "item_id"), ("assignments", "item_id")):
        assert rows_of(place, table, order) == rows_of(theirs, table, order)


def test_an_item_that_has_a_holder_is_refused(place: Place, captured: Templates, opened: Open) -> None:
    floor = opened(SqliteFloor(place, captured))
    floor.one(LEADS[0])
    with pytest.raises(AssertionError):
        floor.one(LEADS[0])
    with pytest.raises(AssertionError):
        floor.many([LEADS[1], LEADS[0]])
    audit(place, 1, keeps_outbox="outbox" in captured.rows)


def test_who_has_no_room_is_passed_over(place: Place, captured: Templates, opened: Open) -> None:
    change(place, "UPDATE @loads SET ceiling = 0 WHERE agent_id LIKE 'agent-0-%' AND agent_id <> 'agent-0-3'")
    floor = opened(SqliteFloor(place, captured))
    change(
        place,
        "UPDATE @loads SET ceiling = 0 WHERE agent_id LIKE 'agent-1-%' AND agent_id NOT IN ('agent-1-3', 'agent-1-4')",
    )
    floor.one(("alone", 1))
    floor.many([("first", 1), ("second", 1)])
    with place.connected() as connection:
        held = connection.execute(place.say("SELECT item_id, agent_id FROM @placements")).fetchall()
    assert dict(held) == {"alone": "agent-1-3", "first": "agent-1-4", "second": "agent-1-3"}


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ("DELETE FROM @history WHERE number = 3", "events"),
        ("INSERT INTO @outbox (tenant, id, data) VALUES ('', 'lost', '{}')", "outbox rows of events"),
        ("UPDATE @loads SET load = load + 1 WHERE agent_id = 'agent-0-1'", "loads that are not the sum"),
        ("UPDATE @assignments SET agent_id = 'agent-0-0' WHERE item_id = 'lead 2'", "team 0 had between 0 and 2 turns"),
        ("UPDATE @rotations SET decisions = decisions + 1", "turns"),
        ("UPDATE @customers SET data = replace(data, 'agent-0-0', 'agent-0-1')", "records that name the holder"),
        ("UPDATE @placements SET state = 'waiting' WHERE item_id = 'lead 2'", "items that are held"),
    ],
)
def test_the_audit_notices(planted: str, told: str, place: Place, captured: Templates, opened: Open) -> None:
    floor = opened(SqliteFloor(place, captured))
    for lead in LEADS:
        floor.one(lead)
    change(place, planted)
    with pytest.raises(AuditError, match=told):
        audit(place, len(LEADS), keeps_outbox="outbox" in captured.rows)


def test_statements_and_trips_are_counted_on_the_wire(postgres: Server) -> None:
    with tallied(Place(postgres.url, "counted_", 1)) as (heard, tally), heard.connected() as connection:
        before = (tally.statements, tally.trips)
        for number in range(4):
            assert connection.execute("SELECT %s::text", (str(number),)).fetchone() == (str(number),)
        assert (tally.statements - before[0], tally.trips - before[1]) == (4, 4)
        with connection.pipeline():
            for _ in range(3):
                connection.execute("SELECT 1")
        assert tally.statements - before[0] == 4 + 3
        assert tally.trips - before[1] <= 4 + 2
