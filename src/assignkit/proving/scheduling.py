"""Scheduling: seals the history every so often, and hands each new head to those who keep it elsewhere."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from assignkit.clock import Clock, SystemClock
from assignkit.errors import ConfigurationError
from assignkit.proving.chain import Head
from assignkit.proving.sealing import SealFile
from assignkit.repositories.base import HistoryRepository

Sink = Callable[[Head], None]

_log = logging.getLogger("assignkit")


class Sealing:
    """Seals into a file and exports heads: call `tick` beside `Desk.tick`, as often as you like.

    A `Sink` takes one head: a `HeadFile`, or any function that sends or prints it. One that raises is logged, and gets
    the newest head at the next tick; the others have theirs. A head that a sink has had is not handed to it again,
    unless the process was started anew. Several processes may do it; each hands out its own heads.
    """

    def __init__(
        self,
        history: HistoryRepository,
        seals: SealFile,
        *,
        sinks: Sequence[Sink] = (),
        every: timedelta = timedelta(hours=1),
        clock: Clock | None = None,
    ) -> None:
        if every <= timedelta():
            msg = f"`every` is a time above 0, got {every}"
            raise ConfigurationError(msg)
        self._history = history
        self._seals = seals
        self._sinks = tuple(sinks)
        self._every = every
        self._clock = clock if clock is not None else SystemClock()
        self._lock = threading.Lock()
        self._due: datetime | None = None
        self._head = Head()
        self._told: dict[int, Head] = {}

    def tick(self) -> Head | None:
        """Seal and export if it is time, and return the head; None if it is not. The first time is at once.

        Raises what reading the history or writing the seals raises; the next tick tries again.
        """
        with self._lock:
            now = self._clock.now()
            if self._due is not None and now < self._due:
                self._export()  # to those who missed it
                return None
            self._head = self._seals.seal(self._history)
            self._due = now + self._every
            self._export()
            return self._head

    def _export(self) -> None:
        for place, sink in enumerate(self._sinks):
            if self._head.number and self._told.get(place) != self._head:
                try:
                    sink(self._head)
                except Exception:  # noqa: BLE001 - whatever a sink raises, the others have to get theirs
                    _log.exception("the head %s could not be exported", self._head)
                else:
                    self._told[place] = self._head
