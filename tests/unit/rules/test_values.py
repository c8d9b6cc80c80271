from __future__ import annotations

import enum
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from assignkit.rules.field_types import Field, spec_of
from assignkit.rules.values import problem_with, reader


class Plan(enum.Enum):
    PRO = "pro"


SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (str, "a", "a"),
        (str, 5, None),
        (str, Plan.PRO, None),
        (Plan, Plan.PRO, "pro"),
        (Plan, "pro", "pro"),
        (list[Plan], [Plan.PRO, "x"], ["pro", "x"]),
        (float, 5, 5),
        (float, 0.1, 0.1),
        (float, True, None),
        (float, float("nan"), None),
        (float, float("-inf"), None),
        (float, Decimal("NaN"), None),
        (float, Decimal("sNaN"), None),
        (float, "5", None),
        (bool, True, True),
        (bool, 1, None),
        (date, date(2026, 1, 1), date(2026, 1, 1)),
        (date, datetime(2026, 1, 1, tzinfo=UTC), None),
        (datetime, datetime(2026, 1, 1, 8, tzinfo=SHANGHAI), datetime(2026, 1, 1, 0, tzinfo=UTC)),
        (datetime, datetime(2026, 1, 1), None),  # noqa: DTZ001
        (datetime, date(2026, 1, 1), None),
        (datetime, datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))), None),
        (Field(type=datetime, zone="Asia/Shanghai"), datetime(2026, 1, 1, 8), datetime(2026, 1, 1, 0, tzinfo=UTC)),  # noqa: DTZ001
        (list[str], ("a",), ("a",)),
        (list[str], "abc", None),
        (dict[str, float], {"a": 1}, {"a": 1}),
        (dict[str, float], ["a"], None),
        (tuple[float, float], [31, 121.5], (31.0, 121.5)),
        (tuple[float, float], (91, 0), None),
        (tuple[float, float], (1, 2, 3), None),
        (type(None), "a", None),
    ],
)
def test_values_are_read_by_the_type_of_the_field(kind: object, raw: object, expected: object) -> None:
    found = reader(spec_of("x", kind))(raw)
    assert found == expected
    assert type(found) is type(expected)


def test_a_subclass_of_text_becomes_plain_text() -> None:
    class Shouting(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    assert type(reader(spec_of("x", str))(Shouting("a"))) is str


@pytest.mark.parametrize(
    ("kind", "raw", "problem"),
    [
        (str, 5, "it should be a text, not int"),
        (float, "5", "it should be a number, not str"),
        (float, True, "it should be a number, not bool"),
        (float, float("inf"), "it is not finite"),
        (datetime, datetime(2026, 1, 1), "it has no time zone"),  # noqa: DTZ001
        (list[str], "abc", "it should be a list of texts, not str"),
        (float, float("nan"), None),
        (str, float("nan"), None),
        (str, None, None),
        (str, "a", None),
    ],
)
def test_what_counts_as_missing_says_why(kind: object, raw: object, problem: str | None) -> None:
    assert problem_with(spec_of("x", kind), raw) == problem
