"""Publications: which rules were brought into force, by whom, why, and from when on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

Act = Literal["made", "published", "rolled back", "approved", "withdrawn"]
PublicationState = Literal["kept", "awaiting approval", "scheduled", "in force", "superseded", "withdrawn"]


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table that rules took from a file: what the rules file `importer` calls `written`, and its rows as texts."""

    importer: str
    written: str
    name: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class KeptTexts:
    """All that it takes to have rules again without their files: (name, text) of each, imported ones first; tables.

    `schema` is the fingerprint of the schema that they were checked against: the version is made of it and the texts.
    """

    schema: str
    files: tuple[tuple[str, str], ...]
    tables: tuple[KeptTable, ...] = ()


class PublishingAct(BaseModel):
    """One line of the append-only log of publishing; `number` orders the lines of a store, from 1.

    `of` is the number of the publication that is approved or withdrawn. `effective` is from when on the rules are to
    decide. `made` are rules that a desk was constructed with: kept, so that decisions by them can be read. `warnings`
    are what was found when they were published: it did not keep them from being.
    """

    model_config = ConfigDict(frozen=True)

    number: int = 0
    act: Act
    version: str
    actor: str
    reason: str | None = None
    at: AwareDatetime
    effective: AwareDatetime | None = None
    needs_approval: bool = False
    of: int | None = None
    warnings: tuple[str, ...] = ()


class Publication(BaseModel):
    """One publication and what has become of it. `in_force_at` is when it decided first, or is to; None if never.

    `warnings` has one line each: teams and agents that were not there, and what `check` warns of.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    version: str
    act: Literal["made", "published", "rolled back"]
    state: PublicationState
    actor: str
    reason: str | None = None
    at: AwareDatetime
    effective: AwareDatetime | None = None
    approved_by: str | None = None
    approved_at: AwareDatetime | None = None
    withdrawn_by: str | None = None
    in_force_at: AwareDatetime | None = None
    warnings: tuple[str, ...] = ()
