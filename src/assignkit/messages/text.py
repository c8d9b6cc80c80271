"""A message: an English text that knows how it reads in other languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Literal, Self, TypeAlias, get_args

LanguageCode: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[LanguageCode, ...] = get_args(LanguageCode)

Entry: TypeAlias = tuple[str | tuple[str, str], str]
"""The English and the Chinese template; English may be a pair, the first of which is for a `count` of 1."""

_SUBJECTS = frozenset({"cli", "error", "file", "form", "meaning", "report", "usual", "why"})
_SEPARATORS: Mapping[LanguageCode, str] = {"en": ", ", "zh": "、"}


def spelled_out(text: str) -> str:
    r"""Return a text in which half a character (a lone surrogate), which UTF-8 cannot hold, is spelled out.

    >>> print(spelled_out("a\ud800"))
    a\ud800
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class Text(str):
    """An English text with its key in the catalogue and the facts in it, so that it can be told in Chinese too.

    It is an ordinary text wherever texts go; what is made of it by formatting or joining is one without translation.
    """

    __slots__ = ("facts", "key")

    key: str
    facts: Mapping[str, object]

    def __new__(cls, key: str, facts: Mapping[str, object]) -> Self:
        """Return the message `key` of the catalogue; raises `KeyError` for one that it does not have."""
        self = super().__new__(cls, _rendered(key, facts, "en"))
        self.key, self.facts = key, facts
        return self

    def __reduce__(self) -> tuple[type[Text], tuple[str, Mapping[str, object]]]:
        return Text, (self.key, self.facts)

    def in_language(self, language: LanguageCode) -> str:
        """Return the message in `language`."""
        if language == "en":
            return str(self)
        return _QUOTED.sub(_spaced, _rendered(self.key, self.facts, language))


def say(message: str, /, **facts: object) -> Text:
    """Return a message by its key, such as `form.not_a_date`, with these facts.

    A fact may be a message itself, or a tuple, whose members are told one after the other.
    """
    return Text(message, facts)


def told(text: str, language: LanguageCode) -> str:
    """Return `text` in `language` if it is a message, else as it is: names and texts of people have one form."""
    return text.in_language(language) if isinstance(text, Text) else text


def has(key: str) -> bool:
    """Return whether the catalogue has a message `key`."""
    subject, _, name = key.partition(".")
    return subject in _SUBJECTS and name in catalogue(subject)


@cache
def catalogue(subject: str) -> Mapping[str, Entry]:
    """Return the messages of one subject by name; its file is read when the first of them is said."""
    messages: Mapping[str, Entry] = import_module(f"assignkit.messages.{subject}").MESSAGES
    return messages


def recognised(english: str, family: str) -> Text | None:
    """Return the message that an English text is one of; `family` is what the keys begin with. None if it is none.

    Data that is kept is in English, the same in every place: this is how it is read in another language.
    """
    for key, pattern in _patterns(family):
        found = pattern.fullmatch(english)
        if found is not None:
            return say(key, **found.groupdict())
    return None


@cache
def _patterns(family: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    subject, _, start = family.partition(".")
    entries = [(name, entry[0]) for name, entry in catalogue(subject).items() if name.startswith(start)]
    return tuple(
        (f"{subject}.{name}", re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(english)), re.DOTALL))
        for name, english in entries
        if isinstance(english, str)
    )


def subjects() -> tuple[str, ...]:
    """Return what there are messages about, in order."""
    return tuple(sorted(_SUBJECTS))


def _rendered(key: str, facts: Mapping[str, object], language: LanguageCode) -> str:
    subject, _, name = key.partition(".")
    english, chinese = catalogue(subject)[name]
    template = chinese
    if language == "en":
        template = english if isinstance(english, str) else english[0 if facts["count"] == 1 else 1]
    return template.format_map({name: _fact(fact, language) for name, fact in facts.items()})


_QUOTED = re.compile(r"([\u4e00-\u9fff])?(`[^`]*`)(?=([\u4e00-\u9fff])?)")


def _spaced(quoted: re.Match[str]) -> str:
    """Return what is quoted with a space between it and Chinese letters beside it, as it is printed in Chinese."""
    before, inside, after = quoted.groups()
    return f"{before + ' ' if before else ''}{inside}{' ' if after else ''}"


def _fact(fact: object, language: LanguageCode) -> object:
    if isinstance(fact, Text):
        return _rendered(fact.key, fact.facts, language)
    if isinstance(fact, tuple):
        return _SEPARATORS[language].join(str(_fact(each, language)) for each in fact)
    return "" if fact is None else fact
