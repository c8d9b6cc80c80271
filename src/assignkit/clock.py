"""The only reader of the wall clock. Everything else is handed a `Clock`, so that every decision can be replayed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol

from assignkit.errors import ConfigurationError


class Clock(Protocol):
    """Tells the current instant; always timezone-aware."""

    def now(self) -> datetime:
        """Return the current instant, aware, in any zone."""
        ...


class SystemClock:
    """The wall clock, in UTC."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved, for tests, replays and simulations.

    >>> clock = ManualClock(datetime(2026, 11, 21, 9, tzinfo=UTC))
    >>> clock.advance(timedelta(minutes=5))
    >>> clock.now().isoformat()
    '2026-11-21T09:05:00+00:00'
    """

    def __init__(self, at: datetime) -> None:
        self._lock = threading.Lock()
        self._at = _aware(at)

    def now(self) -> datetime:
        """Return the instant that the clock stands at."""
        return self._at

    def set(self, at: datetime) -> None:
        """Move the clock to `at`, forwards or backwards; a naive instant raises `ConfigurationError`."""
        with self._lock:
            self._at = _aware(at)

    def advance(self, by: timedelta) -> None:
        """Move the clock by `by`; `ConfigurationError` for what is no timedelta, or leads out of the calendar."""
        with self._lock:
            try:
                self._at += by
            except (TypeError, OverflowError) as error:
                msg = f"a clock is advanced by a timedelta, within the calendar, not by {by!r:.60}"
                raise ConfigurationError(msg) from error


def _aware(at: datetime) -> datetime:
    given: object = at
    if not isinstance(given, datetime) or given.utcoffset() is None:
        told = f"{given.isoformat()} without a zone" if isinstance(given, datetime) else repr(given)
        msg = f"a clock needs an aware instant, got {told}"
        raise ConfigurationError(msg)
    return given
