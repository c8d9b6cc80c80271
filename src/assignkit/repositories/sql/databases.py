"""Which databases there are. Another one is another `Database`, listed here, and nothing elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.errors import ConfigurationError
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.postgres import Postgres
from assignkit.repositories.sql.sqlite import Sqlite

DATABASES: Mapping[str, type[Database]] = {"sqlite": Sqlite, "postgresql": Postgres, "postgres": Postgres}


def database_for(backend: str) -> Database:
    """Return what is known of a database; `ConfigurationError` for one that is not supported."""
    kind = DATABASES.get(backend)
    if kind is None:
        msg = f"there is no store for `{backend}`; SQLite (sqlite://) and PostgreSQL (postgresql://) are supported"
        raise ConfigurationError(msg)
    return kind()
