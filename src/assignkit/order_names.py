"""The names of the orders that hosts registered: said by the strategies, and all that rules know of them."""

from __future__ import annotations

_registered: set[str] = set()


def remember(name: str) -> None:
    """Note that a host registered an order of this name."""
    _registered.add(name)


def registered() -> frozenset[str]:
    """Return the names of all orders that hosts have registered so far."""
    return frozenset(_registered)
