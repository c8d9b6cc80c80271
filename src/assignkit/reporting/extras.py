"""Which packages pictures and pages need, and what is said where they are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assignkit.errors import MissingExtraError

_PACKAGES = frozenset({"jinja2", "markupsafe", "matplotlib", "numpy"})


@contextmanager
def report_extra() -> Iterator[None]:
    """Turn the absence of the packages for pictures and pages into `MissingExtraError`."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise MissingExtraError(extra="report") from error
