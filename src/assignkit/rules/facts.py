"""The world that terms are evaluated in: the records at hand, the instant, the zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

from assignkit.rules.field_types import FieldSpec, Raw
from assignkit.rules.moments import aware, zone_named
from assignkit.rules.terms import FieldTerm
from assignkit.rules.values import problem_with, reader


@dataclass(frozen=True, slots=True)
class Facts:
    """What is at hand. Records are mappings, dataclasses, pydantic models or any objects with attributes; None is none.

    `owner` is the record of the item's current owner, or just the id; given, it tells `customer.owner`. `customer` is
    what `task.customer.x` reads. `agent_facts` are the numbers that the desk keeps of the agent (`load`, `open`,
    `received`). `now` must be aware: a naive one raises `ConfigurationError`, as does an unknown zone.
    """

    item: Any = None
    agent: Any = None
    owner: Any = None
    customer: Any = None
    now: datetime | None = None
    zone: str | tzinfo = UTC
    agent_facts: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.now is not None:
            object.__setattr__(self, "now", aware(self.now))
        if isinstance(self.zone, str):
            object.__setattr__(self, "zone", zone_named(self.zone))

    @property
    def place(self) -> tzinfo:
        """Return the desk's zone."""
        return self.zone if isinstance(self.zone, tzinfo) else zone_named(self.zone)

    def raw(self, term: FieldTerm) -> Raw:
        """Return what the record holds for a field, as it is; None if there is nothing."""
        if term.slot == "item":
            if is_owner_id(term) and self.owner is not None:
                return owner_id(self.owner)
            return find(self.item, term.spec.path)
        if term.slot == "agent":
            if term.spec.derived:
                return (self.agent_facts or {}).get(term.spec.name)
            return find(self.agent, term.spec.path)
        if term.slot == "owner":
            if term.spec.derived:
                return None
            return find(owner_record(self.owner), term.spec.path)
        return find(self.customer, term.spec.path)

    def read(self, term: FieldTerm) -> Raw:
        """Return the value of a field, None if it is missing or of the wrong type."""
        return reader(term.spec)(self.raw(term))

    def problem(self, term: FieldTerm) -> str | None:
        """Return why a value that is there counts as missing, or None."""
        return problem_with(term.spec, self.raw(term))


def is_owner_id(term: FieldTerm) -> bool:
    """Return whether a field is the built-in one that names the current owner.

    The owner at hand is the customer's, so a task's own `owner`, who does it, is read from the task.
    """
    return term.slot == "item" and term.root != "task" and _is_owner(term.spec)


def _is_owner(spec: FieldSpec) -> bool:
    return spec.name == "owner" and spec.path == ("owner",)


def owner_record(owner: Raw) -> Raw:
    """Return the record of the owner; of an id, a record with nothing else."""
    return {"id": owner} if isinstance(owner, str) else owner


def owner_id(owner: Raw) -> Raw:
    """Return the id of an owner who may be given as a record or as an id."""
    return owner if isinstance(owner, str) else get(owner, "id")


@lru_cache(maxsize=1024)
def is_mapping_type(kind: Raw) -> bool:
    """Return whether records of this class are read by key."""
    return issubclass(kind, Mapping)


def get(record: Raw, name: str) -> Raw:
    """Return what a record holds under a name: an entry of a mapping, else an attribute; None if there is nothing."""
    if record is None:
        return None
    if is_mapping_type(record.__class__):
        return record.get(name)
    return getattr(record, name, None)


def find(record: Raw, path: tuple[str, ...]) -> Raw:
    """Return what lies at the end of a path of names, None where it breaks off."""
    for name in path:
        record = get(record, name)
    return record
