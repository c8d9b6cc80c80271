"""What offering an item to several at once gives: their offers, and who was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from assignkit.model.decision import Decision

_NOBODY: Mapping[str, str] = MappingProxyType({})


class Offers(list[Decision]):
    """The decisions, one per offer, by agent id; `left_out` has the others by their ids, each with why.

    Why is the end of a sentence about the agent: `is not active`. The item's history keeps the reason codes.
    """

    def __init__(self, decisions: Iterable[Decision] = (), left_out: Mapping[str, str] = _NOBODY) -> None:
        super().__init__(decisions)
        self.left_out = left_out
