"""All books of one store, as a unit of work sees them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar, cast

from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.grant import HandOut
from assignkit.model.happening import Happening
from assignkit.model.record import Item, Record
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.repositories.base import Repository, Seated
from assignkit.repositories.fitting import METHODS, refuse_kind, refuse_unfit
from assignkit.repositories.handing_out import hand_out_one_by_one, write_totals
from assignkit.repositories.memory.assignments import AssignmentBook
from assignkit.repositories.memory.changes import ChangeJournal
from assignkit.repositories.memory.guards import GuardedAgents, GuardedItems, OneSpelling, noun_of
from assignkit.repositories.memory.history import AnswerBook, HistoryBook, OutboxBook
from assignkit.repositories.memory.loads import LoadBook
from assignkit.repositories.memory.placements import PlacementBook
from assignkit.repositories.memory.publications import PublicationBook
from assignkit.repositories.memory.records import RecordBook
from assignkit.repositories.memory.rotations import RotationBook
from assignkit.repositories.memory.undo import UndoLog
from assignkit.repositories.seating import seated_one_by_one

R = TypeVar("R", bound=Record)

Hosted = Mapping[str, Repository[Any] | None]


class Books:
    """The repositories of a store; what a host hands over takes the place of ours.

    Nothing here locks: calls come from the one thread that has the unit of work.
    """

    def __init__(self, undo: UndoLog, *, hosted: Hosted, items: Mapping[str, Repository[Any]]) -> None:
        self._undo = undo
        self.journal = ChangeJournal(undo)
        self.placements = PlacementBook(undo)
        self.loads = LoadBook(undo, self.journal)
        self.assignments = AssignmentBook(undo)
        self.rotations = RotationBook(undo, self.journal)
        self.history = HistoryBook(undo)
        self.outbox = OutboxBook(undo)
        self.idempotency = AnswerBook(undo)
        self.publications = PublicationBook(undo)
        self.teams: Repository[Team] = _first("teams", hosted, RecordBook[Team]("team", undo, model=Team))
        self.pools: Repository[Pool] = _first("pools", hosted, RecordBook[Pool]("pool", undo, model=Pool))
        self.categories: Repository[Category] = _first(
            "categories", hosted, RecordBook[Category]("category", undo, model=Category)
        )
        self.agents: Repository[Agent] = GuardedAgents(
            _first("agents", hosted, RecordBook[Agent]("agent", undo, model=Agent)),
            self.placements,
            loads=self.loads,
            changes=self.journal,
        )
        handed_over = {name: host for name, host in hosted.items() if host is not None}
        for kind in items:
            refuse_kind(kind, handed_over)
        self._ours: dict[str, RecordBook[Item]] = {}
        self._items: dict[str, Repository[Any]] = {
            kind: self._guarded(kind, repository) for kind, repository in items.items()
        }
        self.customers: Repository[Customer] = self._item_records("customers", hosted["customers"])
        self.tasks: Repository[Task] = self._item_records("tasks", hosted["tasks"])

    def expect(self, *, rotations: Collection[str] = (), items: Collection[tuple[str, str]] = ()) -> None:
        """Do nothing: everything is at hand, and nobody else is here; see `Unit.expect`."""

    @property
    def alone(self) -> bool:
        """True: one unit is open at a time."""
        return True

    def seated(self, wanted: Mapping[str, Collection[str]]) -> Iterator[Seated]:
        """Return what agents carry and where they sit; see `Unit.seated`."""
        return seated_one_by_one(self, wanted)

    def rely_on(self, agent: Agent) -> None:
        """Do nothing: nobody else can change an agent meanwhile."""

    def record(self, happening: Happening, *, told: bool) -> None:
        """Write what happened into the history and, if it is to be told, the outbox; see `Unit.record`."""
        self.history.note(happening)
        if told:
            self.outbox.note(happening)

    def hand_out(self, out: HandOut, *, told: bool) -> None:
        """Write grants, and what all of them together did; see `Unit.hand_out`."""
        ours = self._ours.get(out.grants[0].kind)
        if ours is None:
            hand_out_one_by_one(self, out, told=told)
            return
        self.placements.take(out.grants)
        self.assignments.take(out.grants)
        ours.take(out.grants)
        write_totals(self, out)
        self.history.note_all(out.grants)
        if told:
            for grant in out.grants:
                self.outbox.note(grant)

    def items(self, kind: str) -> Repository[Item]:
        """Return the records of one kind of item; a kind that is asked for the first time has none yet."""
        if kind not in self._items:
            self._items[kind] = self._guarded(kind, None)
        return cast("Repository[Item]", self._items[kind])

    def _item_records(self, kind: str, repository: Repository[Any] | None) -> Repository[Any]:
        if kind not in self._items:
            self._items[kind] = self._guarded(kind, repository)
        return self._items[kind]

    def _guarded(self, kind: str, repository: Repository[Any] | None) -> Repository[Any]:
        if repository is not None:
            return GuardedItems(_with_one_spelling(repository, kind), self.placements, kind=kind)
        self._ours[kind] = RecordBook(
            noun_of(kind), self._undo, model=Item if kind in ("customers", "tasks") else Record
        )
        return GuardedItems(self._ours[kind], self.placements, kind=kind)


def _first(name: str, hosted: Hosted, ours: Repository[R]) -> Repository[R]:
    # Not `hosted[name] or ours`: an empty repository may well be false.
    host = hosted[name]
    return ours if host is None else _with_one_spelling(host, name)


def _with_one_spelling(host: Repository[R], name: str) -> Repository[R]:
    if isinstance(host, type):
        msg = f"the class {host.__name__}, handed over for `{name}`, is no repository: give one that it makes"
        raise ConfigurationError(msg)
    if not any(hasattr(host, method) for method in METHODS):  # one that is only read need not have them all
        refuse_unfit(host, f"the {type(host).__name__} handed over for `{name}`")
    return cast("Repository[R]", OneSpelling(host, name))
