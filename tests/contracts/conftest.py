"""The databases that stores are proved on, each made once for each worker."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from assignkit.model.contact import Comment
from assignkit.repositories.sql import SqlStore

MakeStore = Callable[[], SqlStore]
DATABASES = ("sqlite file", "sqlite memory", "postgresql")

_tenants = itertools.count()


@pytest.fixture(scope="session", params=DATABASES)
def engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """A host's engine, as SQLAlchemy makes it, on a database that has the tables."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").url.replace("postgresql", "postgresql+psycopg", 1)
        made = sa.create_engine(url, pool_size=10)
    elif request.param == "sqlite memory":
        made = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        made = sa.create_engine(f"sqlite:///{request.getfixturevalue('quick_folder') / 'store.db'}")
    with closing(SqlStore(made)) as store:
        store.migrate()
    yield made
    made.dispose()


@pytest.fixture
def make_store(engine: sa.Engine) -> Iterator[MakeStore]:
    """Makes new stores, empty because each is of a tenant of its own; beside one that is full."""
    made: list[SqlStore] = []

    def make() -> SqlStore:
        made.append(SqlStore(engine, tenant=f"tenant {next(_tenants)}", models={"comments": Comment}))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    """Where a new SQLite file would be."""
    return f"sqlite:///{tmp_path / 'store.db'}"
