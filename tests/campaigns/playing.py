"""Playing campaigns: on which databases, for how long, and how a round that failed is played again."""

from __future__ import annotations

import itertools
import logging
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import sqlalchemy as sa

from assignkit.repositories.sql import SqlStore
from tests.campaigns.auditing import BrokenPromiseError, Tables, audit_engine, check_books
from tests.campaigns.crowds import Crowd
from tests.postgres import Server, running_server

DATABASES = ("sqlite", "postgresql")

_tenants = itertools.count()
_FIGURE = re.compile(r"([\d,]+) ([a-z_]+)")


@dataclass
class Place:
    """A database in which campaigns take place, each round in a tenant of its own."""

    name: str
    url: str
    server: Server | None = None
    engine: sa.Engine = field(init=False)
    _open: ExitStack = field(default_factory=ExitStack)
    _crowds: dict[int, Crowd] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = audit_engine(self.url)
        self._open.callback(self.engine.dispose)
        with self.store(self.tenant()) as store:
            store.migrate()

    def tenant(self) -> str:
        """Return the name of a tenant that nobody had before."""
        return f"round {os.getpid()}-{time.time_ns()}-{next(_tenants)}"

    @contextmanager
    def store(self, tenant: str, *, url: str | None = None) -> Iterator[SqlStore]:
        """A store for one tenant, closed at the end."""
        store = SqlStore(url or self.url, tenant=tenant)
        try:
            yield store
        finally:
            store.close()

    def tables(self, tenant: str) -> Tables:
        """Return the tenant's tables, for the audit."""
        return Tables(self.engine, tenant)

    def crowd(self, size: int) -> Crowd:
        """Return so many processes, which stay until the place is closed."""
        if size not in self._crowds:
            self._crowds[size] = Crowd(size)
            self._open.callback(self._crowds[size].close)
        return self._crowds[size]

    def close(self) -> None:
        """End processes and connections."""
        self._open.close()


@contextmanager
def place_for(name: str, *, server: Server | None = None, folder: Path | None = None) -> Iterator[Place]:
    """A place on SQLite or PostgreSQL; a server is started unless one is given, a folder made."""
    with ExitStack() as opened:
        if name == "postgresql":
            server = server or opened.enter_context(running_server())
            place = Place(name, server.url, server)
        else:
            memory = Path("/dev/shm")  # noqa: S108 - what is made in it has a name of its own
            where = memory if os.access(memory, os.W_OK) else None
            folder = folder or Path(opened.enter_context(TemporaryDirectory(dir=where)))
            place = Place(name, f"sqlite:///{folder / f'campaigns {time.time_ns()}.db'}")
        opened.callback(place.close)
        yield place


class Watcher:
    """Looks at the books all the time while others work: what is promised holds at every commit, not only at rest."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._found: list[str] = []
        self._looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def wait_for_a_look(self) -> None:
        """Return when it has looked once more from now on, or has found something."""
        seen = self._looks
        while self._looks < seen + 2 and not self._found:  # the next look may have begun before
            time.sleep(0.005)

    def looks(self) -> int:
        """Return how often it looked, if all was well; else raise what it found."""
        if self._found:
            raise BrokenPromiseError([f"{line} (while others worked)" for line in self._found])
        return self._looks

    def _watch(self) -> None:
        while not self._over.wait(0.03) and not self._found:
            self._found += check_books(self._tables.books())
            self._looks += 1


@dataclass(frozen=True)
class Campaign:
    """One way to break the promises. `play` plays one round by a seed, short or in `full`, and returns what it did."""

    name: str
    about: str
    play: Callable[..., Counter[str]]
    on: tuple[str, ...] = DATABASES
    short_rounds: int = 1

    def replay(self, place: Place, seed: int) -> str:
        """Return the command that plays a round again: the same operations; the schedule is the machine's."""
        return f"replay: python -m tests.campaigns {self.name!r} --on {place.name} --seed {seed} --rounds 1"


def run(
    campaign: Campaign,
    place: Place,
    *,
    seed: int,
    rounds: int | None = None,
    seconds: float | None = None,
    full: bool = True,
) -> Counter[str]:
    """Play rounds until there were so many, or the time is over; return what was done. Each has the next seed.

    `AssertionError` with what was found, and with how to play the round again.
    """
    done: Counter[str] = Counter()
    began = time.monotonic()
    with _level_kept():
        while (rounds is None or done["rounds"] < rounds) and (seconds is None or time.monotonic() - began < seconds):
            one = seed + done["rounds"]
            try:
                done += campaign.play(place, one, full=full)
            except AssertionError as error:
                msg = f"{error}\n{campaign.replay(place, one)}"
                raise AssertionError(msg) from error
            done["rounds"] += 1
    return done


@contextmanager
def _level_kept() -> Iterator[None]:
    """Set the library's logger back afterwards: campaigns let it be silent about the errors that they are to meet."""
    logger = logging.getLogger("assignkit")
    level = logger.level
    try:
        yield
    finally:
        logger.setLevel(level)


def in_words(done: Counter[str]) -> str:
    """Return figures as a line tells them: `2 rounds, 1,020 kills`, by name."""
    return ", ".join(f"{count:,} {name}" for name, count in sorted(done.items()))


def figures_of(line: str) -> Counter[str]:
    """Return the figures that a line tells, as `in_words` has put them."""
    return Counter({name: int(count.replace(",", "")) for count, name in _FIGURE.findall(line)})
