"""Applying the migrations, alone; or writing them down as SQL."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from assignkit.repositories.sql.connections import Connections
from assignkit.repositories.sql.databases import database_for
from assignkit.repositories.sql.errors import BusyError, translated
from assignkit.repositories.sql.retrying import again

_ATTEMPTS = 300


def upgrade(connections: Connections, *, schema: str | None, prefix: str) -> None:
    """Bring the tables up to this release."""
    again(lambda: _upgrade_once(connections, schema=schema, prefix=prefix), attempts=_ATTEMPTS, on=(BusyError,))


def ddl(dialect_name: str, *, schema: str | None, prefix: str) -> str:
    """Return the migrations as SQL."""
    written = io.StringIO()
    config = _config(schema=schema if dialect_name != "sqlite" else None, prefix=prefix, output=written)
    config.attributes["dialect_name"] = database_for(dialect_name).name
    command.upgrade(config, "head", sql=True)
    creation = f"{sa.schema.CreateSchema(schema, if_not_exists=True)};\n\n" if schema is not None else ""
    return creation + written.getvalue()


def _upgrade_once(connections: Connections, *, schema: str | None, prefix: str) -> None:
    database = connections.database
    try:
        connections.give_back(connections.take())  # makes the connection ready, as units need it
        with connections.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            database.check(connection)
            database.begin_alone(connection, name=f"{schema or ''}.{prefix}")
            try:
                if schema is not None and not sa.inspect(connection).has_schema(schema):
                    connection.execute(sa.schema.CreateSchema(schema))
                config = _config(schema=schema, prefix=prefix, output=io.StringIO())
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                with suppress(sa.exc.SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")
                raise
    except Exception as error:
        raise translated(error, database.fault) from error


def _config(*, schema: str | None, prefix: str, output: io.StringIO) -> Config:
    config = Config(output_buffer=output, stdout=output, attributes={"schema": schema, "prefix": prefix})
    # A `%` in a path would otherwise begin a substitution.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
