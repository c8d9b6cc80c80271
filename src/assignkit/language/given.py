"""What a caller hands in as the text of rules."""

from __future__ import annotations

from assignkit.errors import ConfigurationError


def refuse_what_is_no_text(given: object) -> str:
    """Return a rule text as it is; raises `ConfigurationError` for bytes, paths, and whatever else is none."""
    if isinstance(given, str):
        return given
    msg = f"rules are given as a text, not as {type(given).__name__}: decode bytes, and load files with `RuleSet.load`"
    raise ConfigurationError(msg)
