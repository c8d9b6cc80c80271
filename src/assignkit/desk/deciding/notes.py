"""What units at hand wrote of agents: noted at once, and believed only if the unit was kept."""

from __future__ import annotations

from collections.abc import Collection

from assignkit.repositories.base import Changes, Store

_NO_IDS: frozenset[str] = frozenset()
_MOST_UNSURE = 100  # units of which nobody said what became of them: with more, all is read anew


class Notes:
    """Of whom a directory knows something by its own units alone, and of whom it therefore has to read again.

    On a store that others write to as well a unit begins with `share`, and somebody says afterwards what became of it:
    `trust` or `distrust`. Until then whom it noted is read again each time.
    """

    def __init__(self) -> None:
        self.cursor: int | None = None  # up to where the store's changes are known
        self._since_begin: set[str] = set()
        self._written: set[str] = set()  # since it was last looked what changed
        self._doubted: set[str] | None = None  # by the unit at hand
        self._unsure: dict[int, set[str]] = {}
        self._failed: set[str] = set()
        self._noted_wholly: Collection[str] = ()  # of whom the last unit noted all that it wrote, if it was kept

    def note(self, agent_id: str) -> None:
        """Note that the unit at hand has written something of an agent."""
        self._since_begin.add(agent_id)
        self._written.add(agent_id)
        if self._doubted is not None:
            self._doubted.add(agent_id)

    def begin(self) -> None:
        """Begin to keep in mind of whom the unit notes anything, in case that what it does now is taken back."""
        self._since_begin.clear()

    @property
    def since_begin(self) -> tuple[str, ...]:
        """Of whom something was noted since `begin`."""
        return tuple(self._since_begin)

    # --- units that may not be kept

    def share(self) -> int:
        """Begin a unit of which it is to be said what became of it; returns what `trust` or `distrust` takes later."""
        doubted = self._doubted = set()
        self._unsure[id(doubted)] = doubted
        return id(doubted)

    def trust(self, doubted: int) -> None:
        """Believe what was noted since `share` returned this: its unit was kept."""
        self._noted_wholly = self._unsure.pop(doubted, ())

    def distrust(self, doubted: int) -> None:
        """Have read again what was noted since `share` returned this: its unit was not kept."""
        self._failed |= self._unsure.pop(doubted, set())

    def disbelieve(self, agent_ids: Collection[str]) -> None:
        """Have read again what was noted of these agents: it was never written."""
        self._failed.update(agent_ids)

    # --- what the store says

    def outdated(self, changes: Changes | None) -> Collection[str] | None:
        """Return of whom something is to be read again, as the store says and as it is not sure; None: of everybody."""
        self._written.clear()
        noted, self._noted_wholly = self._noted_wholly, ()
        if changes is None or changes.agent_ids is None or len(self._unsure) > _MOST_UNSURE:
            return None
        known = changes.of_one_unit and not changes.records and changes.agent_ids.issubset(noted)
        changed: Collection[str] = _NO_IDS if known else changes.agent_ids
        if self._unsure or self._failed:
            changed = self._failed.union(changed, *list(self._unsure.values()))
        return changed

    def caught_up(self, changes: Changes | None) -> None:
        """Note that this was read again, and what the store said is known."""
        self._failed.clear()
        if changes is not None:
            self.cursor = changes.cursor

    def begin_anew(self) -> None:
        """Doubt nobody but whom the unit at hand notes: all was read again."""
        self._unsure = {} if self._doubted is None else {id(self._doubted): self._doubted}

    def settle(self, store: Store) -> None:
        """Pass over the changes of a unit that has written nothing but what was noted; for a store of one's own."""
        changes = store.changes(self.cursor)
        if changes is not None and changes.agent_ids is not None and changes.agent_ids <= self._written:
            self.cursor = changes.cursor
