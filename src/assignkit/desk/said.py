"""What callers say beside the item: who they are, why they do it, and under which key they ask."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from operator import index
from typing import SupportsIndex

from assignkit.errors import ConfigurationError
from assignkit.messages.text import spelled_out
from assignkit.model.record import as_identity


def said(name: str, given: object) -> str | None:
    """Return what was given as `name` as the history keeps it: a text, or None; an integer id is decimal text.

    Raises `ConfigurationError` for anything else, for a blank text, and for one with half a character.
    """
    if given is None:
        return None
    text = text_given(name, given)
    if not text.strip():
        msg = f"`{name}` is blank: give a text that says something, or leave it out"
        raise ConfigurationError(msg)
    return text


def perhaps_said(name: str, given: object) -> str | None:
    """Return the same for what may be left out, which a blank text is too: an empty box of a form gives one."""
    text = None if given is None else text_given(name, given)
    return text if text is not None and text.strip() else None


def firmly_said(name: str, given: object) -> str:
    """Return the same for what has to be said."""
    return _needed(name, given, why="the history keeps who did it, and why")


def named(name: str, given: object) -> str:
    """Return the name or id that was given as `name`, which has to be said."""
    return _needed(name, given, why="what is meant has to be named")


def _needed(name: str, given: object, *, why: str) -> str:
    text = None if given is None else text_given(name, given)
    if text is None or not text.strip():
        msg = f"`{name}` is {'missing' if text is None else 'blank'}: {why}"
        raise ConfigurationError(msg)
    return text


def text_given(name: str, given: object) -> str:
    """Return the text that was given as `name`, blank or not; an integer is decimal text, else as `said` raises."""
    text = as_identity(given)
    if not isinstance(text, str):
        msg = f"`{name}` is a text, not {type(given).__name__}"
        raise ConfigurationError(msg)
    if text != spelled_out(text):
        msg = f"`{name}` holds half a character (a lone surrogate): {spelled_out(text)}"
        raise ConfigurationError(msg)
    return text


def said_fence(given: object) -> int | None:
    """Return the fence that a caller saw; `ConfigurationError` for what is no whole number, which no fence is."""
    if given is None:
        return None
    if isinstance(given, SupportsIndex) and not isinstance(given, bool):
        with suppress(TypeError):  # a table's whole numbers are welcome, a whole column of them is none
            return index(given)
    msg = f"`fence` is a whole number, as a decision has it, not {given!r:.60}"
    raise ConfigurationError(msg)


def said_to_force(given: object) -> bool:
    """Return whether a caller wants to force something; `ConfigurationError` for what is not True or False.

    A text such as `false` would force.
    """
    if given and given not in (True, 1):
        msg = f"`force` is True or False, not {given!r:.60}"
        raise ConfigurationError(msg)
    return bool(given)


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
