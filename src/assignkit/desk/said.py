"""What callers say beside the item: who they are, why they do it, and under which key they ask."""

from __future__ import annotations

from datetime import datetime, timedelta

from assignkit.errors import ConfigurationError
from assignkit.messages.text import spelled_out
from assignkit.model.record import as_identity


def said(name: str, given: object) -> str | None:
    """Return what was given as `name` as the history keeps it: a text, or None; an integer id is decimal text.

    Raises `ConfigurationError` for anything else, and for a text with half a character.
    """
    if given is None:
        return None
    text = as_identity(given)
    if not isinstance(text, str):
        msg = f"`{name}` is a text, not {type(given).__name__}"
        raise ConfigurationError(msg)
    if text != spelled_out(text):
        msg = f"`{name}` holds half a character (a lone surrogate): {spelled_out(text)}"
        raise ConfigurationError(msg)
    return text


def firmly_said(name: str, given: object) -> str:
    """Return the same for what has to be said."""
    text = said(name, given)
    if text is None:
        msg = f"`{name}` is missing: the history keeps who did it, and why"
        raise ConfigurationError(msg)
    return text


def is_span(given: object) -> bool:
    """Return whether what was given for a span of time is one, above 0."""
    return isinstance(given, timedelta) and given > timedelta()


def said_instant(name: str, given: object) -> datetime:
    """Return the instant that was given as `name`; `ConfigurationError` for a date, a text, or a time without zone."""
    if isinstance(given, datetime) and given.utcoffset() is not None:
        return given
    msg = f"`{name}` is an instant, a datetime with a zone: {given!r} is none"
    raise ConfigurationError(msg)


def refuse_what_cannot_be_called(name: str, given: object) -> None:
    """Raise `ConfigurationError` if what was given as `name` is no function."""
    if not callable(given):
        msg = f"`{name}` is a function, not a {type(given).__name__}"
        raise ConfigurationError(msg)
