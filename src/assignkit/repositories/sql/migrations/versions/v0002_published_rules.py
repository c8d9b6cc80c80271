"""Published rules: their texts, and the log of who published them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DOCUMENT = sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create their tables."""
    _create("rule_texts", sa.Column("version", _NAME, nullable=False))
    _create("publications", sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False))


def _create(name: str, key: sa.Column[Any]) -> None:
    attributes = context.config.attributes
    op.create_table(
        f"{attributes['prefix']}{name}",
        sa.Column("tenant", _NAME, nullable=False),
        key,
        sa.Column("data", _DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", key.name),
        schema=attributes["schema"],
    )
