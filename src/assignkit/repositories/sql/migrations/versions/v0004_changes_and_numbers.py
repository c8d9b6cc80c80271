"""Which agents changed, for desks that keep them; and numbers of the history that are given when it is read."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0004"
down_revision = "0003"

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables; on PostgreSQL, events have a place in the history, and get their numbers afterwards."""
    _create(
        "changes",
        sa.Column("position", _POSITION, primary_key=True, autoincrement=True),
        sa.Column("xid", sa.BigInteger()),
        sa.Column("agents", sa.Text(), nullable=False),
    )
    _create(
        "numbers",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "number"),
        sa.UniqueConstraint("tenant", "place", name=_named("numbers_place")),
    )
    op.add_column(_named("history"), sa.Column("xid", sa.BigInteger()), schema=_schema())
    for table in ("history", "changes"):
        condition = sa.text("xid IS NOT NULL")
        where: dict[str, Any] = {"sqlite_where": condition, "postgresql_where": condition}
        op.create_index(_named(f"{table}_by_xid"), _named(table), ["tenant", "xid"], schema=_schema(), **where)
    if op.get_context().dialect.name == "postgresql":
        _number_what_is_there()


def _number_what_is_there() -> None:
    preparer = op.get_context().dialect.identifier_preparer
    quoted = [preparer.quote(part) for part in (_schema(), _named("history_order")) if part]
    order = sa.Sequence(_named("history_order"), schema=_schema())
    history = sa.table(_named("history"), sa.column("tenant"), sa.column("number"), schema=_schema())
    numbers = sa.table(
        _named("numbers"), sa.column("tenant"), sa.column("number"), sa.column("place"), schema=_schema()
    )
    op.execute(sa.schema.CreateSequence(order))
    known = sa.select(history.c.tenant, history.c.number, history.c.number)
    op.execute(numbers.insert().from_select(["tenant", "number", "place"], known))
    last = sa.func.coalesce(sa.func.max(history.c.number), sa.literal_column("0"))
    following = sa.select(last + sa.literal_column("1")).scalar_subquery()
    name: sa.ColumnElement[str] = sa.literal_column(f"'{'.'.join(quoted)}'")
    op.execute(sa.select(sa.func.setval(name, following, sa.false())))


def _create(name: str, *parts: Any) -> None:  # noqa: ANN401 - columns and constraints
    op.create_table(_named(name), sa.Column("tenant", _NAME, nullable=False), *parts, schema=_schema())


def _named(name: str) -> str:
    return f"{context.config.attributes['prefix']}{name}"


def _schema() -> str | None:
    schema: str | None = context.config.attributes["schema"]
    return schema
