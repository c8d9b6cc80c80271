"""Which agents changed: what lets a caller keep its own sorted view of them up to date."""

from __future__ import annotations

from collections.abc import Iterator

from assignkit.model.building import maker_of
from assignkit.repositories.base import Changes
from assignkit.repositories.memory.undo import UndoLog


class ChangeJournal:
    """The number of each agent's last change, oldest first: as long as the list of agents, and never too short."""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._last: dict[str, int] = {}
        self._newest: str | None = None
        self._count = 0
        self._unchanged = Changes(0, _NOBODY)

    def touch(self, agent_id: str) -> None:
        """Note that the agent's record, load or seat changed."""
        # Taking the change back is a change as well, for whoever looked in between.
        self._undo.note((agent_id, self._mark, 1))
        self._mark(agent_id)

    def since(self, cursor: int | None) -> Changes:
        """Return who changed since `cursor`; see `Store.changes`. Takes time by their number."""
        if cursor is None:
            return Changes(self._count, frozenset())
        if cursor == self._count:
            if self._unchanged.cursor != cursor:
                self._unchanged = new_changes(cursor=cursor, agent_ids=_NOBODY)
            return self._unchanged
        if not 0 <= cursor < self._count:
            return Changes(self._count, None)
        changed = []
        for agent_id, number in reversed(self._last.items()):
            if number <= cursor:
                break
            changed.append(agent_id)
        return new_changes(cursor=self._count, agent_ids=frozenset(changed))

    def problems(self) -> Iterator[str]:
        """Yield whether the numbers do not rise to the last one."""
        numbers = list(self._last.values())
        if numbers != sorted(set(numbers)) or (numbers and numbers[-1] != self._count):
            yield f"the journal of changes is out of order: {numbers} of {self._count}"

    def _mark(self, agent_id: str) -> None:
        self._count += 1
        if agent_id != self._newest:
            self._last.pop(agent_id, None)
            self._newest = agent_id
        self._last[agent_id] = self._count


_NOBODY: frozenset[str] = frozenset()
new_changes = maker_of(Changes)  # made for every decision that is made by itself
