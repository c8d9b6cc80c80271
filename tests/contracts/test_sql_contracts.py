"""Stores in SQL keep the published contracts, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assignkit.model.contact import Comment
from assignkit.model.customer import Customer
from assignkit.model.record import Item, Record
from assignkit.repositories.base import Repository
from assignkit.repositories.sql import SqlStore
from assignkit.testing import RepositoryContract, StoreContract
from tests.contracts.conftest import MakeStore
from tests.contracts.nouns import MODELS

KINDS: dict[str, type[Record]] = {"deals": Item, "comments": Comment}


@pytest.mark.parametrize("noun", ["customers", "agents", "teams"])
class TestRecordsInSql(RepositoryContract):
    """Three nouns stand for the six: items that can be in use, agents that are remembered, and plain records."""

    noun: str

    @pytest.fixture
    def repository(self, make_store: MakeStore, noun: str) -> Repository[Any]:
        self.noun = noun
        repository: Repository[Any] = getattr(make_store(), noun)
        return repository

    def make_record(self, id: str, **fields: object) -> Record:
        return MODELS[self.noun](id=id, **fields)


@pytest.mark.parametrize("of_host", KINDS)
class TestItemsOfAHostInSql(RepositoryContract):
    of_host: str

    @pytest.fixture
    def repository(self, make_store: MakeStore, of_host: str) -> Repository[Any]:
        self.of_host = of_host
        return make_store().items(of_host)

    def make_record(self, id: str, **fields: object) -> Record:
        return KINDS[self.of_host](id=id, **fields)


class TestRecordsWithinAUnit(RepositoryContract):
    @pytest.fixture
    def repository(self, make_store: MakeStore) -> Iterator[Repository[Any]]:
        with make_store().unit() as unit:
            yield unit.customers

    def make_record(self, id: str, **fields: object) -> Record:
        return Customer(id=id, **fields)


class TestSqlStore(StoreContract):
    @pytest.fixture
    def store(self, make_store: MakeStore) -> SqlStore:
        return make_store()


@pytest.mark.parametrize("noun", MODELS)
def test_every_noun_is_kept_as_its_own_model(make_store: MakeStore, noun: str) -> None:
    repository = getattr(make_store(), noun)
    added = repository.add(MODELS[noun](id="a", unknown={"to": ["everybody"]}))
    assert type(repository.get("a")) is MODELS[noun]
    assert repository.get("a") == added
    assert repository.list() == [added]
