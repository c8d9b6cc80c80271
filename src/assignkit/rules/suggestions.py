"""Did you mean: the nearest of the names that would have been right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like `name`, or None if none does; ties go by the alphabet."""
    candidates = sorted(known)
    folded: dict[str, str] = {}
    for each in candidates:
        folded.setdefault(each.casefold(), each)
    found = get_close_matches(name[:100].casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str | None) -> str | None:
    """Return the help line for a suggestion."""
    return f"did you mean `{name}`?" if name else None
