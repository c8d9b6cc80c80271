"""Who held what."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from assignkit.errors import AlreadyExistsError, ConflictError, NotFoundError
from assignkit.model.assignment import Assignment
from assignkit.model.building import altered
from assignkit.model.grant import Grant
from assignkit.repositories.memory.instants import universal
from assignkit.repositories.memory.placements import ItemKey
from assignkit.repositories.memory.undo import UndoLog

Share = tuple[str, str]  # a target and an agent, by which limits count
Arrival = tuple[datetime, str]  # when, in UTC, and the assignment's id


class AssignmentBook:
    """Assignments by id; and their ids by item, by agent while they are open, and by what limits count.

    An item with but one assignment, as most have, has its id, others a tuple of ids.
    """

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._all: dict[str, Assignment | Grant] = {}
        self._of_item: dict[ItemKey, str | tuple[str, ...]] = {}  # by fence
        self._open_of_agent: dict[str, dict[ItemKey, str]] = {}
        self._open_through: dict[Share, set[str]] = {}
        self._arrivals: dict[Share, list[Arrival]] = {}  # by when

    def add(self, assignment: Assignment) -> None:
        """Store a new assignment; see `AssignmentRepository.add`. A taken id raises `AlreadyExistsError`."""
        id, key = assignment.id, (assignment.kind, assignment.item_id)
        if id in self._all:
            raise AlreadyExistsError(noun="assignment", key=id)
        if key in self._of_item:
            self._refuse_conflict(assignment, key)
        self._undo.note((assignment, key, self._take_out, 2))
        self._put_in(assignment, key)

    def take(self, grants: Sequence[Grant]) -> None:
        """Take note of items that were not here before; their assignments are made of it when somebody asks."""
        known, of_item, taken = self._all, self._of_item, list[Grant]()
        self._undo.note((taken, self._take_all_out, 1))
        for grant in grants:
            id, key, agent_id = grant.id, grant.key, grant.agent.id
            if id in known or key in of_item:
                self.add(grant.assignment())  # which says what is in the way, if anything is
                continue
            taken.append(grant)
            known[id] = grant
            of_item[key] = id
            share = grant.terms.target, agent_id
            self._arrive(share, (grant.at if grant.at.tzinfo is UTC else universal(grant.at), id))
            self._reopen(id, key, agent_id, share)

    def get(self, id: str) -> Assignment:
        """Return the assignment; see `AssignmentRepository.get`."""
        if id not in self._all:
            raise NotFoundError(noun="assignment", key=id)
        return self._made(id)

    def end(self, id: str, *, at: datetime, because: str) -> Assignment:
        """End an open assignment; see `AssignmentRepository.end`."""
        stored = self.get(id)
        if stored.ended_at is not None:
            raise ConflictError(what=f"end of assignment `{id}`", expected=None, found=stored.ended_at.isoformat())
        ended = altered(stored, {"ended_at": at, "ended_because": because})
        key = (stored.kind, stored.item_id)
        self._undo.note((stored, key, self._resume, 2))
        self._close(stored, key)
        if not ended.counts:
            self._forget_arrival(ended)
        self._all[id] = ended
        return ended

    def of_item(self, kind: str, item_id: str) -> list[Assignment]:
        """Return the item's assignments; see `AssignmentRepository.of_item`."""
        return [self._made(id) for id in self._ids((kind, item_id))]

    def open_of_agent(self, agent_id: str) -> list[Assignment]:
        """Return the agent's open assignments; see `AssignmentRepository.open_of_agent`."""
        return [self._made(id) for _, id in sorted(self._open_of_agent.get(agent_id, {}).items())]

    def count_open(self, target: str, agent_id: str) -> int:
        """Return how many items the agent holds through `target`; see `AssignmentRepository.count_open`."""
        return len(self._open_through.get((target, agent_id), ()))

    def count_since(self, target: str, agent_id: str, since: datetime) -> int:
        """Return how many items came through `target`; see `AssignmentRepository.count_since`. A binary search."""
        arrivals = self._arrivals.get((target, agent_id))
        if not arrivals:
            return 0
        first = universal(since)
        if arrivals[0][0] >= first:
            return len(arrivals)
        return len(arrivals) - bisect_left(arrivals, first, key=_instant)

    def find_open(self, kind: str, item_id: str) -> Assignment | None:
        """Return the item's open assignment, or None."""
        return next(
            (one for id in reversed(self._ids((kind, item_id))) if (one := self._made(id)).ended_at is None), None
        )

    def __iter__(self) -> Iterator[Assignment]:
        return map(self._made, tuple(self._all))

    def problems(self) -> Iterator[str]:
        """Yield where the indexes are not what they would be if they were built anew."""
        fresh = AssignmentBook(self._undo)
        for assignment in self:
            fresh._put_in(assignment, (assignment.kind, assignment.item_id))
        for name in ("_of_item", "_open_of_agent", "_open_through", "_arrivals"):
            found, expected = (_filled(getattr(book, name)) for book in (self, fresh))
            if name == "_arrivals":  # those of one instant stand as they came
                found, expected = ({key: sorted(those) for key, those in index.items()} for index in (found, expected))
            if found != expected:
                yield f"the index `{name}` of assignments is off: {found} for {expected}"

    def _refuse_conflict(self, assignment: Assignment, key: ItemKey) -> None:
        still = self.find_open(*key)
        if assignment.ended_at is None and still is not None:
            raise _conflict(assignment, "open assignment", found=still.id)
        for id in self._ids(key):
            if self._made(id).fence == assignment.fence:
                raise _conflict(assignment, f"assignment by fence {assignment.fence}", found=id)

    def _ids(self, key: ItemKey) -> tuple[str, ...]:
        ids = self._of_item.get(key, ())
        return ids if isinstance(ids, tuple) else (ids,)

    def _put_in(self, assignment: Assignment, key: ItemKey) -> None:
        id = assignment.id
        if key in self._of_item:
            self._list(assignment, key)
        else:
            self._of_item[key] = id
        self._all[id] = assignment
        share = (assignment.target, assignment.agent_id) if assignment.target is not None else None
        if share is not None and assignment.counts:
            self._arrive(share, (universal(assignment.assigned_at), id))
        if assignment.ended_at is None:
            self._reopen(id, key, assignment.agent_id, share)

    def _arrive(self, share: Share, arrival: Arrival) -> None:
        arrivals = self._arrivals.get(share)
        if arrivals is None:
            self._arrivals[share] = [arrival]
        elif arrivals and arrival[0] < arrivals[-1][0]:
            insort(arrivals, arrival, key=_instant)
        else:
            arrivals.append(arrival)

    def _list(self, assignment: Assignment, key: ItemKey) -> None:
        """Put the assignment among those of its item, by fence; most come last, and most items have but one."""
        known = self._ids(key)
        if not known:
            self._of_item[key] = assignment.id
        elif assignment.id not in known:
            fences = [self._made(id).fence for id in known]
            place = bisect_left(fences, assignment.fence)
            self._of_item[key] = (*known[:place], assignment.id, *known[place:])

    def _made(self, id: str) -> Assignment:
        found = self._all[id]
        if type(found) is Assignment:
            return found
        made = self._all[id] = cast("Grant", found).assignment()
        return made

    def _take_all_out(self, grants: Sequence[Grant]) -> None:
        for grant in grants:
            self._take_out(grant.assignment(), grant.key)

    def _take_out(self, assignment: Assignment, key: ItemKey) -> None:
        self._close(assignment, key)
        left = tuple(id for id in self._ids(key) if id != assignment.id)
        self._of_item.pop(key, None)
        if left:
            self._of_item[key] = left if len(left) > 1 else left[0]
        self._forget_arrival(assignment)
        self._all.pop(assignment.id, None)

    def _forget_arrival(self, assignment: Assignment) -> None:
        if assignment.target is not None:
            arrival = (universal(assignment.assigned_at), assignment.id)
            arrivals = self._arrivals.get((assignment.target, assignment.agent_id), [])
            # What is forgotten came last, most of the time.
            for place in range(bisect_right(arrivals, arrival[0], key=_instant) - 1, -1, -1):
                if arrivals[place] == arrival:
                    del arrivals[place]
                    return
                if arrivals[place][0] < arrival[0]:
                    return

    def _resume(self, assignment: Assignment, key: ItemKey) -> None:
        """Take back that the assignment ended."""
        self._forget_arrival(assignment)
        self._put_in(assignment, key)

    def _reopen(self, id: str, key: ItemKey, agent_id: str, share: Share | None) -> None:
        of_agent = self._open_of_agent.get(agent_id)
        if of_agent is None:
            of_agent = self._open_of_agent[agent_id] = {}
        of_agent[key] = id
        if share is not None:
            through = self._open_through.get(share)
            if through is None:
                through = self._open_through[share] = set()
            through.add(id)

    def _close(self, assignment: Assignment, key: ItemKey) -> None:
        of_agent = self._open_of_agent.get(assignment.agent_id, {})
        if of_agent.get(key) == assignment.id:
            del of_agent[key]
        if assignment.target is not None:
            self._open_through.get((assignment.target, assignment.agent_id), set()).discard(assignment.id)


def _instant(arrival: Arrival) -> datetime:
    return arrival[0]


def _conflict(assignment: Assignment, what: str, *, found: object) -> ConflictError:
    label = f"{what} of `{assignment.item_id}` of {assignment.kind}"
    return ConflictError(what=label, expected=None, found=found)


def _filled(index: dict[Any, Any]) -> dict[Any, Any]:
    """Return the index without the keys under which nothing stands any more."""
    return {key: value for key, value in index.items() if value}
