"""Where each item is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from assignkit.errors import ConflictError
from assignkit.model.grant import Grant
from assignkit.model.placement import Placement, PlacementState
from assignkit.repositories.memory.instants import universal
from assignkit.repositories.memory.undo import UndoLog

ItemKey = tuple[str, str]

_HELD = "held"  # most items are, and all of them are an agent's


class PlacementBook:
    """Placements by (kind, item id), and the items by agent, and by any state but `held`: who asks for all of these?"""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._all: dict[ItemKey, Placement | Grant] = {}
        self._in_state: dict[str, dict[ItemKey, None]] = {}
        self._of_agent: dict[str, dict[ItemKey, None]] = {}

    def find(self, kind: str, item_id: str) -> Placement | None:
        """Return where the item is, or None; see `PlacementRepository.find`."""
        key = (kind, item_id)
        return self._found(key) if key in self._all else None

    def put(self, placement: Placement, *, expected_fence: int | None) -> None:
        """Write the placement; see `PlacementRepository.put`."""
        key = (placement.kind, placement.item_id)
        stored = self._found(key)
        refuse_conflict(stored, placement, expected_fence)
        universal(placement.since)  # one without a zone would spoil the order of all the others
        self._undo.note((key, placement, stored, self._replace, 3))
        self._replace(key, stored, placement)

    def take(self, grants: Sequence[Grant]) -> None:
        """Take note of items that were not here before; where they are is made of it when somebody asks."""
        known, of_agent, taken = self._all, self._of_agent, list[Grant]()
        self._undo.note((taken, self._take_out, 1))
        for grant in grants:
            key, agent_id = grant.key, grant.agent.id
            if key in known:
                self.put(grant.placement(), expected_fence=None)  # which says what is in the way
                continue
            taken.append(grant)
            known[key] = grant
            having = of_agent.get(agent_id)
            if having is None:
                having = of_agent[agent_id] = {}
            having[key] = None

    def of_agent(self, agent_id: str) -> list[Placement]:
        """Return what the agent holds or is offered; see `PlacementRepository.of_agent`."""
        return self._those(sorted(self._of_agent.get(agent_id, ())))

    def in_state(self, state: PlacementState) -> list[Placement]:
        """Return all items in this state; see `PlacementRepository.in_state`. Takes time by their number."""
        if state == _HELD:
            held = (place for agent_id in self._of_agent for place in self._those(self._of_agent[agent_id]))
            return sorted((place for place in held if place.state == _HELD), key=_by_age)
        return sorted(self._those(self._in_state.get(state, ())), key=_by_age)

    def __iter__(self) -> Iterator[Placement]:
        return iter(self._those(self._all))

    def problems(self) -> Iterator[str]:
        """Yield where the indexes are not what they would be if they were built anew."""
        fresh = PlacementBook(self._undo)
        for place in self:
            fresh._replace((place.kind, place.item_id), None, place)
        for name in ("_in_state", "_of_agent"):
            found, expected = _filled(getattr(self, name)), _filled(getattr(fresh, name))
            if found != expected:
                yield f"the index `{name}` of placements is off: {found} for {expected}"

    def _found(self, key: ItemKey) -> Placement | None:
        found = self._all.get(key)
        if found is None or type(found) is Placement:
            return found
        made = self._all[key] = cast("Grant", found).placement()
        return made

    def _those(self, keys: Iterable[ItemKey]) -> list[Placement]:
        return [place for place in map(self._found, tuple(keys)) if place is not None]

    def _take_out(self, taken: Sequence[Grant]) -> None:
        for grant in taken:
            self._all.pop(grant.key, None)
            self._of_agent.get(grant.agent.id, {}).pop(grant.key, None)

    def _replace(self, key: ItemKey, old: Placement | None, new: Placement | None) -> None:
        if old is not None:
            self._in_state.get(old.state, {}).pop(key, None)
            if old.taken and old.agent_id is not None:
                self._of_agent.get(old.agent_id, {}).pop(key, None)
        if new is None:
            self._all.pop(key, None)
            return
        self._all[key] = new
        if new.state != _HELD:
            self._in_state.setdefault(new.state, {})[key] = None
        if new.taken and new.agent_id is not None:
            self._of_agent.setdefault(new.agent_id, {})[key] = None


def _by_age(placement: Placement) -> tuple[object, ...]:
    return universal(placement.since), placement.kind, placement.item_id


def refuse_conflict(stored: Placement | None, new: Placement, expected_fence: int | None) -> None:
    """Raise `ConflictError` unless `new` may follow `stored`; see `PlacementRepository.put`."""
    found = None if stored is None else stored.fence
    if found != expected_fence:
        raise ConflictError(what=f"fence of {_label(new)}", expected=expected_fence, found=found)
    holder = _holder(new)
    if holder is None and new.taken:
        raise ConflictError(what=f"agent of {_label(new)}, which is {new.state}", expected="an id", found=None)
    before, held_by = (0, None) if stored is None else (stored.fence, _holder(stored))
    lowest = before if held_by == holder else before + 1
    if new.fence < lowest:
        raise ConflictError(what=f"new fence of {_label(new)}", expected=f"{lowest} or higher", found=new.fence)


def _label(placement: Placement) -> str:
    return f"`{placement.item_id}` of {placement.kind}"


def _holder(placement: Placement) -> str | None:
    return placement.agent_id if placement.taken else None


def _filled(index: dict[str, dict[ItemKey, None]]) -> dict[str, dict[ItemKey, None]]:
    """Return the index without the keys under which nothing stands any more."""
    return {key: places for key, places in index.items() if places}
