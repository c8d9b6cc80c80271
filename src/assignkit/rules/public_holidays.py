"""Public holidays, and the weekend days on which work makes up for them, from the library `holidays` (an extra)."""

from __future__ import annotations

from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any

from assignkit.errors import MissingExtraError
from assignkit.messages.text import Text, say
from assignkit.rules.suggestions import did_you_mean, nearest


class DayKind(Enum):
    """What a public calendar says of a day."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    MAKE_UP = "make-up"


def problem_of(code: str) -> tuple[Text, Text | None] | None:
    """Return what keeps `CN`, or `DE-BY`, from being a place whose holidays are known, and a hint; None if it is one.

    Raises `MissingExtraError` if the library is not there.
    """
    country, _, part = code.partition("-")
    supported = _library().utils.list_supported_countries()
    if country not in supported:
        return say("meaning.holidays_unknown", place=country), did_you_mean(nearest(country.upper(), supported))
    if part and part not in supported[country]:
        hint = did_you_mean(nearest(part.upper(), supported[country]))
        return say("meaning.no_such_part", country=country, part=part), hint
    return None


def day_kind(day: date, places: tuple[str, ...]) -> DayKind:
    """Return what the places' calendars say of a day; a holiday of any of them is one."""
    if not places:
        return DayKind.ORDINARY
    kinds = {_kind(day, place) for place in places}
    if DayKind.HOLIDAY in kinds:
        return DayKind.HOLIDAY
    return DayKind.MAKE_UP if DayKind.MAKE_UP in kinds else DayKind.ORDINARY


@lru_cache(maxsize=65_536)
def _kind(day: date, place: str) -> DayKind:
    known = _of_year(place, day.year)
    if day in known.weekend_workdays:
        return DayKind.MAKE_UP
    return DayKind.HOLIDAY if day in known else DayKind.ORDINARY


@lru_cache(maxsize=512)
def _of_year(place: str, year: int) -> Any:  # noqa: ANN401 - the library's own class
    country, _, part = place.partition("-")
    return _library().country_holidays(country, subdiv=part or None, years=year, expand=False)


def _library() -> Any:  # noqa: ANN401
    try:
        import holidays  # noqa: PLC0415 - an extra, loaded where a calendar has holidays
    except ImportError as error:
        raise MissingExtraError(extra="calendar") from error
    return holidays
