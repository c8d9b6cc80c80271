"""From a path to its text: byte order marks, encodings, and everything that turns out not to be a text file."""

from __future__ import annotations

import codecs
import difflib
import sys
from pathlib import Path

from assignkit.diagnostics import Source, Span
from assignkit.importing.problems import Code, FileError, refusal, refusal_at

STDIN = "-"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_AS_CSV = "save it as CSV (in Excel: File, Save As, “CSV UTF-8”) and give that file"


def read_text(path: str | Path, *, encoding: str | None = None) -> Source:
    """Return the text of the file at `path` (`-` is the standard input), named for messages.

    A byte order mark decides; otherwise `encoding`; otherwise UTF-8. Raises `FileError` for what cannot be opened, is
    empty, is not text, or is in another encoding.
    """
    name = "<stdin>" if str(path) == STDIN else str(path)
    data = sys.stdin.buffer.read() if str(path) == STDIN else read_bytes(Path(path))
    if data.startswith(_WORKBOOKS):
        message = f"{name} is an Excel workbook or another packed file, not a text file"
        raise refusal(Code.NOT_TEXT, message, help=_AS_CSV)
    text = _decode(data, name, encoding)
    if not text.strip():
        raise refusal(
            Code.EMPTY, f"{name} is empty", help="it needs a line with the names of its columns, then the rows"
        )
    if "\0" in text:
        raise _not_text(name, data)
    # Only files of very old Macs have no line feed at all.
    return Source(name, text if "\n" in text else text.replace("\r", "\n"))


def refuse_binary(path: Path) -> None:
    """Raise `FileError` if the file at `path` cannot be opened, or is plainly no UTF-8 text."""
    data = read_bytes(path)
    if data.startswith(_WORKBOOKS) or b"\0" in data:
        raise refusal(Code.NOT_TEXT, f"{path} is not a text file", help="save it as plain text in UTF-8")


def read_bytes(path: Path) -> bytes:
    """Return what the file holds; `FileError` says why it cannot be opened, and what to do."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise refusal(Code.CANNOT_OPEN, f"there is no file {path}", help=_did_you_mean(path)) from None
    except IsADirectoryError:
        raise refusal(Code.CANNOT_OPEN, f"{path} is a directory", help="give one file in it") from None
    except PermissionError:
        raise refusal(
            Code.CANNOT_OPEN, f"{path} may not be read", help="ask for the right to read it, or copy it"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(Code.CANNOT_OPEN, f"{path} cannot be read: {reason}", help="check the path") from error


def _did_you_mean(path: Path) -> str:
    try:
        beside = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    except OSError:
        return f"there is no directory {path.parent} either: check the path"
    near = difflib.get_close_matches(path.name, beside, n=1)
    return f"did you mean {path.parent / near[0]}?" if near else "check the path"


def _decode(data: bytes, name: str, encoding: str | None) -> str:
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], name, marked, given=False)
    if encoding is None:
        return _decode_as(data, name, "utf-8", given=False)
    try:
        codecs.lookup(encoding).incrementaldecoder  # noqa: B018 - a codec of bytes to bytes has none
        "".encode(encoding)
    except (LookupError, TypeError, ValueError):
        message = f"there is no encoding called {encoding!r}"
        raise refusal(Code.NOT_TEXT, message, help="usual ones are utf-8, gb18030, big5, cp1252, utf-16") from None
    return _decode_as(data, name, encoding, given=True).removeprefix("\ufeff")


def _decode_as(data: bytes, name: str, encoding: str, *, given: bool) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\0" in data and not encoding.startswith("utf-16"):
            raise _not_text(name, data) from None
        raise _undecodable(data, name, error, given=given) from None


def _undecodable(data: bytes, name: str, error: UnicodeDecodeError, *, given: bool) -> FileError:
    label = error.encoding.upper()
    shown = Source(name, data.decode(error.encoding, errors="replace"))
    at = len(data[: error.start].decode(error.encoding, errors="ignore"))
    message = f"this is not {label}: byte 0x{data[error.start]:02X} cannot stand here"
    if given:
        advice = f"the file is not written in {label}: give another --encoding, or none for UTF-8"
    else:
        advice = "say how it is written: --encoding gb18030 (Chinese Windows), big5, cp1252 (Western Windows), …"
    return refusal_at(Code.NOT_TEXT, message, shown, Span(at, at + 1), help=advice)


def _not_text(name: str, data: bytes) -> FileError:
    sample = data[:1000]
    halves = (sample[0::2].count(0), sample[1::2].count(0))
    if max(halves) > len(sample) // 4 and min(halves) == 0:
        encoding = "utf-16-le" if halves[1] else "utf-16-be"
        return refusal(Code.NOT_TEXT, f"{name} looks like UTF-16 without its mark", help=f"pass --encoding {encoding}")
    line = data[: data.index(b"\0")].count(b"\n") + 1 if b"\0" in data else 1
    message = f"{name}:{line} holds a NUL character: this is not a text file"
    return refusal(Code.NOT_TEXT, message, help=_AS_CSV)
