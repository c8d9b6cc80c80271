"""What a unit knows without asking: what its connection remembers, as far as that holds, and whom it changed itself."""

from __future__ import annotations

from collections.abc import Callable, Collection

from assignkit.repositories.sql.buffering import Buffers
from assignkit.repositories.sql.mirroring import Changed, Mirror, remember


class Knowledge:
    """How far one unit may believe what its connection remembers, and what is remembered of the unit afterwards.

    `mirror` is None for a call that only reads, and for a part of a host's transaction. `alone`: nobody else can write
    while the unit is open.
    """

    def __init__(self, mirror: Mirror | None, buffers: Buffers, *, alone: bool) -> None:
        self.mirror = mirror
        self.touched: dict[str, bool] = {}  # agents whom this unit changed, and whether that was sent
        self.rewritten: dict[str, bool] = {}  # those of them whose record it changed, and whether that was sent
        self.told: dict[str, int] = {}  # the transaction or position of what was sent of them
        self.look: Callable[[], None] = _see_nothing
        self.taken_back: Callable[[Collection[str]], None] = _tell_nobody
        self._buffers = buffers
        self._undo = buffers.undo
        self._alone = alone

    def begin(self, *, ventures: bool) -> None:
        """Begin with a unit; `ventures`: it is done again if what it takes for granted does not hold."""
        self.looked = False  # whether it is known who changed, since the last lock
        self.assuming = False  # whether something was taken for granted that is to be looked at before the end
        self.asked = False  # whether somebody outside was told
        self._valid = False
        self._ventures = ventures

    def clear(self) -> None:
        """Forget whom a unit that was kept has changed."""
        self.touched.clear()
        self.rewritten.clear()
        self.told.clear()

    # --- whom the unit changed

    def touch(self, agent_id: str, *, record: bool = False) -> None:
        """Note that this unit changed an agent: the record, or merely a load or a seat."""
        if agent_id not in self.touched:
            self._undo.write(self.touched, agent_id, value=False)
        if record:
            self._undo.write(self.rewritten, agent_id, value=False)
            self._undo.write(self.touched, agent_id, value=False)

    @property
    def changed(self) -> Changed:
        """Whom this unit changed."""
        return Changed(frozenset(self.touched), frozenset(self.rewritten))

    def take_back(self, agent_ids: Collection[str]) -> None:
        """Tell those who were told of changes that these are taken back."""
        if self.asked and agent_ids:
            self.taken_back(agent_ids)

    # --- what the connection remembers

    def remembered(self) -> Mirror | None:
        """Return what the connection remembers, if it is known to be as the database has it."""
        if not self._valid and self.mirror is not None and self._alone:
            self.look()
        return self.mirror if self._valid else None

    def assumed(self) -> Mirror | None:
        """Return what the connection remembers of published rules before it is known whether that still holds.

        It is looked before the unit ends, which saves a trip as most units look anyway; if it does not hold, the unit
        is done again, and takes nothing for granted. None where looking is quick, or where nothing is remembered, and
        for a unit that is not done again.
        """
        mirror = self.mirror
        if self.looked or not self._ventures or self._alone:
            return None
        if mirror is None or mirror.lines is None:
            return None
        self.assuming = True
        return mirror

    def note_lock(self) -> None:
        """Note that the unit may have waited for a lock, while others wrote."""
        if not self._alone:
            self.looked = False

    def note_look(self, changed: Changed) -> None:
        """Note that it is known who changed; what was read of them, and not written, is read again."""
        self.looked = self._valid = True
        self.assuming = False
        if changed.agents:
            self._forget(changed)

    def keep(self, *, parted: bool) -> None:
        """Have the connection remember what the unit knew, now that it is kept.

        `parted`: it had inner units, of which others may know more than its outermost caller.
        """
        mirror = self.mirror
        if mirror is None:
            return
        if self.touched and self._alone and not self._valid:
            mirror.reset(None)  # it would pass over what others did before: nobody has looked
            return
        if self.touched:
            if mirror.state is not None and self.told:
                if self._alone:
                    mirror.step(self.told["line"], self.changed, from_here=not parted)
                else:
                    mirror.written_here.add(self.told["line"])
            mirror.forget_written(self.touched)
        if self._alone and not self._valid:
            mirror.forget_others()
        remember(mirror, self._buffers.by_name, others=self._alone)

    def keep_nothing(self) -> None:
        """Have the connection forget everything, as it is not known what became of the unit."""
        if self.mirror is not None:
            self.mirror.reset(None)

    def let_go(self) -> None:
        """Let go of whoever looks and is told; see `Session.let_go`."""
        self.look, self.taken_back = _see_nothing, _tell_nobody

    def _forget(self, changed: Changed) -> None:
        touched = self.touched
        for name, agent_ids in (("agents", changed.records), ("loads", changed.agents)):
            buffer = self._buffers.of(name)
            for agent_id in agent_ids:
                if agent_id not in touched:
                    buffer.forget(agent_id)
        for name, place in (("seats", 1), ("counts", 0)):
            buffer = self._buffers.of(name)
            for key in [key for key in buffer.known if key[place] in changed.agents and key[place] not in touched]:
                buffer.forget(key)


def _see_nothing() -> None:
    """Look at nothing: this unit is not told of changes."""


def _tell_nobody(agent_ids: Collection[str]) -> None:
    """Tell nobody what was taken back: nobody was told of it before."""
