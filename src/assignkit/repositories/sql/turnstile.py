"""A turnstile: lets so many threads in at once, the others in the order in which they came.

A pool of connections alone does not: who gives one back and asks for the next is faster than whoever waits.
"""

from __future__ import annotations

from collections import deque
from threading import Lock


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
