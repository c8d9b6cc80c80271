"""From a path to its text: byte order marks, encodings, and everything that turns out not to be a text file."""

from __future__ import annotations

import codecs
import difflib
import sys
from pathlib import Path

from assignkit.diagnostics import Source, Span
from assignkit.importing.chinese import chinese_encoding
from assignkit.importing.problems import Code, FileError, refusal, refusal_at
from assignkit.messages.text import Text, say
from assignkit.opening import is_stream, open_to_read

STDIN = "-"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def read_text(path: str | Path, *, encoding: str | None = None) -> Source:
    """Return the text of the file at `path` (`-` is the standard input), named for messages.

    A byte order mark decides; otherwise `encoding`; otherwise UTF-8. Raises `FileError` for what cannot be opened, is
    empty, is not text, or is in another encoding.
    """
    return _text(*_named_bytes(path), encoding)


def read_found_out(path: str | Path, *, encoding: str | None = None) -> tuple[Source, str | None]:
    """Return the text of a file, as `read_text` does, and the Chinese encoding that it was found to be in, if any."""
    name, data = _named_bytes(path)
    found = None
    if encoding is None and not _is_utf(data) and b"\0" not in data:
        found = chinese_encoding(data)
    return _text(name, data, encoding or found), found


def _is_utf(data: bytes) -> bool:
    if data.startswith(tuple(mark for mark, _ in _MARKS)):
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _named_bytes(path: str | Path) -> tuple[str, bytes]:
    name = "<stdin>" if str(path) == STDIN else str(path)
    return name, sys.stdin.buffer.read() if str(path) == STDIN else read_bytes(Path(path))


def _text(name: str, data: bytes, encoding: str | None) -> Source:
    if data.startswith(_WORKBOOKS):
        raise refusal(Code.NOT_TEXT, say("file.workbook", name=name), help=say("file.save_as_csv"))
    text = _decode(data, name, encoding)
    if not text.strip():
        raise refusal(Code.EMPTY, say("file.empty", name=name), help=say("file.needs_header"))
    if "\0" in text:
        raise _not_text(name, data)
    # Only files of very old Macs have no line feed at all.
    return Source(name, text if "\n" in text else text.replace("\r", "\n"))


def is_read_once(path: str | Path) -> bool:
    """Return whether it is the standard input (`-`), a pipe or the like, and so cannot be looked at beforehand."""
    return str(path) == STDIN or is_stream(Path(path))


def refuse_binary(path: Path) -> None:
    """Raise `FileError` if the file at `path` cannot be opened, or is plainly no UTF-8 text."""
    refuse_binary_data(path, read_bytes(path))


def refuse_binary_data(path: Path, data: bytes) -> None:
    """Raise `FileError` if what the file at `path` holds is plainly no UTF-8 text."""
    if data.startswith(_WORKBOOKS) or b"\0" in data:
        raise refusal(Code.NOT_TEXT, say("file.no_text_file", name=path), help=say("file.save_as_text"))


def read_bytes(path: Path) -> bytes:
    """Return what the file holds; `FileError` says why it cannot be opened, and what to do."""
    try:
        with open_to_read(path) as file:
            return file.read()
    except FileNotFoundError:
        raise refusal(Code.CANNOT_OPEN, say("file.no_file", name=path), help=_did_you_mean(path)) from None
    except IsADirectoryError:
        message, help = say("file.is_directory", name=path), say("file.give_a_file")
        raise refusal(Code.CANNOT_OPEN, message, help=help) from None
    except PermissionError:
        message, help = say("file.may_not_be_read", name=path), say("file.ask_for_the_right")
        raise refusal(Code.CANNOT_OPEN, message, help=help) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = say("file.cannot_be_read", name=path, why=reason)
        raise refusal(Code.CANNOT_OPEN, message, help=say("file.check_the_path")) from error


def _did_you_mean(path: Path) -> Text:
    if path.is_symlink():
        return say("file.dangling", name=path, there=path.readlink())
    try:
        beside = [entry for entry in path.parent.iterdir() if entry.is_file()]
    except OSError:
        return say("file.no_directory_either", folder=path.parent)
    like = difflib.get_close_matches(path.stem, {entry.stem for entry in beside}, n=1)  # endings make all names alike
    names = [entry.name for entry in beside if entry.stem in like]
    near = difflib.get_close_matches(path.name, names, n=1, cutoff=0)
    return say("file.did_you_mean", name=path.parent / near[0]) if near else say("file.check_the_path")


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
        message = say("file.no_encoding", name=encoding)
        raise refusal(Code.NOT_TEXT, message, help=say("file.usual_encodings")) from None
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
    message = say("file.undecodable", encoding=label, byte=data[error.start])
    advice = say("file.other_encoding", encoding=label) if given else say("file.say_encoding")
    return refusal_at(Code.NOT_TEXT, message, shown, Span(at, at + 1), help=advice)


def _not_text(name: str, data: bytes) -> FileError:
    sample = data[:1000]
    halves = (sample[0::2].count(0), sample[1::2].count(0))
    if max(halves) > len(sample) // 4 and min(halves) == 0:
        encoding = "utf-16-le" if halves[1] else "utf-16-be"
        help = say("file.pass_encoding", encoding=encoding)
        return refusal(Code.NOT_TEXT, say("file.unmarked_utf16", name=name), help=help)
    line = data[: data.index(b"\0")].count(b"\n") + 1 if b"\0" in data else 1
    return refusal(Code.NOT_TEXT, say("file.holds_nul", name=name, line=line), help=say("file.save_as_csv"))
