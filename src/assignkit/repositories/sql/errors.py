"""The only place that translates foreign exceptions: whatever a driver or SQLAlchemy raises becomes one of ours."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from sqlalchemy import exc

from assignkit.errors import AssignkitError, BackendError, ConfigurationError, ConflictError, MissingExtraError
from assignkit.messages.text import say


class Fault(Enum):
    """What a database's error means for the caller."""

    AGAIN = auto()  # busy, deadlock, serialisation: nothing was done, and doing it again may succeed
    DROPPED = auto()  # the connection is gone, and what was not committed with it
    OVERTAKEN = auto()  # a row is not as the unit had read it
    REFUSED = auto()  # a constraint said no
    VALUE = auto()  # a value that the database cannot keep
    TABLES = auto()  # tables or columns are not there
    BROKEN = auto()  # anything else


class OvertakenError(ConflictError):
    """Somebody committed between a unit's read and its write; doing the unit again may succeed."""


class TransientError(BackendError):
    """The database could not do it now (busy, deadlock, dropped connection); nothing was committed."""


class BusyError(TransientError):
    """Others are at it: locked for too long, or chosen as the victim of a deadlock."""


class DroppedError(TransientError):
    """The connection to the database is gone, and with it what was not committed."""


class UncertainError(BackendError):
    """The connection was lost while committing: the unit was kept or not, and only asking again can tell."""


def translated(error: Exception, fault_of: Callable[[BaseException], Fault]) -> AssignkitError:
    """Return our error for a foreign one; `fault_of` says what the database's own errors mean."""
    if isinstance(error, AssignkitError):
        return error
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] == "psycopg":
        return MissingExtraError(extra="postgres")
    if isinstance(error, exc.DBAPIError) and error.orig is not None:
        return _told(error.orig, Fault.DROPPED if error.connection_invalidated else fault_of(error.orig))
    if isinstance(error, exc.TimeoutError):
        return _told(error, Fault.AGAIN)
    if isinstance(error, exc.ArgumentError | exc.NoSuchModuleError):
        return ConfigurationError(f"this database cannot be used: {first_line(error)}")
    return _told(error, fault_of(error))


def _told(error: BaseException, fault: Fault) -> AssignkitError:
    said = first_line(error)
    match fault:
        case Fault.AGAIN:
            return BusyError(say("error.busy", said=said))
        case Fault.DROPPED:
            return DroppedError(say("error.connection_lost", said=said))
        case Fault.OVERTAKEN:
            return OvertakenError(what="what this unit read", expected="as it was", found="changed since")
        case Fault.REFUSED:
            return ConflictError(what="a constraint of the database", expected="to hold", found=said)
        case Fault.VALUE:
            return ConfigurationError(say("error.cannot_keep", said=said))
        case Fault.TABLES:
            return BackendError(say("error.tables_differ", said=said))
        case Fault.BROKEN:
            return BackendError(say("error.database_failed", said=said))


def first_line(error: BaseException) -> str:
    """Return what an error says first, or what it is called if it says nothing."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
