"""Instants as text that keeps their zone, and as numbers that can be compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from assignkit.repositories.memory.instants import universal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_latest: list[tuple[datetime | None, int]] = [(None, 0)]


def microseconds(at: datetime) -> int:
    """Return the microseconds since 1970 in UTC; `ConfigurationError` for an instant without a zone."""
    # The very same instant stands in several rows of a decision.
    last, count = _latest[0]
    if last is not at:
        count = (universal(at) - _EPOCH) // _MICROSECOND
        _latest[0] = at, count
    return count


def told_instant(at: datetime) -> str:
    """Return the instant with its offset and, if it has one, the name of its zone in brackets (RFC 9557).

    >>> told_instant(datetime(2026, 11, 21, 9, tzinfo=ZoneInfo("Asia/Shanghai")))
    '2026-11-21T09:00:00+08:00[Asia/Shanghai]'
    """
    zone = at.tzinfo
    name = zone.key if isinstance(zone, ZoneInfo) else None
    return f"{at.isoformat()}[{name}]" if name else at.isoformat()


def instant_of(text: str) -> datetime:
    """Return the instant that `told_instant` told, in its zone; of an hour that comes twice, the right one."""
    told, _, name = text.partition("[")
    at = datetime.fromisoformat(told)
    if not name:
        return at
    zone = ZoneInfo(name.removesuffix("]"))
    for fold in (0, 1):
        local = at.replace(tzinfo=zone, fold=fold)
        if local.utcoffset() == at.utcoffset():
            return local
    # The zone's rules have changed since: the instant stays, and its clock moves.
    return at.astimezone(zone)
