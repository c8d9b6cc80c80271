"""Persons: whether two names that were typed mean the same one."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))


def same_person(one: str, other: str) -> bool:
    """Return whether two names differ in case, width, spacing or what cannot be seen at most."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(one for one in folded if not one.isspace() and unicodedata.category(one) not in _UNSEEN)
