"""The stable hash: the same number for the same text on every machine, Python version and run."""

from __future__ import annotations

import hashlib

SEPARATOR = "\x1f"  # stands between the parts of a hashed text, so no part may hold it


def stable_hash(seed: str, scope: str, id: str) -> int:
    """Return the first 15 hex digits of SHA-256 over `seed␟scope␟id` as an integer: below 2**60, the same everywhere.

    Lone surrogates, which UTF-8 proper cannot hold, are encoded as if they were ordinary characters.

    >>> stable_hash("", "", "li") == stable_hash("", "", "li") < 2**60
    True
    """
    text = f"{seed}{SEPARATOR}{scope}{SEPARATOR}{id}"
    return int(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:15], 16)
