"""The contract of a store: one small repository protocol per noun, bundled by a unit of work.

Everything that a repository returns is immutable. `get` raises `NotFoundError`, `find` returns None, `list` has a
stated order, `add` refuses a duplicate with `AlreadyExistsError`, `save` checks the version. The suites in
`assignkit.testing` prove an implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from assignkit.model.agent import Agent
from assignkit.model.assignment import Assignment, Event
from assignkit.model.customer import Customer
from assignkit.model.grant import HandOut
from assignkit.model.happening import Happening
from assignkit.model.placement import AgentLoad, Placement, PlacementState, Rotation, Seat
from assignkit.model.publication import KeptTexts, PublishingAct
from assignkit.model.record import Item, Record
from assignkit.model.shadow import ShadowReport
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team

R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a list: skip `offset` records, return at most `limit`."""

    offset: int = 0
    limit: int = 100


class Repository(Protocol[R]):
    """Records of one noun. A host may put its own in a store's place, for its own customers and agents."""

    def add(self, record: R) -> R:
        """Store a new record and return it with `version` 1; `AlreadyExistsError` if the id is taken."""
        ...

    def get(self, id: str) -> R:
        """Return the record; `NotFoundError` if there is none."""
        ...

    def find(self, id: str) -> R | None:
        """Return the record, or None."""
        ...

    def save(self, record: R) -> R:
        """Replace the stored record and return it with its version raised by one.

        `ConflictError` unless `record.version` is the stored version; `NotFoundError` if there is none.
        """
        ...

    def remove(self, id: str) -> None:
        """Remove the record; `NotFoundError` if there is none, `InUseError` while something depends on it."""
        ...

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[R]:
        """Return the records whose fields equal those of `filter`, sorted by `order`, then by id.

        A filter value that is a list, tuple or set means any of them; for a collection field it means that the field
        holds the value. A leading `-` in `order` sorts downwards; missing values come last either way.
        """
        ...


class PlacementRepository(Protocol):
    """Where each item is: one placement per (kind, item id)."""

    def find(self, kind: str, item_id: str) -> Placement | None:
        """Return where the item is, or None if the desk never saw it."""
        ...

    def put(self, placement: Placement, *, expected_fence: int | None) -> None:
        """Write the placement if the stored fence is `expected_fence` (None: there is none yet), else `ConflictError`.

        The new fence may not be lower than the stored one, and must be higher when the holder changes.
        """
        ...

    def of_agent(self, agent_id: str) -> list[Placement]:
        """Return what the agent holds or is offered, by (kind, item id)."""
        ...

    def in_state(self, state: PlacementState) -> list[Placement]:
        """Return all items in this state, longest in it first, then by (kind, item id)."""
        ...


class LoadRepository(Protocol):
    """What each agent carries, per kind of item."""

    def find(self, agent_id: str, kind: str) -> AgentLoad | None:
        """Return the agent's load of this kind, or None if there never was any."""
        ...

    def of_agent(self, agent_id: str) -> Mapping[str, AgentLoad]:
        """Return the agent's loads by kind."""
        ...

    def of_agents(self, agent_ids: Collection[str]) -> Mapping[str, Mapping[str, AgentLoad]]:
        """Return the loads by kind of each of these agents, by agent; empty for one who never had any.

        For whoever looks at many: a store in a database reads them with one query.
        """
        ...

    def put(self, load: AgentLoad) -> None:
        """Write the load; `ConflictError` if it is negative or above its ceiling."""
        ...


class AssignmentRepository(Protocol):
    """Who held what, open and ended."""

    def add(self, assignment: Assignment) -> None:
        """Store a new assignment; `ConflictError` if the item has one with this fence, or two would be open."""
        ...

    def get(self, id: str) -> Assignment:
        """Return the assignment; `NotFoundError` if there is none."""
        ...

    def end(self, id: str, *, at: datetime, because: str) -> Assignment:
        """End an open assignment and return it; `ConflictError` if it has ended already."""
        ...

    def of_item(self, kind: str, item_id: str) -> list[Assignment]:
        """Return the item's assignments, oldest first: by fence."""
        ...

    def open_of_agent(self, agent_id: str) -> list[Assignment]:
        """Return the agent's open assignments, by (kind, item id)."""
        ...

    def count_open(self, target: str, agent_id: str) -> int:
        """Return how many items the agent holds that came through `target`."""
        ...

    def count_since(self, target: str, agent_id: str, since: datetime) -> int:
        """Return how many items came to the agent through `target` at or after `since`, ended ones included.

        Offers that were not taken up (see `Assignment.counts`) do not count.
        """
        ...


class RotationRepository(Protocol):
    """Whose turn it is: shared state per rotation, and one seat per agent in it."""

    def find(self, name: str) -> Rotation | None:
        """Return the rotation's shared state, or None if it never chose."""
        ...

    def put(self, rotation: Rotation) -> None:
        """Write the rotation's shared state."""
        ...

    def seat(self, name: str, agent_id: str) -> Seat | None:
        """Return the agent's seat in the rotation, or None for a newcomer."""
        ...

    def put_seat(self, name: str, seat: Seat) -> None:
        """Write one agent's seat."""
        ...

    def seats(self, name: str) -> list[Seat]:
        """Return all seats of the rotation, by agent id."""
        ...

    def list(self) -> list[Rotation]:
        """Return all rotations, by name."""
        ...


class HistoryRepository(Protocol):
    """What happened, append-only."""

    def append(self, event: Event) -> Event:
        """Store the event as the newest, and return it with its number.

        Within a unit the number may be 0, if the store numbers what was committed when somebody reads it.
        """
        ...

    def of_item(self, kind: str, item_id: str) -> list[Event]:
        """Return the item's events, oldest first."""
        ...

    def since(self, number: int, *, limit: int = 1000) -> list[Event]:
        """Return at most `limit` events with a number above `number`, oldest first."""
        ...


class OutboxRepository(Protocol):
    """Events that are committed and not yet told to the outside."""

    def append(self, event: Event) -> None:
        """Add an event to be told."""
        ...

    def pending(self, *, limit: int = 1000) -> list[Event]:
        """Return at most `limit` events that are still to be told, oldest first."""
        ...

    def done(self, event_ids: Sequence[str]) -> None:
        """Mark events as told; unknown ids are passed over."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mutating call answered: `fingerprint` of its arguments, and the result as JSON text."""

    operation: str
    key: str
    fingerprint: str
    result: str
    at: datetime


class IdempotencyRepository(Protocol):
    """What was answered to which key; kept for at least 24 hours."""

    def find(self, operation: str, key: str) -> Answer | None:
        """Return the answer given to this key, or None."""
        ...

    def add(self, answer: Answer) -> None:
        """Keep an answer; `ConflictError` if the key has one."""
        ...


class PublicationRepository(Protocol):
    """Which rules were published: their texts by version, and an append-only log of who did what."""

    def keep(self, version: str, texts: KeptTexts) -> None:
        """Keep the texts of a version; they never change, so that a version that is kept already stays as it is."""
        ...

    def texts(self, version: str) -> KeptTexts | None:
        """Return the texts of a version, or None."""
        ...

    def append(self, act: PublishingAct) -> PublishingAct:
        """Store the act as the newest line of the log, and return it with its number, which counts from 1."""
        ...

    def since(self, number: int) -> list[PublishingAct]:
        """Return the lines of the log with a number above `number`, oldest first."""
        ...

    def keep_shadow(self, desk: str, report: ShadowReport) -> None:
        """Keep what a desk has seen of a shadow so far, in the place of what it had seen of that version before."""
        ...

    def shadows(self, version: str) -> list[ShadowReport]:
        """Return what desks have seen of a version that looked on, by the names of the desks."""
        ...


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


class Seated(NamedTuple):
    """One agent in one rotation: the seat, if there is one, and all that the agent carries, by kind."""

    rotation: str
    agent_id: str
    seat: Seat | None
    loads: Mapping[str, AgentLoad]


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


@dataclass(frozen=True, slots=True)
class Changes:
    """Which agents changed (record, load or seat) since a cursor; `cursor` is where to ask from next time.

    `agent_ids` is None when the store cannot tell any more: read everything again. `records` are those among them whose
    record may have changed, None where that may be any of them. `by_one`: all of it is known to be of one unit of this
    process, and of one caller in it.
    """

    cursor: int
    agent_ids: frozenset[str] | None
    records: frozenset[str] | None = None
    by_one: bool = False


class Store(Repositories, Protocol):
    """Repositories with a unit of work. Used outside a unit, each call is a unit of its own."""

    @property
    def shared(self) -> bool:
        """Whether other threads or processes may have units open beside one's own, and commit in between."""
        ...

    def unit(self) -> AbstractContextManager[Unit]:
        """Open a unit of work: it commits when the block ends, and rolls back if the block raises.

        A unit within a unit of the same thread is a part of it: if the inner block raises, the inner writes are taken
        back, and the outer unit may go on.
        """
        ...

    def transact(self, act: Callable[[Unit], T]) -> T:
        """Return what `act` gives within a unit of work.

        A store that many share may be overtaken (serialisation failures, deadlocks, dropped connections): then it takes
        everything back and calls `act` again, within bounds, so `act` may change nothing but the unit. In the end it
        raises `ConflictError` or `BackendError` with nothing changed. Within an open unit `act` is called once.
        """
        ...

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the unit that this thread has open is kept, at once if none is open.

        It is called outside the unit, after the outermost one has committed; never if what surrounds it is rolled back.
        """
        ...

    def within(self, connection: Any) -> Store:  # noqa: ANN401 - as the store's database has it
        """Return this store as a part of the open transaction of a host's connection; the host commits.

        `ConfigurationError` if the store cannot join it.
        """
        ...

    def changes(self, cursor: int | None) -> Changes | None:
        """Return which agents changed since `cursor` (None: from now on), or None if the store does not keep track.

        A caller that gets None must read agents, loads and seats anew for every decision.
        """
        ...

    def walk_agents(self) -> Iterator[Agent]:
        """Yield every agent, by id."""
        ...
