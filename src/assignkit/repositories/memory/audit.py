"""Whether the books agree with each other; for tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from assignkit.repositories.memory.books import Books


def audit(books: Books) -> None:
    """Raise `AssertionError` that names everything that is off, if the books disagree within or with each other."""
    problems = [
        *books.journal.problems(),
        *books.placements.problems(),
        *books.assignments.problems(),
        *books.rotations.problems(),
        *books.history.problems(),
        *_untrue_holders(books),
        *_untrue_assignments(books),
        *_untrue_loads(books),
        *(f"event `{event.id}` is pending, but never happened" for event in books.outbox if event not in books.history),
    ]
    if problems:
        raise AssertionError("\n".join(problems))


def _untrue_holders(books: Books) -> Iterator[str]:
    for place in books.placements:
        label = f"`{place.item_id}` of {place.kind}"
        held_by = books.assignments.find_open(place.kind, place.item_id)
        if held_by is None:
            if place.state == "held":
                yield f"{label} is held without an open assignment"
        elif place.assignment_id not in (None, held_by.id):
            yield f"{label} names assignment `{place.assignment_id}`, but `{held_by.id}` is open"


def _untrue_assignments(books: Books) -> Iterator[str]:
    for assignment in books.assignments:
        if assignment.ended_at is not None:
            continue
        place = books.placements.find(assignment.kind, assignment.item_id)
        found = (place.agent_id, place.fence) if place is not None and place.taken else None
        said = (assignment.agent_id, assignment.fence)
        if found != said:
            yield f"assignment `{assignment.id}` is open for (agent, fence) {said}, but its item is with {found}"


def _untrue_loads(books: Books) -> Iterator[str]:
    carried: defaultdict[tuple[str | None, str], int | Decimal] = defaultdict(int)
    for place in books.placements:
        if place.taken:
            carried[place.agent_id, place.kind] += place.effort
    for load in books.loads:
        label = f"agent `{load.agent_id}` in {load.kind}"
        effort = carried.pop((load.agent_id, load.kind), 0)
        if load.load != effort:
            yield f"{label} has load {load.load}, but items of effort {effort}"
        if load.ceiling is not None and load.load > load.ceiling:
            yield f"{label} has load {load.load}, above the ceiling {load.ceiling}"
    for (agent_id, kind), effort in carried.items():
        yield f"agent `{agent_id}` in {kind} has items of effort {effort}, but no load"
