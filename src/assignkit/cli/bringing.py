"""Bringing records from files into a store: what is new is added, what is said otherwise is changed, the rest stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from assignkit.errors import ConfigurationError
from assignkit.messages.text import Text, say
from assignkit.model.agent import Agent
from assignkit.model.record import Item, Record
from assignkit.rules.inference import infer_columns

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Read
    from assignkit.desk.desk import Desk
    from assignkit.repositories.base import Store, Unit

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_CHUNK = 250  # records that one unit of work brings
_NOT_SAID = frozenset(("id", "version"))
_ADDED_TO = frozenset(("capacity",))  # a file speaks of one kind of item, and leaves the capacity for others


@dataclass(frozen=True, slots=True)
class Brought:
    """The agents of a store as they are with those of a file, and how many of them that changes."""

    agents: tuple[Agent, ...]
    new: int
    changed: int
    same: int
    others: int

    @property
    def told(self) -> Text:
        """What to say of it."""
        counts = {"new": self.new, "changed": self.changed, "same": self.same}
        return say("cli.brought_beside", others=self.others, **counts) if self.others else say("cli.brought", **counts)


def compare_agents(store: Store, given: Sequence[Agent]) -> Brought:
    """Return what `bring_agents` would make of the store's agents; nothing is written."""
    stored = {agent.id: agent for agent in store.agents.list()}
    merged = {agent.id: laid_over(stored.get(agent.id), agent) for agent in given}
    new = sum(agent_id not in stored for agent_id in merged)
    same = sum(agent == stored.get(agent_id) for agent_id, agent in merged.items())
    every = {**stored, **merged}
    agents = tuple(every[agent_id] for agent_id in sorted(every))
    return Brought(agents, new, len(merged) - new - same, same, len(every) - len(merged))


def bring_agents(store: Store, given: Sequence[Agent]) -> None:
    """Add the agents that are new, and save those of whom something else is said, in one unit of work."""

    def act(unit: Unit) -> None:
        for agent in given:
            stored = unit.agents.find(agent.id)
            merged = laid_over(stored, agent)
            if stored is None:
                unit.agents.add(merged)
            elif merged != stored:
                unit.agents.save(merged)

    store.transact(act)


def bring_customers(desk: Desk, store: Store, given: Sequence[Item]) -> None:
    """Add the customers that are new, and save those of whom something else is said; who holds them stays."""
    for chunk in chunks(given, _CHUNK):
        with store.unit():
            for customer in chunk:
                stored = desk.customers.find(customer.id)
                if stored is None:
                    desk.customers.add(customer)  # type: ignore[arg-type]
                    continue
                merged = laid_over(stored, customer.held_by(stored.owner))
                if merged != stored:
                    desk.customers.save(merged)  # type: ignore[arg-type]


def laid_over(stored: R | None, given: R) -> R:
    """Return the stored record with what is said of it now; what is not said, such as an empty cell, stays."""
    if stored is None:
        return given
    said: dict[str, Any] = {}
    for name in given.model_fields_set - _NOT_SAID:
        value = getattr(given, name)
        if value is not None:
            said[name] = {**getattr(stored, name), **value} if name in _ADDED_TO else value
    return stored.model_copy(update=said)


def fields_of_stored(kind: str, records: Iterable[Record]) -> Mapping[str, Any]:
    """Return the types of the further fields that stored records have, as far as their values agree."""
    columns: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        for name, value in (record.model_extra or {}).items():
            columns.setdefault(name, []).append({name: value})
    found: dict[str, Any] = {}
    for rows in columns.values():
        try:
            found.update(infer_columns(kind, rows))
        except ConfigurationError:
            continue  # a rule that reads it is told that it is not known, and how to say its type
    return {name: told for name, told in found.items() if told is not object}


def with_stored_agents(read: Read, agents: Sequence[Agent]) -> Read:
    """Return what was read, with a store's agents and the further fields that they have."""
    known = replace(read, agents=tuple(agents))
    return known.with_columns("agents", fields_of_stored("agents", agents))


def chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values in lists of `size`, in their order; the last one may be shorter."""
    remaining = iter(values)
    while chunk := list(islice(remaining, size)):
        yield chunk
