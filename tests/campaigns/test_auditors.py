"""The audits themselves: each kind of broken promise, planted behind the store's back, is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assignkit import Agent, Customer, Desk, ManualClock, MemoryStore
from assignkit.model.assignment import Event
from assignkit.repositories.sql import SqlStore
from tests.campaigns.auditing import BrokenPromiseError, Tables, audit, check_history, check_offers, check_told
from tests.campaigns.clocks import check_limits
from tests.campaigns.playing import DATABASES, Campaign, Place, Watcher, figures_of, in_words, place_for, run
from tests.campaigns.publishing import BOOKS, check_one_version
from tests.campaigns.relays import check_order
from tests.campaigns.scenes import MORNING, TURNS_ONLY
from tests.campaigns.stage import PEOPLE, set_stage
from tests.campaigns.turns import check_rotations, check_turns, check_views


@pytest.fixture(scope="module", params=DATABASES)
def place(request: pytest.FixtureRequest, quick_folder: Path) -> Iterator[Place]:
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    with place_for(request.param, server=server, folder=quick_folder) as place:
        yield place


@pytest.fixture(scope="module")
def template(place: Place) -> str:
    tenant = place.tenant()
    with place.store(tenant) as store:
        set_stage(store)
    return tenant


@pytest.fixture
def tables(place: Place, template: str) -> Tables:
    tenant = place.tenant()
    place.tables(template).copy_to(tenant)
    return place.tables(tenant)


@pytest.fixture
def store(place: Place, tables: Tables) -> Iterator[SqlStore]:
    with place.store(tables.tenant) as store:
        yield store


def named(store: SqlStore, tables: Tables, **facts: Any) -> list[str]:  # noqa: ANN401 - as the audit has it
    with pytest.raises(BrokenPromiseError) as caught:
        audit(store, tables, agents=PEOPLE, **facts)
    return caught.value.violations


def test_nothing_is_found_where_nothing_is_wrong(store: SqlStore, tables: Tables) -> None:
    assert audit(store, tables, agents=PEOPLE, capacities={"busy": 1})


@pytest.mark.parametrize(
    ("planted", "promise"),
    [
        ("UPDATE {loads} SET load = load + 1, ceiling = NULL WHERE tenant = :tenant AND agent_id = 'ann'", 3),
        ("UPDATE {loads} SET items = items - 1 WHERE tenant = :tenant AND agent_id = 'bob'", 3),
        ("DELETE FROM {loads} WHERE tenant = :tenant AND agent_id = 'busy'", 3),
        ("UPDATE {placements} SET agent_id = 'dan' WHERE tenant = :tenant AND item_id = 'held'", 4),
        ("DELETE FROM {placements} WHERE tenant = :tenant AND item_id = 'held'", 4),
        ("UPDATE {placements} SET fence = 0 WHERE tenant = :tenant AND item_id = 'held'", 1),
        ("UPDATE {assignments} SET ended_at = 1 WHERE tenant = :tenant AND item_id = 'offered'", 4),
        ("UPDATE {assignments} SET ended_at = NULL WHERE tenant = :tenant AND item_id = 'done'", 4),
        ("DELETE FROM {assignments} WHERE tenant = :tenant AND item_id = 'held'", 14),
        ("UPDATE {rotations} SET decisions = decisions - 1 WHERE tenant = :tenant", 14),
        ("UPDATE {seats} SET turn = '0' WHERE tenant = :tenant", 14),
        ("DELETE FROM {customers} WHERE tenant = :tenant AND id = 'held'", 4),
        ("UPDATE {customers} SET data = :data WHERE tenant = :tenant AND id = 'held'", 4),
    ],
)
def test_a_row_that_was_changed_is_named(store: SqlStore, tables: Tables, planted: str, promise: int) -> None:
    parameters = {"data": '{"id": "held", "owner": "cat"}'} if ":data" in planted else {}
    assert tables.change(planted, **parameters) >= 1
    assert any(line.startswith(f"promise {promise}:") for line in named(store, tables))


def test_an_agent_above_capacity_is_named(store: SqlStore, tables: Tables) -> None:
    assert any("above a capacity of 1" in line for line in named(store, tables, capacities={"ann": 1, "bob": 1}))


def test_events_that_are_lost_or_made_up_are_named(store: SqlStore, tables: Tables) -> None:
    events = audit(store, tables, agents=PEOPLE)
    ids = [event.id for event in events]
    assert [*check_told(events, pending=ids[:3], told=ids[2:])] == []
    (lost,) = check_told(events, pending=ids[:3], told=ids[4:])
    (made_up,) = check_told(events, pending=ids, told=["customers:held:99"])
    assert ids[3] in lost
    assert "customers:held:99" in made_up


def test_a_relay_that_skips_an_event_is_named() -> None:
    assert [*check_order(["customers:a:1", "customers:b:1", "customers:a:2", "customers:a:1", "agents:li:7"])] == []
    assert [*check_order(["customers:a:1", "customers:a:3"])] != []


def test_gaps_repeats_and_fences_that_fall_in_a_history_are_named(store: SqlStore, tables: Tables) -> None:
    events = audit(store, tables, agents=PEOPLE)
    assert [*check_history(events)] == []
    assert any("gaps" in line for line in check_history(events[1:]))
    assert any("promise 13" in line for line in check_history([*events, events[-1]]))
    held = next(at for at, event in enumerate(events) if event.item_id == "done" and event.type == "completed")
    fallen = events[held].model_copy(update={"fence": 1})
    assert any(line.startswith("promise 1:") for line in check_history([*events[:held], fallen, *events[held + 1 :]]))
    swapped = [event for event in events if event.item_id == "done"][::-1]
    assert any("out of order" in line for line in check_history(swapped))


def test_an_offer_that_ends_twice_or_not_as_its_assignment_says_is_named(store: SqlStore, tables: Tables) -> None:
    desk = Desk(BOOKS[0], store, clock=ManualClock(MORNING + timedelta(minutes=1)))
    desk.accept("customers:offered:1", 1)
    events = audit(store, tables, agents=PEOPLE)
    assignments = store.assignments.of_item("customers", "offered")
    assert [*check_offers(events, assignments)] == []
    expired = [one.model_copy(update={"ended_because": "expired", "ended_at": MORNING}) for one in assignments]
    assert any(line.startswith("promise 11:") for line in check_offers(events, expired))
    offer = next(event for event in events if event.item_id == "offered")
    again = offer.model_copy(update={"number": len(events) + 1})
    assert any("offered again" in line for line in check_offers([*events, again], assignments))


def test_more_than_a_limit_grants_is_named(store: SqlStore) -> None:
    (one,) = store.assignments.of_item("customers", "held")
    granted = [one.model_copy(update={"target": 'team "Few"'})] * 2
    assert [*check_limits(granted)] == []
    (line,) = check_limits([*granted, granted[0]])
    assert "got 3 items" in line
    not_taken = granted[0].model_copy(update={"ended_because": "declined"})
    assert [*check_limits([*granted, not_taken])] == []


def decided(place: Place, count: int) -> Sequence[Event]:
    tenant = place.tenant()
    with place.store(tenant) as store:
        TURNS_ONLY.open(store)
        TURNS_ONLY.desk(store, ManualClock(MORNING)).assign_many(map(TURNS_ONLY.item, range(count)))
        events = audit(store, place.tables(tenant), agents=TURNS_ONLY.people)
        assert [*check_rotations(store, events, teams=TURNS_ONLY.teams)] == []
        assert [*check_rotations(store, events[1:], teams=TURNS_ONLY.teams)] != []
    return events


def test_turns_that_are_taken_twice_or_by_nobody_there_are_named(place: Place) -> None:
    events = list(decided(place, 12))
    facts: dict[str, Any] = {"agents": TURNS_ONLY.people, "teams": TURNS_ONLY.teams}
    assert [*check_turns(events, **facts)] == []
    events[6] = events[6].model_copy(update={"agent_id": events[5].agent_id})
    assert any(line.startswith("promise 5:") for line in check_turns(events, **facts))
    gone = {**TURNS_ONLY.people, "a00": Agent(id="a00", teams={"T0"}, presence="offline")}
    found = check_turns(decided(place, 5), agents=gone, teams=TURNS_ONLY.teams)
    assert any("was not there" in line for line in found)


def crossing(*between: str) -> Sequence[Event]:
    """Return a history of turns in which `a00` did so, one event each, before every decision from the sixth on."""
    store = MemoryStore()
    TURNS_ONLY.open(store)
    desk = TURNS_ONLY.desk(store, ManualClock(MORNING))
    desk.assign_many(map(TURNS_ONLY.item, range(5)))
    first = store.history.since(0)[0].agent_id or ""
    desk.set_presence(first, "away")  # the decisions after it say so
    desk.assign_many(map(TURNS_ONLY.item, range(5, 12)))
    before, (gone, *decisions) = store.history.since(0)[:5], store.history.since(5)
    moves = [gone.model_copy(update={"id": f"{gone.id} {state}", "facts": {"presence": state}}) for state in between]
    return [*before, *moves, *decisions]


def test_who_comes_back_while_a_decision_is_under_way_begins_anew() -> None:
    facts: dict[str, Any] = {"agents": TURNS_ONLY.people}
    events = crossing("away", "online")
    # Another's second turn, of which it may be that it was decided before the return, and written after it.
    assert [*check_turns(events[:8], teams=TURNS_ONLY.teams, **facts)] == []
    assert [*check_views(events[:8], **facts)] == []
    assert any(line.startswith("promise 5:") for line in check_turns(crossing()[:8], teams=TURNS_ONLY.teams, **facts))


def test_a_decision_that_knows_of_no_return_for_long_is_named() -> None:
    facts: dict[str, Any] = {"agents": TURNS_ONLY.people}
    assert [*check_views(crossing("away"), **facts)] == []
    found = [*check_views(crossing("away", "online"), **facts)]
    assert len(found) == 5
    assert all(line.startswith("promise 8:") for line in found)


def test_a_decision_by_another_version_is_named(place: Place) -> None:
    tenant = place.tenant()
    with place.store(tenant) as store:
        store.agents.add(Agent(id="ann", teams={"East"}))
        desk = Desk(BOOKS[0], store, clock=ManualClock(MORNING))
        first = desk.assign(Customer(id="c1", lane=0))
        desk.publish(BOOKS[1], actor="boss", reason="new")
        second = desk.assign(Customer(id="c2", lane=0))
        events = audit(store, place.tables(tenant), agents=["ann"])
    assert [*check_one_version([[first], [second]], events)] == []
    (line,) = check_one_version([[first, second]], events)
    assert "batch 0" in line
    other = [event.model_copy(update={"rule": "Turns 2"}) for event in events]
    assert len([*check_one_version([], other)]) == 2


def test_what_is_wrong_for_a_moment_only_is_seen_as_well(store: SqlStore, tables: Tables) -> None:
    watcher = Watcher(tables)
    with watcher:
        tables.change("UPDATE {loads} SET items = items + 1 WHERE tenant = :tenant AND agent_id = 'ann'")
        watcher.wait_for_a_look()
        tables.change("UPDATE {loads} SET items = items - 1 WHERE tenant = :tenant AND agent_id = 'ann'")
    with pytest.raises(BrokenPromiseError, match="promise 3"):
        watcher.looks()
    assert audit(store, tables, agents=PEOPLE)


def test_a_failure_says_how_to_play_it_again(place: Place) -> None:
    def play(place: Place, seed: int, *, full: bool) -> Any:  # noqa: ANN401, ARG001 - as campaigns are
        if seed == 7:
            raise BrokenPromiseError(["promise 1: two holders"])
        return {}

    with pytest.raises(AssertionError) as caught:
        run(Campaign("crowd", "a crowd", play), place, seed=5, rounds=9)
    told = str(caught.value).splitlines()
    assert told[0] == "promise 1: two holders"
    assert told[1] == f"replay: python -m tests.campaigns 'crowd' --on {place.name} --seed 7 --rounds 1"


def test_figures_are_read_as_they_were_told() -> None:
    done = Counter(rounds=17, kills=1_020, told_again=1)
    assert figures_of(in_words(done)) == done
