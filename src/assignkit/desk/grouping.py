"""Group commit: calls that wait at the same time are decided in one unit of work, by whichever thread came first.

Where a commit costs more than a decision (a database that syncs its log, a rotation that everybody locks), a crowd of
callers gets through many times as fast. Each call is still durable when it returns, and all are serialisable: a group
is a sequence of decisions, each of which sees those before it. What fails takes back its own writes alone.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

from assignkit.desk.batching import Asked
from assignkit.errors import ConfigurationError
from assignkit.model.decision import Decision

Outcome = Decision | Exception


class _Call:
    """One waiting call: woken when it is settled, or when it is its thread's turn to lead."""

    __slots__ = ("alone", "asked", "outcome", "wake")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.outcome: Outcome | None = None
        self.alone = False
        self.wake = threading.Event()

    @property
    def settled(self) -> bool:
        """Whether its thread has nothing to lead for."""
        return self.alone or self.outcome is not None


class Grouping:
    """Leads waiting calls through `together`, at most `most` at a time; `alone` decides one when a group failed.

    `together` returns a decision or an error per call, and raises if nothing of the group was kept.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Asked]], Sequence[Outcome]],
        alone: Callable[[Asked], Decision],
        *,
        most: int,
    ) -> None:
        given: object = most
        if isinstance(given, bool) or not isinstance(given, int) or given < 1:
            msg = f"group_commit is how many calls are committed together at most: 1 or more, not {most!r}"
            raise ConfigurationError(msg)
        self._together = together
        self._alone = alone
        self._most = most
        self._lock = threading.Lock()
        self._waiting: deque[_Call] = deque()
        self._led = False

    def assign(self, asked: Asked) -> Decision:
        """Return the decision of one call, or raise what it failed with; others are never concerned."""
        call = _Call(asked)
        with self._lock:
            self._waiting.append(call)
            leads, self._led = not self._led, True
        if not leads:
            self._wait(call)
        if not call.settled:
            self._lead(call)
        if call.alone:
            return self._alone(asked)
        if isinstance(call.outcome, Decision):
            return call.outcome
        raise call.outcome or AssertionError

    def _wait(self, call: _Call) -> None:
        try:
            call.wake.wait()
        except BaseException:
            self._abandon(call)
            raise

    def _abandon(self, call: _Call) -> None:
        """Leave the line, because the thread was interrupted; if it was to lead, the next one does."""
        with self._lock:
            if call in self._waiting:
                self._waiting.remove(call)
            if call.wake.is_set() and not call.settled:
                self._pass_on()

    def _lead(self, leading: _Call) -> None:
        """Decide a group that the call is in, and let the next one lead."""
        with self._lock:
            group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        outcomes: Sequence[Outcome] = ()
        try:
            outcomes = self._together([call.asked for call in group])
        except Exception:  # noqa: BLE001 - nothing of the group was kept: each call finds out for itself
            for call in group:
                call.alone = True
        except BaseException:
            with self._lock:  # this thread is interrupted, the others are not: they come first in the next group
                self._waiting.extendleft(call for call in reversed(group) if call is not leading)
            group = []
            raise
        finally:
            for call, outcome in zip(group, outcomes, strict=False):
                call.outcome = outcome
            for call in group:
                call.wake.set()
            with self._lock:
                self._pass_on()

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting[0].wake.set()
        else:
            self._led = False
