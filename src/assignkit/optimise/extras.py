"""Which packages an optimisation needs, and what is said where they are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assignkit.errors import MissingExtraError

_PACKAGES = frozenset({"numpy", "scipy"})


@contextmanager
def optimize_extra() -> Iterator[None]:
    """Turn the absence of the solver's packages into `MissingExtraError`."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise MissingExtraError(extra="optimize") from error
