"""What a forced decision does to an offer: its turn is given back, whatever the new one writes; or nothing at all."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from assignkit import Agent
from assignkit.desk.committing.replaying import replay
from tests.unit.desk.making import OpenDesk, east, edit, open_desk

OFFERED = 'rule "East"\n  assign to team "East" by {order}\n  accept within 5 minutes'


def turns(desk: OpenDesk, order: str) -> dict[str, Fraction]:
    return {seat.agent_id: Fraction(seat.turn) for seat in desk.store.rotations.seats(f'team "East" by {order}')}


def moved(order: str) -> tuple[OpenDesk, str, str]:
    """Return a desk whose first offer was forced away from one agent, who was ill for a moment, to another."""
    desk = open_desk(OFFERED.format(order=order), east("a", "b", "c"))
    first = str(desk.assign({"id": "1"}).agent_id)
    edit(desk, first, active=False)
    second = str(desk.assign("1", force=True).agent_id)
    return desk, first, second


def test_a_forced_decision_gives_the_turn_of_the_offer_back() -> None:
    desk, first, second = moved("fair share")
    found = turns(desk, "fair share")
    assert sum(found.values()) == 0
    assert found[first] == 0  # as if never asked, and not there when the others were
    assert found[second] == -min(found.values())
    seats = replay(desk.store.history.since(0)).seats
    assert {key[1]: seat.turn for key, seat in seats.items()} == found


@pytest.mark.parametrize("order", ["fair share", "round robin", "weighted round robin"])
def test_who_lost_an_offer_to_a_forced_decision_is_not_passed_over(order: str) -> None:
    desk, first, _ = moved(order)
    edit(desk, first, active=True)
    for number in range(2, 7):
        desk.assign({"id": number})
    held = [desk.store.loads.find(id, "customers") for id in "abc"]
    assert sorted(load.load for load in held if load) == [2, 2, 2]


def test_a_forced_decision_that_finds_nobody_leaves_the_offer_to_several_open() -> None:
    desk = open_desk('rule "West"\n  assign to team "West"', east("a", "b"))
    desk.assign({"id": "1"})
    one, _ = desk.broadcast("1", ["a", "b"], within=timedelta(minutes=5))
    forced = desk.assign("1", force=True)
    assert (forced.outcome, forced.reasons, forced.until) == ("offered", ("pending", "no_members"), one.until)
    assert desk.assign("1").reasons == ("pending",)
    other, _ = desk.broadcast({"id": "2"}, ["a", "b"], within=timedelta(minutes=5))
    assert desk.assign("2", force=True).outcome == "offered"
    for offer in (one, other):
        assert desk.accept(str(offer.offer_id), offer.fence or 0).agent_id == "a"
    desk.store._check()


def test_offers_are_recalled_in_the_order_in_which_they_were_made() -> None:
    desk = open_desk(OFFERED.format(order="round robin"), east("a", "b", "c", "d"))
    desk.tick()  # from here on a tick looks only at who has changed
    for id in ("9", "8", "7", "6"):
        desk.assign({"id": id})
        desk.clock.advance(timedelta(seconds=1))
    for id in "abcd":
        edit(desk, id, active=False)
    assert [decision.item_id for decision in desk.tick()] == ["9", "8", "7", "6"]


def test_who_declines_among_several_is_not_asked_again_because_an_older_exclusion_is_over() -> None:
    desk = open_desk(OFFERED.format(order="round robin"), [*east("a"), Agent(id="b")])
    first = desk.assign({"id": "1"})
    assert desk.decline(str(first.offer_id), first.fence or 0, "busy").outcome == "waiting"
    desk.clock.advance(timedelta(minutes=6))  # the exclusion is over, and nobody has ticked
    for offer in desk.broadcast("1", ["a", "b"], within=timedelta(minutes=5)):
        last = desk.decline(str(offer.offer_id), offer.fence or 0, "busy")
    assert (last.outcome, last.reasons) == ("waiting", ("excluded",))
