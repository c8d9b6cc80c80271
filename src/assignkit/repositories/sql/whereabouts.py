"""Where a store's tables are, whose books it keeps there, and as what: looked at before the first statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.messages.text import spelled_out
from assignkit.model.record import Record, as_identity

_PREFIX = re.compile(r"[a-z_][a-z0-9_]{0,29}|")
_LONGEST_SCHEMA = 63  # bytes: PostgreSQL cuts longer names off


def prefix_given(prefix: object) -> str:
    """Return what the names of tables begin with; `ConfigurationError` for what no name can begin with."""
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix):
        msg = f"a prefix has at most 30 small letters, digits and underscores, got {_shown(prefix)}"
        raise ConfigurationError(msg)
    return prefix


def schema_given(schema: object, *, database: str) -> str | None:
    """Return the schema of the tables, None for the database's own; `ConfigurationError` for what is no name of one."""
    if schema is None:
        return None
    if database != "postgresql":
        msg = f"{database} has no schemas: use `prefix`"
        raise ConfigurationError(msg)
    text = _text("schema", schema)
    if len(text.encode()) > _LONGEST_SCHEMA:
        msg = f"the name of a schema has at most {_LONGEST_SCHEMA} bytes, got {_shown(schema)}"
        raise ConfigurationError(msg)
    return text


def tenant_given(tenant: object) -> str:
    """Return whose books are kept, an empty text for None; an integer id is decimal text. Else `ConfigurationError`.

    A blank one is refused: left out by mistake, it would be everybody's books.
    """
    return "" if tenant is None else _text("tenant", as_identity(tenant))


def models_given(models: object) -> Mapping[str, type[Record]]:
    """Return the host's own models by kind or noun; `ConfigurationError` for anything else."""
    if models is None:
        return {}
    if not isinstance(models, Mapping):
        msg = f"`models` maps kinds to models, such as {{'deals': Deal}}, not {type(models).__name__}"
        raise ConfigurationError(msg)
    for kind, model in models.items():
        if not isinstance(kind, str) or not kind.strip():
            msg = f"`models` maps kinds to models, such as {{'deals': Deal}}, not {_shown(kind)}"
            raise ConfigurationError(msg)
        if not (isinstance(model, type) and issubclass(model, Record)):
            msg = f"the model of `{kind}` is a class that derives from Item or another model here, not {_shown(model)}"
            raise ConfigurationError(msg)
    return models


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        msg = f"`{name}` is a text, not {type(given).__name__}"
        raise ConfigurationError(msg)
    if not given.strip():
        msg = f"`{name}` is blank: leave it out, or name one"
        raise ConfigurationError(msg)
    if "\x00" in given or given != spelled_out(given):
        msg = f"`{name}` holds what no database keeps (U+0000, or half a character): {_shown(given)}"
        raise ConfigurationError(msg)
    return given


def _shown(given: Any) -> str:  # noqa: ANN401 - whatever a host gave
    return f"`{spelled_out(given)}`" if isinstance(given, str) and given.isprintable() else f"{given!r:.80}"
