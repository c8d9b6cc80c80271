"""A host's own tables in the units of a SQL store keep the published contracts, on every database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from assignkit.model.customer import Customer
from assignkit.model.record import Record
from assignkit.repositories.sql import SqlStore
from assignkit.testing import DeskContract, HostedRepositoryContract
from assignkit.testing.handing_out import HandingOutContract
from assignkit.testing.units import UnitContract
from tests.contracts.crm import Accounts, all_kept, engine_of_host, kept

_books = itertools.count()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def crm(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """The engine of a host, on a database with its tables and ours."""
    with engine_of_host(request, "crm") as made:
        yield made


@pytest.fixture
def hosted(crm: sa.Engine) -> Iterator[SqlStore]:
    """A new, empty store, most records of which are the host's."""
    book = f"book {next(_books)}"
    hosts: dict[str, Any] = {**all_kept(book), "items": {"deals": kept("deals", book)}}
    store = SqlStore(crm, tenant=f"hosted {book}", **hosts)
    yield store
    store.close()


@pytest.mark.parametrize("crm", ["postgresql"], indirect=True)  # where a unit and its savepoints begin late
class TestUnitsWithHosts(UnitContract, HandingOutContract):
    """What of the contract of a store has to do with records."""

    @pytest.fixture
    def store(self, hosted: SqlStore) -> SqlStore:
        return hosted


class TestDesksWithHosts(DeskContract):
    @pytest.fixture
    def store(self, hosted: SqlStore) -> SqlStore:
        return hosted


class TestAccounts(HostedRepositoryContract):
    fields: ClassVar = {"text": "name", "number": "revenue", "texts": "tags", "instant": "created_at"}

    @pytest.fixture
    def store(self, crm: sa.Engine) -> SqlStore:
        book = f"book {next(_books)}"
        return SqlStore(crm, tenant=f"hosted {book}", customers=lambda connection: Accounts(connection, book))

    def make_record(self, id: str, **fields: object) -> Record:
        return Customer(id=id, **fields)
