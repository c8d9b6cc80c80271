"""Stores to play on, and playing again what a failed test printed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from assignkit import MemoryStore
from assignkit.repositories.base import Store
from assignkit.repositories.sql import SqlStore
from tests.differential.lockstep import LONG_WAY, Lockstep, Setting
from tests.postgres import running_server

IN_MEMORY = "sqlite://"

_tenants = itertools.count()


class Databases:
    """Databases by name, made and migrated once; each play has a tenant of its own in them."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._places = {name: in_memory() if url == IN_MEMORY else url for name, url in urls.items()}
        for place in self._places.values():
            with closing(SqlStore(place)) as store:
                store.migrate()

    @contextmanager
    def stores(self) -> Iterator[dict[str, Store]]:
        """Open an empty store in memory, another one for the long way, and one in every database."""
        with ExitStack() as opened:
            found: dict[str, Store] = {"memory": MemoryStore(), LONG_WAY: MemoryStore()}
            for name, place in self._places.items():
                store = SqlStore(place, tenant=f"play {next(_tenants)}")
                found[name] = opened.enter_context(closing(store))
            yield found

    def close(self) -> None:
        """Close all databases."""
        for place in self._places.values():
            if isinstance(place, sa.Engine):
                place.dispose()


def in_memory() -> sa.Engine:
    """Return an engine as a host makes it, as a database in memory is its connection's; others are a store's own."""
    return sa.create_engine(IN_MEMORY, poolclass=sa.StaticPool, connect_args={"check_same_thread": False})


def play(setting: Setting, steps: Iterable[str], *, on: Iterable[str]) -> None:
    """Play steps on stores of these names, and compare them after each; raises as the test did."""
    with ExitStack() as opened:
        urls = {name: opened.enter_context(database(name)) for name in on if name not in ("memory", LONG_WAY)}
        databases = opened.enter_context(closing(Databases(urls)))
        both = Lockstep(setting, opened.enter_context(databases.stores()))
        for step in steps:
            both.take(step)
        both.finish()


@contextmanager
def database(name: str) -> Iterator[str]:
    """Make a database of one kind, and yield where it is."""
    if name == "postgresql":
        with running_server() as server:
            yield server.url
    elif name == "sqlite memory":
        yield IN_MEMORY
    else:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'store.db'}"
