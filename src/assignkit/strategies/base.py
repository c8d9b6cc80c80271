"""What an order is: a rule for sorting candidates. The smallest key wins; orders chain; the last word is a stable hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Protocol, runtime_checkable

from assignkit.model.agent import Agent
from assignkit.model.placement import Rotation, Seat
from assignkit.model.record import SEPARATOR

Key = tuple[Any, ...]


def stable_hash(seed: str, scope: str, id: str) -> int:
    """Return the first 15 hex digits of SHA-256 over `seed␟scope␟id` as an integer: below 2**60, the same everywhere.

    >>> stable_hash("", "", "li") == stable_hash("", "", "li") < 2**60
    True
    """
    text = f"{seed}{SEPARATOR}{scope}{SEPARATOR}{id}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:15], 16)


@dataclass(slots=True)
class Candidate:
    """One agent as an order sees it.

    `load`, `capacity` and `received` are for the kind of item at hand, in units of effort (`capacity` None is
    unlimited) and counts; `idle_since` is the latest of sign-on, assignment and release, over all kinds. `position` is
    the place in a listed team, else 0. `preference` is the sum of weight × degree of the rule's `prefer`s.
    `values` holds what the `lowest`/`highest` expressions gave, by their place in the chain; None is missing.
    """

    agent_id: str
    agent: Agent
    tie: int
    load: int | Decimal = 0
    capacity: int | Decimal | None = None
    received: int = 0
    idle_since: datetime | None = None
    position: int = 0
    seat: Seat | None = None
    preference: Fraction | float | int = 0
    values: Mapping[int, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What is being decided: for which item, when, by which seed; `rotation` is the state of the turn-taking."""

    item_id: str
    now: datetime
    seed: str
    rotation: Rotation


@runtime_checkable
class Order(Protocol):
    """Sorts candidates. A host registers its own with `register_order`."""

    def key(self, candidate: Candidate, question: Question) -> Any:  # noqa: ANN401 - anything that compares
        """Return what the candidate is sorted by; the smallest wins."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """What a decision did to a rotation: its new shared state, and the seats that changed."""

    rotation: Rotation
    seats: tuple[Seat, ...] = ()
