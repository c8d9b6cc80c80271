"""What third parties test their own repositories and stores with. It needs pytest, which nothing else here loads."""

from __future__ import annotations

from assignkit.errors import MissingExtraError

try:
    import pytest
except ImportError as error:
    raise MissingExtraError(extra="testing") from error

# So that a failed contract shows the values; it has to be said before the modules are loaded.
pytest.register_assert_rewrite(
    "assignkit.testing.assignments",
    "assignkit.testing.desks",
    "assignkit.testing.hosting",
    "assignkit.testing.ledgers",
    "assignkit.testing.placements",
    "assignkit.testing.records",
    "assignkit.testing.units",
)

from assignkit.testing.contracts import RepositoryContract, StoreContract  # noqa: E402 - after the line above
from assignkit.testing.desks import DeskContract  # noqa: E402 - as above
from assignkit.testing.hosting import HostedRepositoryContract  # noqa: E402 - as above

__all__ = ["DeskContract", "HostedRepositoryContract", "RepositoryContract", "StoreContract"]
