"""Which fields rules may name, of which type, and where their values are found in a host's records."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_type_hints, is_typeddict

from pydantic import BaseModel

from assignkit.errors import ConfigurationError
from assignkit.model.frozen import FrozenDict
from assignkit.rules import builtin_fields
from assignkit.rules.field_types import FieldSpec, Raw, UnsupportedTypeError, spec_of
from assignkit.rules.inference import NOTHING, Columns, infer_columns

_RESERVED = frozenset({"agent", "agents", "owner", "owners", "now", "customers", "tasks"})
_SINGULAR = {"customers": "customer", "tasks": "task", "agents": "agent"}
_IDENTITIES = frozenset({"id", "owner", "customer", "manager"})
_BUILTIN = {
    "customer": builtin_fields.CUSTOMER_FIELDS,
    "task": builtin_fields.TASK_FIELDS,
    "agent": builtin_fields.AGENT_FIELDS,
}


@dataclass(frozen=True, slots=True)
class RecordSchema:
    """The fields of one kind of record: `root` is how rules name one of them, `plural` many.

    `unusable` says of further fields why rules cannot use them; `names` leads from aliases to names.
    """

    root: str
    plural: str
    fields: Mapping[str, FieldSpec]
    unusable: Mapping[str, str]
    names: Mapping[str, str]

    def find(self, name: str) -> FieldSpec | None:
        """Return the field of this name or alias, or None."""
        return self.fields.get(name) or self.fields.get(self.names.get(name, ""))


@dataclass(frozen=True, slots=True, init=False)
class Schema:
    """The fields that rules may name. Immutable, picklable, comparable by content.

    Each entry is a pydantic model, a dataclass, a TypedDict, or `{name: type}`; a type may also be
    `(type, "path.to.value")` or a `Field`. Entries add to the built-in fields of customers, tasks and agents; one of
    the same name replaces it. A host's own kinds of item are further keywords in the singular: `deal=Deal` gives
    `rule … for deals` and `deal.amount`; a plural keyword (`people=`) is taken as it is.

    Raises `ConfigurationError` for an entry of a type that rules cannot use; a model's or dataclass's fields of such
    types are only not usable in rules.

    >>> Schema(customer={"vip": bool}).items["customers"].find("vip").type
    <ValueType.BOOLEAN: 'true or false'>
    """

    items: Mapping[str, RecordSchema]
    agent: RecordSchema

    def __init__(self, *, customer: Raw = None, task: Raw = None, agent: Raw = None, **kinds: Raw) -> None:
        items = {
            "customers": _record(
                "customer", "customers", builtin_fields.CUSTOMER_FIELDS, *_given("customer", customer)
            ),
            "tasks": _record("task", "tasks", builtin_fields.TASK_FIELDS, *_given("task", task)),
        }
        for key, entry in kinds.items():
            root, plural = _names_of_kind(key)
            items[plural] = _record(root, plural, builtin_fields.ITEM_FIELDS, *_given(key, entry))
        agents = _record("agent", "agents", builtin_fields.AGENT_FIELDS, *_given("agent", agent))
        self._set(items, agents)

    def _set(self, items: Mapping[str, RecordSchema], agent: RecordSchema) -> None:
        object.__setattr__(self, "items", FrozenDict(items))
        object.__setattr__(self, "agent", agent)

    @classmethod
    def default(cls) -> Schema:
        """Return the schema of the library's own models."""
        return cls()

    @classmethod
    def infer(cls, **rows: Iterable[Mapping[str, Any]]) -> Schema:
        """Return a schema with the columns of sample rows: `customers=`, `tasks=`, `agents=`, or a kind of the host.

        A column of None only has an unknown type: it fits every comparison, and is always missing. Columns override
        built-in fields of other types, but for the ids and where they hold None only. Raises `ConfigurationError` when
        the values of one column do not fit together.
        """
        return cls(
            **{_SINGULAR.get(key, key): _new_columns(key, infer_columns(key, found)) for key, found in rows.items()}
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of item, in the plural, the built-in ones first."""
        return tuple(self.items)

    def of_root(self, root: str) -> RecordSchema | None:
        """Return the schema of what rules call `root` (`customer`, `agent`, `owner`, `task.customer`, …), or None."""
        if root in {"agent", "owner"}:
            return self.agent
        if root == "task.customer":
            return self.items["customers"]
        return next((each for each in self.items.values() if each.root == root), None)

    @property
    def fingerprint(self) -> str:
        """Return a hash of the content, the same in every process: equal schemas have equal fingerprints."""
        told = sorted(
            repr((plural, record.root, *(_content(record.fields[name]) for name in sorted(record.fields))))
            for plural, record in (*self.items.items(), ("agents", self.agent))
        )
        return hashlib.sha256("\n".join(told).encode("utf-8", "surrogatepass")).hexdigest()


def _content(spec: FieldSpec) -> tuple[Any, ...]:
    return tuple(getattr(spec, each.name) for each in dataclasses.fields(spec) if each.compare)


def _new_columns(kind: str, columns: Columns) -> Columns:
    known = {each.name for each in _BUILTIN.get(_SINGULAR.get(kind, kind), builtin_fields.ITEM_FIELDS)}
    return Columns(
        (name, told)
        for name, told in columns.items()
        if name not in known or (told is not NOTHING and name not in _IDENTITIES)
    )


def _names_of_kind(key: str) -> tuple[str, str]:
    """Return the singular and the plural of a host's kind."""
    if key.endswith("s") and not key.endswith("ss"):
        root = key[:-3] + "y" if key.endswith("ies") else key[:-1]
        plural = key
    elif key.endswith(("ss", "x", "z", "ch", "sh")):
        root, plural = key, key + "es"
    elif key.endswith("y") and key[-2:-1] not in tuple("aeiou"):
        root, plural = key, key[:-1] + "ies"
    elif key in _IRREGULAR:
        root, plural = key, _IRREGULAR[key]
    elif key in _IRREGULAR.values():
        root, plural = next(one for one, many in _IRREGULAR.items() if many == key), key
    else:
        root, plural = key, key + "s"
    if root in _RESERVED or plural in _RESERVED:
        msg = f"a kind of item cannot be called `{key}`: the word has a meaning of its own"
        raise ConfigurationError(msg)
    return root, plural


_IRREGULAR = {"person": "people", "child": "children", "man": "men", "woman": "women"}


def _given(owner: str, entry: Raw) -> tuple[dict[str, FieldSpec], dict[str, str]]:
    """Return the fields that an entry describes, and what is wrong with the others."""
    annotations, strict = _annotations(owner, entry)
    fields: dict[str, FieldSpec] = {}
    unusable: dict[str, str] = {}
    for name, annotation in annotations.items():
        try:
            fields[name] = spec_of(name, annotation)
        except UnsupportedTypeError as error:
            if strict:
                msg = f"field `{owner}.{name}`: rules cannot use values of the type {error}"
                raise ConfigurationError(msg) from error
            unusable[name] = str(error)
    return fields, unusable


def _annotations(owner: str, entry: Raw) -> tuple[Mapping[str, Any], bool]:
    """Return the annotation of each field, and whether all of them must be usable."""
    if entry is None:
        return {}, False
    if isinstance(entry, Mapping):
        return entry, not isinstance(entry, Columns)
    try:
        if isinstance(entry, type) and issubclass(entry, BaseModel):
            return {name: info.annotation for name, info in entry.model_fields.items()}, False
        if is_typeddict(entry) or dataclasses.is_dataclass(entry):
            return get_type_hints(entry), False
    except NameError as error:
        msg = f"the annotations of `{owner}` cannot be read: {error}"
        raise ConfigurationError(msg) from error
    msg = f"`{owner}` must be a pydantic model, a dataclass, a TypedDict or a mapping of names to types, not {entry!r}"
    raise ConfigurationError(msg)


def _record(
    root: str, plural: str, builtin: tuple[FieldSpec, ...], given: dict[str, FieldSpec], unusable: dict[str, str]
) -> RecordSchema:
    fields = {each.name: each for each in builtin if each.name not in unusable}
    for name, spec in given.items():
        known = fields.get(name)
        # A replaced built-in field keeps its aliases, so that Chinese files go on working.
        fields[name] = replace(spec, aliases=spec.aliases or known.aliases) if known else spec
    return RecordSchema(root, plural, FrozenDict(fields), FrozenDict(unusable), FrozenDict(_aliases(root, fields)))


def _aliases(root: str, fields: Mapping[str, FieldSpec]) -> dict[str, str]:
    names: dict[str, str] = {}
    for spec in fields.values():
        for alias in spec.aliases:
            if names.setdefault(alias, spec.name) != spec.name:
                msg = f"`{root}.{alias}` is an alias of both `{names[alias]}` and `{spec.name}`"
                raise ConfigurationError(msg)
    return names
