"""The shadows that look on at one desk."""

from __future__ import annotations

import threading

from assignkit.desk.publishing.shadowing import Shadow


class Onlookers:
    """The shadows of a desk that have not been stopped."""

    def __init__(self) -> None:
        self._shadows: tuple[Shadow, ...] = ()
        self._lock = threading.Lock()

    def add(self, shadow: Shadow) -> Shadow:
        """Let a shadow look on and return it; one with the same key that looks on already is returned instead."""
        with self._lock:
            for other in self._shadows:
                if shadow.key is not None and other.key == shadow.key and not other.stopped:
                    return other
            self._shadows = (*self._shadows, shadow)
        return shadow

    def looking(self) -> tuple[Shadow, ...]:
        """Return those that look on, in the order in which they began."""
        if self._shadows and any(shadow.stopped for shadow in self._shadows):
            with self._lock:
                self._shadows = tuple(shadow for shadow in self._shadows if not shadow.stopped)
        return self._shadows

    def keep(self) -> None:
        """Write what they have seen to the store; also of those that were stopped just now."""
        for shadow in self._shadows:
            shadow.keep()
