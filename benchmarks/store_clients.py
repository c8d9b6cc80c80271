"""Clients of a store: processes that begin together, each with a connection of its own."""

from __future__ import annotations

import gc
import multiprocessing
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, repeat
from multiprocessing.connection import Connection as Pipe
from statistics import quantiles
from time import perf_counter, thread_time
from types import TracebackType
from typing import Any, Protocol, Self

from assignkit.desk.desk import Desk
from benchmarks.store_floors import Lead
from benchmarks.store_scene import Place, customer

BATCH = 100
_AHEAD = 1_000  # items that are made before the clock runs
_FORK = multiprocessing.get_context("fork")  # the rules are compiled and the modules are loaded only once


class Decider(Protocol):
    """What a client measures: ours, or a floor."""

    def prepared(self, lead: Lead) -> Any:  # noqa: ANN401 - each has its own
        """Return the item as it takes it."""
        ...

    def one(self, item: Any) -> None:  # noqa: ANN401
        """Decide one item."""
        ...

    def many(self, items: Sequence[Any]) -> None:
        """Decide many items."""
        ...


class Ours:
    """A desk on a SQL store."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def prepared(self, lead: Lead) -> Any:  # noqa: ANN401
        """Return the lead as a customer."""
        return customer(*lead)

    def one(self, item: Any) -> None:  # noqa: ANN401
        """Assign it."""
        _check(self._desk.assign(item))

    def many(self, items: Sequence[Any]) -> None:
        """Assign them in a batch."""
        for decision in self._desk.assign_many(items):
            _check(decision)


@dataclass(frozen=True, slots=True)
class Task:
    """One round of one client: `name` is unlike all others and leads its ids.

    `first` is the desk of its first item, of `rotations`.
    """

    name: str
    first: int
    rotations: int
    batch: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    """What a client did: `began` and `ended` are of one clock, `took` are seconds per call, `busy` is CPU time."""

    began: float
    ended: float
    decisions: int
    took: list[float]
    busy: float


@dataclass(frozen=True, slots=True)
class Round:
    """What all clients did together: decisions per second, the quantiles of one call, in milliseconds.

    `busy` is the CPU time that a decision takes in its client, in milliseconds.
    """

    rate: float
    p50: float
    p99: float
    busy: float


class Clients:
    """Clients that wait for their next round: processes, or the `threads` of one process.

    `make` gives each its decider, in its own process and thread.
    """

    def __init__(self, place: Place, make: Callable[[], Decider], processes: int, *, threads: int = 1) -> None:
        self.place = place
        self._barriers = {number: _FORK.Barrier(number) for number in range(1, processes + 1)}
        self._pipes: list[Pipe] = []
        self._processes = []
        gc.collect()
        gc.freeze()  # what is inherited is not for each process to look through, and so to copy
        for number in range(processes):
            here, there = _FORK.Pipe()
            client = _Client(place, make, number, threads)
            process = _FORK.Process(target=client.work, args=(there, self._barriers), daemon=True)
            process.start()
            there.close()
            self._pipes.append(here)
            self._processes.append(process)
        gc.unfreeze()
        self.decisions = sum(self._answer(pipe) for pipe in self._pipes)  # those that warmed them up

    def go(self, processes: int, *, batch: int, seconds: float) -> Round:
        """Have so many processes decide for a while; `batch` 1 is one item at a time."""
        asked = self._pipes[:processes]
        for pipe in asked:
            pipe.send((processes, batch, seconds))
        done: list[Done] = [one for pipe in asked for one in self._answer(pipe)]
        decisions = sum(one.decisions for one in done)
        self.decisions += decisions
        took = [call * 1e3 for one in done for call in one.took]
        spread = quantiles(took, n=100) if len(took) > 1 else took * 99
        elapsed = max(one.ended for one in done) - min(one.began for one in done)
        busy = sum(one.busy for one in done) * 1e3 / decisions
        return Round(decisions / elapsed, spread[49], spread[98], busy)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pipe in self._pipes:
            with suppress(OSError):  # a client that failed is gone
                pipe.send(None)
        for process in self._processes:
            process.join(10)
            process.kill()

    def _answer(self, pipe: Pipe) -> Any:  # noqa: ANN401 - a count or what was done
        answer = pipe.recv()
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass(frozen=True, slots=True)
class _Client:
    """One process: what it does after the fork."""

    place: Place
    make: Callable[[], Decider]
    number: int
    threads: int

    def work(self, pipe: Pipe, barriers: dict[int, Any]) -> None:
        """Play rounds until there are no more."""
        try:
            with ThreadPoolExecutor(self.threads) as pool:
                deciders = [self.make() for _ in range(self.threads)]
                pipe.send(sum(pool.map(self._warm_up, deciders, count())))
                for played in count():
                    asked = pipe.recv()
                    if asked is None:
                        break
                    processes, batch, seconds = asked
                    start = threading.Barrier(self.threads, action=barriers[processes].wait)
                    tasks = [self._task(played, seat, batch, seconds) for seat in range(self.threads)]
                    pipe.send(list(pool.map(_round, deciders, tasks, repeat(start))))
        except BaseException as error:  # noqa: BLE001 - it goes to the parent, which raises it
            pipe.send(RuntimeError(f"client {self.number} of {self.place.prefix}: {type(error).__name__}: {error}"))

    def _warm_up(self, decider: Decider, seat: int) -> int:
        """Have plans prepared and agents read before the clock runs; returns how many decisions that took."""
        name = f"warm-{self.number}-{seat}"
        warm = [decider.prepared((f"{name}-{item}", item % self.place.rotations)) for item in range(8)]
        for item in warm[:6]:
            decider.one(item)
        decider.many(warm[6:])
        return len(warm)

    def _task(self, played: int, seat: int, batch: int, seconds: float) -> Task:
        first = (self.number + seat + played) * 7 % self.place.rotations
        return Task(f"{played}-{self.number}-{seat}", first, self.place.rotations, batch, seconds)


def _round(decider: Decider, task: Task, barrier: Any) -> Done:  # noqa: ANN401
    supply = _supply(decider, task)
    stock = [next(supply) for _ in range(_AHEAD // task.batch)]
    stock.reverse()
    took: list[float] = []
    barrier.wait()
    worked = thread_time()
    began = now = perf_counter()
    while now - began < task.seconds:
        items = stock.pop() if stock else next(supply)
        now = perf_counter()
        if task.batch == 1:
            decider.one(items[0])
        else:
            decider.many(items)
        ended = perf_counter()
        took.append(ended - now)
        now = ended
    return Done(began, now, task.batch * len(took), took, thread_time() - worked)


def _supply(decider: Decider, task: Task) -> Iterator[list[Any]]:
    """Yield the items of one call after the other; the desks come in turn."""
    for call in count():
        numbers = range(call * task.batch, (call + 1) * task.batch)
        yield [decider.prepared((f"{task.name}-{item}", (task.first + item) % task.rotations)) for item in numbers]


def _check(decision: Any) -> None:  # noqa: ANN401
    if decision.outcome != "assigned":
        msg = f"{decision.item_id} is {decision.outcome}: {decision.reasons}"
        raise AssertionError(msg)
