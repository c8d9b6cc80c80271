"""What stands between a host's repositories and the unit: as with our own records, what is in use stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from assignkit.errors import ConfigurationError, ConflictError, InUseError, NotFoundError
from assignkit.model.agent import Agent
from assignkit.model.record import Record, as_identity, refuse_another_spelling
from assignkit.repositories.base import Page
from assignkit.repositories.memory.guards import noun_of, refuse_taken, uses_of
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.hosting.handed_over import Host
from assignkit.repositories.sql.hosting.lending import Lender
from assignkit.repositories.sql.loads import SqlLoads
from assignkit.repositories.sql.placements import SqlPlacements
from assignkit.repositories.sql.session import Session

R = TypeVar("R", bound=Record)

HOLD = "hold"  # what a host's repository may have beside: `find` that keeps others from changing the record


class HostedRecords(Generic[R]):
    """Records of one noun, of a host's repository. `model` is what they have to be, None for anything with an `id`."""

    def __init__(self, lender: Lender, host: Host, session: Session, *, noun: str, model: type[Any] | None) -> None:
        self._lender = lender
        self._host = host
        self._session = session
        self._noun = noun
        self._model = model

    def add(self, record: R) -> R:
        """Store a new record; see `Repository.add`."""
        return self._stored(self._call("add", record), "add")

    def get(self, id: str) -> R:
        """Return the record; see `Repository.get`."""
        found = self.find(id)
        if found is None:
            raise NotFoundError(noun=self._noun, key=str(id))
        return found

    def find(self, id: str) -> R | None:
        """Return the record, or None; see `Repository.find`."""
        identity = str(as_identity(id))
        found = self._call(HOLD if self._is_to_be_held(identity) else "find", identity)
        if found is None:
            return None
        noted = self._noted(found, "find")
        refuse_another_spelling(self._host.name, identity, str(noted.id))
        return noted

    def save(self, record: R) -> R:
        """Replace the stored record; see `Repository.save`.

        `OvertakenError` where somebody changed it after this unit had read it.
        """
        read = self._lender.versions.get((self._host.name, record.id))
        try:
            return self._stored(self._call("save", record), "save")
        except OvertakenError:
            raise
        except ConflictError as error:
            if read is None or read != record.version:
                raise
            raise OvertakenError(what=f"{self._noun} `{record.id}`", expected=read, found="changed since") from error

    def remove(self, id: str) -> None:
        """Remove the record; see `Repository.remove`."""
        self._call("remove", str(as_identity(id)))

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[R]:
        """Return the records that fit, in order; see `Repository.list`."""
        return [self._noted(record, "list") for record in self._lender.all_of(self._host, filter, order, page)]

    # --- inside

    def _call(self, method: str, *arguments: Any) -> Any:  # noqa: ANN401 - as the repository has it
        return self._lender.call(self._host, method, *arguments)

    def _is_to_be_held(self, id: str) -> bool:  # noqa: ARG002 - for those that are
        return False

    def _can_hold(self) -> bool:
        """Return whether the repository can keep others from changing a record, where that is needed."""
        session = self._session
        if self._host.make is None or not session.writing or session.database.one_writer:
            return False
        return self._lender.has(self._host, HOLD)

    def _stored(self, record: Any, method: str) -> R:  # noqa: ANN401 - whatever the host's method gave
        return self._noted(record, method)

    def _noted(self, record: Any, method: str) -> R:  # noqa: ANN401 - whatever the host's method gave
        """Return a record that a host's repository gave, if it is one."""
        wanted = self._model
        if not (isinstance(record, wanted) if wanted is not None else hasattr(record, "id")):
            should = f"a record of the class {wanted.__name__}" if wanted is not None else "a record with an `id`"
            article = f"`{method}` of the repository of {self._host.name}"
            msg = f"{article} gives {should}, not a {type(record).__name__}: {record!r:.60}"
            raise ConfigurationError(msg)
        version = getattr(record, "version", None)
        if self._session.writing and isinstance(version, int):
            self._lender.versions[self._host.name, record.id] = version
        found: R = record
        return found


class HostedItems(HostedRecords[R]):
    """Items of one kind: one that an agent has cannot be removed, and one that is being decided is held."""

    def __init__(self, lender: Lender, host: Host, session: Session, *, placements: SqlPlacements) -> None:
        super().__init__(lender, host, session, noun=noun_of(host.name), model=None)
        self._placements = placements

    def remove(self, id: str) -> None:
        """Remove the item; `InUseError` while an agent holds it or is offered it."""
        item = self.get(id)
        refuse_taken(self._placements.find(self._host.name, item.id), self._host.name, item.id)
        super().remove(item.id)

    def _is_to_be_held(self, id: str) -> bool:
        # Not before the unit has locked the item, as rotations are locked before items.
        return self._placements.knows(self._host.name, id) and self._can_hold()


class HostedAgents(HostedRecords[Agent]):
    """Agents: one with items cannot be removed, and ceilings follow the capacity."""

    def __init__(
        self, lender: Lender, host: Host, session: Session, *, placements: SqlPlacements, loads: SqlLoads
    ) -> None:
        super().__init__(lender, host, session, noun="agent", model=Agent)
        self._placements = placements
        self._loads = loads

    def remove(self, id: str) -> None:
        """Remove the agent; `InUseError` while the agent has items. History and assignments stay."""
        agent = self.get(id)
        if self._host.make is None:  # what it removes cannot be taken back
            self._refuse_in_use(agent)
        with self._session.savepoint():
            super().remove(agent.id)
            self._refuse_in_use(agent)

    def rely_on(self, agent: Agent) -> None:
        """Hold an agent who is to be given something; `OvertakenError` if it is not as it was read any more."""
        if not self._can_hold():
            return
        held = self._call(HOLD, agent.id)
        now = None if held is None else self._noted(held, HOLD)
        if now != agent:  # by all of it: a host's own statements may well leave the version as it was
            found = "gone" if now is None else "changed since"
            raise OvertakenError(what=f"agent `{agent.id}`", expected="as it was read", found=found)

    def _stored(self, record: Any, method: str) -> Agent:  # noqa: ANN401 - whatever the host's method gave
        stored = super()._stored(record, method)
        self._loads.follow(stored)
        return stored

    def _refuse_in_use(self, agent: Agent) -> None:
        taken = self._placements.of_agent(agent.id)
        if taken:
            raise InUseError(noun="agent", key=agent.id, uses=uses_of(taken))
