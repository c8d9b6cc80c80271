"""What was answered to which key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mutating call answered: `fingerprint` of its arguments, and the result as JSON text."""

    operation: str
    key: str
    fingerprint: str
    result: str
    at: datetime


class IdempotencyRepository(Protocol):
    """What was answered to which key; kept for at least 24 hours."""

    def find(self, operation: str, key: str) -> Answer | None:
        """Return the answer given to this key, or None."""
        ...

    def add(self, answer: Answer) -> None:
        """Keep an answer; `ConflictError` if the key has one."""
        ...
