"""Recorded decisions: who got which item when, and what came of it; from rows, or from a desk's own store."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.model.availability import on_leave, on_shift
from assignkit.reporting.causes import Decided
from assignkit.repositories.base import Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One item on record. `won` is None while nothing has come of it; `reward` is 1 or 0 unless it is said.

    `at` None is decided after all others. `closed_at` is when the agent was done with it. `propensity` is the chance
    that the agent had of getting it, where agents were drawn, and `rule` what decided, where that is known.
    """

    item_id: str
    at: datetime | None = None
    agent_id: str | None = None
    rule: str | None = None
    outcome: str | None = None
    won: bool | None = None
    reward: float | None = None
    closed_at: datetime | None = None
    propensity: float | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        """What came of it as a number, or None where that is not known yet."""
        if self.reward is not None:
            return self.reward
        return None if self.won is None else float(self.won)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where a row of a history has what; `won` and `lost` are the outcomes that are final."""

    item: str = "id"
    at: str = "time"
    agent: str = "agent"
    outcome: str = "outcome"
    won: frozenset[str] = frozenset({"won"})
    lost: frozenset[str] = frozenset({"lost"})
    closed_at: str | None = None
    reward: str | None = None
    propensity: str | None = None


def read_recorded(rows: Iterable[Mapping[str, Any]], columns: Columns | None = None) -> list[Recorded]:
    """Return the rows as recorded decisions, in their order; every column stays a field that rules can read.

    Instants must be aware; outcomes are compared without regard to case. Raises `ConfigurationError`, naming the row.
    """
    where = columns or Columns()
    won, lost = ({word.casefold() for word in words} for words in (where.won, where.lost))
    found = []
    for number, row in enumerate(rows, start=1):
        if row.get(where.item) is None:
            msg = say("error.history_lacks", row=number, name=where.item)
            raise ConfigurationError(msg)
        outcome = _text(row.get(where.outcome))
        said = (outcome or "").casefold()
        found.append(
            Recorded(
                item_id=str(row[where.item]),
                at=_instant(row, where.at, number),
                agent_id=_text(row.get(where.agent)),
                outcome=outcome,
                won=True if said in won else False if said in lost else None,
                reward=_number(row, where.reward, number, most=math.inf),
                closed_at=_instant(row, where.closed_at, number),
                propensity=_number(row, where.propensity, number, most=1.0),
                fields={name: value for name, value in row.items() if value is not None and name != "owner"},
            )
        )
    twice = len(found) - len({one.item_id for one in found})
    if twice:
        msg = say("error.history_twice", items=twice)
        raise ConfigurationError(msg)
    return found


def recorded_in(store: Store, *, kind: str = "customers", columns: Columns | None = None) -> list[Recorded]:
    """Return each item's first assignment in a store's history, with the record that the store has of it now.

    `columns` says in which fields of the record outcome, reward and closing stand; an item that was completed was
    closed then. Where a rule drew the agent, by `random` or `two choices`, the history has its `propensity`; where
    rules left no choice it is 1; what people chose has none. Offers count once they are accepted.
    """
    where = columns or Columns()
    found: dict[str, Recorded] = {}
    offered: dict[str, Event] = {}
    with store.unit() as unit:
        for event in _events(unit):
            if event.kind != kind:
                continue
            if event.type == "offered":
                offered[event.item_id] = event
            elif event.type in ("assigned", "accepted") and event.item_id not in found:
                record = unit.items(kind).find(event.item_id)
                found[event.item_id] = _recorded(event, offered.get(event.item_id, event), record, where)
            elif event.type == "completed" and event.item_id in found and found[event.item_id].closed_at is None:
                found[event.item_id] = replace(found[event.item_id], closed_at=event.at)
    return list(found.values())


def decided_in(
    records: Iterable[Recorded], agents: Iterable[Agent], *, rule: str | None = None, zone: str = "UTC"
) -> list[Decided]:
    """Return who got what by which rule, and which agents were there then, for `causes` and `FairnessWatch`.

    There is who is active, on shift and not on leave at the record's time; without a time, whoever is active. `rule`
    is a field with the rule's name, for records that do not say what decided. Records without an agent are left out.
    """
    staff = [agent for agent in agents if agent.active]
    found = []
    for record in records:
        if record.agent_id is not None:
            at = record.at
            there = (
                a.id for a in staff if at is None or (on_shift(a, at, zone=zone) and not on_leave(a, at, zone=zone))
            )
            said = record.rule if rule is None else record.fields.get(rule)
            found.append(Decided(record.agent_id, None if said is None else str(said), frozenset(there)))
    return found


def chances_in(event: Event) -> dict[str, float]:
    """Return the chances that the agents had in the draw that an event of the history tells of; empty if none was."""
    steps: Sequence[Mapping[str, Any]] = event.facts.get("steps") or ({},)
    views = steps[-1].get("candidates", ())
    return {view["agent_id"]: view["chance"] for view in views if "chance" in view}


def _recorded(event: Event, decided: Event, record: Any, where: Columns) -> Recorded:  # noqa: ANN401 - a host's record
    known = {} if record is None else record.model_dump(exclude_unset=True, exclude={"owner", "version"})
    row = {**known, where.item: event.item_id}
    (read,) = read_recorded([row], replace(where, at="", agent="", propensity=None))
    chance = chances_in(decided).get(event.agent_id or "")
    by_rule = decided.rule is not None and not decided.reason
    return replace(
        read,
        at=event.at,
        agent_id=event.agent_id,
        rule=decided.rule,
        fields=known,
        propensity=chance or (1.0 if by_rule else None),
    )


def _events(unit: Unit) -> Iterator[Event]:
    last = 0
    while events := unit.history.since(last):
        yield from events
        last = events[-1].number


def win_rate(records: Sequence[Recorded]) -> float:
    """Return won / (won + lost); items that are open do not count, and NaN says that all are."""
    final = [record.won for record in records if record.won is not None]
    return sum(final) / len(final) if final else math.nan


def _text(value: object) -> str | None:
    return None if value is None or not str(value).strip() else str(value).strip()


def _instant(row: Mapping[str, Any], column: str | None, number: int) -> datetime | None:
    value = row.get(column) if column is not None else None
    if value is None or (isinstance(value, datetime) and value.tzinfo is not None):
        return value
    msg = say("error.history_no_instant", row=number, column=column, value=repr(value))
    raise ConfigurationError(msg)


def _number(row: Mapping[str, Any], column: str | None, number: int, *, most: float) -> float | None:
    value = row.get(column) if column is not None else None
    if value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not (0 < found <= most if most <= 1 else math.isfinite(found)):
        key = "error.history_no_chance" if most <= 1 else "error.history_no_number"
        msg = say(key, row=number, column=column, value=repr(value))
        raise ConfigurationError(msg)
    return found
