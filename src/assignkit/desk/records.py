"""Item records as the desk hands them out: stored like any record, but owners change only through decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar

from assignkit.desk.assigning import bar_to_owner
from assignkit.desk.by_hand.moving import refusal
from assignkit.desk.committing.committing import Why
from assignkit.desk.receiving import Received
from assignkit.desk.session import Session
from assignkit.errors import InvalidTransitionError, NotFoundError
from assignkit.model.record import Item, refuse_what_is_no
from assignkit.repositories.base import Page, Store

I = TypeVar("I", bound=Item)  # noqa: E741 - an item
T = TypeVar("T")


class Run(Protocol):
    """Does something in one unit of work of the desk, and tells subscribers of it."""

    def __call__(self, act: Callable[[Session], T]) -> T:
        """Return what `act` gives."""
        ...


class ItemRecords(Generic[I]):
    """The records of one kind of item. A new record that names an owner makes that agent its holder."""

    def __init__(self, kind: str, store: Store, run: Run) -> None:
        self._kind = kind
        self._store = store
        self._run = run

    def add(self, record: I) -> I:
        """Store a new record; its owner becomes its holder.

        `NotFoundError` if the owner is no agent of the desk, `NotEligibleError` if a `never` bars it.
        """
        refuse_what_is_no(Item, record)
        return self._run(lambda session: self._add(session, record))

    def save(self, record: I) -> I:
        """Replace the stored record; load follows a changed effort.

        `InvalidTransitionError` if the owner is another one: that takes `assign`, `reassign` or `release`.
        """
        refuse_what_is_no(Item, record)
        return self._run(lambda session: self._save(session, record))

    def get(self, id: str) -> I:
        """Return the record; `NotFoundError` if there is none."""
        return self._store.items(self._kind).get(str(id))  # type: ignore[return-value]

    def find(self, id: str) -> I | None:
        """Return the record, or None."""
        return self._store.items(self._kind).find(str(id))  # type: ignore[return-value]

    def remove(self, id: str) -> None:
        """Remove the record, and the item from its queue or pool; the history stays.

        `NotFoundError` if there is none, `InUseError` while an agent holds it.
        """
        self._run(lambda session: self._remove(session, str(id)))

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[I]:
        """Return records as `Repository.list` does."""
        return self._store.items(self._kind).list(filter, order, page)  # type: ignore[return-value]

    def _add(self, session: Session, record: I) -> I:
        added = session.unit.items(self._kind).add(record)
        if record.owner is not None:
            self._hand_over(session, record, record.owner)
        return added  # type: ignore[return-value]  # the repository of a kind holds records of that kind

    def _save(self, session: Session, record: I) -> I:
        repository = session.unit.items(self._kind)
        stored = repository.get(record.id)
        if record.owner != stored.owner:
            attempted = "change its owner by saving it: use assign, reassign or release"
            state = f"held by {stored.owner}" if stored.owner else "with nobody"
            raise InvalidTransitionError(item_id=record.id, state=state, attempted=attempted)
        saved = repository.save(record)
        session.directory.touch(self._kind, record.id)
        placement = session.unit.placements.find(self._kind, record.id)
        if placement is not None and placement.effort != record.effort:
            session.committer.change_effort(placement, record.effort)
        return saved  # type: ignore[return-value]  # the repository of a kind holds records of that kind

    def _remove(self, session: Session, id: str) -> None:
        session.unit.items(self._kind).remove(id)
        placement = session.unit.placements.find(self._kind, id)
        if placement is None or placement.state not in ("waiting", "pooled"):
            return
        after = session.committer.put_down(placement, "free", because="removed")
        session.committer.record("released", after, facts={}, why=Why(origin="person", reason="its record was removed"))

    def _hand_over(self, session: Session, record: Item, owner_id: str) -> None:
        owner = session.directory.agent(owner_id)
        if owner is None:
            raise NotFoundError(noun="agent", key=owner_id)
        received = Received(self._kind, record.id, record, owned=True)
        exclusion, world = bar_to_owner(session, received, owner)
        if exclusion is not None:
            raise refusal(owner, exclusion, world, record.id)
        placement = replace(session.placement(received), effort=record.effort)
        why = Why(origin="import", reason="came with an owner")
        after = session.committer.give(placement, owner, why, beyond_capacity=True)
        session.committer.record("imported", after, facts={}, why=why)
