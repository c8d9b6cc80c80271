"""The tables: their columns, and the constraints that have the last word.

`tenant` is part of every key; it is empty for a store without tenants. What only we read lies in `data`, as JSON; what
the database compares, sorts or checks has a column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from assignkit.repositories.sql.dialects import AMOUNT, DOCUMENT, NAME, POSITION

TAKEN = "state IN ('held', 'offered')"
RECORDS = ("customers", "tasks", "agents", "teams", "pools", "categories")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one store, under its prefix and in its schema."""

    schema: str | None
    prefix: str
    metadata: sa.MetaData = field(default_factory=sa.MetaData)
    records: dict[str, sa.Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for noun in RECORDS:
            self.records[noun] = self._table(noun, _key("id"), *_record())
        for make in _MAKERS:
            name, columns = make(self.prefix)
            self._table(name, *columns)
        self._table("answers", *_answers())
        self._table("rule_texts", _key("version"), _data())
        self._table("publications", _number(), _data())
        self._table("shadows", _key("version"), _key("desk"), _data())

    @property
    def order_of_history(self) -> sa.Sequence:
        """What tells events apart until they are numbered; PostgreSQL only."""
        return sa.Sequence(f"{self.prefix}history_order", schema=self.schema)

    def __getitem__(self, name: str) -> sa.Table:
        schema = f"{self.schema}." if self.schema else ""
        return self.metadata.tables[f"{schema}{self.prefix}{name}"]

    def _table(self, name: str, *parts: Any) -> sa.Table:  # noqa: ANN401 - columns, constraints, indexes
        tenant = sa.Column("tenant", NAME, primary_key=name not in ("outbox", "changes"), nullable=False)
        return sa.Table(f"{self.prefix}{name}", self.metadata, tenant, *parts, schema=self.schema)


Named = tuple[str, list[Any]]


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, NAME, primary_key=True, nullable=False)


def _number() -> sa.Column[Any]:
    return sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False, nullable=False)


def _name(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, NAME, nullable=nullable)


def _whole(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _data(name: str = "data") -> sa.Column[Any]:
    return sa.Column(name, DOCUMENT, nullable=False)


def _record() -> list[Any]:
    return [_whole("version"), _data()]


def _items(prefix: str) -> Named:  # noqa: ARG001 - as the others
    return "items", [_key("kind"), _key("id"), *_record()]


def _placements(prefix: str) -> Named:
    nobody = sa.CheckConstraint(f"agent_id IS NOT NULL OR NOT ({TAKEN})", name=f"{prefix}placements_holder")
    fence = sa.CheckConstraint("fence >= 0", name=f"{prefix}placements_fence")
    return "placements", [
        _key("kind"),
        _key("item_id"),
        _name("state"),
        _name("agent_id", nullable=True),
        _whole("fence"),
        sa.Column("effort", AMOUNT, nullable=False),
        _whole("since"),
        _data(),
        nobody,
        fence,
        sa.Index(f"{prefix}placements_in_state", "tenant", "state", "since"),
        _partial(f"{prefix}placements_of_agent", "tenant", "agent_id", where=TAKEN),
    ]


def _loads(prefix: str) -> Named:
    within = "load >= 0 AND (ceiling IS NULL OR load <= ceiling)"
    return "loads", [
        _key("agent_id"),
        _key("kind"),
        sa.Column("load", AMOUNT, nullable=False),
        sa.Column("ceiling", AMOUNT, nullable=True),
        _whole("items"),
        _whole("received"),
        _name("touched_at", nullable=True),
        _whole("revision"),
        sa.CheckConstraint(within, name=f"{prefix}loads_within_ceiling"),
    ]


def _assignments(prefix: str) -> Named:
    return "assignments", [
        _key("id"),
        _name("kind"),
        _name("item_id"),
        _name("agent_id"),
        _whole("fence"),
        _name("target", nullable=True),
        _whole("assigned_at"),
        _whole("ended_at", nullable=True),
        _data(),
        sa.UniqueConstraint("tenant", "kind", "item_id", "fence", name=f"{prefix}assignments_fence"),
        _partial(f"{prefix}assignments_open", "tenant", "kind", "item_id", where="ended_at IS NULL", unique=True),
        _partial(f"{prefix}assignments_of_agent", "tenant", "agent_id", where="ended_at IS NULL"),
        sa.Index(f"{prefix}assignments_through", "tenant", "target", "agent_id", "assigned_at"),
    ]


def _rotations(prefix: str) -> Named:  # noqa: ARG001 - as the others
    present = sa.Column("present", DOCUMENT, nullable=True)
    return "rotations", [_key("name"), sa.Column("level", sa.Text(), nullable=False), _whole("decisions"), present]


def _seats(prefix: str) -> Named:  # noqa: ARG001 - as the others
    return "seats", [_key("rotation"), _key("agent_id"), sa.Column("turn", sa.Text(), nullable=False), _whole("last")]


def _history(prefix: str) -> Named:
    return "history", [
        _number(),
        _name("id"),
        _name("kind"),
        _name("item_id"),
        _data(),
        _whole("xid", nullable=True),
        sa.UniqueConstraint("tenant", "id", name=f"{prefix}history_id"),
        sa.Index(f"{prefix}history_of_item", "tenant", "kind", "item_id", "number"),
        _partial(f"{prefix}history_by_xid", "tenant", "xid", where="xid IS NOT NULL"),
    ]


def _numbers(prefix: str) -> Named:
    unique = sa.UniqueConstraint("tenant", "place", name=f"{prefix}numbers_place")
    return "numbers", [_number(), _whole("place"), unique]


def _changes(prefix: str) -> Named:
    return "changes", [
        sa.Column("position", POSITION, primary_key=True, autoincrement=True, nullable=False),
        _whole("xid", nullable=True),
        sa.Column("agents", sa.Text(), nullable=False),
        _partial(f"{prefix}changes_by_xid", "tenant", "xid", where="xid IS NOT NULL"),
    ]


def _counters(prefix: str) -> Named:  # noqa: ARG001 - as the others
    return "counters", [_key("name"), _whole("value")]


def _outbox(prefix: str) -> Named:
    return "outbox", [
        sa.Column("position", POSITION, primary_key=True, autoincrement=True, nullable=False),
        _name("id"),
        _data(),
        sa.UniqueConstraint("tenant", "id", name=f"{prefix}outbox_id"),
    ]


def _answers() -> list[Any]:
    texts = [sa.Column(name, sa.Text(), nullable=False) for name in ("fingerprint", "result", "at")]
    return [_key("operation"), _key("key"), *texts]


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    condition = sa.text(where)
    return sa.Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


_MAKERS = (
    *(_items, _placements, _loads, _assignments, _rotations, _seats),
    *(_history, _numbers, _changes, _counters, _outbox),
)
