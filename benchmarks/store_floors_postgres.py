"""Floors on PostgreSQL: a statement after the other, or all in one trip."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from benchmarks.store_floors import CHOOSE, LINE, LOAD, SEAT, TURN, Floor, Lead, NotAssignedError, Taken
from benchmarks.store_scene import Place, Templates

_CHOSEN = "SELECT ids[1] AS agent, ids[2] AS following FROM (SELECT array_agg(agent_id) AS ids FROM ({choose}) c) d"
_SEATED = (
    "UPDATE @seats s SET turn = CAST(CAST(s.turn AS INTEGER) + 1 AS TEXT), last = counted.decisions FROM counted, "
    "placed WHERE s.tenant = '' AND s.rotation = ? AND s.agent_id = placed.agent_id"
)
_LOADED = (
    "UPDATE @loads l SET load = load + ?, items = items + 1, received = received + 1, revision = revision + 1, "
    "touched_at = ? FROM placed WHERE l.tenant = '' AND l.agent_id = placed.agent_id AND l.kind = 'customers'"
)
_COUNTED = (
    "UPDATE @rotations SET decisions = decisions + 1 FROM placed WHERE tenant = '' AND name = ? RETURNING decisions"
)
_TURNS = (
    "UPDATE @rotations r SET decisions = r.decisions + n.more FROM (SELECT o.name, w.more FROM @rotations o "
    "JOIN unnest(?::text[], ?::int[]) AS w(name, more) ON w.name = o.name WHERE o.tenant = '' "
    "ORDER BY o.name FOR NO KEY UPDATE OF o) n WHERE r.tenant = '' AND r.name = n.name RETURNING r.name, r.decisions"
)
_SEATS = (
    "UPDATE @seats s SET turn = CAST(CAST(s.turn AS INTEGER) + n.more AS TEXT), last = n.last "
    "FROM unnest(?::int[], ?::bigint[], ?::text[], ?::text[]) AS n(more, last, rotation, agent) "
    "WHERE s.tenant = '' AND s.rotation = n.rotation AND s.agent_id = n.agent"
)
_LOADS = (
    "UPDATE @loads l SET load = load + n.effort, items = items + n.more, received = received + n.more, "
    "revision = revision + n.more, touched_at = n.at "
    "FROM unnest(?::numeric[], ?::int[], ?::text[], ?::text[]) AS n(effort, more, at, agent) "
    "WHERE l.tenant = '' AND l.agent_id = n.agent AND l.kind = 'customers'"
)
_TYPES = (
    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
    "WHERE attrelid = CAST(? AS regclass) AND attnum > 0 AND NOT attisdropped"
)


class PostgresFloor(Floor):
    """BEGIN, nine statements, COMMIT, each a trip to the server; many items share them.

    The statement that counts the rotation's turn comes first, so that its row is the lock.
    """

    def __init__(self, place: Place, templates: Templates) -> None:
        super().__init__(place, templates)
        self._choose, self._turn, self._seat, self._load = map(place.say, (CHOOSE, TURN, SEAT, LOAD))
        self._turns, self._seats, self._loads = map(place.say, (_TURNS, _SEATS, _LOADS))
        self._lines = place.say(LINE.replace("= ?", "= ANY(?)"))
        self._number = f"nextval('{place.prefix}history_floor')"
        self._inserts = {table: self._writer.insert(table, self._number) for table in self._writer.tables}
        self._types = {table: self._types_of(table) for table in self._writer.tables}
        self._at_once = {table: self._many_rows(table) for table in self._writer.tables}

    def one(self, item: Lead) -> None:
        """Decide one item."""
        run = self._connection.execute
        run("BEGIN")
        try:
            self._one(item)
        except BaseException:
            run("ROLLBACK")
            raise
        run("COMMIT")

    def many(self, items: Sequence[Lead]) -> None:
        """Decide many in one transaction, with one statement for each table."""
        run = self._connection.execute
        run("BEGIN")
        try:
            self._many(items)
        except BaseException:
            run("ROLLBACK")
            raise
        run("COMMIT")

    def _one(self, item: Lead) -> None:
        writer, run, rotation = self._writer, self._connection.execute, self._writer.rotations[item[1]]
        ((number,),) = run(self._turn, (1, rotation)).fetchall()
        (agent,), (following,) = run(self._choose, (rotation, writer.effort)).fetchall()
        fields = writer.fields(item, agent, following)
        for table, statement in self._inserts.items():
            if not run(statement, writer.row(table, fields)).rowcount:
                raise NotAssignedError(item)
        run(self._seat, (1, number, rotation, agent))
        run(self._load, (writer.effort, 1, 1, 1, writer.touched_at, agent))

    def _many(self, items: Sequence[Lead]) -> None:
        writer, run = self._writer, self._connection.execute
        taken = Taken(writer, items)
        desks = {writer.rotations[desk]: desk for desk in taken.counts}
        counted = run(self._turns, (list(desks), list(taken.counts.values()))).fetchall()
        lines: dict[int, list[Any]] = {desk: [] for desk in taken.counts}
        for rotation, *seat in run(self._lines, (list(desks),)).fetchall():
            lines[desks[rotation]].append(tuple(seat))
        fields = taken.choose(lines, {desks[name]: number for name, number in counted})
        for table, (statement, varying, constants) in self._at_once.items():
            rows = [writer.row(table, one) for one in fields]
            sent = json.dumps([[row[place] for place in varying] for row in rows], ensure_ascii=False)
            if run(statement, (*constants, sent)).rowcount != len(items):
                raise NotAssignedError(table)
        run(self._seats, [list(column) for column in zip(*taken.seats(), strict=True)])
        effort, more, _, _, at, agent = ([*column] for column in zip(*taken.loads(), strict=True))
        run(self._loads, (effort, more, at, agent))

    def _types_of(self, table: str) -> dict[str, str]:
        place = self._writer.place
        return dict(self._connection.execute(place.say(_TYPES), (f"{place.prefix}{table}",)).fetchall())

    def _many_rows(self, table: str) -> tuple[str, list[int], list[Any]]:
        """Return an insert of many rows, which of their columns it wants as a JSON list, and the others' values.

        psycopg takes five times as long to write the same as arrays.
        """
        names, types = list(self._writer.columns[table]), self._types[table]
        example = self._writer.row(table, self._writer.fields(("", 0), "", ""))
        varying = [place for place, name in enumerate(names) if self._writer.varies(table, name)]
        picked = [
            f"(r->>{varying.index(place)})::{types[name]}" if place in varying else f"?::{types[name]}"
            for place, name in enumerate(names)
        ]
        said = self._writer.insert_from(table, picked, "json_array_elements(?::json) r", number=self._number)
        constants = [value for place, value in enumerate(example) if place not in varying]
        return f"{said} ON CONFLICT DO NOTHING", varying, constants


class PostgresOneTripFloor(PostgresFloor):
    """All writes as one statement, in one trip together with BEGIN, the rotation's lock, and COMMIT.

    The lock needs a statement of its own: one alone would look at the seats as they were before it got the lock.
    """

    def __init__(self, place: Place, templates: Templates) -> None:
        super().__init__(place, templates)
        self._lock = place.say("SELECT 1 FROM @rotations WHERE tenant = '' AND name = ? FOR NO KEY UPDATE")
        self._everything = self._statement()

    def one(self, item: Lead) -> None:
        """Decide one item."""
        writer, rotation = self._writer, self._writer.rotations[item[1]]
        fields = writer.fields(item, "AGENTMARK", "NEXTMARK")
        rows = {table: writer.row(table, fields) for table in writer.tables}
        parameters: list[Any] = [rotation, writer.effort, *rows.pop("placements"), rotation, rotation]
        parameters += [writer.effort, writer.touched_at, *(value for row in rows.values() for value in row)]
        with self._connection.pipeline():
            self._connection.execute("BEGIN")
            self._connection.execute(self._lock, (rotation,))
            done = self._connection.execute(self._everything, parameters)
            self._connection.execute("COMMIT")
        if done.fetchone()[0] != 1:
            raise NotAssignedError(item)

    def _statement(self) -> str:
        say, tables = self._writer.place.say, self._writer.tables
        parts = {
            "chosen": say(_CHOSEN.replace("{choose}", CHOOSE)),
            "placed": f"{self._written('placements', 'chosen')} ON CONFLICT DO NOTHING RETURNING agent_id",
            "counted": say(_COUNTED),
            "seated": say(_SEATED),
            "loaded": say(_LOADED),
            **{f"in_{table}": self._written(table, "chosen, placed") for table in tables if table != "placements"},
        }
        named = ", ".join(f"{name} AS ({part})" for name, part in parts.items())
        return f"WITH {named} SELECT count(*) FROM placed"  # noqa: S608 - all of it is ours

    def _written(self, table: str, source: str) -> str:
        types = self._types[table]
        picked = [
            f"replace(replace(?::text, 'AGENTMARK', agent), 'NEXTMARK', following)::{types[name]}"
            if self._writer.varies(table, name)
            else f"?::{types[name]}"
            for name in self._writer.columns[table]
        ]
        return self._writer.insert_from(table, picked, source, number=self._number)
