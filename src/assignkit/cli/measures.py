"""Amounts that people type: `10 minutes`, `12/hour`, `5%`."""

from __future__ import annotations

import re

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say

_SECONDS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "d": 86_400}
_UNITS = {**_SECONDS, "day": 86_400, "w": 604_800, "week": 604_800}
_AMOUNT = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[a-z]*)\s*", re.ASCII)
_RATE = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?:(?:/|per)\s*(?P<unit>[a-z]+))?\s*", re.ASCII)
_PART = re.compile(r"\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>%?)\s*", re.ASCII)


def seconds_of(text: str, *, option: str) -> float:
    """Return a time in seconds; a bare number is seconds. Raises `ConfigurationError`.

    >>> seconds_of("10 minutes", option="--service"), seconds_of("1.5h", option="--until")
    (600.0, 5400.0)
    """
    found = _AMOUNT.fullmatch(text)
    unit = _unit(found["unit"] or "s") if found else None
    if found is None or unit is None:
        msg = say("cli.no_length_of_time", option=option, text=text)
        raise ConfigurationError(msg)
    return float(found["number"]) * unit


def rate_of(text: str, *, option: str) -> float:
    """Return a rate per second; a bare number is per second. Raises `ConfigurationError`.

    >>> round(rate_of("12/hour", option="--rate"), 6), rate_of("0.5", option="--rate")
    (0.003333, 0.5)
    """
    found = _RATE.fullmatch(text)
    unit = _unit(found["unit"] or "s") if found else None
    if found is None or unit is None or not float(found["number"]):
        msg = say("cli.no_rate", option=option, text=text)
        raise ConfigurationError(msg)
    return float(found["number"]) / unit


def part_of(text: str, *, option: str) -> float:
    """Return a part of a whole, from 0 to 1. Raises `ConfigurationError`.

    >>> part_of("5%", option="--max-moved"), part_of("0.05", option="--max-moved")
    (0.05, 0.05)
    """
    found = _PART.fullmatch(text)
    part = float(found["number"]) / (100 if found["percent"] else 1) if found else -1.0
    if not 0 <= part <= 1:
        msg = say("cli.no_part", option=option, text=text)
        raise ConfigurationError(msg)
    return part


def _unit(word: str) -> int | None:
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))
