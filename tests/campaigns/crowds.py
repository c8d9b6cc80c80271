"""Crowds: processes that begin together at one desk, and say what they did."""

from __future__ import annotations

import logging
import multiprocessing
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from assignkit import ManualClock
from assignkit.model.assignment import Event
from assignkit.repositories.sql import SqlStore
from tests.campaigns.scenes import MORNING, SCENES, dice
from tests.campaigns.working import Worker

# The catalogue has everything that a program of campaigns loads, which a process would else load again for each kill.
_PRELOADED = ("tests.campaigns.catalogue", "tests.campaigns.readied", "psycopg")


@dataclass(frozen=True)
class Errand:
    """What one process has to do: so many operations at one scene, in one tenant."""

    url: str
    tenant: str
    scene: str
    seed: str
    operations: int
    weights: Mapping[str, int]
    keyed: bool = False


@dataclass(frozen=True)
class Report:
    """What one process did, what it was told of, and what was raised that should not be."""

    tally: Counter[str]
    told: tuple[str, ...]
    raw: tuple[str, ...]


class Crowd:
    """So many processes, forked from one without threads; they stay for many rounds."""

    def __init__(self, size: int) -> None:
        self.size = size
        context = forked()
        gate = context.Barrier(size)
        self._pool = ProcessPoolExecutor(size, mp_context=context, initializer=_take_gate, initargs=(gate,))

    def at_once(self, errand: Errand) -> list[Report]:
        """Let all of them run the errand at once, each with dice of its own, and return what each did."""
        running = [self._pool.submit(_run, errand, number) for number in range(self.size)]
        return [one.result(timeout=300) for one in running]

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown()


def forked() -> Any:  # noqa: ANN401 - the context's type is private to multiprocessing
    """Return where processes come from that have everything loaded already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


_gates: list[Any] = []


def _take_gate(gate: object) -> None:
    _gates.append(gate)


def _run(errand: Errand, number: int) -> Report:
    with closing(SqlStore(errand.url, tenant=errand.tenant)) as store:
        worker = open_worker(errand, store, number)
        told: list[str] = []
        worker.desk.subscribe(lambda event: _hear(told, event))
        store.teams.list()  # connected, so that all begin together
        _gates[0].wait(timeout=120)
        worker.work(errand.operations, errand.weights)
        return Report(worker.tally, tuple(told), tuple(worker.raw))


def _hear(told: list[str], event: Event) -> None:
    told.append(event.id)


def open_worker(errand: Errand, store: SqlStore, number: int) -> Worker:
    """Return one worker at a desk of its own; it is silent about the errors that campaigns make happen."""
    logging.getLogger("assignkit").setLevel(logging.CRITICAL)
    scene, clock = SCENES[errand.scene], ManualClock(MORNING)
    desk = scene.desk(store, clock)
    rng = dice(f"{errand.seed} {number}")
    return Worker(scene, desk, store, clock, rng, f"w{number}", keyed=errand.keyed)
