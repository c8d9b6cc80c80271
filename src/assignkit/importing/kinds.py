"""What a column holds, inferred from all of its cells: one cell that does not fit makes it text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import Any

from assignkit.importing.dates import DateOrder, DateReading, looks_like_date, read_dates
from assignkit.importing.grid import Cell
from assignkit.messages.text import Text, say


class Kind(StrEnum):
    """What the values of a column are."""

    EMPTY = "empty"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    LIST = "list"
    MAP = "map"
    TEXT = "text"


TYPES: Mapping[Kind, Any] = MappingProxyType(
    {
        Kind.EMPTY: type(None),
        Kind.NUMBER: Decimal,
        Kind.BOOLEAN: bool,
        Kind.DATE: date,
        Kind.DATETIME: datetime,
        Kind.LIST: list[str],
        Kind.MAP: dict[str, Decimal],
        Kind.TEXT: str,
    }
)


@dataclass(frozen=True, slots=True)
class Inferred:
    """A kind with one value per cell. `doubt` says why a column stays text that looks like something else.

    `doubtful` is the place of the cell that the doubt is about, and `remedy` what would help.
    """

    kind: Kind
    values: tuple[object, ...]
    doubt: Text | None = None
    doubtful: int = 0
    remedy: Text | None = None


PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?(?:[eE][+-]\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"-?(?:\d{1,3}(?:,\d{3}){1,9}|\d{1,29})(?:\.\d{1,30})?", re.ASCII)
_SURELY_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+\.\d+|-?\d{1,3}(?:,\d{3}){2,}", re.ASCII)
_PERCENT = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?\s?%", re.ASCII)
_CODE = re.compile(r"[0+]\d+", re.ASCII)  # a leading zero or plus means something
_MOST_DIGITS = 15  # more are a card or order number, and not exact in most programs
_PHONE_LENGTH = 11  # whole numbers of this length or more, all of one length, are phone or account numbers
_NUMBERS_THAT_ARE_NAMES = re.compile(
    r"(?:^|_)(?:id|ids|phone|phones|mobile|tel|telephone|fax|zip|postcode|postal_code|zip_code|iban|sku|barcode)_?\d*$|"
    r"电话|手机|传真|邮编|编号|身份证"
)

_BOOLEANS = ({"yes": True, "no": False}, {"true": True, "false": False}, {"是": True, "否": False})
_LETTERS = {"y": True, "n": False}  # a lone N may as well be North: both must occur

_LONGEST_ENTRY = 60  # characters between two semicolons that are still a list and not a sentence
_SAMPLE = 200  # cells that are looked at to say that a column is nearly something
_NEARLY = 0.9


def infer(cells: Sequence[Cell], *, name: str = "", dates: DateOrder | None = None, typed: bool = False) -> Inferred:
    """Return what the cells are. Empty cells (None) fit everything, and stay None.

    The `name` of the column tells phone numbers and the like from amounts. Where the file itself is `typed` (JSON),
    text is text or a date, whatever it looks like.
    """
    present = [cell for cell in cells if cell is not None]
    if not present:
        return Inferred(Kind.EMPTY, tuple(cells))
    texts = [cell for cell in present if isinstance(cell, str)]
    if len(texts) < len(present):
        return _spread(_infer_json(present), cells)
    if typed:
        return _spread(_as_dates(texts, dates) or Inferred(Kind.TEXT, tuple(texts)), cells)
    return _spread(_infer_texts(texts, name, dates), cells)


def _infer_texts(texts: list[str], name: str, dates: DateOrder | None) -> Inferred:
    if _NUMBERS_THAT_ARE_NAMES.search(name):
        return _as_lists(texts) or Inferred(Kind.TEXT, tuple(texts))
    for attempt in (_as_numbers, _as_booleans, lambda some: _as_dates(some, dates), _as_lists):
        found = attempt(texts)
        if found:
            return found
    return _as_text(texts)


def _spread(found: Inferred, cells: Sequence[Cell]) -> Inferred:
    """Return `found`, which is about the cells that are present, for all cells."""
    if len(found.values) == len(cells):
        return found
    values = iter(found.values)
    spread = tuple(None if cell is None else next(values) for cell in cells)
    present = (place for place, cell in enumerate(cells) if cell is not None)
    place = next(islice(present, found.doubtful, None), 0)
    return Inferred(found.kind, spread, found.doubt, place, found.remedy)


def number(text: str) -> int | float | Decimal:
    """Return the number that a plain spelling stands for, exactly."""
    if text.lstrip("-").isdigit():
        return int(text)
    value = float(text)
    return value if len(text) <= _MOST_DIGITS or Decimal(repr(value)) == Decimal(text) else Decimal(text)


def _as_numbers(texts: list[str]) -> Inferred | None:
    if all(map(PLAIN_NUMBER.fullmatch, texts)):
        return None if _are_names(texts) else Inferred(Kind.NUMBER, tuple(map(number, texts)))
    if all(map(_PERCENT.fullmatch, texts)):
        return Inferred(Kind.NUMBER, tuple(float(Decimal(text.rstrip("% ")) / 100) for text in texts))
    if all(map(_GROUPED.fullmatch, texts)):
        return _grouped(texts)
    return None


def _are_names(texts: list[str]) -> bool:
    lengths = {len(text) for text in texts}
    whole = all(map(str.isdigit, texts))
    one_long_length = whole and len(lengths) == 1 and min(lengths) >= _PHONE_LENGTH and len(texts) > 1
    return one_long_length or any(len(text) > _MOST_DIGITS and text.lstrip("-").isdigit() for text in texts)


def _grouped(texts: list[str]) -> Inferred | None:
    """Commas between thousands count when some cell leaves no doubt that they are no decimal commas."""
    if any(text.lstrip("-").startswith("0") and PLAIN_NUMBER.fullmatch(text) is None for text in texts):
        return None
    if any(map(_SURELY_GROUPED.fullmatch, texts)):
        return Inferred(Kind.NUMBER, tuple(number(text.replace(",", "")) for text in texts))
    place = next(i for i, text in enumerate(texts) if "," in text)
    doubt = say("file.thousands", text=texts[place])
    return Inferred(Kind.TEXT, tuple(texts), doubt, place, say("file.without_commas"))


def _as_booleans(texts: list[str]) -> Inferred | None:
    words = {text.lower() for text in texts}
    for meaning in _BOOLEANS:
        if words <= meaning.keys():
            return Inferred(Kind.BOOLEAN, tuple(meaning[text.lower()] for text in texts))
    if words == _LETTERS.keys():
        return Inferred(Kind.BOOLEAN, tuple(_LETTERS[text.lower()] for text in texts))
    return None


def _as_dates(texts: list[str], order: DateOrder | None) -> Inferred | None:
    if not all(map(looks_like_date, texts[:1])):
        return None
    reading = read_dates(texts, order=order)
    if reading is None:
        return None
    if reading.misfit is not None:
        return _mixed_dates(texts, reading, reading.misfit)
    if reading.other:
        one, other = reading.style.example, reading.other.example
        doubt = say("file.two_readings", text=texts[0], one=one, other=other)
        return Inferred(Kind.TEXT, tuple(texts), doubt, 0, say("file.say_which_order"))
    kind = Kind.DATETIME if hasattr(reading.values[0], "hour") else Kind.DATE
    return Inferred(kind, reading.values)


def _mixed_dates(texts: list[str], reading: DateReading, misfit: int) -> Inferred | None:
    """Return a column of text that holds nothing but dates, in more than one style; None if some are no dates."""
    if not all(map(looks_like_date, texts)):
        return None
    like = next(text for text, value in zip(texts, reading.values, strict=True) if value is not None)
    doubt = say("file.mixed_dates", text=texts[misfit], like=like)
    return Inferred(Kind.TEXT, tuple(texts), doubt, misfit, say("file.one_style"))


def entries(text: str) -> tuple[str, ...]:
    """Return the entries of a list that is separated by semicolons, without empty ones."""
    return tuple(entry.strip() for entry in text.replace("；", ";").split(";") if entry.strip())


def _as_lists(texts: list[str]) -> Inferred | None:
    if not any(";" in text or "；" in text for text in texts):
        return None
    lists = tuple(map(entries, texts))
    if any(len(entry) > _LONGEST_ENTRY or "\n" in entry for found in lists for entry in found):
        return None
    return Inferred(Kind.LIST, lists)


def _as_text(texts: list[str]) -> Inferred:
    for label, fits in (("numbers", PLAIN_NUMBER.fullmatch), ("dates", looks_like_date)):
        place = _misfit(texts, fits)
        if place is not None and not _CODE.fullmatch(texts[place]):
            doubt = say(f"file.not_{label}", text=texts[place])
            return Inferred(Kind.TEXT, tuple(texts), doubt, place, say("file.correct_or_unknown"))
    return Inferred(Kind.TEXT, tuple(texts))


def _misfit(texts: list[str], fits: Callable[[str], object]) -> int | None:
    """Return the place of the first cell that does not fit, if nearly all others do."""
    sample = texts[:_SAMPLE]
    fitting = sum(1 for text in sample if fits(text))
    if fitting < _NEARLY * len(sample) or fitting < 2:  # noqa: PLR2004 - one cell tells nothing about a column
        return None
    return next((i for i, text in enumerate(texts) if not fits(text)), None)


def _infer_json(values: list[object]) -> Inferred:
    """Return what JSON values are; of mixed ones, the texts that they are written as."""
    if all(isinstance(value, bool) for value in values):
        return Inferred(Kind.BOOLEAN, tuple(values))
    if all(_is_number(value) for value in values):
        return Inferred(Kind.NUMBER, tuple(values))
    if all(_is_list_or_text(value) for value in values):
        return Inferred(Kind.LIST, tuple((v,) if isinstance(v, str) else tuple(v) for v in values))  # type: ignore[arg-type]
    if all(isinstance(value, dict) and all(map(_is_number, value.values())) for value in values):
        return Inferred(Kind.MAP, tuple(values))
    return Inferred(Kind.TEXT, tuple(value if isinstance(value, str) else str(value) for value in values))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list_or_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(entry, str) for entry in value))
