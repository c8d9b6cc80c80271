"""The same key, the same request: the same answer. Another request under a used key is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from assignkit.desk.said import said
from assignkit.errors import IdempotencyError
from assignkit.model.decision import Decision
from assignkit.model.record import Record
from assignkit.repositories.base import Answer, Unit

M = TypeVar("M", bound=BaseModel)


def answer_once(
    unit: Unit,
    operation: str,
    key: str | None,
    arguments: Mapping[str, Any],
    act: Callable[[], Decision],
    *,
    now: datetime,
) -> Decision:
    """Return what `act` decides, or what it decided when this key was used before.

    Without a key it always acts. `IdempotencyError` if the key was used with other arguments.
    """
    return answered(unit, operation, key, arguments, act, now=now, model=Decision)


def answered(
    unit: Unit,
    operation: str,
    key: str | None,
    arguments: Mapping[str, Any],
    act: Callable[[], M],
    *,
    now: datetime,
    model: type[M],
) -> M:
    """Return what `act` gives, a `model`, or what it gave when this key was used before.

    Without a key it always acts. `IdempotencyError` if the key was used with other arguments.
    """
    key = said("key", key)
    if key is None:
        return act()
    fingerprint = _fingerprint(arguments)
    before = unit.idempotency.find(operation, key)
    if before is not None:
        if before.fingerprint != fingerprint:
            raise IdempotencyError(operation=operation, key=key)
        return model.model_validate_json(before.result)
    result = act()
    unit.idempotency.add(Answer(operation, key, fingerprint, result.model_dump_json(), now))
    return result


def _fingerprint(arguments: Mapping[str, Any]) -> str:
    canonical = json.dumps(arguments, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Record):
        return {name: part for name, part in value if name != "version"}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return f"{type(value).__name__}:{value}"
