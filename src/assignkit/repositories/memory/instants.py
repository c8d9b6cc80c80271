"""Instants that compare rightly: Python compares two of the same zone by their wall time, which runs back in autumn."""

from __future__ import annotations

from datetime import UTC, datetime

from assignkit.errors import ConfigurationError


def universal(at: datetime) -> datetime:
    """Return the instant in UTC; `ConfigurationError` if it has no zone."""
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        msg = f"the store needs aware instants, got {at.isoformat()} without a zone"
        raise ConfigurationError(msg)
    return at.astimezone(UTC)
