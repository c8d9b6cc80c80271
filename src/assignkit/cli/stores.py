"""Stores from the command line: where they are, whether they can be used, and what to do if not."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from assignkit.errors import AssignkitError, BackendError, ConfigurationError, MissingExtraError
from assignkit.messages.text import Text, say

if TYPE_CHECKING:
    from assignkit.repositories.sql import SqlStore
    from assignkit.repositories.sql.connections import Connections
    from assignkit.repositories.sql.migrations.standing import Standing

PREFIX = "assignkit_"

Url = Annotated[str | None, typer.Option("--store", metavar="URL", help="The store, such as sqlite:///desk.db.")]
RequiredUrl = Annotated[str, typer.Option("--store", metavar="URL", help="The store.", show_default=False)]
Tenant = Annotated[str | None, typer.Option("--tenant", metavar="NAME", help="Whose books, where many share tables.")]
Prefix = Annotated[str, typer.Option("--prefix", metavar="TEXT", help="What the names of the tables begin with.")]
DbSchema = Annotated[str | None, typer.Option("--db-schema", metavar="NAME", help="The schema of the tables.")]

_SQLITE_MAGIC = b"SQLite format 3\x00"
_CONNECT_SECONDS = "10"  # a host that does not answer at all


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is: its URL, and which tables there. As text, without its password."""

    url: str
    tenant: str | None = None
    prefix: str = PREFIX
    schema: str | None = None

    def __str__(self) -> str:
        return _PASSWORDS.sub(r"\g<1>***\g<2>", self.url)

    def __repr__(self) -> str:
        return f"Place({self})"

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database."""
        found = re.fullmatch(r"sqlite(?:\+\w+)?:///([^?]+)(\?.*)?", self.url)
        return Path(found[1]) if found and "uri=" not in (found[2] or "") else None

    @property
    def options(self) -> str:
        """What else has to be said on a command line to get at the same tables."""
        said = f" --prefix {self.prefix}" if self.prefix != PREFIX else ""
        return said + (f" --db-schema {self.schema}" if self.schema else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """The options that say which store, where a command can do without one."""

    store: Url = None
    tenant: Tenant = None
    prefix: Prefix = PREFIX
    db_schema: DbSchema = None

    @property
    def place(self) -> Place | None:
        """Where it is, if there is one."""
        return None if self.store is None else Place(self.store, self.tenant, self.prefix, self.db_schema)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredStore:
    """The options that say which store, where a command is about one."""

    store: RequiredUrl
    tenant: Tenant = None
    prefix: Prefix = PREFIX
    db_schema: DbSchema = None

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.store, self.tenant, self.prefix, self.db_schema)


# The last `@` ends a password, whatever it holds; libpq takes one as a parameter too.
_PASSWORDS = re.compile(r"((?<=://)[^:/@?]*:|[?&]password=)(?:.*(@)|[^&]*)")


_PREFIXES = re.compile(r"[a-z_][a-z0-9_]{0,29}|")
_SERVER = re.compile(r"[\w+]+://(?:[^/@?]*@)?(?:\[[^\]]*\]|[^/:@?]*)(?::\d+)?(?:/[^?@]*)?(?:\?.*)?")


@contextmanager
def opened(place: Place, *, new: bool = False) -> Iterator[SqlStore]:
    """Yield the store; `new` says that it may be made, with its tables, where there is none.

    Whatever goes wrong with it, also later on, is one of our errors with what to do about it in its message.
    """
    with _advising(place):
        connections, standing = looked_at(place, new=new)
        connections.close()
        _check_tables(place, standing, new=new)
        from assignkit.cli.run_store import LostError, RunStore  # noqa: PLC0415 - its packages may be missing

        store = RunStore(place.url, schema=place.schema, prefix=place.prefix, tenant=place.tenant)
        try:
            if standing.tables == "absent":
                store.migrate()
            yield store
        except LostError as lost:
            raise lost.error from None
        finally:
            store.close()


def require_sql() -> None:
    """Raise `MissingExtraError` if the packages that stores need are not there."""
    import assignkit.repositories.sql  # noqa: F401, PLC0415 - as above


@contextmanager
def connected(place: Place, *, new: bool = False) -> Iterator[tuple[Connections, Standing]]:
    """Yield connections to the database, and how its tables stand; errors come with what to do about them."""
    with _advising(place):
        connections, standing = looked_at(place, new=new)
        try:
            yield connections, standing
        finally:
            connections.close()


def looked_at(place: Place, *, new: bool) -> tuple[Connections, Standing]:
    """Return connections to the database, and how its tables stand."""
    _check_url(place, new=new)
    os.environ.setdefault("PGCONNECT_TIMEOUT", _CONNECT_SECONDS)
    from assignkit.repositories.sql.connections import Connections  # noqa: PLC0415 - as above
    from assignkit.repositories.sql.migrations.standing import standing  # noqa: PLC0415

    connections = Connections(place.url)
    try:
        return connections, standing(connections, schema=place.schema, prefix=place.prefix)
    except BaseException:
        connections.close()
        raise


# --- before it is opened


def _check_url(place: Place, *, new: bool) -> None:
    backend, found, _ = place.url.partition("://")
    if not found:
        near = f"sqlite:///{place.url}" if re.fullmatch(r"[\w./-]+", place.url) else "sqlite:///desk.db"
        _refuse(say("cli.no_url", place=place, near=near))
    check_names(place.prefix, place.schema, sqlite=backend.startswith("sqlite"))
    if backend.startswith("sqlite"):
        _check_sqlite(place, new=new)
    elif not _SERVER.fullmatch(place.url):  # what others say of it could show parts of a password
        _refuse(say("cli.url_unreadable", backend=backend))


def check_names(prefix: str, schema: str | None, *, sqlite: bool) -> None:
    """Raise `ConfigurationError` if tables cannot be called so, or cannot be there."""
    if not _PREFIXES.fullmatch(prefix):
        _refuse(say("cli.prefix_form", prefix=prefix))
    if sqlite and schema is not None:
        _refuse(say("cli.no_schemas"))


def _check_sqlite(place: Place, *, new: bool) -> None:
    if place.file is None or place.file == Path(":memory:"):
        if "uri=" in place.url:
            return
        named = place.url.partition("://")[2].strip("/")
        if named in ("", ":memory:"):
            _refuse(say("cli.in_memory"))
        _refuse(say("cli.names_no_file", place=place, named=named))
    file = place.file
    if file.is_dir():
        _refuse(say("cli.store_is_a_directory", file=file, example=file / "desk.db"))
    if not file.exists():
        if not new:
            _refuse(say("cli.no_store", file=file, place=place))
        if not file.parent.is_dir():
            _refuse(say("cli.no_directory", folder=file.parent))
        return
    with file.open("rb") as opened_file:
        begins = opened_file.read(len(_SQLITE_MAGIC))
    if begins and begins != _SQLITE_MAGIC:
        _refuse(say("cli.not_sqlite", file=file))


def _check_tables(place: Place, standing: Standing, *, new: bool) -> None:
    command = f"`assignkit db upgrade {place}{place.options}`"
    match standing.tables:
        case "absent" if not new:
            _refuse(say("cli.tables_absent", place=place, command=command))
        case "older":
            told = {"revision": standing.revision, "newest": standing.newest}
            _refuse(say("cli.tables_older", place=place, command=command, **told))
        case "newer":
            refuse_newer(place, standing)


def refuse_newer(place: Place, standing: Standing) -> NoReturn:
    """Raise `ConfigurationError`: this program is too old for the tables."""
    _refuse(say("cli.tables_newer", place=place, revision=standing.revision, newest=standing.newest))


def _refuse(message: Text) -> NoReturn:
    raise ConfigurationError(message)


# --- when something goes wrong


@contextmanager
def _advising(place: Place) -> Iterator[None]:
    try:
        yield
    except MissingExtraError as error:
        extra = "postgres" if place.url.startswith("postgres") else error.extra
        raise MissingExtraError(extra=extra) from None
    except BackendError as error:
        raise BackendError(_advice(error, place)) from None


def _advice(error: AssignkitError, place: Place) -> str:
    """Return what happened, and what to do about it, without what nobody should read."""
    plain = _without(str(error), place)
    said: str = error.message if plain == str(error) else plain
    never_there = _NEVER_THERE.match(plain)
    if never_there:
        said = say("cli.cannot_be_reached", why=plain[never_there.end() :])
    for sign, advice in _ADVICE:
        if re.search(sign, said):
            facts = {"place": place, "options": place.options} if advice == "check" else {}
            return say("cli.advised", error=said, advice=say(f"cli.advice_{advice}", **facts))
    return said


def _without(said: str, place: Place) -> str:
    """Return a message without the password of the URL."""
    found = re.search(r"(?<=://)[^:/@?]*:(.*)@", place.url) or re.search(r"[?&]password=([^&]*)", place.url)
    return said.replace(found[1], "***") if found and found[1] else said


_NEVER_THERE = re.compile(r"the connection to the database is lost: (?:connection failed: |(?=failed to resolve))")
_ADVICE: tuple[tuple[str, str], ...] = (
    (r"password authentication failed|no password supplied", "password"),
    (r'database ".*" does not exist', "database"),
    (r'role ".*" does not exist', "role"),
    (r"permission denied|must be owner", "right"),
    (r"readonly|read-only", "read_only"),
    (r"unable to open database file", "path"),
    (r"malformed|file is not a database", "backup"),
    (r"(?:table|relation) \S+ already exists", "taken"),
    (r"database or disk is full|No space left", "room"),
    (r"database is busy", "busy"),
    (r"the tables are not what they should be", "check"),
    (r"connection to the database is lost|cannot be reached", "server"),
)
