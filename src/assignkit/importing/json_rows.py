"""JSON files: one object per line, or one array of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assignkit.diagnostics import Source, Span
from assignkit.importing.grid import Cell, Grid
from assignkit.importing.problems import Code, FileError, refusal, refusal_at
from assignkit.messages.text import say

_BETWEEN = re.compile(r"[\s,]*")
_SPACE = re.compile(r"\s*")
# NaN and the infinities read as missing, everywhere.
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)


@dataclass(frozen=True, slots=True)
class _Object:
    span: Span
    fields: dict[str, Cell]


def read_json(source: Source) -> Grid:
    """Return the rows of `source`, one per object; the columns are all names that occur, in order of appearance.

    Text is stripped of surrounding space; empty text is None. Raises `FileError` at what is not JSON or no object.
    """
    objects = list(_objects(source))
    if not objects:
        raise refusal(Code.EMPTY, say("file.no_objects", name=source.name), help=say("file.one_object_a_line"))
    headers = tuple(dict.fromkeys(name for found in objects for name in found.fields))
    rows = tuple(tuple(_cleaned(found.fields.get(name)) for name in headers) for found in objects)

    def span_of(row: int, column: int) -> Span:
        span = objects[row].span
        key = re.compile(re.escape(json.dumps(headers[column], ensure_ascii=False)) + r"\s*:\s*")
        match = key.search(source.text, span.start, span.end)
        if not match:
            return Span(span.start, span.start + 1)
        return Span(match.end(), _DECODER.raw_decode(source.text, match.end())[1])

    return Grid(source, headers, rows, span_of, typed=True)


def _cleaned(value: Cell) -> Cell:
    return (value.strip() or None) if isinstance(value, str) else value


def _objects(source: Source) -> Iterator[_Object]:
    text = source.text
    at = _skip(_SPACE, text, 0)
    in_array = text.startswith("[", at)
    at = _skip(_SPACE, text, at + 1) if in_array else at
    between = _BETWEEN if in_array else _SPACE
    while at < len(text) and not (in_array and text.startswith("]", at)):
        value, end = _decode(source, at)
        if not isinstance(value, dict):
            help = say("file.row_is_object")
            raise refusal_at(Code.NOT_JSON, say("file.no_names"), source, Span(at, end), help=help)
        yield _Object(Span(at, end), value)
        at = _skip(between, text, end)
    if in_array and at >= len(text):
        message, help = say("file.list_not_closed"), say("file.file_cut_off")
        raise refusal_at(Code.NOT_JSON, message, source, _first_character(source), help=help)


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _first_character(source: Source) -> Span:
    at = _skip(_SPACE, source.text, 0)
    return Span(at, at + 1)


def _decode(source: Source, at: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(source.text, at)
    except json.JSONDecodeError as error:
        raise _broken(source, error.pos, f"{error.msg[:1].lower()}{error.msg[1:]}") from None
    except RecursionError:
        raise _broken(source, at, say("file.too_deep")) from None
    except ValueError:
        raise _broken(source, at, say("file.too_many_digits")) from None


def _broken(source: Source, at: int, reason: str) -> FileError:
    message = say("file.not_json", why=reason)
    return refusal_at(Code.NOT_JSON, message, source, Span(at, at + 1), help=say("file.json_advice"))
