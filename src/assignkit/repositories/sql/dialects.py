"""What differs between databases: the types of columns, and what a store has to know of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect, Engine

from assignkit.errors import ConfigurationError
from assignkit.repositories.sql.errors import Fault

# Text that compares by code points, whatever the database's own language is.
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
# Exact amounts: whole millionths where the database has no exact decimals of its own.
AMOUNT = sa.BigInteger().with_variant(sa.Numeric(19, 6), "postgresql")
# SQLite counts up a column by itself only if it is called just that.
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_MILLIONTH = Decimal("0.000001")
MOST_WHOLE = 9_000_000_000_000
_MOST = Decimal(MOST_WHOLE)


class Together(Protocol):
    """Statements that are sent in one go, in their order."""

    def add(self, text: str, values: Sequence[object] | None) -> None:
        """Queue a statement."""
        ...

    def finish(self) -> list[Any]:
        """Send everything and return the answers, each like a cursor; raises the first error."""
        ...

    def abandon(self) -> None:
        """Leave on the way of an error."""
        ...


class Database(ABC):
    """What a store has to know of its database."""

    name: ClassVar[str]
    one_writer: ClassVar[bool]  # whether a unit keeps all other writers out from its beginning
    begin: ClassVar[tuple[str, ...]]
    others: ClassVar[str | None]  # what tells whether other connections have written, where that is quick to ask
    connections: ClassVar[int | None] = None  # how many a store may have in use at once, if that is bounded
    numbers_later: ClassVar[bool]  # whether the history is numbered by who reads it, so that writers need not queue

    @abstractmethod
    def engine(self, url: sa.URL) -> Engine:
        """Return an engine as this library wants it."""

    @abstractmethod
    def dialect(self) -> Dialect:
        """Return what single statements are compiled for."""

    @abstractmethod
    def positional_dialect(self) -> Dialect:
        """Return what statements that write rows are compiled for; parameters have places."""

    @abstractmethod
    def insert(self, table: sa.Table) -> Any:  # noqa: ANN401 - two classes with the same methods
        """Return an insert that can say what happens on a conflict."""

    @abstractmethod
    def document_text(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
        """Return a document as JSON text."""

    @abstractmethod
    def field_text(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return a field of a document, as text if it is text."""

    @abstractmethod
    def field_number(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return a field of a document, if it is a number; else NULL."""

    @abstractmethod
    def stored_number(self, value: Decimal) -> Decimal | float:
        """Return a number as it is compared with `field_number`."""

    @abstractmethod
    def field_kind(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[Any]:
        """Return `array`, `object` or another kind of JSON; NULL if the document lacks the field."""

    @abstractmethod
    def among(self, column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
        """Return the condition that a column is one of the texts that are handed in as `parameter`; see `listed`."""

    @abstractmethod
    def for_each(self, query: sa.Select[Any], column: sa.ColumnElement[Any], parameter: str) -> sa.Select[Any]:
        """Return a query for the rows whose column is one of the texts handed in as `parameter`, each looked up."""

    @abstractmethod
    def listed(self, texts: Iterable[str]) -> str:
        """Return texts as one parameter, for `among`."""

    @abstractmethod
    def for_each_pair(
        self, query: sa.Select[Any], columns: tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]], parameter: str
    ) -> sa.Select[Any]:
        """Return the same for two columns that are one of the pairs of texts that `paired` hands in."""

    @abstractmethod
    def paired(self, parameter: str, texts: Mapping[str, Collection[str]]) -> dict[str, Any]:
        """Return the parameters for pairs: each text with those that it has."""

    @abstractmethod
    def stored_amount(self, value: Decimal) -> int | Decimal:
        """Return what `AMOUNT` keeps."""

    @abstractmethod
    def stored_whole(self, value: int) -> int:
        """Return the same of a whole amount."""

    @abstractmethod
    def read_amount(self, stored: Any) -> int | Decimal:  # noqa: ANN401 - as the driver gives it
        """Return the amount that `AMOUNT` kept; a whole one may be a decimal, too."""

    @abstractmethod
    def lock(self) -> sa.Select[Any] | None:
        """Return what locks the name `lock_key` until the unit ends; None if units exclude each other anyway."""

    @abstractmethod
    def transaction_number(self) -> sa.ColumnElement[Any]:
        """Return the number of the transaction that runs; NULL where writers come one after the other anyway."""

    @abstractmethod
    def state(self, newest: sa.Select[Any]) -> sa.ColumnElement[Any]:
        """Return what tells which changes can be seen now; `newest` is the last position among them."""

    @abstractmethod
    def unseen(self, lines: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a line of changes could not be seen at the state that `seen` gives."""

    @abstractmethod
    def seen(self, state: Any) -> dict[str, Any]:  # noqa: ANN401 - as `state` gives it
        """Return the parameters of `unseen`."""

    @abstractmethod
    def first_unseen(self, state: Any) -> int:  # noqa: ANN401 - as `state` gives it
        """Return the lowest position, or transaction, of a line that could not be seen."""

    @abstractmethod
    def is_before(self, state: Any, other: Any) -> bool:  # noqa: ANN401 - as `state` gives them
        """Return whether a state is older than one that was seen before it: the database is another one."""

    @abstractmethod
    def lock_all(self) -> sa.Select[Any] | None:
        """Return what locks all the names whose numbers are the array `lock_keys`, one after the other; see `lock`."""

    @abstractmethod
    def pipeline(self, connection: Any, info: dict[str, Any]) -> Together:  # noqa: ANN401 - a driver's
        """Return what sends statements together, where `one_writer` is false; `info` stays with the connection."""

    @abstractmethod
    def prepare(self, connection: Any, *, anew: bool) -> bool:  # noqa: ANN401 - a driver's connection
        """Make a driver's connection ready for a unit, `anew` if it was never seen before; True if `restore` has to."""

    @abstractmethod
    def restore(self, connection: Any) -> None:  # noqa: ANN401 - a driver's connection
        """Give a driver's connection back as it was."""

    @abstractmethod
    def in_transaction(self, connection: Any) -> bool:  # noqa: ANN401 - a driver's connection
        """Return whether the connection's transaction is open, and can go on."""

    @abstractmethod
    def is_idle(self, connection: Any) -> bool:  # noqa: ANN401 - a driver's connection
        """Return whether the connection has no transaction, and can begin one."""

    @abstractmethod
    def fault(self, error: BaseException) -> Fault:
        """Return what the driver's error means."""

    @abstractmethod
    def check(self, connection: sa.Connection) -> None:
        """Raise `ConfigurationError` if the server cannot be used."""

    @abstractmethod
    def begin_alone(self, connection: sa.Connection, *, name: str) -> None:
        """Begin a transaction that keeps out all others who call this by the same name."""


def exact_amount(value: int | Decimal, *, of: str) -> Decimal:
    """Return an amount that every database keeps exactly; `ConfigurationError`, naming `of`, for any other."""
    exact = Decimal(value)
    if exact.is_finite() and abs(exact) < _MOST and exact == exact.quantize(_MILLIONTH):
        return exact
    msg = f"{of} is {value}: a SQL store keeps amounts of at most 6 decimals, below {_MOST:,}"
    raise ConfigurationError(msg)
