"""The lines in which the members of rosters stand sorted, or can be looked up, and which of them an agent is in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assignkit.desk.deciding.rosters import Roster
from assignkit.model.agent import Agent
from assignkit.model.placement import Seat
from assignkit.repositories.base import Seated
from assignkit.strategies.place_index import PlaceIndex
from assignkit.strategies.skill_index import SkillIndex
from assignkit.strategies.standing import Standing

Kept = Standing | SkillIndex | PlaceIndex
ValuesReader = Callable[[Agent, Mapping[str, Any]], Mapping[int, Any]]


@dataclass(slots=True)
class View:
    """How one rotation looks at the members of a roster, for one kind of item."""

    roster: Roster
    rotation: str
    rotating: bool
    kind: str
    values: ValuesReader | None


@dataclass(slots=True)
class Line:
    """The members of one roster, standing sorted by one chain of orders, or in an index of what they have or are.

    `seats` are the members' in the rotation, as far as they have any. Who is in `stale` may stand elsewhere by now, and
    is moved there when the line is next looked at.
    """

    view: View
    standing: Kept
    seats: dict[str, Seat] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)


class Lines:
    """All lines, by rotation and kind of item, and those that each agent is in."""

    def __init__(self) -> None:
        self._at: dict[tuple[str, str], Line] = {}
        self._of: dict[str, list[Line]] = {}

    def __iter__(self) -> Iterator[Line]:
        """Yield every line."""
        return iter(self._at.values())

    def at(self, rotation: str, kind: str) -> Line | None:
        """Return the line of a rotation, for one kind of item, once it has been formed."""
        return self._at.get((rotation, kind))

    def rotations_of(self, agent_id: str) -> set[str]:
        """Return the rotations in which an agent may have a seat."""
        return {line.view.rotation for line in self._of.get(agent_id, ()) if line.view.rotating}

    def members_at(self, rotations: Collection[str], among: set[str]) -> set[str]:
        """Return those `among` agents who are in the lines of some rotations."""
        lines = (line for (rotation, _), line in self._at.items() if rotation in rotations)
        return {agent_id for line in lines for agent_id in among & line.view.roster.members.keys()}

    def form(self, line: Line) -> None:
        """Have the members of a roster stand in a new line, all of them where nobody knows yet."""
        members = line.view.roster.members
        line.stale.update(members)
        self._at[line.view.rotation, line.view.kind] = line
        for agent_id in members:
            self._of.setdefault(agent_id, []).append(line)

    def follow(self, agent_id: str) -> None:
        """Take an agent, whose record has changed, into the lines of the rosters that now have it, or out of them."""
        left = self._of.get(agent_id, ())
        joined = self._of[agent_id] = [line for line in self._at.values() if agent_id in line.view.roster.members]
        for line in (*left, *joined):
            line.stale.add(agent_id)

    def stir(self, agent_id: str) -> None:
        """Note that an agent may stand elsewhere by now, in each of its lines."""
        for line in self._of.get(agent_id, ()):
            line.stale.add(agent_id)

    def move(self, line: Line, agent_id: str, seat: Seat | None) -> None:
        """Put the seat of an agent who is moved in one line into all lines of its rotation; `stir` the others."""
        for each in self._of.get(agent_id, ()):
            if seat is not None and each.view.rotation == line.view.rotation:
                each.seats[agent_id] = seat
            if each is not line:
                each.stale.add(agent_id)

    def put_seat(self, rotation: str, seat: Seat) -> None:
        """Put an agent's seat into the lines of a rotation."""
        agent_id = seat.agent_id
        for line in self._of.get(agent_id, ()):
            if line.view.rotating and line.view.rotation == rotation:
                line.seats[agent_id] = seat
                line.stale.add(agent_id)

    def take_seat(self, seated: Seated) -> None:
        """Take over what was read of an agent's seat, which may be gone, in the lines of its rotation."""
        agent_id, seat = seated.agent_id, seated.seat
        for line in self._of[agent_id]:
            if line.view.rotating and line.view.rotation == seated.rotation and line.seats.get(agent_id) != seat:
                line.stale.add(agent_id)
                if seat is None:
                    del line.seats[agent_id]
                else:
                    line.seats[agent_id] = seat

    def clear(self) -> None:
        """Have no lines any more."""
        self._at.clear()
        self._of.clear()
