"""What a host's repository promises that is made for each unit of a SQL store."""
# A contract is made of tests: their names say what they show, they assert, and a whole unit of work has to raise.
# ruff: noqa: D102, PT012, S101

from __future__ import annotations

from typing import Any

import pytest

from assignkit.errors import AlreadyExistsError, ConflictError, NotFoundError
from assignkit.repositories.base import Repositories, Repository, Store
from assignkit.testing.records import RepositoryContract
from assignkit.testing.samples import OfStore


class _BrokenError(Exception):
    """Ends a unit of work."""


class HostedRepositoryContract(OfStore, RepositoryContract):
    """Everything that a repository promises, and that it keeps to the units of the store that it was handed to.

    Override `make_store()` to return a store with empty tables and your repository in it (or the fixture `store`, if
    that needs other fixtures), and `make_record(id, **fields)`. `noun` says what it keeps: `customers`, `agents`, a
    kind of yours.
    """

    noun: str = "customers"

    @pytest.fixture
    def repository(self, store: Store) -> Repository[Any]:
        """The repository, each call of which is a unit of its own."""
        return self.kept(store)

    def kept(self, records: Repositories) -> Repository[Any]:
        """Return the repository as a store or a unit has it."""
        if self.noun in ("agents", "teams", "pools", "categories"):
            found: Repository[Any] = getattr(records, self.noun)
            return found
        return records.items(self.noun)

    def test_a_unit_reads_its_own_writes(self, store: Store) -> None:
        with store.unit() as unit:
            added = self.kept(unit).add(self.record("a", text="Ann"))
            saved = self.kept(unit).save(added.model_copy(update={self.field("text"): "Bea"}))
            assert self.kept(unit).get("a") == saved
            assert self.kept(unit).list() == [saved]
            self.kept(unit).remove("a")
            assert self.kept(unit).find("a") is None

    def test_a_unit_that_raises_takes_everything_back(self, store: Store) -> None:
        first = self.kept(store).add(self.record("a", text="Ann"))
        gone = self.kept(store).add(self.record("b"))
        with pytest.raises(_BrokenError), store.unit() as unit:
            self.kept(unit).save(first.model_copy(update={self.field("text"): "Bea"}))
            self.kept(unit).remove("b")
            self.kept(unit).add(self.record("c"))
            raise _BrokenError
        assert self.kept(store).list() == [first, gone]

    def test_an_inner_unit_that_raises_takes_back_only_its_own(self, store: Store) -> None:
        with store.unit() as outer:
            first = self.kept(outer).add(self.record("a", text="Ann"))
            with pytest.raises(_BrokenError), store.unit() as inner:
                self.kept(inner).save(self.kept(inner).get("a").model_copy(update={self.field("text"): "Bea"}))
                self.kept(inner).add(self.record("b"))
                raise _BrokenError
            assert self.kept(outer).find("b") is None
            assert self.kept(outer).get("a") == first
            with store.unit() as inner:
                second = self.kept(inner).save(first.model_copy(update={self.field("text"): "Cid"}))
            assert self.kept(outer).get("a") == second
            third = self.kept(outer).save(second.model_copy(update={self.field("text"): "Dee"}))
        assert self.kept(store).list() == [third]

    def test_a_call_that_is_refused_leaves_the_unit_as_it_was(self, store: Store) -> None:
        with store.unit() as unit:
            first = self.kept(unit).add(self.record("a", text="Ann"))
            with pytest.raises(AlreadyExistsError):
                self.kept(unit).add(self.record("a", text="Bea"))
            with pytest.raises(ConflictError):
                self.kept(unit).save(first.model_copy(update={"version": 9}))
            with pytest.raises(NotFoundError):
                self.kept(unit).remove("nobody")
            second = self.kept(unit).add(self.record("b"))
        assert self.kept(store).list() == [first, second]

    def test_what_others_committed_is_seen(self, store: Store) -> None:
        first = self.kept(store).add(self.record("a", text="Ann"))
        with store.unit() as unit:
            assert self.kept(unit).get("a") == first
        second = self.kept(store).save(first.model_copy(update={self.field("text"): "Bea"}))
        with store.unit() as unit:
            assert self.kept(unit).get("a") == second
            assert self.kept(unit).list({"id": ["a", "z"]}) == [second]
