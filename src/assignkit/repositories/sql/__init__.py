"""The store in a SQL database, SQLite or PostgreSQL. It needs the extra `sql`, for PostgreSQL `postgres` as well."""

from __future__ import annotations

from assignkit.errors import MissingExtraError

try:
    import alembic
    import sqlalchemy
except ImportError as error:
    raise MissingExtraError(extra="sql") from error

from assignkit.repositories.sql.store import SqlStore

__all__ = ["SqlStore"]

del alembic, sqlalchemy
