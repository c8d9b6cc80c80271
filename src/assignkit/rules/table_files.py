"""Files that hold decision tables: CSV, or the first sheet of an XLSX workbook, as rows of texts."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assignkit.errors import ConfigurationError, MissingExtraError
from assignkit.messages.text import say

_MOST_PACKED = 10 * 2**20
_MOST_UNPACKED = 100 * 2**20
_HIGHEST_RATIO = 100  # of what is unpacked to what is packed, for what is larger than a megabyte
_MOST_COLUMNS = 500
_MOST_CELLS = 20_000_000
_DELIMITERS = ",;\t|"

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class TableFile:
    """What a rules file calls `written`, and its rows: the first one is the header."""

    importer: str
    written: str
    name: str
    rows: Rows


def read_table(path: Path, *, most: int) -> Rows:
    """Return the rows of a CSV or XLSX file, cells without the space around them; empty rows are kept.

    Raises `ConfigurationError` for what is no such file or has more than `most` rows behind its header, `OSError` for
    what cannot be read, `MissingExtraError` for a workbook without the extra `ingest`.
    """
    if path.exists() and not path.is_file():
        msg = say("meaning.no_regular_file")
        raise ConfigurationError(msg)
    if path.suffix.lower() == ".xlsx":
        return _bounded(read_sheet(path), most)
    if path.suffix.lower() not in {".csv", ".tsv"}:
        msg = say("meaning.csv_or_xlsx")
        raise ConfigurationError(msg)
    if path.stat().st_size > _MOST_UNPACKED:
        msg = say("meaning.larger_than", size=_MOST_UNPACKED)
        raise ConfigurationError(msg)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = say("meaning.not_utf8", byte=error.object[error.start], offset=error.start)
        raise ConfigurationError(msg) from None
    return _bounded(_records(text), most)


def _bounded(records: Iterable[Iterable[str]], most: int) -> Rows:
    rows: list[tuple[str, ...]] = []
    known: dict[str, str] = {}  # the same texts again and again
    cells = 0
    for record in records:
        rows.append(tuple(known.setdefault(cell, cell) for cell in map(str.strip, record)))
        cells += len(rows[-1])
        if len(rows[0]) > _MOST_COLUMNS or cells > _MOST_CELLS:
            raise ConfigurationError(_too_much(len(rows[0])))
        if len(rows) > most + 1:
            msg = say("meaning.more_rows_than", most=most)
            raise ConfigurationError(msg)
    while rows and not any(rows[-1]):
        rows.pop()
    return tuple(rows)


def _too_much(columns: int) -> str:
    if columns > _MOST_COLUMNS:
        return say("meaning.more_columns_than", most=_MOST_COLUMNS)
    return say("meaning.more_cells_than", most=_MOST_CELLS)


def _records(text: str) -> Iterable[list[str]]:
    header = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    except csv.Error as error:
        msg = say("meaning.no_table", why=error)
        raise ConfigurationError(msg) from None


def read_sheet(path: Path) -> list[list[str]]:
    """Return the rows of the first sheet of a workbook, cells as rules write them, all rows of the same width.

    Raises `ConfigurationError` for what is no workbook or too large, `MissingExtraError` without the extra `ingest`.
    """
    try:
        import python_calamine  # noqa: PLC0415 - an extra, loaded where there is a workbook
    except ImportError as error:
        raise MissingExtraError(extra="ingest") from error
    if path.stat().st_size > _MOST_PACKED:
        msg = say("meaning.larger_than", size=_MOST_PACKED)
        raise ConfigurationError(msg)
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
        if unpacked > max(_HIGHEST_RATIO * path.stat().st_size, 2**20):
            msg = say("meaning.packed_too_tightly", ratio=_HIGHEST_RATIO)
            raise ConfigurationError(msg)
        if unpacked > _MOST_UNPACKED:
            msg = say("meaning.larger_unpacked", size=_MOST_UNPACKED)
            raise ConfigurationError(msg)
        sheet = python_calamine.load_workbook(str(path)).get_sheet_by_index(0)
        return [[_shown(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    except (zipfile.BadZipFile, python_calamine.CalamineError) as error:
        msg = say("meaning.no_workbook", why=error)
        raise ConfigurationError(msg) from None


def _shown(cell: Any) -> str:  # noqa: ANN401 - whatever a workbook holds
    """Return a cell as rules write it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
