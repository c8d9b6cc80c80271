"""The language in which the command line speaks: that of `--language`, else that of the locale, else English."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextvars import ContextVar

from assignkit.messages.text import LANGUAGES, LanguageCode, say, told

OPTION = "--language"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides, as everywhere on Unix

_chosen: ContextVar[LanguageCode | None] = ContextVar("language", default=None)


def spoken() -> LanguageCode:
    """Return the language that is spoken."""
    return _chosen.get() or of_locale(os.environ)


def choose(language: str | None) -> None:
    """Speak this language from now on; None is that of the locale."""
    _chosen.set(next((known for known in LANGUAGES if known == language), None))


def of_locale(environment: Mapping[str, str]) -> LanguageCode:
    """Return the language that a person's environment asks for.

    >>> of_locale({"LANG": "zh_CN.UTF-8"}), of_locale({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}), of_locale({})
    ('zh', 'en', 'en')
    """
    locale = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def of_arguments(arguments: Sequence[str]) -> str | None:
    """Return what `--language` says on a command line, before anything has read it; None if it is not there.

    >>> of_arguments(["check", "--language", "zh"]), of_arguments(["--language=zh"]), of_arguments(["check"])
    ('zh', 'zh', None)
    """
    for place, argument in enumerate(arguments):
        if argument.startswith(f"{OPTION}="):
            return argument.partition("=")[2]
        if argument == OPTION:
            return next(iter(arguments[place + 1 : place + 2]), None)
    return None


def speak(key: str, /, **facts: object) -> str:
    """Return a message of the command line in the language that is spoken; facts that are messages too."""
    return say(f"cli.{key}", **facts).in_language(spoken())


def translated(text: str) -> str:
    """Return a text of the library in the language that is spoken; what is no message as it is."""
    return told(text, spoken())
