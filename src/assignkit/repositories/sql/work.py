"""One unit of work: all repositories, on one session."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar, cast

from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.grant import HandOut
from assignkit.model.happening import Happening
from assignkit.model.record import Item, Record
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.repositories.base import Repository, Seated
from assignkit.repositories.handing_out import write_totals
from assignkit.repositories.sql.answers import AnswerStatements, SqlAnswers
from assignkit.repositories.sql.assignments import AssignmentStatements, SqlAssignments
from assignkit.repositories.sql.changes import ChangeStatements, SqlChanges
from assignkit.repositories.sql.databases import database_for
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.expecting import Newness, expect
from assignkit.repositories.sql.guards import SqlAgents, SqlItems
from assignkit.repositories.sql.history import HistoryStatements, SqlHistory
from assignkit.repositories.sql.loads import LoadStatements, SqlLoads
from assignkit.repositories.sql.mirroring import Cursors
from assignkit.repositories.sql.outbox import OutboxStatements, SqlOutbox
from assignkit.repositories.sql.patterns import spelled
from assignkit.repositories.sql.placements import PlacementStatements, SqlPlacements
from assignkit.repositories.sql.pruning import Pruned, PruningStatements, prune
from assignkit.repositories.sql.publications import PublicationStatements, SqlPublications
from assignkit.repositories.sql.records import RecordStatements, SqlRecords
from assignkit.repositories.sql.rotations import RotationStatements, SqlRotations
from assignkit.repositories.sql.seating import seated
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement
from assignkit.repositories.sql.tables import RECORDS, Tables

T = TypeVar("T")

MODELS: Mapping[str, type[Record]] = {
    "customers": Customer,
    "tasks": Task,
    "agents": Agent,
    "teams": Team,
    "pools": Pool,
    "categories": Category,
}


class once(Generic[T]):  # noqa: N801 - a decorator
    """An attribute that is made when it is asked for, without the lock of `functools.cached_property`."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, owner: Any, kind: object) -> T:  # noqa: ANN401 - whatever it is an attribute of
        made = owner.__dict__[self._name] = self._make(owner)
        return made


class Statements:
    """Everything that stores say to their database, compiled once for all that use the same tables."""

    def __init__(self, tables: Tables, database: Database) -> None:
        self.records = {name: RecordStatements(tables[name], database) for name in (*RECORDS, "items")}
        self.placements = PlacementStatements(tables, database)
        self.loads = LoadStatements(tables, database)
        self.assignments = AssignmentStatements(tables, database)
        self.rotations = RotationStatements(tables, database)
        self.history = HistoryStatements(tables, database)
        self.outbox = OutboxStatements(tables, database)
        self.answers = AnswerStatements(tables, database)
        self.publications = PublicationStatements(tables, database)
        self.changes = ChangeStatements(tables, database)
        self.pruning = PruningStatements(tables, database)
        self.newness = Newness(tables, database)
        lock_all = database.lock_all()
        self.lock_all = None if lock_all is None else Statement(lock_all, database.dialect())


@cache
def statements_for(database_name: str, *, schema: str | None, prefix: str) -> Statements:
    """Return the statements on the tables under a prefix, in a schema."""
    return Statements(Tables(schema, prefix), database_for(database_name))


class SqlUnit:
    """The repositories of one open unit of work; each is made when it is asked for."""

    def __init__(
        self, session: Session, statements: Statements, models: Mapping[str, type[Record]], *, cursors: Cursors
    ) -> None:
        self.session = session
        self._say = statements
        self._models = models
        self._kinds: dict[str, SqlItems[Any]] = {}
        self.changed = SqlChanges(session, statements.changes, cursors)
        session.knowledge.look, session.knowledge.taken_back = self.changed.look, cursors.take_back

    def expect(self, *, rotations: Collection[str] = (), items: Collection[tuple[str, str]] = ()) -> None:
        """Lock and read ahead what the unit is going to look at; see `Unit.expect`."""
        expect(self, rotations, items)

    @property
    def alone(self) -> bool:
        """Whether nobody else can write until the unit ends."""
        return self.session.database.one_writer

    def seated(self, wanted: Mapping[str, Collection[str]]) -> Iterable[Seated]:
        """Return what agents carry and where they sit; see `Unit.seated`."""
        return seated(self, wanted)

    def rely_on(self, agent: Agent) -> None:
        """Have the unit kept only if the agent is as it was read; see `Unit.rely_on`."""
        self._agents.rely_on(agent)

    @property
    def newness(self) -> Newness:
        """What asks whether anything is known of an item."""
        return self._say.newness

    @property
    def lock_all(self) -> Statement | None:
        """What locks many names, one after the other."""
        return self._say.lock_all

    def forget(self) -> None:
        """Know nothing any more of what was read or written, as a unit that has just begun."""
        self.session.forget()

    def let_go(self) -> None:
        """Let go of what refers to it."""
        self.session.let_go()

    def prune(self, before: datetime) -> Pruned:
        """Delete old answers, and events that nobody was told of; see `SqlStore.prune`."""
        return prune(self.session, self._say.pruning, self.outbox, before)

    def records_of(self, kind: str) -> SqlItems[Any]:
        """Return the records of one kind of item in our tables, whichever."""
        return self._items(kind)

    def record(self, happening: Happening, *, told: bool) -> None:
        """Write what happened into the history and, if it is to be told, the outbox; see `Unit.record`."""
        self.history.note(happening)
        if told:
            self.outbox.note(happening.id)

    def hand_out(self, out: HandOut, *, told: bool) -> None:
        """Write grants, and what all of them together did; see `Unit.hand_out`."""
        at_once = self.session.sends_at_once
        keys = {grant.key for grant in out.grants} if at_once else ()
        if at_once:
            self.session.flush(handing_out=keys)  # what was written before is to come before it, in the outbox as well
        for agent in {grant.agent.id: grant.agent for grant in out.grants}.values():
            self.rely_on(agent)
        data = [spelled(grant) for grant in out.grants]
        self._items(out.grants[0].kind).take(out.grants)
        self.placements.take(out.grants, [one.placement for one in data])
        self.assignments.take(out.grants, [one.assignment for one in data])
        if at_once:
            self.session.presumption.note_handed_out(keys)
            self.rotations.send(out.turns.values())
            self.loads.send(out.loads)
        else:
            write_totals(self, out)
        self.history.note_all(out.grants, [one.event for one in data])
        if told:
            self.outbox.note_all([grant.id for grant in out.grants])

    def items(self, kind: str) -> Repository[Item]:
        """Return the records of one kind of item: `customers`, `tasks`, or a host's own kind."""
        return self._items(kind)

    @once
    def customers(self) -> Repository[Customer]:
        """The customers."""
        return cast("Repository[Customer]", self.items("customers"))

    @once
    def tasks(self) -> Repository[Task]:
        """The tasks."""
        return cast("Repository[Task]", self.items("tasks"))

    @property
    def agents(self) -> Repository[Agent]:
        """The agents."""
        return self._agents

    @once
    def teams(self) -> Repository[Team]:
        """The teams."""
        return self._records("teams", "team")

    @once
    def pools(self) -> Repository[Pool]:
        """The public pools."""
        return self._records("pools", "pool")

    @once
    def categories(self) -> Repository[Category]:
        """The categories."""
        return self._records("categories", "category")

    @once
    def placements(self) -> SqlPlacements:
        """Where each item is."""
        return SqlPlacements(self.session, self._say.placements)

    @once
    def loads(self) -> SqlLoads:
        """What each agent carries."""
        return SqlLoads(self.session, self._say.loads)

    @once
    def assignments(self) -> SqlAssignments:
        """Who held what."""
        return SqlAssignments(self.session, self._say.assignments)

    @once
    def rotations(self) -> SqlRotations:
        """Whose turn it is."""
        return SqlRotations(self.session, self._say.rotations)

    @once
    def history(self) -> SqlHistory:
        """What happened."""
        return SqlHistory(self.session, self._say.history)

    @once
    def outbox(self) -> SqlOutbox:
        """What is still to be told."""
        return SqlOutbox(self.session, self._say.outbox)

    @once
    def idempotency(self) -> SqlAnswers:
        """What was answered to which key."""
        return SqlAnswers(self.session, self._say.answers)

    @once
    def publications(self) -> SqlPublications:
        """Which rules were published."""
        return SqlPublications(self.session, self._say.publications)

    @once
    def _agents(self) -> SqlAgents:
        say, model = self._say.records["agents"], cast("type[Agent]", self._models["agents"])
        return SqlAgents(self.session, say, self.placements, loads=self.loads, model=model)

    def _items(self, kind: str) -> SqlItems[Any]:
        found = self._kinds.get(kind)
        if found is None:
            own = kind in RECORDS
            say = self._say.records[kind if own else "items"]
            model: type[Any] = self._models.get(kind, Item)
            found = SqlItems(self.session, say, self.placements, model=model, kind=kind, shared=not own)
            self._kinds[kind] = found
        return found

    def _records(self, name: str, noun: str) -> Repository[Any]:
        model: type[Any] = self._models[name]
        return SqlRecords(self.session, self._say.records[name], model=model, noun=noun)
