"""Which tables a database has, and what it lacks; looking changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from assignkit.repositories.sql.connections import Connections
from assignkit.repositories.sql.errors import translated

_SERVERS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The server, and how far its tables are: `revision` is None where there are none; `pending` migrations lack."""

    server: str
    revision: str | None
    newest: str
    pending: tuple[str, ...]

    @property
    def tables(self) -> Literal["absent", "older", "current", "newer"]:
        """How the tables compare with what this release wants."""
        if self.revision is None:
            return "absent"
        if self.revision == self.newest:
            return "current"
        return "older" if self.pending else "newer"


def standing(connections: Connections, *, schema: str | None, prefix: str) -> Standing:
    """Return how a database stands. `BackendError` if it cannot be reached; one attempt is made."""
    try:
        with connections.engine.connect() as connection:
            where = {"version_table": f"{prefix}migrations", "version_table_schema": schema}
            revision = MigrationContext.configure(connection, opts=where).get_current_revision()
            version = connection.dialect.server_version_info or ()
    except Exception as error:
        raise translated(error, connections.database.fault) from error
    every = [script.revision for script in ScriptDirectory(str(Path(__file__).parent)).walk_revisions()][::-1]
    done = every.index(revision) + 1 if revision in every else 0
    return Standing(
        server=f"{_SERVERS[connections.database.name]} {'.'.join(map(str, version))}",
        revision=revision,
        newest=every[-1],
        pending=tuple(every[done:]) if revision is None or done else (),
    )
