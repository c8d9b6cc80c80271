"""What is to be decided: turns whatever a caller hands in (model, mapping, id, host's object) into one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from assignkit.errors import ConfigurationError, InvalidItemError
from assignkit.model.building import maker_of
from assignkit.model.customer import Customer
from assignkit.model.record import Identity, Item, Record, as_identity, refuse_another_spelling
from assignkit.model.task import Task
from assignkit.repositories.base import Repositories

CUSTOMERS, TASKS = "customers", "tasks"
_MODELS: Mapping[str, type[Item]] = {CUSTOMERS: Customer, TASKS: Task}
_PAIR = 2
_IDENTITY: TypeAdapter[str] = TypeAdapter(Identity)


@dataclass(frozen=True, slots=True)
class Received:
    """One item to decide. `record` is what rules read; `owned` records are ours, and are saved with the decision.

    `given`: the caller handed the record in; otherwise it was looked up by the id that the caller gave.
    """

    kind: str
    item_id: str
    record: Any
    owned: bool
    given: bool = True

    @property
    def told(self) -> Item | None:
        """What the caller said of the item, as far as it can be compared with what is said another time."""
        return self.record if self.owned and self.given else None


_new_received = maker_of(Received)


def receive(item: object, *, kind: str | None, records: Repositories, kinds: frozenset[str]) -> Received:
    """Return the request for an item given as a model, `(kind, id)`, bare id, mapping, or an object of the host's.

    A bare id is looked up (`NotFoundError`); a mapping that does not fit its model raises `InvalidItemError`; an
    unknown kind raises `ConfigurationError`.
    """
    if kind is None and isinstance(item, Customer):  # what most callers hand in
        return _new_received(kind=CUSTOMERS, item_id=item.id, record=item, owned=True)
    kind, item = _apart(item, kind)
    if isinstance(item, str | int) and not isinstance(item, bool):
        return _look_up(item, known_kind(kind or CUSTOMERS, kinds), records)
    if isinstance(item, Item):
        return Received(_settled_kind(item, kind, kinds), item.id, item, owned=True)
    if isinstance(item, Mapping):
        settled = known_kind(kind or CUSTOMERS, kinds)
        record = as_record(item, settled)
        return Received(settled, record.id, record, owned=True)
    settled = known_kind(kind or CUSTOMERS, kinds)
    return Received(settled, _hosts_identity(item, settled), item, owned=False)


def items_of(given: Iterable[Any]) -> list[Any]:
    """Return the items of a batch; `ConfigurationError` for one item, or for what is none."""
    if isinstance(given, str | bytes | Mapping | BaseModel) or not isinstance(given, Iterable):
        msg = f"a batch is a list of items, or what else can be gone through, not a {type(given).__name__}"
        raise ConfigurationError(msg)
    return list(given)


def is_looked_up(item: object, *, kind: str | None) -> bool:
    """Return whether `receive` looks for an item's record by an id, instead of being handed one."""
    return isinstance(_apart(item, kind)[1], str | int)


def identify(item: object, *, kind: str | None, kinds: frozenset[str]) -> tuple[str, str]:
    """Return the `(kind, id)` of an item given in any of the ways that `receive` takes, without looking it up."""
    kind, item = _apart(item, kind)
    if isinstance(item, Item):
        return _settled_kind(item, kind, kinds), item.id
    settled = known_kind(kind or CUSTOMERS, kinds)
    if isinstance(item, str | int) and not isinstance(item, bool):
        return settled, str(as_identity(item))
    return settled, _hosts_identity(item, settled)


def label_of(item: object, *, kind: str | None) -> tuple[str, str | None]:
    """Return what to call an item by that could not be received: its kind, and its id if it can be told."""
    named, item = _apart(item, kind)
    settled = named or next((known for known, model in _MODELS.items() if isinstance(item, model)), CUSTOMERS)
    try:
        identity = as_identity(item if isinstance(item, str | int) else _given_id(item))
    except Exception:  # noqa: BLE001 - a host's object may raise anything
        identity = None
    told = identity if isinstance(identity, str) and identity else None
    return (settled if isinstance(settled, str) else CUSTOMERS), told


def as_record(fields: Mapping[str, Any], kind: str) -> Item:
    """Return the record of a mapping; `InvalidItemError` names each field that does not fit."""
    try:
        return _MODELS.get(kind, Item).model_validate(dict(fields))
    except ValidationError as error:
        raise InvalidItemError(item_id=_label(fields), problems=_problems(error)) from error


def known_kind(kind: Any, kinds: frozenset[str]) -> str:  # noqa: ANN401 - a caller may name anything
    """Return `kind` if the schema has it, else raise `ConfigurationError`."""
    if not isinstance(kind, str) or kind not in kinds:
        known = ", ".join(f"`{k}`" for k in sorted(kinds))
        msg = f"there is no kind of item `{kind}`; the schema has {known}"
        raise ConfigurationError(msg)
    return kind


def identity_of(item: object) -> str:
    """Return the id of a mapping or a host's object; `InvalidItemError` if it has none, or one that cannot be used."""
    given = _given_id(item)
    if given is None:
        problem = f"a {type(item).__name__} without an `id` cannot be decided"
        raise InvalidItemError(item_id=None, problems=[problem])
    try:
        return _IDENTITY.validate_python(given)
    except ValidationError as error:
        raise InvalidItemError(item_id=_label({"id": given}), problems=_problems(error, "id")) from error


def _hosts_identity(item: object, kind: str) -> str:
    """Return the id of an object of a host's; a record of ours that is no item is not meant to be one."""
    if isinstance(item, Record):
        problem = f"a {type(item).__name__} is not one of the {kind}"
        raise InvalidItemError(item_id=item.id, problems=[problem])
    return identity_of(item)


def _given_id(item: object) -> object:
    return item.get("id") if isinstance(item, Mapping) else getattr(item, "id", None)


def effort_of(record: object) -> int | Decimal:
    """Return the item's effort in units of capacity; 1 where it says nothing, `InvalidItemError` where it is none."""
    if isinstance(record, Item):
        return record.effort
    effort = getattr(record, "effort", None)
    if effort is None:
        return 1
    try:
        # A host's own object: let the model say what an effort is, and refuse what is none.
        return Item(id="effort", effort=effort).effort
    except ValidationError as error:
        identity = as_identity(getattr(record, "id", None))
        raise InvalidItemError(item_id=str(identity), problems=_problems(error)) from error


def owner_of(record: object) -> str | None:
    """Return the id of the agent that an item's record names as its owner, or None; a host may count in integers."""
    owner = as_identity(getattr(record, "owner", None))
    return owner if isinstance(owner, str) else None


def _apart(item: Any, kind: str | None) -> tuple[Any, Any]:  # noqa: ANN401 - a caller may pair anything
    return item if isinstance(item, tuple) and len(item) == _PAIR else (kind, item)


def _settled_kind(item: Item, kind: str | None, kinds: frozenset[str]) -> str:
    settled = known_kind(kind or _kind_of(item), kinds)
    model = _MODELS.get(settled)
    if model is not None and not isinstance(item, model):
        problem = f"a {type(item).__name__} is not one of the {settled}: they are of the class {model.__name__}"
        raise InvalidItemError(item_id=item.id, problems=[problem])
    return settled


def _kind_of(item: Item) -> str:
    for kind, model in _MODELS.items():
        if isinstance(item, model):
            return kind
    msg = f"say which kind of item `{item.id}` is: kind=…"
    raise ConfigurationError(msg)


def _look_up(item: str | int, kind: str, records: Repositories) -> Received:
    identity = str(item)
    record: Any = records.items(kind).get(identity)  # a host's own may be of any class
    refuse_another_spelling(kind, identity, identity_of(record))
    return Received(kind, identity, record, owned=isinstance(record, Item), given=False)


def _label(fields: Mapping[str, Any]) -> str | None:
    identity = as_identity(fields.get("id"))
    return identity if isinstance(identity, str) else None


def _problems(error: ValidationError, whole: str = "") -> list[str]:
    told: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_context=False):
        # A union reports once per member, below the field's own name: one sentence per field is enough.
        message = detail["msg"].removeprefix("Value error, ")
        told.setdefault(".".join(map(str, detail["loc"][:1])) or whole, message)
    return [f"{field}: {message}" if field else message for field, message in told.items()]
