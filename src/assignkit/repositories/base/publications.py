"""Which rules were published."""

from __future__ import annotations

from typing import Protocol

from assignkit.model.publication import KeptTexts, PublishingAct
from assignkit.model.shadow import ShadowReport


class PublicationRepository(Protocol):
    """Which rules were published: their texts by version, and an append-only log of who did what."""

    def keep(self, version: str, texts: KeptTexts) -> None:
        """Keep the texts of a version; they never change, so that a version that is kept already stays as it is."""
        ...

    def texts(self, version: str) -> KeptTexts | None:
        """Return the texts of a version, or None."""
        ...

    def append(self, act: PublishingAct) -> PublishingAct:
        """Store the act as the newest line of the log, and return it with its number, which counts from 1."""
        ...

    def since(self, number: int) -> list[PublishingAct]:
        """Return the lines of the log with a number above `number`, oldest first."""
        ...

    def keep_shadow(self, desk: str, report: ShadowReport) -> None:
        """Keep what a desk has seen of a shadow so far, in the place of what it had seen of that version before."""
        ...

    def shadows(self, version: str) -> list[ShadowReport]:
        """Return what desks have seen of a version that looked on, by the names of the desks."""
        ...
