"""The names of orders that rules put into quotes: hosts' own, said by the strategies, and some of the library's.

It is all that rules know of them.
"""

from __future__ import annotations

# The language has no words for these.
_known = {"closest skill match", "two choices"}


def remember(name: str) -> None:
    """Note that a host registered an order of this name."""
    _known.add(name)


def registered() -> frozenset[str]:
    """Return the names of all orders that rules may put into quotes so far."""
    return frozenset(_known)
