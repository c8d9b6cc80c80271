"""The store in memory keeps the published contracts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assignkit.model.contact import Comment
from assignkit.model.customer import Customer
from assignkit.model.record import Item, Record
from assignkit.repositories.base import Repository
from assignkit.repositories.memory import MemoryStore
from assignkit.testing import RepositoryContract, StoreContract
from tests.contracts.nouns import MODELS


@pytest.mark.parametrize("noun", MODELS)
class TestRecordsInMemory(RepositoryContract):
    noun: str

    @pytest.fixture(autouse=True)
    def _of_noun(self, noun: str) -> None:
        self.noun = noun

    def make_repository(self) -> Repository[Any]:
        repository: Repository[Any] = getattr(MemoryStore(), self.noun)
        return repository

    def make_record(self, id: str, **fields: object) -> Record:
        return MODELS[self.noun](id=id, **fields)


class TestItemsOfAHostInMemory(RepositoryContract):
    def make_repository(self) -> Repository[Any]:
        return MemoryStore().items("deals")

    def make_record(self, id: str, **fields: object) -> Record:
        return Item(id=id, **fields)


class TestRecordsWithinAUnit(RepositoryContract):
    @pytest.fixture
    def repository(self) -> Iterator[Repository[Any]]:
        with MemoryStore().unit() as unit:
            yield unit.customers

    def make_record(self, id: str, **fields: object) -> Record:
        return Customer(id=id, **fields)


class TestOtherRecordsOfAHost(RepositoryContract):
    def make_repository(self) -> Repository[Any]:
        return MemoryStore().items("comments")

    def make_record(self, id: str, **fields: object) -> Record:
        return Comment(id=id, **fields)


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Iterator[MemoryStore]:
        store = MemoryStore()
        yield store
        # Contracts write books that need not agree with each other; each by itself has to be whole.
        books = store._books
        whole = (books.journal, books.placements, books.assignments, books.history)
        assert [problem for book in whole for problem in book.problems()] == []
