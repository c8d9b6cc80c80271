"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DOCUMENT = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
_AMOUNT = sa.BigInteger().with_variant(sa.Numeric(19, 6), "postgresql")
_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TAKEN = "state IN ('held', 'offered')"


def upgrade() -> None:
    """Create them."""
    for noun in ("customers", "tasks", "agents", "teams", "pools", "categories"):
        _create(noun, ["tenant", "id"], _name("tenant"), _name("id"), _whole("version"), _data())
    _create("items", ["tenant", "kind", "id"], _name("tenant"), _name("kind"), _name("id"), _whole("version"), _data())
    _create_placements()
    _create_loads()
    _create_assignments()
    _create_rotations()
    _create_history()
    _create_answers()


def _create_placements() -> None:
    _create(
        "placements",
        ["tenant", "kind", "item_id"],
        *(_name("tenant"), _name("kind"), _name("item_id"), _name("state"), _name("agent_id", nullable=True)),
        *(_whole("fence"), sa.Column("effort", _AMOUNT, nullable=False), _whole("since"), _data()),
        sa.CheckConstraint(f"agent_id IS NOT NULL OR NOT ({_TAKEN})", name=f"{_prefix()}placements_holder"),
        sa.CheckConstraint("fence >= 0", name=f"{_prefix()}placements_fence"),
    )
    _index("placements_in_state", "placements", ["tenant", "state", "since"])
    _index("placements_of_agent", "placements", ["tenant", "agent_id"], where=_TAKEN)


def _create_loads() -> None:
    within = "load >= 0 AND (ceiling IS NULL OR load <= ceiling)"
    _create(
        "loads",
        ["tenant", "agent_id", "kind"],
        *(_name("tenant"), _name("agent_id"), _name("kind")),
        *(sa.Column("load", _AMOUNT, nullable=False), sa.Column("ceiling", _AMOUNT, nullable=True)),
        *(_whole("items"), _whole("received"), _name("touched_at", nullable=True), _whole("revision")),
        sa.CheckConstraint(within, name=f"{_prefix()}loads_within_ceiling"),
    )


def _create_assignments() -> None:
    _create(
        "assignments",
        ["tenant", "id"],
        *(_name("tenant"), _name("id"), _name("kind"), _name("item_id"), _name("agent_id"), _whole("fence")),
        *(_name("target", nullable=True), _whole("assigned_at"), _whole("ended_at", nullable=True), _data()),
        sa.UniqueConstraint("tenant", "kind", "item_id", "fence", name=f"{_prefix()}assignments_fence"),
    )
    still_open = "ended_at IS NULL"
    _index("assignments_open", "assignments", ["tenant", "kind", "item_id"], where=still_open, unique=True)
    _index("assignments_of_agent", "assignments", ["tenant", "agent_id"], where=still_open)
    _index("assignments_through", "assignments", ["tenant", "target", "agent_id", "assigned_at"])


def _create_rotations() -> None:
    present = sa.Column("present", _DOCUMENT, nullable=True)
    rotation = (_name("tenant"), _name("name"), _text("level"), _whole("decisions"), present)
    _create("rotations", ["tenant", "name"], *rotation)
    seat = (_name("tenant"), _name("rotation"), _name("agent_id"), _text("turn"), _whole("last"))
    _create("seats", ["tenant", "rotation", "agent_id"], *seat)


def _create_history() -> None:
    _create(
        "history",
        ["tenant", "number"],
        *(_name("tenant"), _whole("number"), _name("id"), _name("kind"), _name("item_id"), _data()),
        sa.UniqueConstraint("tenant", "id", name=f"{_prefix()}history_id"),
    )
    _index("history_of_item", "history", ["tenant", "kind", "item_id", "number"])
    _create("counters", ["tenant", "name"], _name("tenant"), _name("name"), _whole("value"))
    _create(
        "outbox",
        [],
        *(_name("tenant"), sa.Column("position", _POSITION, primary_key=True, autoincrement=True)),
        *(_name("id"), _data()),
        sa.UniqueConstraint("tenant", "id", name=f"{_prefix()}outbox_id"),
    )


def _create_answers() -> None:
    key = (_name("tenant"), _name("operation"), _name("key"))
    _create("answers", ["tenant", "operation", "key"], *key, _text("fingerprint"), _text("result"), _text("at"))


def _create(name: str, key: list[str], *parts: Any) -> None:  # noqa: ANN401 - columns and constraints
    keys = [sa.PrimaryKeyConstraint(*key)] if key else []
    op.create_table(f"{_prefix()}{name}", *parts, *keys, schema=_schema())


def _index(name: str, table: str, columns: list[str], *, where: str | None = None, unique: bool = False) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        f"{_prefix()}{name}",
        f"{_prefix()}{table}",
        columns,
        schema=_schema(),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _name(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, _NAME, nullable=nullable)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=False)


def _whole(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, autoincrement=False)


def _data() -> sa.Column[Any]:
    return sa.Column("data", _DOCUMENT, nullable=False)


def _prefix() -> str:
    return str(context.config.attributes["prefix"])


def _schema() -> str | None:
    schema: str | None = context.config.attributes["schema"]
    return schema
