"""Runs of `assign` on a store, which can be gone on with: what was decided is read back, and not decided again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from assignkit.model.decision import Decision
from assignkit.model.record import Record
from assignkit.repositories.base import Answer

if TYPE_CHECKING:
    from assignkit.model.assignment import Event
    from assignkit.model.explanation import Explanation
    from assignkit.repositories.base import HistoryRepository, Store

_BEGUN, _FINISHED = "assign run", "assign run finished"
_DECISIONS = frozenset(("assigned", "offered", "kept", "waiting", "pooled", "rejected", "unmatched", "imported"))
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Run:
    """One run over certain items by certain rules; `after` is the last event before it, `begun` when it began."""

    key: str
    after: int
    begun: datetime
    resumed: bool


def fingerprint_of(*parts: str, records: Iterable[Record]) -> str:
    """Return what tells a run from others: the same rules, options and records give the same, in every process."""
    digest = hashlib.sha256(json.dumps(parts).encode())
    for record in records:
        told = json.dumps(record.model_dump(exclude_unset=True), sort_keys=True, default=_plain)
        digest.update(told.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()[:32]


def begin(store: Store, fingerprint: str, *, now: datetime) -> Run:
    """Return the run that was begun and not finished, or a new one."""
    key = _keys_until_unfinished(store, fingerprint)[-1]
    found = store.idempotency.find(_BEGUN, key)
    if found is not None:
        return Run(key, int(found.result), found.at, resumed=True)
    run = Run(key, _newest(store.history), now, resumed=False)
    store.transact(lambda unit: unit.idempotency.add(Answer(_BEGUN, key, fingerprint, str(run.after), now)))
    return run


def latest_finished(store: Store, fingerprint: str) -> Run | None:
    """Return the last run that was finished, or None."""
    *finished, _ = _keys_until_unfinished(store, fingerprint)
    found = store.idempotency.find(_BEGUN, finished[-1]) if finished else None
    return Run(found.key, int(found.result), found.at, resumed=True) if found is not None else None


def finish(store: Store, run: Run, *, now: datetime) -> None:
    """Note that all items of the run are decided, and that this was told."""
    answer = Answer(_FINISHED, run.key, run.key, "", now)
    if store.idempotency.find(_FINISHED, run.key) is None:
        store.transact(lambda unit: unit.idempotency.add(answer))


def decided(store: Store, run: Run, kind: str, *, explained_in: str | None) -> dict[str, Decision]:
    """Return what was decided of each item since the run began, by item id.

    With a time zone to be `explained_in`, the decisions explain themselves as far as the history keeps why.
    """
    found: dict[str, Decision] = {}
    for event in _since(store.history, run.after):
        if event.kind == kind and event.type in _DECISIONS:
            decision = decision_of(event)
            if explained_in is not None:
                decision.explained_by(partial(_explanation, event, ZoneInfo(explained_in)))
            found[event.item_id] = decision
    return found


def decision_of(event: Event) -> Decision:
    """Return the decision that an event of the history records."""
    came_with_owner = event.type == "imported"
    return Decision.model_validate(
        {
            **{name: getattr(event, name) for name in ("kind", "item_id", "agent_id", "fence", "rule", "at")},
            **{name: event.facts.get(name) for name in ("pool", "queue", "next_retry_at", "rules_version")},
            "outcome": "kept" if came_with_owner else event.type,
            "reasons": ("held",) if came_with_owner else event.facts.get("reasons", ()),
        }
    )


def _explanation(event: Event, zone: ZoneInfo) -> Explanation:
    return event.explanation().model_copy(update={"at": event.at.astimezone(zone)})


def _keys_until_unfinished(store: Store, fingerprint: str) -> list[str]:
    """Return the keys of all runs that were finished, and of the one that was not, or is to be begun."""
    keys = [f"{fingerprint}:1"]
    while store.idempotency.find(_FINISHED, keys[-1]) is not None:
        keys.append(f"{fingerprint}:{len(keys) + 1}")
    return keys


def _since(history: HistoryRepository, number: int) -> Iterator[Event]:
    while events := history.since(number, limit=_PAGE):
        yield from events
        number = events[-1].number


def _newest(history: HistoryRepository) -> int:
    """Return the number of the newest event, 0 if there is none: found by halving, whatever the length."""
    is_beyond: Callable[[int], bool] = lambda number: not history.since(number, limit=1)  # noqa: E731
    high = 1
    while not is_beyond(high):
        high *= 2
    low = high // 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_beyond(middle) else (middle + 1, high)
    return low


def _plain(value: object) -> object:
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)
