"""A turnstile lets so many threads in at once, the others in the order in which they came; a door lets one in.

A pool of connections alone does not: who gives one back and asks for the next is faster than whoever waits.
"""

from __future__ import annotations

from collections import deque
from threading import Condition, Lock, get_ident


class Turnstile:
    """Lets `places` threads in at once."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._changing = Lock()
        self._waiting: deque[Lock] = deque()

    def enter(self, *, seconds: float) -> bool:
        """Return True once the thread is let in, False if nobody has made room for so long."""
        with self._changing:
            if self._free:
                self._free -= 1
                return True
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        try:
            if mine.acquire(timeout=seconds):
                return True
        except BaseException:
            if not self._given_up(mine):
                self.leave()
            raise
        return not self._given_up(mine)

    def leave(self) -> None:
        """Let the next one in."""
        with self._changing:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def _given_up(self, mine: Lock) -> bool:
        """Wait no more; returns whether it was in vain, and not over in the last moment."""
        with self._changing:
            if mine not in self._waiting:
                return False
            self._waiting.remove(mine)
            return True


class Door:
    """Lets one thread in at once, for whatever it does not do within itself.

    Who is in is remembered, not merely that somebody is: a thread that was interrupted on its way in or out may come in
    again. No signal is looked at between a `with` on a lock and what follows it, as there is after a call of `acquire`.
    """

    def __init__(self) -> None:
        self._changing = Lock()
        self._left = Condition(self._changing)
        self._inside: int | None = None

    def enter(self, *, seconds: float) -> bool:
        """Return True once the thread is in, False if another one has been in for so long."""
        me = get_ident()
        with self._changing:
            if self._inside not in (None, me) and not self._left.wait_for(self._is_free, timeout=seconds):
                return False
            self._inside = me
        return True

    def leave(self) -> None:
        """Let the next one in, if this thread is in."""
        with self._changing:
            if self._inside == get_ident():
                self._inside = None
                self._left.notify()

    def _is_free(self) -> bool:
        return self._inside is None
