"""Floors: transactions written by hand that leave the same rows as a decision of ours, and nothing besides.

They know one rule and one order: least recent first, among who has room. Who is next is found within the transaction,
under the lock of the rotation (on SQLite: of the database). What they write is a row captured from a desk of ours, with
ids put in, so that documents are as long as ours; there is no rule to match, no model, no explanation made.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from benchmarks.store_scene import WRITTEN, Place, Row, Templates, agents_of

Lead = tuple[str, int]  # an item's id, and the desk that it is for
Fields = dict[str, object]  # what a captured row is filled with

CHOOSE = (
    "SELECT s.agent_id FROM @seats s JOIN @loads l ON l.tenant = s.tenant AND l.agent_id = s.agent_id "
    "AND l.kind = 'customers' WHERE s.tenant = '' AND s.rotation = ? AND l.load + ? <= l.ceiling "
    "ORDER BY s.last LIMIT 2"
)
TURN = "UPDATE @rotations SET decisions = decisions + ? WHERE tenant = '' AND name = ? RETURNING decisions"
SEAT = (
    "UPDATE @seats SET turn = CAST(CAST(turn AS INTEGER) + ? AS TEXT), last = ? "
    "WHERE tenant = '' AND rotation = ? AND agent_id = ?"
)
LOAD = (
    "UPDATE @loads SET load = load + ?, items = items + ?, received = received + ?, revision = revision + ?, "
    "touched_at = ? WHERE tenant = '' AND agent_id = ? AND kind = 'customers'"
)
LINE = (
    "SELECT s.rotation, s.last, s.agent_id, l.load, l.ceiling FROM @seats s JOIN @loads l ON l.tenant = s.tenant "
    "AND l.agent_id = s.agent_id AND l.kind = 'customers' WHERE s.tenant = '' AND s.rotation = ?"
)
_NUMBERS = {"history": "number"}


class Floor:
    """What floors have in common: a connection, and that they take an item as it is."""

    def __init__(self, place: Place, templates: Templates) -> None:
        self._writer = Writer(place, templates)
        self._connection = place.connect()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def prepared(self, lead: Lead) -> Lead:
        """Return the item as a floor takes it."""
        return lead


class NotAssignedError(AssertionError):
    """An item was not assigned, though it should have been."""


class Writer:
    """The rows of one decision, made from the captured ones."""

    def __init__(self, place: Place, templates: Templates) -> None:
        self.place = place
        self.tables = [table for table in WRITTEN if table in templates.rows]
        self.columns = {table: templates.columns(table) for table in self.tables}
        self._formats = {
            table: [templates.format(table, name) for name in columns] for table, columns in self.columns.items()
        }
        self._values = {
            table: [templates.rows[table][name] for name in columns] for table, columns in self.columns.items()
        }
        self.effort = templates.rows["placements"]["effort"]
        self.touched_at = templates.rows["loads"]["touched_at"]
        self._rotation = templates.rows["rotations"]["name"]
        self.rotations = [self._rotation.replace("TEAMMARK", f"Team {team}") for team in range(place.rotations)]

    def row(self, table: str, fields: Fields) -> list[Any]:
        """Return a table's values for an item, in the order of `columns`."""
        return [
            form % fields if varies else value
            for (form, varies), value in zip(self._formats[table], self._values[table], strict=True)
        ]

    def fields(self, lead: Lead, agent: str, following: str) -> Fields:
        """Return what a row is filled with."""
        return {"item": lead[0], "desk": lead[1], "team": f"Team {lead[1]}", "agent": agent, "next": following}

    def insert(self, table: str, number: str) -> str:
        """Return the statement that inserts such a row; `number` makes the next number of the history."""
        names, marks = self._numbered(table, ["?"] * len(self.columns[table]), number)
        said = ("INSERT INTO", f"@{table}", names, "VALUES", f"({marks})", "ON CONFLICT DO NOTHING")
        return self.place.say(" ".join(said))

    def insert_from(self, table: str, picked: Sequence[str], source: str, *, number: str) -> str:
        """Return the statement that inserts rows picked from a source."""
        names, values = self._numbered(table, picked, number)
        return self.place.say(" ".join(("INSERT INTO", f"@{table}", names, "SELECT", values, "FROM", source)))

    def _numbered(self, table: str, values: Sequence[str], number: str) -> tuple[str, str]:
        more = {_NUMBERS[table]: number} if table in _NUMBERS else {}
        return f"({', '.join((*self.columns[table], *more))})", ", ".join((*values, *more.values()))

    def varies(self, table: str, column: str) -> bool:
        """Return whether items differ in this column."""
        return self._formats[table][self.columns[table].index(column)][1]


def seed(place: Place, templates: Templates) -> None:
    """Give every agent a load and a seat, which ours gives when the first item comes."""
    fresh: dict[str, Row] = {
        "loads": {"load": 0, "items": 0, "received": 0, "revision": 0},
        "seats": {"turn": "0", "last": 0},
        "rotations": {"decisions": 0, "level": "0"},
    }
    with place.connected() as connection:
        for team in range(place.rotations):
            for agent in agents_of(team):
                for table in ("loads", "seats"):
                    row = {**templates.rows[table], **fresh[table], "agent_id": agent}
                    _insert(place, connection, table, _for_team(row, team))
            _insert(
                place, connection, "rotations", _for_team({**templates.rows["rotations"], **fresh["rotations"]}, team)
            )
        if not place.is_sqlite:
            connection.execute(place.say("CREATE SEQUENCE @history_floor"))


class SqliteFloor(Floor):
    """BEGIN IMMEDIATE, nine statements, COMMIT; many items share one transaction and `executemany`."""

    _NUMBER = "(SELECT coalesce(max(number), 0) + 1 FROM @history WHERE tenant = '')"

    def __init__(self, place: Place, templates: Templates) -> None:
        super().__init__(place, templates)
        self._choose, self._turn, self._seat, self._load = map(place.say, (CHOOSE, TURN, SEAT, LOAD))
        self._line = place.say(LINE)
        self._inserts = {table: self._writer.insert(table, self._NUMBER) for table in self._writer.tables}

    def one(self, item: Lead) -> None:
        """Decide one item."""
        self._alone(self._one, item)

    def many(self, items: Sequence[Lead]) -> None:
        """Decide many in one transaction."""
        self._alone(self._many, items)

    def _alone(self, act: Callable[[Any], None], what: Any) -> None:  # noqa: ANN401 - an item, or many
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            act(what)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _one(self, item: Lead) -> None:
        writer, run, rotation = self._writer, self._connection.execute, self._writer.rotations[item[1]]
        (agent,), (following,) = run(self._choose, (rotation, writer.effort)).fetchall()
        fields = writer.fields(item, agent, following)
        for table, statement in self._inserts.items():
            if not run(statement, writer.row(table, fields)).rowcount:
                raise NotAssignedError(item)
        ((number,),) = run(self._turn, (1, rotation)).fetchall()
        run(self._seat, (1, number, rotation, agent))
        run(self._load, (writer.effort, 1, 1, 1, writer.touched_at, agent))

    def _many(self, items: Sequence[Lead]) -> None:
        writer, run, many = self._writer, self._connection.execute, self._connection.executemany
        taken, rotations = Taken(writer, items), writer.rotations
        lines = {desk: [seat for _, *seat in run(self._line, (rotations[desk],)).fetchall()] for desk in taken.counts}
        turns = {
            desk: run(self._turn, (count, rotations[desk])).fetchall()[0][0] for desk, count in taken.counts.items()
        }
        fields = taken.choose(lines, turns)
        for table, statement in self._inserts.items():
            if many(statement, [writer.row(table, one) for one in fields]).rowcount != len(items):
                raise NotAssignedError(table)
        many(self._seat, taken.seats())
        many(self._load, taken.loads())


class Taken:
    """Who takes which item of a batch: each rotation's line is read once, and then kept here."""

    def __init__(self, writer: Writer, items: Sequence[Lead]) -> None:
        self._writer = writer
        self._items = items
        self._given: dict[tuple[int, str], tuple[int, int]] = {}
        self.counts = dict(sorted(Counter(desk for _, desk in items).items()))

    def choose(self, lines: Mapping[int, Iterable[Sequence[Any]]], turns: Mapping[int, int]) -> list[Fields]:
        """Return what the rows are filled with.

        `lines` are a desk's agents: last turn, id, load, ceiling; `turns` are its decisions after all of these.
        """
        standing = {desk: [tuple(seat) for seat in line] for desk, line in lines.items()}
        for line in standing.values():
            heapq.heapify(line)
        number = {desk: turns[desk] - count for desk, count in self.counts.items()}
        made = []
        for item in self._items:
            desk = item[1]
            line, number[desk] = standing[desk], number[desk] + 1
            _, agent, load, ceiling = line[0]
            while load + self._writer.effort > ceiling:
                heapq.heappop(line)
                _, agent, load, ceiling = line[0]
            heapq.heapreplace(line, (number[desk], agent, load + self._writer.effort, ceiling))
            self._given[desk, agent] = (self._given.get((desk, agent), (0, 0))[0] + 1, number[desk])
            made.append(self._writer.fields(item, agent, line[0][1]))
        return made

    def seats(self) -> list[tuple[Any, ...]]:
        """Return the parameters that move the seats."""
        rotations = self._writer.rotations
        return [(count, last, rotations[desk], agent) for (desk, agent), (count, last) in self._given.items()]

    def loads(self) -> list[tuple[Any, ...]]:
        """Return the parameters that raise the loads."""
        effort, at = self._writer.effort, self._writer.touched_at
        return [(effort * count, count, count, count, at, agent) for (_, agent), (count, _) in self._given.items()]


def _for_team(row: Row, team: int) -> Row:
    return {
        name: value.replace("TEAMMARK", f"Team {team}") if isinstance(value, str) else value
        for name, value in row.items()
    }


def _insert(place: Place, connection: Any, table: str, row: Row) -> None:  # noqa: ANN401 - either driver's
    said = ("INSERT INTO", f"@{table}", f"({', '.join(row)})", "VALUES", f"({', '.join('?' * len(row))})")
    connection.execute(place.say(" ".join(said)), list(row.values()))
