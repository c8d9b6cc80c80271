"""Seating: what agents carry and where they sit is read at once, as far as it is not remembered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from assignkit.repositories.base import Seated
from assignkit.repositories.sql.transaction import Question

if TYPE_CHECKING:
    from assignkit.repositories.sql.work import SqlUnit


def seated(unit: SqlUnit, wanted: Mapping[str, Collection[str]]) -> Iterator[Seated]:
    """Yield the seats and loads of agents, by rotation; two queries for all of them, sent together."""
    carried = {agent_id: unit.loads.recalled(agent_id) for agent_ids in wanted.values() for agent_id in agent_ids}
    unread = [agent_id for agent_id, loads in carried.items() if loads is None]
    unseated: dict[str, list[str]] = {}
    for name, agent_ids in wanted.items():
        unknown = [agent_id for agent_id in agent_ids if not unit.rotations.knows_seat(name, agent_id)]
        if unknown:
            unseated[name] = unknown
    questions: list[Question] = [unit.loads.asking_for(unread)] if unread else []
    if unseated:
        questions.append(unit.rotations.asking_for(unseated))
    answers = iter(unit.session.ask(*questions) if questions else ())
    read = unit.loads.take_asked(unread, next(answers)) if unread else {}
    seats = unit.rotations.take_asked(unseated, next(answers)) if unseated else {}
    for name, agent_ids in wanted.items():
        for agent_id in agent_ids:
            key = name, agent_id
            seat = seats[key] if key in seats else unit.rotations.seat(name, agent_id)
            yield Seated(name, agent_id, seat, read.get(agent_id) or carried[agent_id] or {})
