"""What alembic runs to apply migrations; it finds what to do in the attributes that `upgrading` sets."""

from __future__ import annotations

from alembic import context


def run() -> None:
    """Apply the migrations that alembic was asked for."""
    given = context.config.attributes
    where = {"version_table": f"{given['prefix']}migrations", "version_table_schema": given["schema"]}
    if context.is_offline_mode():
        context.configure(dialect_name=given["dialect_name"], transactional_ddl=True, **where)
    else:
        context.configure(connection=given["connection"], transactional_ddl=True, **where)
    with context.begin_transaction():
        context.run_migrations()


# Alembic gives this file a name of its own; whoever else imports it wants nothing done.
if __name__ == "env_py":
    run()
