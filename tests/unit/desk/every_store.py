"""Every kind of store, for what a desk promises on all of them; two openings of one store are two processes' desks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from assignkit import MemoryStore, Store
from assignkit.repositories.sql import SqlStore

OpenStore = Callable[[], Store]
STORES = ("memory", "sqlite", "postgresql")

_tenants = itertools.count()


@pytest.fixture(params=STORES)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens one store of this kind, as often as a test wants."""
    if request.param == "memory":
        store = MemoryStore()
        yield lambda: store
        return
    if request.param == "sqlite":
        url, tenant = f"sqlite:///{tmp_path / 'desk.db'}", None
    else:
        url, tenant = request.getfixturevalue("postgres").url, f"every store {next(_tenants)}"
    with ExitStack() as opened:

        def opening() -> Store:
            made = opened.enter_context(closing(SqlStore(url, tenant=tenant)))
            made.migrate()
            return made

        yield opening
