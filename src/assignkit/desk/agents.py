"""Agents' records as the desk hands them out: stored like any record, with what follows from a change of one.

The history tells of ceilings that follow a capacity, and who is new, came back or can do more gets what waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import Any

from assignkit.clock import Clock
from assignkit.desk.committing.noting import AGENTS, new_ceilings
from assignkit.desk.telling import Teller
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.model.record import refuse_what_is_no
from assignkit.repositories.base import Page, Store, Unit


class AgentRecords:
    """The agents. Where a capacity changes under what an agent carries, an event `corrected` has the new ceilings.

    `came` is called with the id of each active agent that is written.
    """

    def __init__(self, store: Store, clock: Clock, teller: Teller, *, came: Callable[[str], None]) -> None:
        self._store = store
        self._clock = clock
        self._teller = teller
        self._came = came

    def add(self, record: Agent) -> Agent:
        """Store a new agent; see `Repository.add`. The best waiting item that it may have comes to it at once."""
        return self._written(record, lambda unit: unit.agents.add(record))

    def save(self, record: Agent) -> Agent:
        """Replace the stored agent; see `Repository.save`. The ceilings of what it carries follow its capacity.

        The best waiting item that it may have now comes to it at once: it may have more room, know more, or be back.
        """
        return self._written(record, lambda unit: unit.agents.save(record))

    def get(self, id: str) -> Agent:
        """Return the agent; `NotFoundError` if there is none."""
        return self._store.agents.get(id)

    def find(self, id: str) -> Agent | None:
        """Return the agent, or None."""
        return self._store.agents.find(id)

    def remove(self, id: str) -> None:
        """Remove the agent; `NotFoundError` if there is none, `InUseError` while it has items."""
        self._store.agents.remove(id)

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[Agent]:
        """Return agents as `Repository.list` does."""
        return self._store.agents.list(filter, order, page)

    def _written(self, record: Agent, write: Callable[[Unit], Agent]) -> Agent:
        refuse_what_is_no(Agent, record)

        def act(unit: Unit) -> tuple[Agent, bool]:
            before = dict(unit.loads.of_agent(record.id))
            written = write(unit)
            facts = new_ceilings(before, unit.loads.of_agent(record.id)) if before else {}
            if facts:
                self._record(unit, written, facts)
            return written, bool(facts)

        written, told = self._store.transact(act)
        if told:
            self._teller.tell()
        if written.active:
            self._came(written.id)
        return written

    def _record(self, unit: Unit, agent: Agent, facts: dict[str, Any]) -> None:
        number = len(unit.history.of_item(AGENTS, agent.id)) + 1
        event = Event(
            id=f"{AGENTS}:{agent.id}:capacity:{number}",
            type="corrected",
            at=self._clock.now().astimezone(UTC),
            kind=AGENTS,
            item_id=agent.id,
            agent_id=agent.id,
            facts=facts,
        )
        stored = unit.history.append(event)
        if self._teller.is_heard:
            unit.outbox.append(stored)
