"""The same steps at a desk all of whose records are a host's: the same decisions, errors, explanations and books."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis.stateful import run_state_machine_as_test

from assignkit import Agent, MemoryStore
from assignkit.repositories.base import Store
from assignkit.repositories.memory.records import RecordBook
from assignkit.repositories.memory.undo import UndoLog
from assignkit.repositories.sql import SqlStore
from tests.contracts.crm import Base, all_kept
from tests.differential.playing import Databases
from tests.postgres import Server
from tests.properties.test_stores_agree import Agreement, sized

_books = itertools.count()


class HostedAgents(RecordBook[Agent]):
    """Agents of a host in memory, which take part in units; of them, too, everybody is ranked for each decision."""

    def __init__(self) -> None:
        self._taken_back = UndoLog()
        self._marks: list[int] = []
        super().__init__("agent", self._taken_back)

    def begin(self) -> None:
        if not self._marks:
            self._taken_back.open()
        self._marks.append(self._taken_back.mark())

    def commit(self) -> None:
        self._end()

    def rollback(self) -> None:
        self._taken_back.undo_to(self._marks[-1])
        self._end()

    def _end(self) -> None:
        self._marks.pop()
        if not self._marks:
            self._taken_back.close()


class HostedDatabases(Databases):
    """Databases that have the host's tables as well."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        super().__init__(urls)
        for place in urls.values():
            engine = sa.create_engine(place)
            Base.metadata.create_all(engine)
            engine.dispose()

    @contextmanager
    def stores(self) -> Iterator[dict[str, Store]]:
        """Open an empty store in memory, and in every database one on tables of the host's own."""
        with ExitStack() as opened:
            found: dict[str, Store] = {"memory": MemoryStore(agents=HostedAgents())}
            for name, place in self._places.items():
                book = f"hosted play {next(_books)}"
                hosts: dict[str, Any] = dict(all_kept(book))
                found[name] = opened.enter_context(closing(SqlStore(place, tenant=book, **hosts)))
            yield found


@pytest.fixture(scope="module")
def databases(postgres: Server, quick_folder: Path) -> Iterator[Databases]:
    urls = {
        "sqlite file": f"sqlite:///{quick_folder / 'hosts agree.db'}",
        "postgresql": postgres.url.replace("postgresql:", "postgresql+psycopg:", 1),
    }
    with closing(HostedDatabases(urls)) as made:
        yield made


def test_a_host_s_own_tables_make_no_difference(databases: Databases) -> None:
    class OnHosts(Agreement):
        pass

    OnHosts.databases = databases
    run_state_machine_as_test(OnHosts, settings=sized(3, 20))
