"""A host keeps its own customers, in its own way, and everything else in ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from assignkit.errors import AlreadyExistsError, ConflictError, NotFoundError
from assignkit.model.customer import Customer
from assignkit.model.record import Record
from assignkit.repositories.base import Page, Repository
from assignkit.repositories.listing import listed
from assignkit.repositories.memory import MemoryStore
from assignkit.testing import RepositoryContract, StoreContract


class HostedCustomers:
    """Customers in a table of the host, which takes part in our units of work."""

    def __init__(self) -> None:
        self.rows: dict[str, Customer] = {}
        self.savepoints: list[dict[str, Customer]] = []

    def add(self, record: Customer) -> Customer:
        if record.id in self.rows:
            raise AlreadyExistsError(noun="customer", key=record.id)
        return self._write(record, version=1)

    def get(self, id: str) -> Customer:
        if id not in self.rows:
            raise NotFoundError(noun="customer", key=id)
        return self.rows[id]

    def find(self, id: str) -> Customer | None:
        return self.rows.get(id)

    def save(self, record: Customer) -> Customer:
        stored = self.get(record.id)
        if stored.version != record.version:
            raise ConflictError(what="version", expected=record.version, found=stored.version)
        return self._write(record, version=stored.version + 1)

    def remove(self, id: str) -> None:
        self.get(id)
        del self.rows[id]

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[Customer]:
        return listed(self.rows.values(), filter, order, page)

    def begin(self) -> None:
        self.savepoints.append(dict(self.rows))

    def commit(self) -> None:
        self.savepoints.pop()

    def rollback(self) -> None:
        self.rows = self.savepoints.pop()

    def __len__(self) -> int:
        return len(self.rows)

    def _write(self, record: Customer, *, version: int) -> Customer:
        self.rows[record.id] = record.model_copy(update={"version": version})
        return self.rows[record.id]


class TestHostedCustomers(RepositoryContract):
    fields: ClassVar = {"text": "name", "number": "revenue", "texts": "tags", "instant": "created_at"}

    def make_repository(self) -> Repository[Any]:
        return HostedCustomers()

    def make_record(self, id: str, **fields: object) -> Record:
        return Customer(id=id, **fields)


class TestHostedCustomersInAStore(TestHostedCustomers):
    def make_repository(self) -> Repository[Any]:
        return MemoryStore(customers=HostedCustomers()).customers


class TestStoreWithHostedCustomers(StoreContract):
    @pytest.fixture
    def store(self) -> Iterator[MemoryStore]:
        customers = HostedCustomers()
        yield MemoryStore(customers=customers)
        assert customers.savepoints == []
