"""What a connection remembers between units: agents with their loads and seats, as long as nobody has changed them.

Each unit that changes an agent writes a line into the table of changes. A unit that looks there learns whom others have
changed since its connection last looked, and forgets them; everybody else is as remembered.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import Any, NamedTuple

from assignkit.model.publication import PublishingAct

MIRRORS = "assignkit mirrors"  # under which they are kept with a connection
_HISTORY = "history"
_STEPS = 64
_CURSORS = 4_096
_UNDONE = 1_024
_MIRRORS = 8

State = Any  # where in the table of changes a connection has looked last: a position, or a snapshot as text


class Changed(NamedTuple):
    """Which agents changed, and of which of them the record may have, not merely loads and seats."""

    agents: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()

    def and_also(self, *others: Changed) -> Changed:
        """Return them together."""
        agents, records = zip(self, *others, strict=True)
        return Changed(frozenset().union(*agents), frozenset().union(*records))


_NO_ONE: frozenset[str] = frozenset()
_NOBODY = Changed()


class Step(NamedTuple):
    """Who changed from one state on to the next; `from_here`: by one caller alone, in one unit of this connection."""

    before: State
    changed: Changed
    from_here: bool = False


@dataclass(slots=True)
class Mirror:
    """What is remembered on one connection, of one tenant. `state` is None until somebody has looked."""

    state: State = None
    pruned: int = 0  # the last position, or transaction, whose line is gone
    version: int | None = None  # SQLite's count of what other connections have written
    steps: deque[Step] = field(default_factory=lambda: deque(maxlen=_STEPS))
    agents: dict[str, Any] = field(default_factory=dict)
    loads: dict[str, Any] = field(default_factory=dict)
    seats: dict[str, dict[str, Any]] = field(default_factory=dict)  # by agent, then by rotation
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)  # by agent, then by target
    rotations: dict[str, Any] = field(default_factory=dict)
    counted: int | None = None  # how many events there are
    lines: list[PublishingAct] | None = None  # the log of publishing
    # Rotations whose seats are not to be read ahead: nobody else had changed them, or (True) they are too many.
    calm: dict[str, bool] = field(default_factory=dict)
    last_was_new: bool = True  # whether nothing was known of the item that was looked up last by itself
    new_in_a_row: int = 0  # of how many such items nothing was known, since something was known of one
    written_here: set[int] = field(default_factory=set)  # transactions of this connection, whose changes are known

    def forget(self, changed: Changed) -> None:
        """Forget what has changed."""
        for agent_id in changed.records:
            self.agents.pop(agent_id, None)
        for agent_id in changed.agents:
            self.loads.pop(agent_id, None)
            self.seats.pop(agent_id, None)
            self.counts.pop(agent_id, None)

    def forget_written(self, agent_ids: Iterable[str]) -> None:
        """Forget what a unit of this connection may have changed of these agents without knowing what became of it.

        Their records, loads and seats stay: the unit that changes one knows, and has it remembered.
        """
        for agent_id in agent_ids:
            self.counts.pop(agent_id, None)

    def forget_others(self) -> None:
        """Forget all that is not of agents."""
        self.rotations.clear()
        self.counted = self.lines = None

    def reset(self, state: State) -> None:
        """Forget everything, and remember from `state` on."""
        for remembered in (self.agents, self.loads, self.seats, self.counts):
            remembered.clear()
        self.forget_others()
        self.steps.clear()
        self.written_here.clear()
        self.state = state

    def step(self, state: State, changed: Changed, *, from_here: bool = False) -> None:
        """Note that these agents changed between the last state and this one; see `Step`."""
        self.steps.append(Step(self.state, changed, from_here))
        self.state = state

    def since(self, state: State) -> Step | None:
        """Return who changed since a state, if that is remembered."""
        if state == self.state:
            return Step(state, _NOBODY)
        steps: list[Changed] = []
        for step in reversed(self.steps):
            steps.append(step.changed)
            if step.before == state:
                return step if len(steps) == 1 else Step(state, _NOBODY.and_also(*steps))
        return None


def mirror_on(info: dict[str, Any], *, scope: str, tenant: str) -> Mirror:
    """Return what a connection remembers of a tenant; `info` is what SQLAlchemy keeps with the connection."""
    mirrors: OrderedDict[tuple[str, str], Mirror] = info.setdefault(MIRRORS, OrderedDict())
    mirror = mirrors.get((scope, tenant))
    if mirror is None:
        mirror = mirrors[scope, tenant] = Mirror()
        if len(mirrors) > _MIRRORS:
            mirrors.popitem(last=False)
    return mirror


class Cursors:
    """The cursors that one store has given out, and what was taken back after somebody had looked at it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = count(1)
        self._known: OrderedDict[int, tuple[State, int]] = OrderedDict()
        self._last: tuple[int, tuple[State, int]] | None = None
        self._undone: deque[tuple[int, frozenset[str]]] = deque(maxlen=_UNDONE)
        self._taken_back = 0

    def exchange(self, cursor: int | None, state: State) -> tuple[int, tuple[State, frozenset[str]] | None]:
        """Return a cursor that stands for a state, and what another one stands for.

        Which is a state, and whose changes were taken back since; None if it is unknown.
        """
        with self._lock:
            return self._issued(state), None if cursor is None else self._meant(cursor)

    def _issued(self, state: State) -> int:
        meant = (state, self._taken_back)
        if self._last is not None and self._last[1] == meant:
            return self._last[0]
        number = next(self._numbers)
        self._known[number] = meant
        self._last = number, meant
        if len(self._known) > _CURSORS:
            self._known.popitem(last=False)
        return number

    def _meant(self, cursor: int) -> tuple[State, frozenset[str]] | None:
        known = self._known.get(cursor)
        oldest = self._undone[0][0] if self._undone else self._taken_back + 1
        if known is None or known[1] < oldest - 1:
            return None
        if not self._undone:
            return known[0], _NO_ONE
        undone = (agents for number, agents in self._undone if number > known[1])
        return known[0], frozenset().union(*undone)

    def take_back(self, agent_ids: Collection[str]) -> None:
        """Note whose changes were taken back."""
        if agent_ids:
            with self._lock:
                self._taken_back += 1
                self._undone.append((self._taken_back, frozenset(agent_ids)))


def remember(mirror: Mirror, known: Mapping[str, Any], *, others: bool) -> None:
    """Take over what a unit knew when it was kept; `known` are its buffers, by name, `others` those not of agents."""
    agents, loads, seats = known.get("agents"), known.get("loads"), known.get("seats")
    if agents is not None:
        mirror.agents.update(agents.known)
    if loads is not None:
        for agent_id, value in loads.known.items():
            mirror.loads[agent_id] = value, loads.stored[agent_id]
    if seats is not None:
        for (rotation, agent_id), seat in seats.known.items():
            mirror.seats.setdefault(agent_id, {})[rotation] = seat, seats.stored[rotation, agent_id]
    counts = known.get("counts")
    if counts is not None:
        for (agent_id, target), by_start in counts.known.items():
            mirror.counts.setdefault(agent_id, {})[target] = by_start
    turns = known.get("rotations")
    if others and turns is not None:
        mirror.rotations.update(turns.known)
    counted = known.get("history counted")
    if others and counted is not None and counted.known:
        mirror.counted = counted.known[_HISTORY] + len(known["history"].known)
