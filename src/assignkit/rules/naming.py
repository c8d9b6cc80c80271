"""What messages call the kinds of items and their records: the library's own have Chinese names."""

from __future__ import annotations

from assignkit.messages.text import Text, has, say


def kind_told(kind: str) -> Text | str:
    """Return a kind of item, such as `customers`, as messages name it; those of a host have the host's name."""
    return say(f"meaning.kind_{kind}") if has(f"meaning.kind_{kind}") else kind


def root_told(root: str) -> Text | str:
    """Return a single record, such as `customer`, as messages name it."""
    return say(f"meaning.root_{root}") if has(f"meaning.root_{root}") else root
