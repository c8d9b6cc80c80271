"""What a host hands over to be used in the place of our own tables: looked at once, before any unit needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa

from assignkit.errors import ConfigurationError
from assignkit.model.record import Record
from assignkit.repositories.base import Repository
from assignkit.repositories.fitting import METHODS, kinds_given, listed, refuse_kind, refuse_unfit

R = TypeVar("R", bound=Record)

# One repository for all units, or what makes one for each unit, of the connection that the unit works on.
Hosted: TypeAlias = Repository[R] | Callable[[sa.Connection], Repository[R]]

AGENTS = "agents"
_TRANSACTIONS = ("begin", "commit", "rollback")


@dataclass(frozen=True, slots=True)
class Host:
    """A host's repository of one noun or kind. Exactly one of `make` and `repository` is given.

    One that is made for each unit shares the unit's transaction; one that is given as it is has no part in it.
    """

    name: str
    make: Callable[[sa.Connection], Any] | None = None
    repository: Any = None

    @classmethod
    def of(cls, name: str, given: Any) -> Host:  # noqa: ANN401 - whatever a host hands over
        """Return what was handed over for a noun; `ConfigurationError` says what is wrong with it."""
        if isinstance(given, type):
            refuse_unfit(given, f"the class {given.__name__}, handed over for `{name}`,")
            return cls(name, make=given)
        if any(hasattr(given, method) for method in METHODS):
            refuse_unfit(given, f"the {type(given).__name__} handed over for `{name}`")
            _refuse_transactions(name, given)
            return cls(name, repository=given)
        if callable(given):
            return cls(name, make=given)
        msg = f"`{name}` takes a repository ({listed(METHODS)}), or what makes one of a connection, not {given!r}"
        raise ConfigurationError(msg)

    def made_of(self, connection: sa.Connection) -> Any:  # noqa: ANN401 - a host's repository, of any noun
        """Return the repository for one unit; `ConfigurationError` if what was handed over makes something else."""
        if self.make is None:
            return self.repository
        made = self.make(connection)
        refuse_unfit(made, f"the {type(made).__name__} that was made for `{self.name}`")
        return made


def hosts_of(
    nouns: Mapping[str, Any], items: Mapping[str, Any] | None, *, models: Mapping[str, Any]
) -> dict[str, Host]:
    """Return what a host handed over, by noun or kind; None stands for our own tables.

    `ConfigurationError` for something that is no repository, for a kind that is none or is given twice, or for one of
    which `models` says how we would keep it.
    """
    given = {name: one for name, one in nouns.items() if one is not None}
    for kind, one in kinds_given(items).items():
        refuse_kind(kind, given)
        given[kind] = one
    for name in sorted(given.keys() & models.keys()):
        msg = f"`{name}` is handed over as a repository, which knows its own model: leave it out of `models`"
        raise ConfigurationError(msg)
    return {name: Host.of(name, one) for name, one in given.items()}


def _refuse_transactions(name: str, given: object) -> None:
    # A store in memory calls them; here units of many threads are open at once, and one object cannot tell them apart.
    if all(callable(getattr(given, method, None)) for method in _TRANSACTIONS):
        msg = (
            f"a SQL store calls no {listed(_TRANSACTIONS, 'or')} of the {type(given).__name__} for `{name}`: "
            "hand over what makes a repository of the unit's connection, and it is kept or taken back with the unit"
        )
        raise ConfigurationError(msg)
