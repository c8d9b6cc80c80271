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
        _refuse(f"`{place}` is no URL of a store: write {near}, or postgresql://user@host/database")
    check_names(place.prefix, place.schema, sqlite=backend.startswith("sqlite"))
    if backend.startswith("sqlite"):
        _check_sqlite(place, new=new)
    elif not _SERVER.fullmatch(place.url):  # what others say of it could show parts of a password
        _refuse(f"the URL of the store cannot be read: write {backend}://user:password@host:port/database, @ as %40")


def check_names(prefix: str, schema: str | None, *, sqlite: bool) -> None:
    """Raise `ConfigurationError` if tables cannot be called so, or cannot be there."""
    if not _PREFIXES.fullmatch(prefix):
        _refuse(f"--prefix has at most 30 small letters, digits and underscores, got `{prefix}`")
    if sqlite and schema is not None:
        _refuse("SQLite has no schemas: use --prefix")


def _check_sqlite(place: Place, *, new: bool) -> None:
    if place.file is None or place.file == Path(":memory:"):
        if "uri=" in place.url:
            return
        named = place.url.partition("://")[2].strip("/")
        if named in ("", ":memory:"):
            _refuse("a store in memory is gone when the program ends: name a file, such as sqlite:///desk.db")
        _refuse(f"`{place}` names no file: write sqlite:///{named}, with three slashes")
    file = place.file
    if file.is_dir():
        _refuse(f"{file} is a directory: name a file in it, such as sqlite:///{file / 'desk.db'}")
    if not file.exists():
        if not new:
            _refuse(f"there is no store {file}: check the name, or make one with `assignkit assign … --store {place}`")
        if not file.parent.is_dir():
            _refuse(f"there is no directory {file.parent} for the store: make it first")
        return
    with file.open("rb") as opened_file:
        begins = opened_file.read(len(_SQLITE_MAGIC))
    if begins and begins != _SQLITE_MAGIC:
        _refuse(f"{file} is not a SQLite database, and is left alone: name another file")


def _check_tables(place: Place, standing: Standing, *, new: bool) -> None:
    command = f"`assignkit db upgrade {place}{place.options}`"
    match standing.tables:
        case "absent" if not new:
            _refuse(f"there are no tables of assignkit in {place}: check the URL, or make them with {command}")
        case "older":
            told = f"{standing.revision}, and this release wants {standing.newest}"
            _refuse(f"the tables in {place} are of an older release ({told}): back them up, then run {command}")
        case "newer":
            refuse_newer(place, standing)


def refuse_newer(place: Place, standing: Standing) -> NoReturn:
    """Raise `ConfigurationError`: this program is too old for the tables."""
    told = f"{standing.revision}, and this one knows them up to {standing.newest}"
    _refuse(f"the tables in {place} are of a newer release ({told}): pip install --upgrade assignkit")


def _refuse(message: str) -> NoReturn:
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
    said = _NEVER_THERE.sub("the database cannot be reached: ", _without(str(error), place))
    for sign, advice in _ADVICE:
        if re.search(sign, said):
            return f"{said}; {advice.format(place=place, options=place.options)}"
    return said


def _without(said: str, place: Place) -> str:
    """Return a message without the password of the URL."""
    found = re.search(r"(?<=://)[^:/@?]*:(.*)@", place.url) or re.search(r"[?&]password=([^&]*)", place.url)
    return said.replace(found[1], "***") if found and found[1] else said


_NEVER_THERE = re.compile(r"the connection to the database is lost: (?:connection failed: |(?=failed to resolve))")
_ADVICE: tuple[tuple[str, str], ...] = (
    (r"password authentication failed|no password supplied", "check user and password, or set PGPASSWORD"),
    (r'database ".*" does not exist', "create it first, such as with `createdb`"),
    (r'role ".*" does not exist', "check the user's name"),
    (r"permission denied|must be owner", "ask the owner of the database for the right to it, or name --db-schema"),
    (r"readonly|read-only", "check your rights to the file and its folder"),
    (r"unable to open database file", "check the path, and your rights to it and its folder"),
    (r"malformed|file is not a database", "take the last backup, or name another file"),
    (r"database or disk is full|No space left", "make room on the disk, and run it again"),
    (r"database is busy", "somebody else is writing: run it again when they are done"),
    (r"the tables are not what they should be", "run `assignkit db check {place}{options}` to see what is wrong"),
    (r"connection to the database is lost|cannot be reached", "check that the server runs, and its host and port"),
)
