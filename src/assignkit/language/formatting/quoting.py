"""Texts as literals of the language."""

from __future__ import annotations

from assignkit.language import characters


def quoted(value: str) -> str:
    """Return a text in double quotes with the escapes that it needs."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    while (found := characters.first_forbidden(escaped, quoted=True)) is not None:
        escaped = f"{escaped[: found.start()]}\\u{{{ord(found[0]):X}}}{escaped[found.end() :]}"
    return f'"{escaped}"'
