"""What is to be decided: turns whatever a caller hands in (model, mapping, id, host's object) into one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from assignkit.errors import ConfigurationError, InvalidItemError
from assignkit.model.customer import Customer
from assignkit.model.record import Item, as_identity
from assignkit.model.task import Task
from assignkit.repositories.base import Repositories

CUSTOMERS, TASKS = "customers", "tasks"
_MODELS: Mapping[str, type[Item]] = {CUSTOMERS: Customer, TASKS: Task}
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Received:
    """One item to decide. `record` is what rules read; `owned` records are ours, and are saved with the decision."""

    kind: str
    item_id: str
    record: Any
    owned: bool


def receive(item: object, *, kind: str | None, records: Repositories, kinds: frozenset[str]) -> Received:
    """Return the request for an item given as a model, `(kind, id)`, bare id, mapping, or an object of the host's.

    A bare id is looked up (`NotFoundError`); a mapping that does not fit its model raises `InvalidItemError`; an
    unknown kind raises `ConfigurationError`.
    """
    if isinstance(item, tuple) and len(item) == _PAIR:
        kind, item = item
    if isinstance(item, str | int) and not isinstance(item, bool):
        return _look_up(item, known_kind(kind or CUSTOMERS, kinds), records)
    if isinstance(item, Item):
        settled = known_kind(kind or _kind_of(item), kinds)
        return Received(settled, item.id, item, owned=True)
    if isinstance(item, Mapping):
        settled = known_kind(kind or CUSTOMERS, kinds)
        record = as_record(item, settled)
        return Received(settled, record.id, record, owned=True)
    settled = known_kind(kind or CUSTOMERS, kinds)
    return Received(settled, identity_of(item), item, owned=False)


def identify(item: object, *, kind: str | None, kinds: frozenset[str]) -> tuple[str, str]:
    """Return the `(kind, id)` of an item given in any of the ways that `receive` takes, without looking it up."""
    if isinstance(item, tuple) and len(item) == _PAIR:
        kind, item = item
    if isinstance(item, Item):
        return known_kind(kind or _kind_of(item), kinds), item.id
    settled = known_kind(kind or CUSTOMERS, kinds)
    if isinstance(item, str | int) and not isinstance(item, bool):
        return settled, str(as_identity(item))
    if isinstance(item, Mapping):
        return settled, str(as_identity(item.get("id")))
    return settled, identity_of(item)


def as_record(fields: Mapping[str, Any], kind: str) -> Item:
    """Return the record of a mapping; `InvalidItemError` names each field that does not fit."""
    try:
        return _MODELS.get(kind, Item).model_validate(dict(fields))
    except ValidationError as error:
        raise InvalidItemError(item_id=_label(fields), problems=_problems(error)) from error


def known_kind(kind: str, kinds: frozenset[str]) -> str:
    """Return `kind` if the schema has it, else raise `ConfigurationError`."""
    if kind not in kinds:
        known = ", ".join(f"`{k}`" for k in sorted(kinds))
        msg = f"there is no kind of item `{kind}`; the schema has {known}"
        raise ConfigurationError(msg)
    return kind


def identity_of(item: object) -> str:
    """Return the id of a host's object; `InvalidItemError` if it has none."""
    identity = as_identity(getattr(item, "id", None))
    if not isinstance(identity, str) or not identity:
        problem = f"a {type(item).__name__} without an `id` cannot be decided"
        raise InvalidItemError(item_id=None, problems=[problem])
    return identity


def _kind_of(item: Item) -> str:
    for kind, model in _MODELS.items():
        if isinstance(item, model):
            return kind
    msg = f"say which kind of item `{item.id}` is: kind=…"
    raise ConfigurationError(msg)


def _look_up(item: str | int, kind: str, records: Repositories) -> Received:
    identity = str(item)
    record = records.items(kind).get(identity)
    return Received(kind, identity, record, owned=isinstance(record, Item))


def _label(fields: Mapping[str, Any]) -> str | None:
    identity = as_identity(fields.get("id"))
    return identity if isinstance(identity, str) else None


def _problems(error: ValidationError) -> list[str]:
    told: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_context=False):
        # A union reports once per member, below the field's own name: one sentence per field is enough.
        told.setdefault(".".join(map(str, detail["loc"][:1])), detail["msg"])
    return [f"{field}: {message}" if field else message for field, message in told.items()]
