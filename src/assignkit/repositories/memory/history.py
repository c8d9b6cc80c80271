"""What happened, what of it is still to be told, and what was answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from assignkit.errors import AlreadyExistsError, ConflictError
from assignkit.model.assignment import Event
from assignkit.model.building import altered
from assignkit.model.frozen import freeze
from assignkit.model.happening import Happening
from assignkit.repositories.base import Answer
from assignkit.repositories.memory.placements import ItemKey
from assignkit.repositories.memory.undo import UndoLog

Numbers = int | tuple[int, ...]  # most items have one event, and millions of tuples weigh


class HistoryBook:
    """Events by number, from 1 without gaps; and their numbers by item."""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._events: list[Event | Happening] = []
        self._of_item: dict[ItemKey, Numbers] = {}
        self._numbers: dict[str, int] = {}

    def append(self, event: Event) -> Event:
        """Store the event as the newest; see `HistoryRepository.append`. A taken id raises `AlreadyExistsError`."""
        if event.id in self._numbers:
            raise AlreadyExistsError(noun="event", key=event.id)
        number = len(self._events) + 1
        stored = altered(event, {"number": number, "facts": freeze(event.facts)})
        self._put_in(stored)
        return stored

    def note(self, happening: Happening) -> None:
        """Store what happened as the newest event, which is put into words when somebody reads it."""
        if happening.id in self._numbers:
            raise AlreadyExistsError(noun="event", key=happening.id)
        happening.number = len(self._events) + 1
        self._put_in(happening)

    def note_all(self, happenings: Sequence[Happening]) -> None:
        """Store what happened, in this order; see `note`."""
        events, numbers, of_item, noted = self._events, self._numbers, self._of_item, list[Happening]()
        self._undo.note((noted, self._take_all_out, 1))
        for number, happening in enumerate(happenings, start=len(events) + 1):
            if happening.id in numbers:
                raise AlreadyExistsError(noun="event", key=happening.id)
            happening.number = number
            noted.append(happening)
            numbers[happening.id] = number
            key = happening.kind, happening.item_id
            known = of_item.get(key)
            of_item[key] = number if known is None else (*_all(known), number)
            events.append(happening)

    def of_item(self, kind: str, item_id: str) -> list[Event]:
        """Return the item's events; see `HistoryRepository.of_item`."""
        return [_read(self._events[number - 1]) for number in _all(self._of_item.get((kind, item_id), ()))]

    def since(self, number: int, *, limit: int = 1000) -> list[Event]:
        """Return events with a higher number; see `HistoryRepository.since`."""
        first = max(number, 0)
        return list(map(_read, self._events[first : first + max(limit, 0)]))

    def __contains__(self, event: Event) -> bool:
        return event.id in self._numbers

    def problems(self) -> Iterator[str]:
        """Yield the gaps in the numbers, and where the indexes do not agree with the events."""
        of_item: dict[ItemKey, tuple[int, ...]] = {}
        for number, event in enumerate(self._events, start=1):
            key = (event.kind, event.item_id)
            of_item[key] = (*of_item.get(key, ()), number)
            if event.number != number:
                yield f"event `{event.id}` has number {event.number} in place {number}"
        if {key: _all(numbers) for key, numbers in self._of_item.items() if numbers} != of_item:
            yield f"the index of events by item is off: {self._of_item} for {of_item}"
        if self._numbers != {event.id: event.number for event in self._events}:
            yield f"the index of events by id is off: {self._numbers}"

    def _put_in(self, event: Event | Happening) -> None:
        number, key = event.number, (event.kind, event.item_id)
        self._undo.note((event, self._take_out, 1))
        self._numbers[event.id] = number
        known = self._of_item.get(key)
        self._of_item[key] = number if known is None else (*_all(known), number)
        self._events.append(event)

    def _take_all_out(self, happenings: Sequence[Happening]) -> None:
        for happening in reversed(happenings):
            self._take_out(happening)

    def _take_out(self, event: Event | Happening) -> None:
        if event.number and len(self._events) == event.number:  # it has one since it is about to be put in
            self._events.pop()
        key = (event.kind, event.item_id)
        numbers = _all(self._of_item.get(key, ()))
        if numbers[-1:] == (event.number,):
            self._of_item[key] = numbers[:-1]
        self._numbers.pop(event.id, None)


def _all(numbers: Numbers) -> tuple[int, ...]:
    return numbers if isinstance(numbers, tuple) else (numbers,)


def _read(event: Event | Happening) -> Event:
    return event.event() if isinstance(event, Happening) else event


class OutboxBook:
    """Events that are still to be told, in the order in which they came in."""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._pending: dict[str, tuple[int, Event | Happening]] = {}
        self._arrived = 0

    def append(self, event: Event) -> None:
        """Add an event to be told; see `OutboxRepository.append`. One that is pending raises `AlreadyExistsError`."""
        if event.id in self._pending:
            raise AlreadyExistsError(noun="pending event", key=event.id)
        facts = freeze(event.facts)
        kept = event if facts is event.facts else altered(event, {"facts": facts})
        self._arrived += 1
        self._undo.write(self._pending, event.id, (self._arrived, kept))

    def note(self, happening: Happening) -> None:
        """Add what happened, which has its number already, to be told; see `append`."""
        if happening.id in self._pending:
            raise AlreadyExistsError(noun="pending event", key=happening.id)
        self._arrived += 1
        self._undo.write(self._pending, happening.id, (self._arrived, happening))

    def pending(self, *, limit: int = 1000) -> list[Event]:
        """Return events that are still to be told; see `OutboxRepository.pending`."""
        return [_read(event) for _, event in islice(self._pending.values(), max(limit, 0))]

    def done(self, event_ids: Sequence[str]) -> None:
        """Mark events as told; see `OutboxRepository.done`."""
        told = {id: self._pending[id] for id in event_ids if id in self._pending}
        self._undo.note((told, self._put_back, 1))
        for id in told:
            del self._pending[id]

    def __iter__(self) -> Iterator[Event]:
        return (_read(event) for _, event in self._pending.values())

    def _put_back(self, told: dict[str, tuple[int, Event | Happening]]) -> None:
        self._pending.update(told)
        in_order = sorted(self._pending.items(), key=lambda entry: entry[1][0])
        self._pending.clear()
        self._pending.update(in_order)


class AnswerBook:
    """What was answered to which key; kept for as long as the store is."""

    def __init__(self, undo: UndoLog) -> None:
        self._undo = undo
        self._answers: dict[tuple[str, str], Answer] = {}

    def find(self, operation: str, key: str) -> Answer | None:
        """Return the answer given to this key, or None; see `IdempotencyRepository.find`."""
        return self._answers.get((operation, key))

    def add(self, answer: Answer) -> None:
        """Keep an answer; see `IdempotencyRepository.add`."""
        place = (answer.operation, answer.key)
        if place in self._answers:
            found = self._answers[place].at.isoformat()
            raise ConflictError(what=f"answer to `{answer.key}` of {answer.operation}", expected=None, found=found)
        self._undo.write(self._answers, place, answer)
