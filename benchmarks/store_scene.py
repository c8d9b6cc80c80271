"""What the benchmark of stores has decided: rules, agents, customers; and the rows that a decision of ours leaves."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

import psycopg

from assignkit import Agent, Customer, Desk, ManualClock, RuleSet, Schema
from assignkit.repositories.sql import SqlStore

AGENTS_PER_TEAM = 10
CAPACITY = 1_000_000
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
WRITTEN = ("customers", "placements", "assignments", "history", "outbox")
"""The tables that get a row by each decision; `loads`, `seats` and `rotations` have theirs changed."""
CHANGED = ("loads", "seats", "rotations")

Row = dict[str, Any]
Connection = Any  # sqlite3's or psycopg's: both have `execute`

# What stands in a captured row for what differs from item to item.
_MARKS = {"item": "ITEMMARK", "agent": "AGENTMARK", "next": "NEXTMARK", "team": "TEAMMARK", "desk": "987654"}


@dataclass(frozen=True, slots=True)
class Place:
    """Tables in a database: `url` is the store's, `prefix` leads their names, `rotations` share the work."""

    url: str
    prefix: str
    rotations: int

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.url.startswith("sqlite")

    def connect(self) -> Connection:
        """Return a raw connection that begins no transaction by itself and waits for locks."""
        if not self.is_sqlite:
            return psycopg.connect(self.url, autocommit=True)
        connection = sqlite3.connect(
            self.url.removeprefix("sqlite:///"), timeout=120, isolation_level=None, check_same_thread=False
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Lend a raw connection."""
        connection = self.connect()
        try:
            yield connection
        finally:
            connection.close()

    def say(self, text: str) -> str:
        """Return a statement in which `@name` is a table of ours, and `?` a parameter."""
        said = text.replace("@", self.prefix)
        return said if self.is_sqlite else said.replace("%", "%%").replace("?", "%s")

    def desk(self, *, group_commit: int | None = None) -> Desk:
        """Return a desk of its own on these tables."""
        rules = RuleSet.from_text(rules_for(self.rotations), schema=SCHEMA)
        return Desk(
            rules,
            SqlStore(self.url, prefix=self.prefix),
            clock=ManualClock(NOW),
            seed="bench",
            group_commit=group_commit,
        )

    def set_up(self) -> None:
        """Make the tables and the agents."""
        store = SqlStore(self.url, prefix=self.prefix)
        store.migrate()
        agents = [
            Agent(id=agent_id, teams={f"Team {team}"}, capacity={"customers": CAPACITY})
            for team in range(self.rotations)
            for agent_id in agents_of(team)
        ]
        store.transact(lambda unit: [unit.agents.add(agent) for agent in agents])
        store.close()


SCHEMA = Schema(customer={"desk": int})


def rules_for(rotations: int) -> str:
    """Return a rule for each desk, whose team takes turns."""
    return "\n".join(_rule(str(number), f"Team {number}") for number in range(rotations))


def agents_of(team: int) -> list[str]:
    """Return who takes turns in a team."""
    return [f"agent-{team}-{number}" for number in range(AGENTS_PER_TEAM)]


def customer(item_id: str, desk: int) -> Customer:
    """Return a customer as a form on a web site might bring it."""
    return Customer(
        id=item_id,
        name=f"Customer {item_id}",
        province="Shanghai",
        industry="software",
        source="web form",
        employees=30,
        desk=desk,
    )


@dataclass(frozen=True, slots=True)
class Templates:
    """Rows that a decision of ours really left, with marks where items differ, by table."""

    rows: Mapping[str, Row]

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns that get a value."""
        return [name for name in self.rows[table] if (table, name) not in _NUMBERED]

    def format(self, table: str, column: str) -> tuple[str, bool]:
        """Return what `% fields` makes a value of, and whether the items differ in it at all."""
        value = self.rows[table][column]
        if not isinstance(value, str):
            return "", False
        spelled = value.replace("%", "%%")
        for name, mark in _MARKS.items():
            spelled = spelled.replace(mark, f"%({name})s")
        return spelled, "%(" in spelled


_CAPTURED = 30  # decisions before the one that is captured, so that its numbers are not all of one digit
_NUMBERED = {("history", "number"), ("outbox", "position")}  # numbers that the database gives


def capture(place: Place) -> Templates:
    """Let a desk of ours decide, and return the rows that it wrote; the tables are left as they are."""
    store = SqlStore(place.url, prefix=place.prefix)
    store.migrate()
    desk = Desk(
        RuleSet.from_text(_rule(_MARKS["desk"], _MARKS["team"]), schema=SCHEMA),
        store,
        clock=ManualClock(NOW),
        seed="bench",
    )
    for name in ("agent", "next"):
        desk.agents.add(Agent(id=_MARKS[name], teams={_MARKS["team"]}, capacity={"customers": CAPACITY}))
    with place.connected() as connection:
        _keep_outbox(place, connection)
        for number in count(1):
            item_id = f"{_MARKS['item']}{number}"
            chosen = desk.assign(customer(item_id, int(_MARKS["desk"]))).agent_id
            if number > _CAPTURED and chosen == _MARKS["agent"]:  # the two take turns
                break
        rows = {table: _last(place, connection, table, item_id) for table in WRITTEN}
        rows |= {table: _row(connection, place.say(f"SELECT * FROM @{table} LIMIT 1")) for table in CHANGED}  # noqa: S608
    store.close()
    return Templates({table: row for table, row in rows.items() if row})


def _rule(desk: str, team: str) -> str:
    return f'rule "Desk {desk}"\n  when customer.desk = {desk}\n  assign to team "{team}" by round robin\n'


def _keep_outbox(place: Place, connection: Connection) -> None:
    """Copy what comes into the outbox, as a desk without subscribers empties it at once."""
    connection.execute(place.say("CREATE TABLE @kept AS SELECT * FROM @outbox"))
    columns = [name for name in _row_names(connection, place.say("SELECT * FROM @outbox")) if name != "position"]
    listed, new = ", ".join(columns), ", ".join(f"NEW.{name}" for name in columns)
    act = f"INSERT INTO @kept ({listed}) VALUES ({new});"  # noqa: S608 - our own columns
    if place.is_sqlite:
        connection.execute(place.say(f"CREATE TRIGGER @keeping AFTER INSERT ON @outbox BEGIN {act} END"))
        return
    connection.execute(
        place.say(f"CREATE FUNCTION @keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act} RETURN NULL; END $$")
    )
    connection.execute(
        place.say("CREATE TRIGGER @keeping AFTER INSERT ON @outbox FOR EACH ROW EXECUTE FUNCTION @keep()")
    )


def _last(place: Place, connection: Connection, table: str, item_id: str) -> Row:
    """Return the row of an item, its number left out of the names."""
    name, column, pattern = {
        "customers": ("customers", "id", item_id),
        "outbox": ("kept", "id", f"customers:{item_id}:1"),
    }.get(table, (table, "item_id", item_id))
    row = _row(connection, place.say(f"SELECT * FROM @{name} WHERE {column} = ?"), pattern)  # noqa: S608
    return {
        key: value.replace(item_id, _MARKS["item"]) if isinstance(value, str) else value for key, value in row.items()
    }


def _row(connection: Connection, statement: str, *parameters: str) -> Row:
    cursor = connection.execute(statement, parameters or None) if parameters else connection.execute(statement)
    found = cursor.fetchone()
    if found is None:
        return {}
    return {column[0]: _plain(value) for column, value in zip(cursor.description, found, strict=True)}


def _row_names(connection: Connection, statement: str) -> list[str]:
    return [column[0] for column in connection.execute(statement).description]


def _plain(value: object) -> object:
    """Return a document as text, as it is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if isinstance(value, dict | list) else value
