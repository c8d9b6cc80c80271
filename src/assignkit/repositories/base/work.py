"""All repositories of a store, and the unit of work that bundles them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.grant import HandOut
from assignkit.model.happening import Happening
from assignkit.model.record import Item
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.repositories.base.answers import IdempotencyRepository
from assignkit.repositories.base.assignments import AssignmentRepository
from assignkit.repositories.base.history import HistoryRepository
from assignkit.repositories.base.loads import LoadRepository
from assignkit.repositories.base.outbox import OutboxRepository
from assignkit.repositories.base.placements import PlacementRepository
from assignkit.repositories.base.publications import PublicationRepository
from assignkit.repositories.base.records import Repository
from assignkit.repositories.base.rotations import RotationRepository, Seated


class Repositories(Protocol):
    """All repositories of a store, as attributes."""

    @property
    def customers(self) -> Repository[Customer]:
        """Customers and leads."""
        ...

    @property
    def tasks(self) -> Repository[Task]:
        """Tasks."""
        ...

    @property
    def agents(self) -> Repository[Agent]:
        """Agents."""
        ...

    @property
    def teams(self) -> Repository[Team]:
        """Teams."""
        ...

    @property
    def pools(self) -> Repository[Pool]:
        """Public pools."""
        ...

    @property
    def categories(self) -> Repository[Category]:
        """Categories of items."""
        ...

    def items(self, kind: str) -> Repository[Item]:
        """Return the records of one kind of item: `customers`, `tasks`, or a host's own kind."""
        ...

    @property
    def placements(self) -> PlacementRepository:
        """Where each item is."""
        ...

    @property
    def loads(self) -> LoadRepository:
        """What each agent carries."""
        ...

    @property
    def assignments(self) -> AssignmentRepository:
        """Who held what."""
        ...

    @property
    def rotations(self) -> RotationRepository:
        """Whose turn it is."""
        ...

    @property
    def history(self) -> HistoryRepository:
        """What happened."""
        ...

    @property
    def outbox(self) -> OutboxRepository:
        """What is still to be told."""
        ...

    @property
    def idempotency(self) -> IdempotencyRepository:
        """What was answered to which key."""
        ...

    @property
    def publications(self) -> PublicationRepository:
        """Which rules were published."""
        ...


class Unit(Repositories, Protocol):
    """One unit of work: reads see its own writes; all of it is kept, or none."""

    def expect(self, *, rotations: Collection[str] = (), items: Collection[tuple[str, str]] = ()) -> None:
        """Lock and read ahead what the unit is going to look at: rotations by name, items by (kind, item id).

        It may be left out, and called more than once. A store that many share locks rotations before items, each in
        order, so that units which say beforehand what they need do not wait for each other in a circle, and reads all
        of it at once, also the records of items that were looked at before; one that nobody shares does nothing.
        """
        ...

    @property
    def alone(self) -> bool:
        """Whether nobody else can write until the unit ends, so that nothing has to be locked or waited for."""
        ...

    def seated(self, wanted: Mapping[str, Collection[str]]) -> Iterable[Seated]:
        """Return what agents carry and where they sit: those named, in the rotations that they are named under.

        Each once for each rotation, in any order. What `repositories.seating.seated_one_by_one` gives, in whichever way
        is quickest.
        """
        ...

    def rely_on(self, agent: Agent) -> None:
        """Have the unit kept only if the agent's record is the one that was read, which may have been before the unit.

        A store that many share has the unit done again where somebody changed it since; one that nobody shares does
        nothing.
        """
        ...

    def hand_out(self, out: HandOut, *, told: bool) -> None:
        """Write new items that agents are given, with all that follows; `told` as in `record`.

        What `repositories.handing_out.hand_out_one_by_one` writes, in whichever way is quickest. Raises what that
        raises; then the unit cannot be kept.
        """
        ...

    def record(self, happening: Happening, *, told: bool) -> None:
        """Write what happened into the history as the newest event and, if it is to be told, into the outbox.

        A store may put off `happening.event()`, which costs more than all else, until somebody reads the event.
        """
        ...
