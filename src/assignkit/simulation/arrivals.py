"""The items of one run, drawn once and used for every policy that is compared on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemClass:
    """Items of one sort.

    `share` is their part of all arrivals, as a weight. Higher `priority` goes first, without interrupting work; an item
    counts as having waited `wait_credit` seconds already. `skill` is what an agent must have. `mean_service` and
    `mean_patience` (exponential, in seconds) replace those of the workload. `fields` are what rules can read.
    """

    name: str = ""
    share: float = 1.0
    priority: float = 0
    skill: str | None = None
    mean_service: float | None = None
    mean_patience: float | None = None
    wait_credit: float = 0
    fields: Mapping[str, Any] | None = None

    @property
    def sort(self) -> tuple[float, float, str | None]:
        """What decides who goes first, and who can serve it: priority, credit and skill."""
        return self.priority, self.wait_credit, self.skill


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Items in the order of their arrival, as columns; times in seconds from the start.

    `class_of[i]` is an index into `classes`; None where there is one class. `patience[i]` is how long item i waits for
    its service to begin; None where all wait for ever. `fields[i]` and `ids[i]` are None where nothing is known.
    """

    times: Sequence[float]
    services: Sequence[float]
    classes: tuple[ItemClass, ...] = (ItemClass(),)
    class_of: Sequence[int] | None = None
    patience: Sequence[float] | None = None
    fields: Sequence[Mapping[str, Any]] | None = None
    ids: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.times)

    @property
    def alike(self) -> bool:
        """Whether all items are of one sort that anybody can serve, and wait for ever."""
        sorts = {one.sort for one in self.classes}
        return self.patience is None and len(sorts) == 1 and self.classes[0].skill is None

    @property
    def described(self) -> bool:
        """Whether anything is known of the items that rules, or orders, could read."""
        return self.fields is not None or any(one.fields for one in self.classes)

    def class_at(self, index: int) -> ItemClass:
        """Return the class of one item."""
        return self.classes[0] if self.class_of is None else self.classes[self.class_of[index]]

    def id_at(self, index: int) -> str:
        """Return the identity of one item."""
        return f"item {index + 1}" if self.ids is None else self.ids[index]

    def fields_at(self, index: int) -> dict[str, Any]:
        """Return what is known of one item: its class's fields, then its own."""
        shared = self.class_at(index).fields or {}
        return {**shared, **(self.fields[index] if self.fields is not None else {})}
