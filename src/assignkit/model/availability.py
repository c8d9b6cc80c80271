"""Who is there when: shifts, leaves and presence as plain questions about an agent and an instant.

A fact that an agent does not have never keeps it away: no shifts is always on shift, no presence is present. `zone` is
where hours and days are read for an agent without a zone of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from assignkit.model.agent import Agent
from assignkit.model.leaves import Leave
from assignkit.model.shifts import next_start, shift_at


def on_shift(agent: Agent, now: datetime, *, zone: str = "UTC") -> bool:
    """Return whether the agent works now; hours are from their start to before their end."""
    return agent.shifts is None or shift_at(agent.shifts, agent.zone or zone, now) is not None


def shift_end(agent: Agent, now: datetime, *, zone: str = "UTC") -> datetime | None:
    """Return when the shift that is on ends, in UTC; None between shifts, and for who is always on shift.

    Where another shift begins at that instant or before, it is the end of that one.
    """
    if agent.shifts is None:
        return None
    end = None
    at = now
    for _ in range(_LINKED_SHIFTS):
        shift = shift_at(agent.shifts, agent.zone or zone, at)
        if shift is None:
            return end
        end = at = shift.end
    return end


def next_shift_start(agent: Agent, now: datetime, *, zone: str = "UTC") -> datetime | None:
    """Return the start of the agent's next shift after now, in UTC; None for who is always on shift."""
    return None if agent.shifts is None else next_start(agent.shifts, agent.zone or zone, now)


def on_leave(agent: Agent, now: datetime, *, zone: str = "UTC") -> Leave | None:
    """Return the leave that the agent is on, the one that ends last if there are several; None if on none."""
    where = agent.zone or zone
    on = [leave for leave in agent.leaves if leave.starts_at(where) <= now < leave.ends_at(where)]
    return max(on, key=lambda leave: leave.ends_at(where)) if on else None


def next_leave_start(agent: Agent, now: datetime, *, zone: str = "UTC") -> datetime | None:
    """Return when the agent's next leave begins, in UTC; None if none is planned."""
    starts = [leave.starts_at(agent.zone or zone) for leave in agent.leaves]
    return min((at for at in starts if at > now), default=None)


def available_from(agent: Agent, now: datetime, *, zone: str = "UTC") -> datetime | None:
    """Return the first instant from now on at which the agent is on shift and on no leave, in UTC; None for never."""
    at = now.astimezone(UTC)
    # Each leave moves the instant once, and each move is followed by one to the next shift at most.
    for _ in range(2 * len(agent.leaves) + 2):
        leave = on_leave(agent, at, zone=zone)
        if leave is not None:
            at = leave.ends_at(agent.zone or zone)
        elif on_shift(agent, at, zone=zone):
            return at
        else:
            start = next_shift_start(agent, at, zone=zone)
            if start is None:
                return None
            at = start
    return None


def present(agent: Agent, now: datetime, ttl: timedelta | None = None) -> bool:
    """Return whether the agent is there: online, and said so less than its time to live ago.

    The time to live is the agent's own `presence_seconds`, else `ttl`; without either, or without `presence_at`, what
    was said last holds for good. No presence at all is present.
    """
    if agent.presence is None:
        return True
    until = presence_until(agent, ttl)
    return agent.presence == "online" and (until is None or now < until)


def presence_until(agent: Agent, ttl: timedelta | None = None) -> datetime | None:
    """Return when an online agent counts as gone unless it says that it is there again; None for never."""
    own = agent.presence_seconds
    if agent.presence != "online" or agent.presence_at is None or (own is None and ttl is None):
        return None
    try:
        lives = ttl if own is None else timedelta(seconds=float(own))
        return None if lives is None else agent.presence_at.astimezone(UTC) + lives
    except OverflowError:  # beyond the end of the calendar
        return None


_LINKED_SHIFTS = 8  # round the clock, a week of shifts that follow one another
