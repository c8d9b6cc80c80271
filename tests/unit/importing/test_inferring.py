"""What a column is taken for: the whole column decides, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.importing.kinds import Inferred, Kind, infer


def inferred(*cells: object, name: str = "x", typed: bool = False) -> tuple[Kind, tuple[object, ...]]:
    found = infer(cells, name=name, typed=typed)
    return found.kind, found.values


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("1", "-2", "0"), (1, -2, 0)),
        (("1", "2.50", None), (1, 2.5, None)),
        (("1e-05", "1.5E+3"), (1e-05, 1500.0)),
        (("0.1234567890123456789",), (Decimal("0.1234567890123456789"),)),
        (("12%", "7.5 %"), (0.12, 0.075)),
        (("1,234.50", "7", "12,000"), (1234.5, 7, 12000)),
        (("1,234,567", "1,000"), (1234567, 1000)),
        (("0", "1", "1"), (0, 1, 1)),
    ],
)
def test_numbers(cells: tuple[str, ...], values: tuple[object, ...]) -> None:
    assert inferred(*cells) == (Kind.NUMBER, values)


@pytest.mark.parametrize(
    "cells",
    [
        ("007", "008"),
        ("+8613800138000", "+442071838750"),
        ("13800138000", "13912345678"),
        ("12345678901234567", "3"),
        ("12e5", "13e5"),
        ("nan", "1"),
        ("1", "n/a"),
        ("-", "1"),
        ("1.2.3", "1.2.4"),
        ("12%", "5"),
        ("٣", "٤"),
        ("0x10",),
        ("9" * 5000,),
        ("1," + "000," * 2000 + "000.5",),
        ("0." + "1" * 5000,),
    ],
)
def test_what_only_looks_like_numbers_stays_text(cells: tuple[str, ...]) -> None:
    assert inferred(*cells) == (Kind.TEXT, cells)


@pytest.mark.parametrize("name", ["id", "customer_id", "phone", "mobile", "mobile_2", "zip", "postcode", "联系电话"])
def test_columns_that_name_things_stay_text(name: str) -> None:
    assert inferred("1001", "1002", name=name) == (Kind.TEXT, ("1001", "1002"))


def test_a_word_that_only_ends_like_an_identity_is_no_identity() -> None:
    assert inferred("3", "4", name="paid") == (Kind.NUMBER, (3, 4))


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("yes", "NO", None), (True, False, None)),
        (("True", "false"), (True, False)),
        (("No", "No"), (False, False)),
        (("y", "N"), (True, False)),
        (("是", "否"), (True, False)),
    ],
)
def test_booleans(cells: tuple[str, ...], values: tuple[object, ...]) -> None:
    assert inferred(*cells) == (Kind.BOOLEAN, values)


@pytest.mark.parametrize("cells", [("N", "N"), ("yes", "true"), ("yes", "maybe"), ("y", "no")])
def test_what_is_not_surely_boolean_stays_text(cells: tuple[str, ...]) -> None:
    assert inferred(*cells) == (Kind.TEXT, cells)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-21",
        "2026/11/21",
        "2026.11.21",
        "2026年11月21日",
        "21.11.2026",
        "21/11/2026",
        "11/21/2026",
        "21-11-2026",
        "11-21-2026",
        "21-Nov-2026",
        "21 November 2026",
        "Nov 21, 2026",
    ],
)
def test_days_in_the_usual_styles(cell: str) -> None:
    assert inferred(cell) == (Kind.DATE, (date(2026, 11, 21),))


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2026-11-21T09:30", datetime(2026, 11, 21, 9, 30)),  # noqa: DTZ001 - a naive cell stays naive here
        ("2026-11-21 09:30:05.25", datetime(2026, 11, 21, 9, 30, 5, 250_000)),  # noqa: DTZ001
        ("2026-11-21T09:30:00Z", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        ("2026-11-21T09:30+0800", datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=8)))),
        ("11/21/2026 9:30 PM", datetime(2026, 11, 21, 21, 30)),  # noqa: DTZ001
        ("21.11.2026 12:05 am", datetime(2026, 11, 21, 0, 5)),  # noqa: DTZ001
    ],
)
def test_instants_in_the_usual_styles(cell: str, instant: datetime) -> None:
    assert inferred(cell, None) == (Kind.DATETIME, (instant, None))


@pytest.mark.parametrize(
    "cells",
    [
        ("2026-02-30",),
        ("2026-11-21", "21.11.2026"),
        ("2026-11-21", "2026-11-21 10:00"),
        ("2026-11-21 10:00", "2026-11-21 10:00Z"),
        ("2026-11-21", "soon"),
        ("21/11/26", "22/11/26"),
        ("2026-11-21 25:00",),
        ("21-Nor-2026",),
    ],
)
def test_what_is_not_a_date_in_one_style_stays_text(cells: tuple[str, ...]) -> None:
    assert inferred(*cells) == (Kind.TEXT, cells)


def test_one_cell_tells_the_order_of_day_and_month_of_all() -> None:
    assert inferred("03/04/2026", "13/04/2026")[1] == (date(2026, 4, 3), date(2026, 4, 13))
    assert inferred("03/04/2026", "04/13/2026")[1] == (date(2026, 3, 4), date(2026, 4, 13))


def test_dates_that_read_both_ways_the_same_are_dates() -> None:
    assert inferred("05/05/2026", "06/06/2026") == (Kind.DATE, (date(2026, 5, 5), date(2026, 6, 6)))


def test_dates_that_read_two_ways_stay_text_until_the_order_is_said() -> None:
    cells = (None, "03/04/2026")

    silent, told = infer(cells), infer(cells, dates="dmy")

    assert (silent.kind, silent.values) == (Kind.TEXT, cells)
    assert silent.doubt == "`03/04/2026` may be read like 21/11/2026 or like 11/21/2026"
    assert (silent.doubtful, silent.remedy) == (1, "say which: --dates dmy (day first) or --dates mdy (month first)")
    assert told.values == (None, date(2026, 4, 3))
    assert infer(cells, dates="mdy").values == (None, date(2026, 3, 4))


def test_lists_are_separated_by_semicolons() -> None:
    assert inferred("a; b;", "c", None) == (Kind.LIST, (("a", "b"), ("c",), None))


def test_sentences_are_no_lists() -> None:
    sentence = "He called about the enterprise licence that was discussed last spring; will call back"

    assert inferred(sentence, "ok")[0] is Kind.TEXT


def test_an_empty_column_is_of_no_kind() -> None:
    assert inferred(None, None) == (Kind.EMPTY, (None, None))


@pytest.mark.parametrize(
    ("cells", "doubt"),
    [
        ((*map(str, range(20)), "unknown"), "the cells are numbers, but not `unknown`"),
        ((*(f"2026-11-{day}" for day in range(10, 25)), "soon"), "the cells are dates, but not `soon`"),
        (("1,234", "5"), "`1,234` may be a number of thousands, or have a decimal comma"),
        (("2026-11-21", "21.11.2026"), "the cells are dates, but `21.11.2026` is not written like `2026-11-21`"),
        (
            ("2026-11-21 10:00", "2026-11-22 11:00", "2026-11-23"),
            "the cells are dates, but `2026-11-23` is not written like `2026-11-21 10:00`",
        ),
        (
            ("2026-11-21 10:00", "2026-11-21 10:00Z"),
            "the cells are dates, but `2026-11-21 10:00Z` is not written like `2026-11-21 10:00`",
        ),
    ],
)
def test_a_column_that_is_nearly_something_is_doubted(cells: tuple[str, ...], doubt: str) -> None:
    found = infer(cells)

    assert found.kind is Kind.TEXT
    assert found.doubt == doubt
    assert f"`{cells[found.doubtful]}`" in doubt


@pytest.mark.parametrize(
    "cells", [("red", "green"), (*map(str, range(20)), "007"), ("1", "red"), ("2026-11-21", "red"), ("2026-11-21",) * 2]
)
def test_a_column_of_text_is_not_doubted(cells: tuple[str, ...]) -> None:
    assert infer(cells).doubt is None


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("5", "6"), (Kind.TEXT, ("5", "6"))),
        (("yes", "no"), (Kind.TEXT, ("yes", "no"))),
        ((5, 6.5, None), (Kind.NUMBER, (5, 6.5, None))),
        ((True, None), (Kind.BOOLEAN, (True, None))),
        ((["a"], "b"), (Kind.LIST, (("a",), ("b",)))),
        (({"a": 1}, {"b": 2.5}), (Kind.MAP, ({"a": 1}, {"b": 2.5}))),
        ((1, "a"), (Kind.TEXT, ("1", "a"))),
        ((True, 1), (Kind.TEXT, ("True", "1"))),
        (("2026-11-21",), (Kind.DATE, (date(2026, 11, 21),))),
    ],
)
def test_json_says_itself_what_is_text(cells: tuple[object, ...], expected: object) -> None:
    assert inferred(*cells, typed=True) == expected


@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=20))
def test_no_text_breaks_inference_and_empty_cells_stay_in_place(cells: list[str | None]) -> None:
    found: Inferred = infer(cells)

    assert len(found.values) == len(cells)
    assert [value is None for value in found.values] == [cell is None for cell in cells]


@given(st.lists(st.integers(-(10**14), 10**14) | st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_survive_being_written_and_read(numbers: list[float]) -> None:
    found = infer([repr(number) for number in numbers])

    if found.kind is Kind.NUMBER:
        assert list(found.values) == numbers
