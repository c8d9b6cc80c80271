"""Desks keep the published contract on every store."""

from __future__ import annotations

import pytest

from assignkit import MemoryStore
from assignkit.repositories.sql import SqlStore
from assignkit.testing import DeskContract
from tests.contracts.conftest import MakeStore


class TestDesksInMemory(DeskContract):
    def make_store(self) -> MemoryStore:
        return MemoryStore()


class TestDesksInSql(DeskContract):
    @pytest.fixture
    def store(self, make_store: MakeStore) -> SqlStore:
        return make_store()
