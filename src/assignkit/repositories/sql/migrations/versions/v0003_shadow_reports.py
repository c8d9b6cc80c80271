"""What desks have seen of rules that looked on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

_NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DOCUMENT = sa.Text().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Create their table."""
    attributes = context.config.attributes
    op.create_table(
        f"{attributes['prefix']}shadows",
        sa.Column("tenant", _NAME, nullable=False),
        sa.Column("version", _NAME, nullable=False),
        sa.Column("desk", _NAME, nullable=False),
        sa.Column("data", _DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "version", "desk"),
        schema=attributes["schema"],
    )
