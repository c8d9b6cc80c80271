"""Turns to look at and to correct: rotations with their seats, and why an agent got nothing today."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from assignkit.desk.deciding.explaining import back_from
from assignkit.desk.deciding.filtering import absence
from assignkit.desk.deciding.periods import period_start
from assignkit.desk.session import Session
from assignkit.desk.waiting.agenda import last_number
from assignkit.errors import ConfigurationError, NotFoundError
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.model.placement import Rotation, Seat
from assignkit.model.wording import reason_text

_LOOKED_BACK = 10_000  # events; a day of a large desk


class SeatView(BaseModel):
    """One agent's place in a rotation: its `turn` as exact text, and the rotation's decision that chose it last."""

    model_config = ConfigDict(frozen=True)

    agent_id: str
    turn: str
    last: int


class RotationView(BaseModel):
    """A rotation: who shares it is said by its name; `floor` is where who returns comes in, `decisions` counts."""

    model_config = ConfigDict(frozen=True)

    name: str
    floor: str
    decisions: int
    seats: tuple[SeatView, ...]


class TodayView(BaseModel):
    """An agent's day so far: how much came, what keeps it away now (a reason code), and why it was passed over.

    `passed_over` counts, by reason code, the decisions of today that looked at the agent and chose another, or nobody;
    `in_line` those in which it was eligible, but behind somebody else. `full` names the kinds without room.
    """

    model_config = ConfigDict(frozen=True)

    agent_id: str
    since: datetime
    received: int
    unavailable: str | None = None
    available_from: datetime | None = None
    full: tuple[str, ...] = ()
    in_line: int = 0
    passed_over: dict[str, int] = {}

    def to_text(self) -> str:
        """Return it as a person reads it."""
        lines = [f"{self.agent_id} received {self.received} since {self.since:%Y-%m-%d %H:%M}"]
        if self.unavailable is not None:
            back = f", back at {self.available_from:%Y-%m-%d %H:%M %Z}" if self.available_from else ""
            lines.append(f"now: {reason_text(self.unavailable, {})}{back}")
        lines += [f"no room for {kind}" for kind in self.full]
        if self.in_line:
            lines.append(f"eligible {self.in_line} times, but somebody else was first")
        lines += [f"passed over {count} times: {code}" for code, count in self.passed_over.items()]
        return "\n".join(lines)


def rotations(session: Session) -> list[RotationView]:
    """Return all rotations, by name."""
    return [_view(session, rotation) for rotation in session.unit.rotations.list()]


def correct(session: Session, name: str, seat: Seat, *, actor: str, reason: str) -> RotationView:
    """Write a seat by hand, and who did it."""
    rotation = session.unit.rotations.find(name)
    if rotation is None:
        raise NotFoundError(noun="rotation", key=name)
    session.agent(seat.agent_id)
    turn: object = seat.turn
    if isinstance(turn, bool) or not isinstance(turn, int | Fraction) or turn < 0:
        msg = f"a turn is a number from 0, an integer or a fraction, not {turn!r}"
        raise ConfigurationError(msg)
    before = session.unit.rotations.seat(name, seat.agent_id) or Seat(agent_id=seat.agent_id)
    session.unit.rotations.put_seat(name, Seat(agent_id=seat.agent_id, turn=seat.turn, last=before.last))
    number = len(session.unit.history.of_item("rotations", name)) + 1
    session.tell(
        Event(
            id=f"rotations:{name}:{number}",
            type="corrected",
            at=session.now,
            kind="rotations",
            item_id=name,
            agent_id=seat.agent_id,
            actor=actor,
            reason=reason,
            facts={"before": str(before.turn), "turn": str(seat.turn)},
        )
    )
    return _view(session, rotation)


def today(session: Session, agent: Agent) -> TodayView:
    """Return the agent's day so far, from the last events of the history."""
    zone = ZoneInfo(session.zone)
    since = period_start(session.now, "day", zone)
    newest = last_number(session.unit)
    events = session.unit.history.since(max(0, newest - _LOOKED_BACK), limit=_LOOKED_BACK)
    passed: Counter[str] = Counter()
    in_line = received = 0
    for event in events:
        if event.at < since:
            continue
        came = event.type in ("assigned", "offered", "reassigned", "imported") and event.agent_id == agent.id
        received += came
        for step in event.facts.get("steps", ()) if not came else ():
            for view in step.get("candidates", ()):
                if view["agent_id"] == agent.id:
                    in_line += view.get("code") is None
                    passed.update([view["code"]] if view.get("code") else [])
    away = absence(agent, session.now, zone=session.zone)
    code = "inactive" if not agent.active else away.code if away is not None else None
    return TodayView(
        agent_id=agent.id,
        since=since.astimezone(zone),
        received=received,
        unavailable=code,
        available_from=back_from(away, session.now, session.zone) if away is not None else None,
        full=tuple(sorted(kind for kind in agent.capacity if session.is_full(agent, kind))),
        in_line=in_line,
        passed_over=dict(sorted(passed.items())),
    )


def _view(session: Session, rotation: Rotation) -> RotationView:
    seats = session.unit.rotations.seats(rotation.name)
    return RotationView(
        name=rotation.name,
        floor=str(rotation.level),
        decisions=rotation.decisions,
        seats=tuple(SeatView(agent_id=seat.agent_id, turn=str(seat.turn), last=seat.last) for seat in seats),
    )
