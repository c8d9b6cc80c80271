"""What every record shares: an identity, a version, unknown fields kept, and nothing that can be changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from assignkit.errors import ConfigurationError
from assignkit.hashing import SEPARATOR
from assignkit.messages.text import spelled_out
from assignkit.model.building import altered
from assignkit.model.frozen import freeze


def as_identity(value: object) -> object:
    """Return an identity as text: integers become decimal text, other non-text stays for pydantic to refuse."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _checked_identity(value: str) -> str:
    if not value.strip():
        msg = "an identity may not be empty"
        raise ValueError(msg)
    if SEPARATOR in value:
        msg = "an identity may not hold the character U+001F"
        raise ValueError(msg)
    if value != spelled_out(value):
        msg = "an identity may not hold half a character (a lone surrogate)"
        raise ValueError(msg)
    return value


def _not_boolean(value: object) -> object:
    if isinstance(value, bool):
        msg = "expected a number, got a boolean"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns a ValueError into a located validation error
    return value


def _as_number(value: object) -> object:
    # JSON writes a Decimal as text: it comes back as the Decimal that it was.
    if isinstance(value, str):
        try:
            return Decimal(value)
        except InvalidOperation as error:
            msg = f"expected a number, got `{spelled_out(value)}`"
            raise ValueError(msg) from error
    return _not_boolean(value)


def _as_units(value: object) -> object:
    # A float stands for its shortest decimal spelling.
    return Decimal(repr(value)) if isinstance(value, float) else _as_number(value)


def _in_order(value: object) -> object:
    # A set has no order of its own, and what is told of a record must be the same in every process.
    return sorted(value, key=str) if isinstance(value, set | frozenset) else value


def _exact(value: int | Decimal) -> int | Decimal:
    if isinstance(value, int):
        return value
    if not value.is_finite():
        msg = "expected a finite number"
        raise ValueError(msg)
    return int(value) if value == value.to_integral_value() else value


Identity = Annotated[str, BeforeValidator(as_identity), AfterValidator(_checked_identity)]
Number = Annotated[int | float | Decimal, BeforeValidator(_as_number)]
# Amounts of work are summed and compared exactly: 0.1 + 0.2 is 0.3.
Units = Annotated[int | Decimal, BeforeValidator(_as_units), AfterValidator(_exact)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_in_order)]


class Record(BaseModel):
    """A frozen record with an identity and a version; fields that the model does not know are kept.

    `version` is 0 until the record is first stored, then rises by one with each save.
    """

    model_config = ConfigDict(frozen=True, extra="allow", validate_default=False, ser_json_inf_nan="null")

    id: Identity
    version: int = Field(default=0, ge=0)

    def __hash__(self) -> int:
        """Return a hash of what tells records apart; that of all fields would not do where a field is a map."""
        return hash((type(self), self.id, self.version))

    @model_validator(mode="after")
    def _freeze_all(self) -> Self:
        values: dict[str, Any] = self.__dict__
        for name in self.model_fields_set:
            if name in values:
                values[name] = freeze(values[name])
        extra = self.__pydantic_extra__
        if extra:
            for name, value in extra.items():
                extra[name] = freeze(value)
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002
        """Return a validated copy with `update` laid over it; records share nothing that can change, so never deep."""
        return type(self).model_validate({**dict(self), **update}) if update else self

    def at_version(self, version: int) -> Self:
        """Return this record with another version; for stores."""
        return self if self.version == version else altered(self, {"version": version})


def refuse_another_spelling(name: str, asked: str, found: str) -> None:
    """Raise `ConfigurationError` if a repository that was asked for a record by one id gives it under another one.

    Under two ids it would be two items, with a holder each, or two agents. `name` says what the repository keeps.
    """
    if found != asked:
        told = f"the repository of {name} was asked for `{asked}` and gives `{found}`"
        msg = f"{told}: an id has one spelling, capitals and blanks too"
        raise ConfigurationError(msg)


def refuse_what_is_no(model: type[Record], given: object) -> None:
    """Raise `ConfigurationError` if what a caller wants to store is not of the class `model`."""
    if not isinstance(given, model):
        name = model.__name__
        msg = f"what is stored here is of the class {name}, not {type(given).__name__}: give {name}(id=…, …)"
        raise ConfigurationError(msg)


class Item(Record):
    """Something that is handed to an agent; a host's own kinds of item (`deals`, `tickets`) are of this class.

    `owner` is the agent who holds it; `effort` is how many units of capacity it takes.
    """

    owner: Identity | None = None
    effort: Annotated[Units, Field(gt=0)] = 1

    def handed_to(self, agent_id: str | None) -> Self:
        """Return this item as it is when it is stored for the first time, with an owner; for the desk."""
        return altered(self, {"owner": agent_id, "version": 1})

    def held_by(self, agent_id: str | None) -> Self:
        """Return this item with another owner; for the desk, which alone changes owners."""
        return self if self.owner == agent_id else altered(self, {"owner": agent_id})
