"""Which rules were published, and their texts."""

from __future__ import annotations

from assignkit.model.building import altered
from assignkit.model.publication import KeptTexts, PublishingAct
from assignkit.model.shadow import ShadowReport
from assignkit.repositories.memory.undo import UndoLog


class PublicationBook:
    """Texts by version, and the log of publishing by number, from 1 without gaps."""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._texts: dict[str, KeptTexts] = {}
        self._log: list[PublishingAct] = []
        self._shadows: dict[str, dict[str, ShadowReport]] = {}

    def keep(self, version: str, texts: KeptTexts) -> None:
        """Keep the texts of a version; see `PublicationRepository.keep`."""
        if version not in self._texts:
            self._undo.write(self._texts, version, texts)

    def texts(self, version: str) -> KeptTexts | None:
        """Return the texts of a version, or None; see `PublicationRepository.texts`."""
        return self._texts.get(version)

    def append(self, act: PublishingAct) -> PublishingAct:
        """Store the newest line of the log; see `PublicationRepository.append`."""
        stored = altered(act, {"number": len(self._log) + 1})
        self._undo.note((stored, self._take_out, 1))
        self._log.append(stored)
        return stored

    def since(self, number: int) -> list[PublishingAct]:
        """Return the lines with a higher number; see `PublicationRepository.since`."""
        return self._log[max(number, 0) :]

    def keep_shadow(self, desk: str, report: ShadowReport) -> None:
        """Keep what a desk has seen of a shadow; see `PublicationRepository.keep_shadow`."""
        self._undo.write(self._shadows.setdefault(report.shadow_version, {}), desk, report)

    def shadows(self, version: str) -> list[ShadowReport]:
        """Return what desks have seen of a shadow; see `PublicationRepository.shadows`."""
        return [report for _, report in sorted(self._shadows.get(version, {}).items())]

    def _take_out(self, act: PublishingAct) -> None:
        if len(self._log) == act.number:
            self._log.pop()
