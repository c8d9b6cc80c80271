"""Did you mean: the nearest of the names that would have been right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from assignkit.messages.text import Text, say


def nearest(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the known name that looks most like `name`, or None if none does; ties go by the alphabet.

    `likeness` is from 0 to 1; Chinese names are short, so that one sign of two may differ.
    """
    candidates = sorted(known)
    folded: dict[str, str] = {}
    for each in candidates:
        folded.setdefault(each.casefold(), each)
    found = get_close_matches(name[:100].casefold(), folded, n=1, cutoff=likeness if name.isascii() else likeness - 0.1)
    return folded[found[0]] if found else None


def did_you_mean(name: str | None) -> Text | None:
    """Return the help line for a suggestion."""
    return say("form.did_you_mean", name=name) if name else None
