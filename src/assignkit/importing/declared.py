"""A schema file: which fields there are, and of which type, where that is not left to the columns to show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from assignkit.diagnostics import Source, Span
from assignkit.importing.decoding import read_text
from assignkit.importing.kinds import TYPES as COLUMN_TYPES
from assignkit.importing.kinds import Kind
from assignkit.importing.problems import Code, FileError, refusal, refusal_at
from assignkit.messages.text import Text, say
from assignkit.rules.field_types import Field
from assignkit.rules.schema import Schema

TYPES: Mapping[str, Any] = MappingProxyType(
    {
        **{str(kind): told for kind, told in COLUMN_TYPES.items() if kind is not Kind.EMPTY},
        "location": tuple[float, float],
    }
)
_SINGULAR = MappingProxyType({"customers": "customer", "tasks": "task", "agents": "agent"})


Fields = Mapping[str, Mapping[str, Field]]


def read_declared(path: str | Path, *, zone: str = "UTC") -> Fields:
    """Return the fields in a JSON file, by `customer`, `task`, `agent` or a host's kind.

    It looks like `{"customers": {"vip": "boolean"}, "agents": {"region": "text"}}`. Datetimes without an offset are in
    `zone`. Raises `FileError` for a file that is not of this shape, or a type that is not one of `TYPES`.
    """
    source = read_text(path)
    declared: dict[str, dict[str, Field]] = {}
    for kind, fields in _parse(source).items():
        if not isinstance(fields, dict):
            raise _wrong(source, kind, say("file.needs_fields", kind=kind))
        root = _SINGULAR.get(kind, kind)
        declared[root] = {name: _field(source, root, name, told, zone) for name, told in fields.items()}
    return declared


def schema_of(declared: Fields, columns: Mapping[str, Mapping[str, Any]]) -> Schema:
    """Return the schema with the fields that were declared, and with columns by plural kind as `Imported.fields`."""
    entries: dict[str, dict[str, Any]] = {root: dict(fields) for root, fields in declared.items()}
    for kind, types in columns.items():
        root = _SINGULAR.get(kind, kind)
        entries[root] = {**types, **entries.get(root, {})}
    return Schema(**entries)


def _parse(source: Source) -> dict[str, Any]:
    try:
        kinds = json.loads(source.text)
    except json.JSONDecodeError as error:
        message, help = say("file.not_json", why=error.msg), say("file.schema_shape")
        raise refusal_at(Code.WRONG_SCHEMA, message, source, Span(error.pos, error.pos + 1), help=help) from None
    except (RecursionError, ValueError):
        message, help = say("file.cannot_be_json", name=source.name), say("file.schema_shape")
        raise refusal(Code.WRONG_SCHEMA, message, help=help) from None
    if not isinstance(kinds, dict):
        raise refusal(Code.WRONG_SCHEMA, say("file.no_object", name=source.name), help=say("file.schema_shape"))
    return kinds


def _field(source: Source, root: str, name: str, told: object, zone: str) -> Field:
    if not isinstance(told, str) or told not in TYPES:
        raise _wrong(source, name, say("file.no_type", type=told, field=f"{root}.{name}"))
    known = Schema.default().of_root(root)
    builtin = known.find(name) if known else None
    described = Field(type=TYPES[told], zone=zone if told == "datetime" else None)
    if builtin and builtin.type is not Schema(customer={name: described}).items["customers"].fields[name].type:
        message = say("file.built_in", field=f"{root}.{name}", type=builtin.type.told)
        raise _wrong(source, name, message)
    return described


def _wrong(source: Source, word: str, message: Text) -> FileError:
    quoted = json.dumps(word, ensure_ascii=False)
    at = max(source.text.find(quoted), 0)
    advice = say("file.types_are", types=tuple(TYPES))
    return refusal_at(Code.WRONG_SCHEMA, message, source, Span(at, at + len(quoted)), help=advice)
