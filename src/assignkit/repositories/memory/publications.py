"""Which rules were published, and their texts."""

from __future__ import annotations

from assignkit.model.building import altered
from assignkit.model.publication import PublishingAct
from assignkit.repositories.base import RuleFiles
from assignkit.repositories.memory.undo import UndoLog


class PublicationBook:
    """Texts by version, and the log of publishing by number, from 1 without gaps."""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._files: dict[str, RuleFiles] = {}
        self._log: list[PublishingAct] = []

    def keep(self, version: str, files: RuleFiles) -> None:
        """Keep the texts of a version; see `PublicationRepository.keep`."""
        if version not in self._files:
            self._undo.write(self._files, version, tuple((name, text) for name, text in files))

    def files(self, version: str) -> RuleFiles | None:
        """Return the texts of a version, or None; see `PublicationRepository.files`."""
        return self._files.get(version)

    def append(self, act: PublishingAct) -> PublishingAct:
        """Store the newest line of the log; see `PublicationRepository.append`."""
        stored = altered(act, {"number": len(self._log) + 1})
        self._undo.note((stored, self._take_out, 1))
        self._log.append(stored)
        return stored

    def since(self, number: int) -> list[PublishingAct]:
        """Return the lines with a higher number; see `PublicationRepository.since`."""
        return self._log[max(number, 0) :]

    def _take_out(self, act: PublishingAct) -> None:
        if len(self._log) == act.number:
            self._log.pop()
