"""What is wrong is refused by an error of its own kind, with nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from assignkit import (
    Agent,
    ConfigurationError,
    ConflictError,
    InvalidTransitionError,
    NotEligibleError,
    NotFoundError,
    RuleSet,
)
from tests.unit.desk.making import OpenDesk, east, edit, state_of

Make = Callable[..., OpenDesk]
TEXT = 'rule "East"\n  assign to team "East" by round robin\n  accept within 2 minutes'
MINUTE = timedelta(minutes=1)

FACTS: list[dict[str, Any]] = [
    {"weight": -1},
    {"weight": 0},
    {"weight": "heavy"},
    {"capacity": {"customers": 0}},
    {"capacity": {"customers": -2}},
    {"shifts": "mon 09:00-09:00"},
    {"shifts": "mon 25:00-26:00"},
    {"shifts": "someday"},
    {"leaves": [{"start": "2026-11-22", "until": "2026-11-20"}]},
    {"quota": -1},
    {"presence_seconds": 0},
    {"zone": "Mars/Olympus"},
    {"id": " "},
]


@pytest.mark.parametrize("facts", FACTS, ids=str)
def test_no_agent_can_be_made_of_or_changed_to_what_cannot_be(make: Make, facts: dict[str, Any]) -> None:
    desk = make(TEXT, east("li"))
    before = state_of(desk.store)
    with pytest.raises(ValidationError):
        desk.agents.add(Agent(**{"id": "new", **facts}))
    with pytest.raises(ValidationError):
        edit(desk, "li", **facts)
    assert state_of(desk.store) == before


CALLS: list[tuple[Callable[[OpenDesk], object], type[Exception]]] = [
    (lambda d: d.set_presence("who", "online"), NotFoundError),
    (lambda d: d.set_presence("li", "asleep"), ConfigurationError),  # type: ignore[arg-type]
    (lambda d: d.set_presence("li", "online", ttl=-MINUTE), ConfigurationError),
    (lambda d: d.reassign("held", "who", actor="x", reason="r"), NotFoundError),
    (lambda d: d.reassign("held", "gone", actor="x", reason="r"), NotEligibleError),
    (lambda d: d.reassign("held", "wang", actor="x", reason="r", fence=0), ConflictError),
    (lambda d: d.release("held", actor="x", reason="r", fence=9), ConflictError),
    (lambda d: d.release("who", actor="x", reason="r"), NotFoundError),
    (lambda d: d.complete("held", fence=0), ConflictError),
    (lambda d: d.complete("offered"), InvalidTransitionError),
    (lambda d: d.complete("done"), InvalidTransitionError),
    (lambda d: d.assign("done"), InvalidTransitionError),
    (lambda d: d.broadcast("held", ["wang"], within=MINUTE), InvalidTransitionError),
    (lambda d: d.broadcast({"id": "new"}, ["who"], within=MINUTE), NotFoundError),
    (lambda d: d.broadcast({"id": "new"}, ["wang"], within=-MINUTE), ConfigurationError),
    (lambda d: d.why_not("who", "held"), NotFoundError),
    (lambda d: d.why_nothing_today("who"), NotFoundError),
    (lambda d: d.accept("customers:offered:9", 9), NotFoundError),
    (lambda d: d.accept("no offer", 1), NotFoundError),
    (lambda d: d.accept("several:customers:who:1:li", 1), NotFoundError),
    (lambda d: d.accept("customers:offered:1", 0), ConflictError),
    (lambda d: d.decline("customers:offered:1", 2, "no"), ConflictError),
    (lambda d: d.accept("customers:held:1", 1), InvalidTransitionError),
    (lambda d: d.decline("customers:held:1", 1, "no"), InvalidTransitionError),
    (lambda d: d.correct_rotation("no such", "li", 1, actor="x", reason="r"), NotFoundError),
    (lambda d: d.correct_rotation('team "East" by round robin', "li", -1, actor="x", reason="r"), ConfigurationError),
    (lambda d: d.items("ships"), ConfigurationError),
    (lambda d: type(d)(RuleSet.from_text(TEXT), zone="Mars/Olympus"), ConfigurationError),
]


@pytest.mark.parametrize(("call", "error"), CALLS)
def test_a_call_that_cannot_be_is_refused(
    make: Make, call: Callable[[OpenDesk], object], error: type[Exception]
) -> None:
    desk = make(TEXT, [*east("li", "wang"), Agent(id="gone", active=False)])
    for item in ("held", "done"):
        offer = desk.assign({"id": item})
        desk.accept(str(offer.offer_id), offer.fence or 0)
    desk.complete("done")
    assert desk.assign({"id": "offered"}).offer_id == "customers:offered:1"
    before = state_of(desk.store)
    with pytest.raises(error):
        call(desk)
    assert state_of(desk.store) == before
