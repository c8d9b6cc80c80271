"""Whether the tables are right after a run, asked in plain SQL."""

from __future__ import annotations

from collections import Counter

from benchmarks.store_scene import Connection, Place, agents_of

_QUESTIONS = {
    "items that are held": "SELECT count(DISTINCT item_id) FROM @placements WHERE state = 'held'",
    "placements": "SELECT count(*) FROM @placements WHERE state = 'held'",
    "open assignments of the holder, by the placement's fence": (
        "SELECT count(*) FROM @placements p JOIN @assignments a ON a.kind = p.kind AND a.item_id = p.item_id "
        "AND a.agent_id = p.agent_id AND a.fence = p.fence AND a.ended_at IS NULL AND p.state = 'held'"
    ),
    "open assignments": "SELECT count(*) FROM @assignments WHERE ended_at IS NULL",
    "records that name the holder": (
        "SELECT count(*) FROM @customers c JOIN @placements p ON p.item_id = c.id AND c.data->>'owner' = p.agent_id"
    ),
    "events": "SELECT count(DISTINCT id) FROM @history",
    "events of items that are held": (
        "SELECT count(*) FROM @history h JOIN @placements p ON p.kind = h.kind AND p.item_id = h.item_id"
    ),
    "turns": "SELECT coalesce(sum(decisions), 0) FROM @rotations",
}
_WRONG = {
    "loads that are not the sum of what is held, or beyond the ceiling": (
        "SELECT count(*) FROM @loads l LEFT JOIN (SELECT agent_id, sum(effort) AS carried, count(*) AS items "
        "FROM @placements WHERE state = 'held' GROUP BY agent_id) s ON s.agent_id = l.agent_id "
        "WHERE l.load <> coalesce(s.carried, 0) OR l.items <> coalesce(s.items, 0) OR l.load > l.ceiling"
    ),
    "holders without a load": (
        "SELECT count(*) FROM @placements p LEFT JOIN @loads l ON l.agent_id = p.agent_id AND l.kind = p.kind "
        "WHERE l.agent_id IS NULL"
    ),
    "outbox rows of events that are not in the history": (
        "SELECT count(*) FROM @outbox o LEFT JOIN @history h ON h.id = o.id WHERE h.id IS NULL"
    ),
}


class AuditError(AssertionError):
    """What was measured is worthless, as the tables are wrong."""


def audit(place: Place, decisions: int, *, keeps_outbox: bool) -> None:
    """Raise `AuditError` unless so many items each have one holder, and loads, turns and events agree with that.

    `keeps_outbox` says that nobody took events out of the outbox, so that each has to be there still.
    """
    with place.connected() as connection:
        questions = dict(_QUESTIONS)
        if keeps_outbox:
            questions["events in the outbox"] = "SELECT count(*) FROM @outbox"
        found = {what: _number(place, connection, text) for what, text in questions.items()}
        wrong = [f"{count:,} {what}, not {decisions:,}" for what, count in found.items() if count != decisions]
        wrong += [f"{count} {what}" for what, text in _WRONG.items() if (count := _number(place, connection, text))]
        wrong += _uneven(place, connection)
    if wrong:
        msg = f"{place.prefix} is wrong: {'; '.join(wrong)}"
        raise AuditError(msg)


def _uneven(place: Place, connection: Connection) -> list[str]:
    """Return the teams in which one agent had at least two turns more than another."""
    statement = place.say("SELECT agent_id, count(*) FROM @assignments GROUP BY agent_id")
    had = Counter(dict(connection.execute(statement).fetchall()))
    told = []
    for team in range(place.rotations):
        turns = [had[agent] for agent in agents_of(team)]
        if max(turns) - min(turns) > 1:
            told.append(f"team {team} had between {min(turns)} and {max(turns)} turns")
    return told


def _number(place: Place, connection: Connection, text: str) -> int:
    return int(connection.execute(place.say(text)).fetchone()[0])
