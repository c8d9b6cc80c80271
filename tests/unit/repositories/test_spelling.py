"""Documents spelled in one pass are, byte for byte, what the plain way makes of them."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from assignkit.errors import ConfigurationError
from assignkit.model.frozen import freeze
from assignkit.repositories.sql.spelling import Blank, filled_in, is_sound, spell_all, to_json
from tests.contracts.test_sql_values import KEYS, UNKNOWN, VALUES
from tests.unit.repositories.spelled_plainly import plainly


class Place(BaseModel):
    """A model within a record."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    near: Place | None = None
    size: float = 0.5


class Holder(BaseModel):
    """A record's model."""

    place: Place | None = None


class Colour(StrEnum):
    RED = "red"


class Grade(IntEnum):
    FIRST = 1


Pair = namedtuple("Pair", "left right")  # noqa: PYI024 - as a host may have it
NAMES = st.sampled_from(["id", "name", "at", "facts", "100%", "%s"])


@settings(max_examples=200)
@given(fields=st.dictionaries(NAMES, VALUES, max_size=5), unknown=UNKNOWN)
def test_any_document_is_spelled_as_the_plain_way_does(fields: dict[str, Any], unknown: dict[str, Any]) -> None:
    assert to_json(fields, unknown=unknown, of="it") == plainly(fields, unknown=unknown)


@settings(max_examples=50)
@given(value=st.dictionaries(KEYS, VALUES, max_size=4))
def test_frozen_values_are_spelled_as_others(value: dict[str, Any]) -> None:
    assert to_json({"facts": freeze(value)}, of="it") == plainly({"facts": value})


@pytest.mark.parametrize(
    "value",
    [
        Colour.RED,
        Grade.FIRST,
        Pair(1, "two"),
        OrderedDict(second=2, first=1),
        MappingProxyType({"a": (1, {"$at": 2})}),
        {"%s": "%d", "100 %": "%"},
        {"a\0b": 1},
        ["NUL \0", "half \ud800", "a backslash and u0000: \\u0000", "王芳", "\u2028", '"'],
        frozenset({"b", "é", "a", "\0", "\ud800"}),
        frozenset({3, 2.5, "x", None, Decimal(1)}),
        [-0.0, 1e16, 1e-7, 0.1, float("inf"), True, None, 2**80],
        [datetime(2026, 11, 21, 9, tzinfo=UTC), datetime(2026, 11, 21, 17, tzinfo=ZoneInfo("Asia/Shanghai"))],
        [datetime(2026, 11, 21, 9, tzinfo=UTC), datetime(2026, 11, 21, 10, tzinfo=timezone(timedelta(hours=1)))],
        [datetime(2026, 10, 25, 2, tzinfo=ZoneInfo("Europe/Berlin"), fold=fold) for fold in (0, 1)],
    ],
)
def test_what_is_unusual_is_spelled_as_the_plain_way_does(value: object) -> None:
    assert to_json({"value": value}, of="it") == plainly({"value": value})


def test_models_that_their_field_names_are_kept_as_such() -> None:
    place = Place(name="here", near=Place(name="there", floor={"b": 1, "a": 2}))  # type: ignore[call-arg]
    told = to_json({"place": place}, of="it", within=Holder)
    assert told == plainly({"place": place}, within=Holder)
    assert '"$model":["Place",' in told


@pytest.mark.parametrize("value", [object(), Place(name="here"), {"deep": [{1, object()}]}])
def test_what_has_no_form_is_refused_by_name(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"`it` cannot be kept in a SQL store: .* make it plain"):
        to_json({"value": value}, of="`it`")


def test_what_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(ConfigurationError, match="cannot be kept"):
        to_json({"value": value}, of="it")


def test_a_document_without_fields_has_its_unknown_ones() -> None:
    unknown: Mapping[Any, Any] = {1: 2}
    assert to_json({}, of="it") == plainly({}) == "{}"
    assert to_json({}, unknown=unknown, of="it") == plainly({}, unknown=unknown)
    assert to_json({}, unknown={"b": 1, "a": 2}, of="it") == plainly({}, unknown={"b": 1, "a": 2})


@pytest.mark.parametrize("numbers", [(0, 1, 2), (2, 0, 1), (0, 1, 0)])
def test_blanks_are_filled_in_by_their_numbers(numbers: tuple[int, ...]) -> None:
    values = ["100%", 'say "%s"', datetime(2026, 11, 21, 9, tzinfo=UTC)]
    places = [f"a%{place}" for place in range(len(numbers))]
    blanks = to_json({place: Blank(number) for place, number in zip(places, numbers, strict=True)}, of="it")
    expected = to_json({place: values[number] for place, number in zip(places, numbers, strict=True)}, of="it")
    assert filled_in(blanks)(spell_all(values)) == expected


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_no_database_keeps_is_not_sound(text: str) -> None:
    (spelled,) = spell_all([text])
    assert not is_sound(spelled)
    assert is_sound(spell_all(["李 \\u0000"])[0].replace("\\\\", ""))
