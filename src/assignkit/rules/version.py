"""The version of a rule set: a hash of its content."""

from __future__ import annotations

import hashlib

from assignkit.rules.given_texts import Texts

_DIGITS = 16


def version_of(texts: Texts, schema: str) -> str:
    """Return 16 hex digits that change with any text, table or field; where the files stand does not matter.

    `schema` is the fingerprint of the schema.
    """
    digest = hashlib.sha256(schema.encode())
    for _, text in texts.files:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    for table in texts.tables:
        content = repr(table.rows).encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:_DIGITS]
