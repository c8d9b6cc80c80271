"""Offers: one terminal state, what each leaves behind, and what becomes of the item."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from assignkit import Agent, ConfigurationError, ConflictError, Customer, Decision, NotFoundError
from assignkit.errors import InvalidTransitionError, NotEligibleError
from tests.unit.desk.making import NOON, TO_EAST, OpenDesk, east, edit, load, state_of

TEXT = 'rule "East"\n  assign to team "East" by round robin\n  accept within 2 minutes'
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
Make = Callable[..., OpenDesk]


def offered(decision: Decision) -> tuple[str, int]:
    """Return what accepts or declines the offer."""
    assert decision.outcome == "offered"
    assert decision.offer_id is not None
    assert decision.fence is not None
    return decision.offer_id, decision.fence


def events(desk: OpenDesk, item: str = "c1") -> list[str]:
    return [event.type for event in desk.history(item)]


def test_an_offer_holds_load_turn_and_fence_but_makes_no_owner(make: Make) -> None:
    desk = make(TEXT, east("li", "wang", capacity={"customers": 1}))
    first = desk.assign(Customer(id="c1", effort=1))
    assert (first.outcome, first.agent_id, first.fence) == ("offered", first.agent_id, 1)
    assert first.until == desk.clock.now() + timedelta(minutes=2)
    assert load(desk, str(first.agent_id)) == 1
    assert desk.customers.get("c1").owner is None
    assert desk.assign({"id": "c2"}).agent_id != first.agent_id
    assert desk.assign({"id": "c3"}).reasons == ("capacity",)


def test_assigning_what_is_offered_gives_the_same_offer(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    first = desk.assign({"id": "c1"})
    again = desk.assign("c1")
    assert (again.outcome, again.offer_id, again.until) == ("offered", first.offer_id, first.until)
    assert again.reasons == ("pending",)
    assert "has been offered it" in again.explain()
    assert events(desk) == ["offered"]


def test_accepting_makes_the_holder(make: Make) -> None:
    desk = make(TEXT, east("li"))
    answer = desk.accept(*offered(desk.assign({"id": "c1"})))
    assert (answer.outcome, answer.agent_id, answer.fence) == ("assigned", "li", 1)
    assert desk.customers.get("c1").owner == "li"
    assert load(desk, "li") == 1
    assert desk.assign("c1").outcome == "kept"
    desk.clock.advance(timedelta(hours=1))
    assert desk.tick() == []
    assert events(desk) == ["offered", "accepted"]


def test_declining_passes_the_item_on_and_costs_the_turn(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    first = desk.assign({"id": "c1"})
    second = desk.decline(*offered(first), "busy")
    assert second.agent_id != first.agent_id
    assert (second.outcome, second.fence) == ("offered", 3)
    assert load(desk, str(first.agent_id)) == 0
    assert desk.store.assignments.get(str(first.offer_id)).ended_because == "declined"
    # Both have had their turn: a new item goes to who was asked longer ago.
    assert desk.assign({"id": "c2"}).agent_id == first.agent_id


def test_with_everybody_declined_the_next_step_is_due(make: Make) -> None:
    desk = make(TEXT + '\n  otherwise hold in pool "P"\npool "P"', east("li", "wang"))
    second = desk.decline(*offered(desk.assign({"id": "c1"})), "busy")
    last = desk.decline(*offered(second), "busy")
    assert (last.outcome, last.pool) == ("pooled", "P")


def test_a_step_that_is_not_due_keeps_the_exclusion(make: Make) -> None:
    desk = make(TEXT + '\n  otherwise after 10 minutes assign to agent "boss"', [*east("li"), Agent(id="boss")])
    waits = desk.decline(*offered(desk.assign({"id": "c1"})), "busy")
    assert (waits.outcome, waits.reasons) == ("waiting", ("excluded", "not_due"))
    desk.clock.advance(timedelta(minutes=9))
    assert desk.tick() == []
    desk.clock.advance(timedelta(minutes=1))
    assert [(d.outcome, d.agent_id) for d in desk.tick()] == [("offered", "boss")]


def test_a_single_agent_is_asked_again_later_and_never_in_the_same_tick(make: Make) -> None:
    desk = make(TEXT, east("li"))
    waits = desk.decline(*offered(desk.assign({"id": "c1"})), "busy")
    assert (waits.outcome, waits.reasons) == ("waiting", ("excluded",))
    assert waits.next_retry_at == desk.clock.now() + timedelta(minutes=2)
    assert "li: is excluded for this item; eligible from 2026-11-21 12:02 UTC" in desk.why_not("li", "c1").to_text()
    for _ in range(3):
        assert desk.tick() == []
    desk.clock.advance(timedelta(minutes=2) - MICROSECOND)
    assert desk.tick() == []
    desk.clock.advance(MICROSECOND)
    (again,) = desk.tick()
    assert (again.outcome, again.agent_id) == ("offered", "li")
    desk.clock.advance(timedelta(minutes=2))
    assert [d.outcome for d in desk.tick()] == ["waiting"]  # it ran out: li is excluded again
    assert desk.tick() == []
    assert events(desk) == ["offered", "declined", "waiting", "offered", "expired", "waiting"]


def test_another_look_meanwhile_does_not_put_the_next_offer_off(make: Make) -> None:
    desk = make(TEXT, east("li"))
    desk.decline(*offered(desk.assign({"id": "c1"})), "busy")
    for _ in range(2):
        desk.clock.advance(timedelta(minutes=1) - MICROSECOND)
        edit(desk, "li", level=1)
        assert desk.tick() == []
    desk.clock.advance(2 * MICROSECOND)
    assert [d.agent_id for d in desk.tick()] == ["li"]


@pytest.mark.parametrize("late", [timedelta(), MICROSECOND])
def test_at_its_deadline_an_offer_is_over(make: Make, late: timedelta) -> None:
    desk = make(TEXT, east("li", "wang"))
    first = desk.assign({"id": "c1"})
    desk.clock.advance(timedelta(minutes=2) + late)
    before = state_of(desk.store)
    with pytest.raises(InvalidTransitionError, match="expired"):
        desk.accept(*offered(first))
    assert state_of(desk.store) == before
    (second,) = desk.tick()
    assert (second.outcome, second.agent_id == first.agent_id) == ("offered", False)


def test_before_its_deadline_an_offer_stands(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    first = desk.assign({"id": "c1"})
    desk.clock.advance(timedelta(minutes=2) - MICROSECOND)
    assert desk.tick() == []
    assert desk.accept(*offered(first)).outcome == "assigned"


def test_an_offer_that_ran_out_is_over_for_assign_too(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    first = desk.assign({"id": "c1"})
    desk.clock.advance(timedelta(minutes=2))
    assert desk.assign("c1").agent_id != first.agent_id
    assert events(desk) == ["offered", "expired", "offered"]


def refused(desk: OpenDesk, error: type[Exception], act: Callable[[], object]) -> None:
    before = state_of(desk.store)
    with pytest.raises(error):
        act()
    assert state_of(desk.store) == before


def test_bad_answers_change_nothing(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    first = desk.assign({"id": "c1"})
    offer, fence = offered(first)
    refused(desk, ConflictError, lambda: desk.accept(offer, fence + 1))
    refused(desk, ConflictError, lambda: desk.decline(offer, fence - 1, "no"))
    refused(desk, NotFoundError, lambda: desk.accept("customers:c9:1", 1))
    refused(desk, NotFoundError, lambda: desk.accept("several:customers:c9:1:li", 1))
    desk.decline(offer, fence, "no")
    refused(desk, InvalidTransitionError, lambda: desk.decline(offer, fence, "no"))
    refused(desk, InvalidTransitionError, lambda: desk.accept(offer, fence))
    second = desk.assign("c1")
    desk.accept(*offered(second))
    refused(desk, InvalidTransitionError, lambda: desk.accept(*offered(second)))
    refused(desk, InvalidTransitionError, lambda: desk.decline(*offered(second), "no"))
    held = desk.assign({"id": "c1"})
    refused(desk, NotFoundError, lambda: desk.accept(f"customers:c1:{held.fence}:x", 3))


def test_a_plain_assignment_is_no_offer(make: Make) -> None:
    desk = make(agents=east("li"))
    held = desk.assign({"id": "c1"})
    refused(desk, NotFoundError, lambda: desk.accept(str(held.assignment_id), 1))


def test_a_recall_rescinds_and_returns_the_turn(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    first = desk.assign({"id": "c1"})
    chosen = str(first.agent_id)
    before = desk.store.loads.find(chosen, "customers")
    desk.release("c1", actor="boss", reason="wrong desk")
    assert desk.store.assignments.get(str(first.offer_id)).ended_because == "rescinded"
    assert before.received == 1
    assert desk.store.loads.find(chosen, "customers").received == 0
    refused(desk, InvalidTransitionError, lambda: desk.accept(*offered(first)))
    assert desk.assign({"id": "c2"}).agent_id == chosen


@pytest.mark.parametrize("order", ["round robin", "weighted round robin", "fair share"])
def test_only_a_recall_returns_the_turn(make: Make, order: str) -> None:
    def next_after(end: Callable[[OpenDesk, Decision], object]) -> bool:
        desk = make(TEXT.replace("round robin", order), east("li", "wang"))
        first = desk.assign({"id": "c1"})
        end(desk, first)
        return desk.assign({"id": "c9"}).agent_id == first.agent_id

    assert next_after(lambda desk, _: desk.release("c1", actor="b", reason="r"))
    assert not next_after(lambda desk, first: desk.accept(*offered(first)))


def test_reassigning_what_is_offered_rescinds(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    first = desk.assign({"id": "c1"})
    other = "wang" if first.agent_id == "li" else "li"
    moved = desk.reassign("c1", other, actor="boss", reason="r")
    assert (moved.outcome, moved.agent_id) == ("assigned", other)
    assert desk.store.assignments.get(str(first.offer_id)).ended_because == "rescinded"
    refused(desk, InvalidTransitionError, lambda: desk.accept(*offered(first)))


def test_who_is_offered_more_than_there_is_room_for_now_can_be_given_it_by_hand(make: Make) -> None:
    desk = make(TEXT, east("li"))
    for item in ("c1", "c2"):
        desk.assign({"id": item})
    edit(desk, "li", capacity={"customers": 1})
    answer = desk.reassign("c1", "li", actor="boss", reason="r")
    assert (answer.outcome, answer.agent_id, answer.fence) == ("assigned", "li", 2)
    assert load(desk, "li") == 2


def test_a_deactivated_agent_rescinds(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    first = desk.assign({"id": "c1"})
    edit(desk, str(first.agent_id), active=False)
    refused(desk, NotEligibleError, lambda: desk.accept(*offered(first)))
    (second,) = desk.tick()
    assert second.outcome == "offered"
    assert second.agent_id != first.agent_id
    assert desk.store.assignments.get(str(first.offer_id)).ended_because == "rescinded"


def test_what_was_accepted_does_not_end_with_its_offer_when_its_holder_is_deactivated(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    holder = str(desk.accept(*offered(desk.assign({"id": "c1"}))).agent_id)
    desk.clock.advance(timedelta(hours=1))
    assert desk.tick() == []
    edit(desk, holder, active=False)
    assert desk.tick() == []
    assert events(desk) == ["offered", "accepted"]


def test_who_declined_is_asked_again_when_that_was_set_though_away_in_between(make: Make) -> None:
    desk = make(TEXT, east("li"))
    waits = desk.decline(*offered(desk.assign({"id": "c1"})), "busy")
    ends = desk.clock.now() + timedelta(minutes=2)
    assert (waits.outcome, waits.next_retry_at) == ("waiting", ends)
    desk.set_presence("li", "away")
    desk.assign("c1")  # tried again, and whoever is away is not there to be excluded
    waiting = desk.store.placements.find("customers", "c1")
    assert waiting is not None
    assert waiting.excluded_until == ends
    desk.set_presence("li", "online")
    desk.clock.advance(timedelta(minutes=2))
    desk.tick()
    place = desk.store.placements.find("customers", "c1")
    assert place is not None
    assert place.state == "offered"


def test_who_declined_and_went_away_is_asked_again_as_soon_as_they_are_back(make: Make) -> None:
    desk = make(TEXT, east("li"))
    offer = offered(desk.assign({"id": "c1"}))
    desk.set_presence("li", "away")
    waits = desk.decline(*offer, "busy")
    assert (waits.outcome, waits.reasons) == ("waiting", ("away",))
    assert waits.next_retry_at == desk.clock.now() + timedelta(minutes=2)
    desk.clock.advance(timedelta(minutes=2))
    desk.tick()
    desk.set_presence("li", "online")
    place = desk.store.placements.find("customers", "c1")
    assert place is not None
    assert (place.state, place.agent_id) == ("offered", "li")


def test_who_declined_is_asked_again_in_time_though_another_rule_has_a_step_to_come(make: Make) -> None:
    late = 'rule "VIP"\n  when customer.tier = "vip"\n  assign to team "East"\n  accept within 2 minutes'
    desk = make(f'{late}\n  otherwise after 3 hours assign to agent "boss"\n{TEXT}', [*east("li"), Agent(id="boss")])
    again = desk.decline(*offered(desk.assign({"id": "c1"})), "busy").next_retry_at
    waits = desk.assign({"id": "c1", "tier": "vip"})
    assert (waits.rule, waits.reasons, waits.next_retry_at) == ("VIP", ("excluded", "not_due"), again)
    desk.tick()
    desk.clock.advance(timedelta(minutes=2))
    assert [(each.outcome, each.agent_id) for each in desk.tick()] == [("offered", "li")]


def test_declined_offers_do_not_count_against_limits_per_period(make: Make) -> None:
    desk = make(TEXT + "\n  limit 1 per day", east("li"))
    desk.decline(*offered(desk.assign({"id": "c1"})), "busy")
    second = desk.assign({"id": "c2"})
    assert (second.outcome, second.agent_id) == ("offered", "li")
    desk.accept(*offered(second))
    assert desk.assign({"id": "c3"}).reasons == ("limit",)


def test_a_pending_offer_counts_against_limits(make: Make) -> None:
    desk = make(TEXT + "\n  limit 1 open", east("li"))
    desk.assign({"id": "c1"})
    assert desk.assign({"id": "c2"}).reasons == ("limit",)


def test_the_same_key_gives_the_same_answer(make: Make) -> None:
    desk = make(TEXT, east("li", "wang"))
    offer, fence = offered(desk.assign({"id": "c1"}))
    once = desk.decline(offer, fence, "busy", key="k")
    assert desk.decline(offer, fence, "busy", key="k") == once
    accepted = desk.accept(*offered(once), key="k")
    assert desk.accept(*offered(once), key="k") == accepted


# --- to several at once


def test_the_first_of_several_wins(make: Make) -> None:
    desk = make(agents=east("li", "wang", "zhao"))
    shared = desk.broadcast({"id": "c1"}, ["wang", "li"], within=timedelta(minutes=1))
    assert [(d.outcome, d.agent_id, d.fence) for d in shared] == [("offered", "li", 1), ("offered", "wang", 1)]
    assert load(desk, "li") == 0
    assert desk.assign("c1").outcome == "offered"
    assert desk.tick() == []
    won = desk.accept(*offered(shared[1]))
    assert (won.outcome, won.agent_id, won.fence) == ("assigned", "wang", 2)
    assert load(desk, "wang") == 1
    refused(desk, InvalidTransitionError, lambda: desk.accept(*offered(shared[0])))
    refused(desk, InvalidTransitionError, lambda: desk.accept(*offered(shared[1])))


def test_when_all_decline_or_the_time_is_over_the_rules_decide(make: Make) -> None:
    desk = make(agents=east("li", "wang", "zhao"))
    shared = desk.broadcast({"id": "c1"}, ["li", "wang"], within=timedelta(minutes=1))
    rest = desk.decline(*offered(shared[0]), "busy")
    assert rest.outcome == "offered"
    refused(desk, InvalidTransitionError, lambda: desk.accept(*offered(shared[0])))
    assert desk.decline(*offered(shared[1]), "busy").agent_id == "zhao"
    shared = desk.broadcast({"id": "c2"}, ["li", "wang"], within=timedelta(minutes=1))
    desk.clock.advance(timedelta(minutes=1))
    refused(desk, InvalidTransitionError, lambda: desk.accept(*offered(shared[0])))
    assert [(d.item_id, d.agent_id) for d in desk.tick()] == [("c2", "zhao")]


def test_several_are_a_team_without_those_who_may_not_have_it(make: Make) -> None:
    agents = [*east("li", "full", capacity={"customers": 1}), *east("gone", presence="away")]
    desk = make(agents=agents)
    desk.customers.add(Customer(id="c0", owner="full"))
    shared = desk.broadcast({"id": "c1"}, "East", within=timedelta(minutes=1))
    assert [d.agent_id for d in shared] == ["li"]
    assert desk.broadcast({"id": "c2"}, ["gone"], within=timedelta(minutes=1)) == []
    # No capacity is held meanwhile: whether there is room shows when it is accepted.
    desk.customers.add(Customer(id="c3", owner="li"))
    refused(desk, NotEligibleError, lambda: desk.accept(*offered(shared[0])))


def test_bad_offers_to_several_change_nothing(make: Make) -> None:
    desk = make(agents=east("li"))
    desk.assign({"id": "held"})
    minute = timedelta(minutes=1)
    refused(desk, NotFoundError, lambda: desk.broadcast({"id": "c1"}, ["who"], within=minute))
    refused(desk, ConfigurationError, lambda: desk.broadcast({"id": "c1"}, ["li"], within=timedelta()))
    refused(desk, InvalidTransitionError, lambda: desk.broadcast("held", ["li"], within=minute))
    desk.broadcast({"id": "c1"}, ["li"], within=minute)
    refused(desk, InvalidTransitionError, lambda: desk.broadcast("c1", ["li"], within=minute))


@pytest.mark.parametrize("last", ["", '  otherwise hold in team "East"'])
def test_when_everyone_has_declined_the_exclusions_end_in_every_queue(make: Make, last: str) -> None:
    desk = make(f'rule "East"\n  assign to team "East"\n  accept within 5 minutes\n{last}', east("li", "wang"))
    offer = desk.assign({"id": "c1"})
    other = desk.decline(str(offer.offer_id), offer.fence or 0, "no")
    assert {offer.agent_id, other.agent_id} == {"li", "wang"}
    waits = desk.decline(str(other.offer_id), other.fence or 0, "no")
    assert (waits.outcome, waits.reasons) == ("waiting", ("excluded",))
    assert waits.next_retry_at == NOON + timedelta(minutes=5)
    assert desk.explain("c1").steps[0].candidates[0].hint == "eligible from: 2026-11-21T12:05:00+00:00"
    desk.clock.set(waits.next_retry_at - timedelta(microseconds=1))
    assert desk.tick() == []
    desk.clock.set(waits.next_retry_at)
    (again,) = desk.tick()
    assert (again.outcome, again.agent_id) == ("offered", offer.agent_id)


def test_a_teams_queue_says_why_and_when_next(make: Make) -> None:
    text = 'rule "East"\n  assign to team "East"\n  otherwise hold in team "East"'
    desk = make(text, east("li", shifts="sat 13:00-14:00"))
    desk.tick()  # from here on a tick looks only at what is due
    waits = desk.assign({"id": "c1"})
    assert (waits.reasons, waits.next_retry_at) == (("off_shift",), NOON + timedelta(hours=1))
    assert waits.queue == 'team "East"'
    desk.clock.advance(timedelta(hours=1))
    assert [one.agent_id for one in desk.tick()] == ["li"]


def test_a_broadcast_says_who_was_left_out_and_why(make: Make) -> None:
    guard = '\nnever assign customers where customer.tier = "VIP" to agents where agent.level < 2'
    desk = make(TO_EAST + guard, [*east("a", level=3), *east("b", level=1), *east("c", level=3, active=False)])
    desk.agents.add(*east("d", level=3, capacity={"customers": 1}))
    desk.reassign(desk.customers.add(Customer(id="held")).id, "d", actor="x", reason="r")
    offers = desk.broadcast({"id": "c1", "tier": "VIP"}, "East", within=MINUTE, key="k")
    assert [one.agent_id for one in offers] == ["a"]
    assert offers.left_out == {
        "b": offers.left_out["b"],
        "c": "is not active",
        "d": "has 1 of 1 units, and this takes 1",
    }
    assert offers.left_out["b"].startswith("is barred by `never assign customers where")
    assert 'customer.tier is "VIP"; agent.level is 1' in offers.left_out["b"]
    assert desk.broadcast({"id": "c1", "tier": "VIP"}, "East", within=MINUTE, key="k").left_out == offers.left_out
    assert desk.history("c1")[-1].facts["left_out"] == {"b": "guard", "c": "inactive", "d": "capacity"}
    nobody = desk.broadcast({"id": "c2"}, ["c", "d"], within=MINUTE)
    assert (nobody, set(nobody.left_out)) == ([], {"c", "d"})
