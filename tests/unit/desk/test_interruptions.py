"""A plain decision that is interrupted, wherever that is, leaves nothing behind: no book, no turn, no belief."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from linecache import getline
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import assignkit
from assignkit import Customer, Desk, MemoryStore
from tests.unit.desk.making import OpenDesk, east, open_desk

RULES = """
rule "Limited" when customer.source = "web"
  assign to team "East" by least loaded
  limit 3 per day
rule "Rest"
  assign to team "East" by round robin
"""
HOUSE = Path(assignkit.__file__).parent
ROOMS = ("desk", "model", "strategies", "repositories/memory")
LEFT_OUT = ("work.py", "undo.py")  # what takes back has to be let do it

NEVER = 0
PLACES = 40  # at which to interrupt, spread over all lines that run

Act = Callable[[Desk], object]


@contextmanager
def interrupted(after: int, rooms: Collection[str] = ROOMS) -> Iterator[list[int]]:
    """Interrupt once so many lines of these rooms of the house have run; gives how many did, in a list.

    Not at a `with`: a trace comes by there once more before what was entered is left, where no signal is looked at.
    """
    lines, left = [0], [after]
    known: dict[str, bool] = {}

    def is_ours(name: str) -> bool:
        if name not in known:
            path = Path(name)
            ours = any(path.is_relative_to(HOUSE / room) for room in rooms)
            known[name] = ours and path.name not in LEFT_OUT
        return known[name]

    def look(frame: FrameType, event: str, _: Any) -> Any:  # noqa: ANN401 - as a trace function is
        if not is_ours(frame.f_code.co_filename):
            return None
        if event == "line":
            lines[0] += 1
            if lines[0] == left[0]:
                if not getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith("with "):
                    raise KeyboardInterrupt
                left[0] += 1
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield lines
    finally:
        sys.settrace(before)


def opened() -> OpenDesk:
    """Return a desk in whose lines everybody stands already."""
    desk = open_desk(RULES, east("li", "wang", "wu", capacity={"customers": 50}), store=MemoryStore())
    for number in range(8):
        desk.assign(Customer(id=f"before {number}", source="web" if number % 2 else None))
    return desk


def books(desk: OpenDesk) -> list[object]:
    """Return all that a decision writes."""
    store = desk.store
    store._check()
    rotations = [(rotation, store.rotations.seats(rotation.name)) for rotation in store.rotations.list()]
    agents = [(dict(store.loads.of_agent(id)), store.assignments.open_of_agent(id)) for id in ("li", "wang", "wu")]
    return [store.placements.in_state("held"), store.customers.list(), store.history.since(0), rotations, agents]


def single(desk: Desk) -> object:
    return desk.assign(Customer(id="c"))


def limited(desk: Desk) -> object:
    return desk.assign(Customer(id="c", source="web"))


def batch(desk: Desk) -> object:
    return desk.assign_many([Customer(id="c"), Customer(id="d", source="web"), Customer(id="e")])


@pytest.mark.parametrize("act", [single, limited, batch])
def test_what_is_interrupted_is_all_done_or_not_begun(act: Act) -> None:
    unhurt = opened()
    before = books(unhurt)
    with interrupted(NEVER) as lines:
        act(unhurt)
    done = books(unhurt)
    unhurt.assign(Customer(id="later"))
    later = books(unhurt)
    for after in range(1, lines[0], lines[0] // PLACES):
        desk = opened()
        with suppress(KeyboardInterrupt), interrupted(after):
            act(desk)
        left = books(desk)
        if left == before:
            act(desk)  # all of it may be done again
        else:
            told_whole = left == done
            assert told_whole, f"after {after} lines"  # not the books: they are long to compare in words
        desk.assign(Customer(id="later"))
        as_if_unhurt = books(desk) == later
        assert as_if_unhurt, f"after {after} lines"
