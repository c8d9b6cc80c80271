"""What stands between a host's or our own records and their callers: what is in use stays, and ceilings follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from assignkit.errors import InUseError
from assignkit.model.agent import Agent
from assignkit.model.placement import Placement
from assignkit.model.record import Item, Record, as_identity, refuse_another_spelling
from assignkit.repositories.base import Page, Repository
from assignkit.repositories.memory.changes import ChangeJournal
from assignkit.repositories.memory.loads import LoadBook
from assignkit.repositories.memory.placements import PlacementBook

R = TypeVar("R", bound=Record)
I = TypeVar("I", bound=Item)  # noqa: E741 - reads as Item


class OneSpelling(Generic[R]):
    """A host's repository that gives no record under two ids; `ConfigurationError` where it would."""

    def __init__(self, repository: Repository[R], name: str) -> None:
        self._repository = repository
        self._name = name

    def get(self, id: str) -> R:
        """Return the record; see `Repository.get`."""
        return self._checked(id, self._repository.get(id))

    def find(self, id: str) -> R | None:
        """Return the record, or None; see `Repository.find`."""
        found = self._repository.find(id)
        return None if found is None else self._checked(id, found)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the host's repository has
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._repository, name)

    def _checked(self, asked: object, found: R) -> R:
        identity = getattr(found, "id", None)
        if identity is not None:
            refuse_another_spelling(self._name, str(as_identity(asked)), str(identity))
        return found


class _Guarded(Generic[R]):
    """Hands every call on to the repository that it guards."""

    def __init__(self, repository: Repository[R], placements: PlacementBook) -> None:
        self._repository = repository
        self._placements = placements

    def add(self, record: R) -> R:
        """Store a new record; see `Repository.add`."""
        return self._repository.add(record)

    def get(self, id: str) -> R:
        """Return the record; see `Repository.get`."""
        return self._repository.get(id)

    def find(self, id: str) -> R | None:
        """Return the record, or None; see `Repository.find`."""
        return self._repository.find(id)

    def save(self, record: R) -> R:
        """Replace the stored record; see `Repository.save`."""
        return self._repository.save(record)

    def remove(self, id: str) -> None:
        """Remove the record; see `Repository.remove`."""
        self._repository.remove(id)

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[R]:
        """Return the records that fit, in order; see `Repository.list`."""
        return self._repository.list(filter, order, page)


class GuardedItems(_Guarded[I]):
    """Items of one kind: one that an agent has cannot be removed."""

    def __init__(self, repository: Repository[I], placements: PlacementBook, *, kind: str) -> None:
        super().__init__(repository, placements)
        self._kind = kind

    def remove(self, id: str) -> None:
        """Remove the item; `InUseError` while an agent holds it or is offered it."""
        item = self._repository.get(id)
        place = self._placements.find(self._kind, item.id)
        refuse_taken(place, self._kind, item.id)
        self._repository.remove(item.id)


class GuardedAgents(_Guarded[Agent]):
    """Agents: one with items cannot be removed, ceilings follow the capacity, and changes are kept track of."""

    def __init__(
        self, repository: Repository[Agent], placements: PlacementBook, *, loads: LoadBook, changes: ChangeJournal
    ) -> None:
        super().__init__(repository, placements)
        self._loads = loads
        self._changes = changes

    def add(self, record: Agent) -> Agent:
        """Store a new agent; one who was here before finds the old loads, under the new capacity."""
        return self._followed(self._repository.add(record))

    def save(self, record: Agent) -> Agent:
        """Replace the stored agent; the ceilings of the loads follow the capacity."""
        return self._followed(self._repository.save(record))

    def remove(self, id: str) -> None:
        """Remove the agent; `InUseError` while the agent has items. History and assignments stay."""
        agent = self._repository.get(id)
        taken = self._placements.of_agent(agent.id)
        if taken:
            raise InUseError(noun="agent", key=agent.id, uses=uses_of(taken))
        self._repository.remove(agent.id)
        self._changes.touch(agent.id)

    def _followed(self, agent: Agent) -> Agent:
        self._loads.follow(agent)
        self._changes.touch(agent.id)
        return agent


def noun_of(kind: str) -> str:
    """Return what errors call one item of this kind: `customer` for `customers`."""
    return kind.removesuffix("s") or kind


def refuse_taken(place: Placement | None, kind: str, id: str) -> None:
    """Raise `InUseError` if an agent has the item."""
    if place is not None and place.taken:
        doing = "holds it" if place.state == "held" else "is offered it"
        raise InUseError(noun=noun_of(kind), key=id, uses=f"agent `{place.agent_id}` {doing}")


def uses_of(taken: Sequence[Placement]) -> str:
    """Return what errors say of an agent who has these items."""
    held = sum(place.state == "held" for place in taken)
    offered = len(taken) - held
    parts = [f"{word} {_counted(count)}" for word, count in (("holds", held), ("is offered", offered)) if count]
    return f"the agent {' and '.join(parts)}"


def _counted(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
