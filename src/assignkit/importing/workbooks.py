"""Workbooks: the first sheet of an XLSX file as the text of a CSV file, which is then read as any other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePath

from assignkit.diagnostics import Source
from assignkit.errors import ConfigurationError, MissingExtraError
from assignkit.importing.decoding import read_bytes
from assignkit.importing.problems import Code, refusal
from assignkit.messages.text import say
from assignkit.rules.table_files import read_sheet

_IN_QUOTES = re.compile(r'[",;|\t\r\n]')  # whatever could be taken for the end of a cell


def is_workbook(path: str | Path) -> bool:
    """Return whether a file is called as a workbook."""
    return PurePath(path).suffix.lower() == ".xlsx"


def read_workbook(path: str | Path) -> Source:
    """Return the first sheet of the workbook at `path` as CSV, a line for each row.

    A formula has the value that was last computed. Raises `FileError` for what cannot be opened, is no workbook or too
    large (10 MiB packed, 100 MiB unpacked), and `MissingExtraError` without the extra `ingest`.
    """
    read_bytes(Path(path))  # says what is wrong with a path as it is said of all files
    try:
        rows = read_sheet(Path(path))
    except MissingExtraError:
        raise
    except ConfigurationError as error:
        message = say("file.cannot_be_read", name=path, why=error.message)
        raise refusal(Code.NOT_TEXT, message, help=say("file.save_as_workbook")) from None
    if not any(any(row) for row in rows):
        raise refusal(Code.EMPTY, say("file.empty", name=path), help=say("file.needs_header"))
    return Source(str(path), "".join(f"{_line(row)}\n" for row in rows))


def _line(row: Iterable[str]) -> str:
    return ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' if _IN_QUOTES.search(cell) else cell for cell in row)
