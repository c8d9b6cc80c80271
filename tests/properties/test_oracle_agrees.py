"""The desk against the plainest re-implementation of what it promises: the same answers, books and refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from assignkit import Agent, AssignkitError, Decision, NotEligibleError
from tests.differential.book import Book, books
from tests.differential.oracle import Answer, Holding, Oracle, RefusedError
from tests.unit.desk.making import edit, open_desk

AGENTS = ["a", "B", "é", "李"]
ITEMS = ["1", "10", "2", "ü", "客", "3", "4", "5"]
CLOCKS = ["00:00", "06:30", "12:00", "22:00"]

starts = st.sampled_from([datetime(2026, 10, 24, 21, 30, tzinfo=UTC), datetime(2026, 11, 30, 15, 50, tzinfo=UTC)])
zones = st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin"])
shifts = st.none() | st.tuples(st.sampled_from(CLOCKS), st.sampled_from(CLOCKS)).filter(lambda pair: pair[0] != pair[1])
agent_facts = st.fixed_dictionaries(
    {
        "teams": st.sampled_from([["East"], ["East"], ["East", "West"], ["West"]]),
        "level": st.sampled_from([None, 1, 2, 3]),
        "active": st.sampled_from([True, True, True, True, False]),
        "skills": st.sampled_from([{}, {"law": 1}, {"law": 2}]),
        "weight": st.sampled_from([1, 1, 2, 3, Decimal("0.5")]),
        "capacity": st.sampled_from([None, 1, 2, 5, Decimal("2.5")]),
        "shift": st.none() | st.none() | shifts,
        "zone": st.sampled_from([None, "Asia/Kathmandu"]),
        "leave": st.sampled_from([None, None, None, (0, 3), (1, 20)]),  # hours from the start
    }
)
item_facts = st.fixed_dictionaries(
    {"score": st.sampled_from([None, 1, 4, 6, 9])},
    optional={
        "effort": st.sampled_from([1, 2, Decimal("0.5")]),
        "tags": st.sampled_from([[], ["hard"]]),
        "owner": st.sampled_from(["a", "nobody"]),
    },
)
items = st.sampled_from(ITEMS)
agents = st.sampled_from([*AGENTS, "nobody"])
FENCES = st.sampled_from([None, None, 0, 1])


class Agreement(RuleBasedStateMachine):
    """Every rule asks both, and compares."""

    @initialize(
        book=books(),
        at=starts,
        zone=zones,
        staff=st.lists(agent_facts, min_size=len(AGENTS), max_size=len(AGENTS)),
        arrived=st.lists(item_facts, min_size=4, max_size=4),
    )
    def begin(
        self, book: Book, at: datetime, zone: str, staff: list[dict[str, Any]], arrived: list[dict[str, Any]]
    ) -> None:
        self.start = at
        self.desk = open_desk(book.text, at=at, zone=zone)
        self.oracle = Oracle(book, at, zone=zone, seed="test")
        self.invitations: list[tuple[str, str, int]] = []
        for id, facts in zip(AGENTS, staff, strict=True):
            self.desk.agents.add(Agent(id=id, **self.said(facts)))
            self.oracle.remember(id, self.known(facts))
        for id, facts in zip(ITEMS, arrived, strict=False):
            self.assign(id, facts, force=False)

    def said(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Return an agent's facts as the desk is told them."""
        told = {name: facts[name] for name in ("teams", "level", "active", "skills", "weight", "zone")}
        capacity, shift = facts["capacity"], facts["shift"]
        leave = self.known(facts)["leave"]
        return {
            **told,
            "capacity": {} if capacity is None else {"customers": capacity},
            "shifts": f"mon-sun {shift[0]}-{shift[1]}" if shift else None,
            "leaves": [{"start": leave[0], "until": leave[1]}] if leave else [],
        }

    def known(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Return an agent's facts as the oracle is told them."""
        leave = facts["leave"]
        instants = leave and tuple(self.start + timedelta(hours=hours) for hours in leave)
        return {**facts, "leave": instants}

    # --- what is asked of both

    @rule(id=items, facts=item_facts, force=st.sampled_from([False, False, False, True]))
    def assign(self, id: str, facts: dict[str, Any], force: bool) -> None:
        self.both(
            lambda: self.desk.assign({"id": id, **facts}, force=force),
            lambda: self.oracle.assign(id, facts, force=force),
        )

    @precondition(lambda self: self.oracle.items)
    @rule(number=st.integers(0, 100), force=st.booleans())
    def assign_again(self, number: int, force: bool) -> None:
        id, _ = self.item(number, None)
        self.both(lambda: self.desk.assign(id, force=force), lambda: self.oracle.assign(id, None, force=force))

    @rule()
    def tick(self) -> None:
        self.both(self.desk.tick, self.oracle.tick)
        assert self.desk.tick() == []

    @rule(minutes=st.sampled_from([1, 4, 5, 10, 15, 20, 30, 45, 60, 200, 700]), tick=st.booleans())
    def advance(self, minutes: int, tick: bool) -> None:
        self.desk.clock.advance(timedelta(minutes=minutes))
        self.oracle.now += timedelta(minutes=minutes)
        if tick:
            self.tick()

    @precondition(lambda self: self.oracle.items)
    @rule(number=st.integers(0, 100), to=agents, late=FENCES)
    def reassign(self, number: int, to: str, late: int | None) -> None:
        id, fence = self.item(number, late)
        self.both(
            lambda: self.desk.reassign(id, to, actor="x", reason="r", fence=fence),
            lambda: self.oracle.reassign(id, to, fence),
        )

    @precondition(lambda self: self.oracle.items)
    @rule(number=st.integers(0, 100), pool=st.sampled_from([None, None, "P", "Q"]), late=FENCES)
    def release(self, number: int, pool: str | None, late: int | None) -> None:
        id, fence = self.item(number, late)
        self.both(
            lambda: self.desk.release(id, pool=pool, actor="x", reason="r", fence=fence),
            lambda: self.oracle.release(id, pool, fence),
        )

    @precondition(lambda self: self.oracle.items)
    @rule(number=st.integers(0, 100), late=FENCES)
    def complete(self, number: int, late: int | None) -> None:
        id, fence = self.item(number, late)
        self.both(lambda: self.desk.complete(id, fence=fence), lambda: self.oracle.complete(id, fence))

    @precondition(lambda self: self.offers())
    @rule(number=st.integers(0, 100), accept=st.booleans(), stale=st.sampled_from([0, 0, 0, 1]))
    def answer(self, number: int, accept: bool, stale: int) -> None:
        offer = self.offers()[-1 - number % len(self.offers())]
        id, fence = f"customers:{offer.item}:{offer.fence}", offer.fence + stale
        if accept:
            self.both(lambda: self.desk.accept(id, fence), lambda: self.oracle.accept(offer, fence))
        else:
            self.both(lambda: self.desk.decline(id, fence, "no"), lambda: self.oracle.decline(offer, fence))

    @precondition(lambda self: self.oracle.items)
    @rule(
        number=st.integers(0, 100), to=st.lists(st.sampled_from(AGENTS), max_size=3), minutes=st.sampled_from([4, 30])
    )
    def broadcast(self, number: int, to: list[str], minutes: int) -> None:
        id, _ = self.item(number, None)
        made = self.both(
            lambda: self.desk.broadcast(id, to, within=timedelta(minutes=minutes)),
            lambda: self.oracle.broadcast(id, to, minutes),
        )
        self.invitations += [(str(one.offer_id), str(one.agent_id), one.fence or 0) for one in made or ()]

    @precondition(lambda self: self.invitations)
    @rule(number=st.integers(0, 100), accept=st.booleans())
    def answer_invitation(self, number: int, accept: bool) -> None:
        offer, agent, fence = self.invitations[-1 - number % len(self.invitations)]
        id = next(id for id in ITEMS if self.shared_id(id, agent, fence) == offer)
        if accept:
            self.both(lambda: self.desk.accept(offer, fence), lambda: self.oracle.take_up(id, agent, fence))
        else:
            self.both(lambda: self.desk.decline(offer, fence, "no"), lambda: self.oracle.turn_down(id, agent, fence))

    @rule(id=st.sampled_from(AGENTS), facts=agent_facts)
    def edit(self, id: str, facts: dict[str, Any]) -> None:
        edit(self.desk, id, **self.said(facts))
        self.oracle.remember(id, self.known(facts))

    @rule(
        id=st.sampled_from(AGENTS),
        state=st.sampled_from(["online", "online", "away", "offline"]),
        minutes=st.sampled_from([None, 7, 90]),
    )
    def presence(self, id: str, state: Any, minutes: int | None) -> None:  # noqa: ANN401 - a presence
        self.desk.set_presence(id, state, ttl=timedelta(minutes=minutes) if minutes else None)
        self.oracle.presence(id, state, minutes)

    # --- comparing

    def both(self, ask: Callable[[], Any], ask_oracle: Callable[[], Any]) -> list[Decision] | None:
        """Ask both; return the desk's decisions, None if it refused."""
        expected, found = _told(ask_oracle), _told(ask)
        if isinstance(expected, str) or isinstance(found, str):
            assert found == expected
            return None
        decisions: list[Decision] = found if isinstance(found, list) else [found]
        answers: list[Answer] = expected if isinstance(expected, list) else [expected]
        assert [_as_answer(decision) for decision in decisions] == answers
        return decisions

    @invariant()
    def the_books_agree(self) -> None:
        if not hasattr(self, "desk"):
            return
        store, oracle = self.desk.store, self.oracle
        for id, item in oracle.items.items():
            place = store.placements.find("customers", id)
            assert place is not None
            found = (place.state, place.agent_id, place.fence, place.effort, place.offer_until, place.pool, place.rule)
            assert found == (item.state, item.agent, item.fence, item.effort, item.until, item.pool, item.rule), id
            assert list(place.invited) == item.invited
            assert dict(place.excluded_at(oracle.now)) == oracle.excluded(item)
        for id in AGENTS:
            load = store.loads.find(id, "customers")
            if load is not None:
                counted = (oracle.load(id), oracle.ceiling(id), oracle.received(id))
                assert (load.load, load.ceiling, load.received) == counted
        for rotation in store.rotations.list():
            known = oracle.rotations[rotation.name]
            assert (rotation.level, rotation.decisions) == (known.floor, known.decisions)
            seats = {seat.agent_id: (seat.turn, seat.last) for seat in store.rotations.seats(rotation.name)}
            assert seats == known.seats
        store._check()

    # --- what a step may be about

    def item(self, number: int, late: int | None) -> tuple[str, int | None]:
        ids = sorted(self.oracle.items)
        id = ids[number % len(ids)]
        return id, None if late is None else self.oracle.items[id].fence - late

    def offers(self) -> list[Holding]:
        return [one for one in self.oracle.log if one.offer]

    @staticmethod
    def shared_id(item: str, agent: str, fence: int) -> str:
        return f"several:customers:{quote(item)}:{fence}:{quote(agent)}"


def _told(ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - answers, or the name of a refusal
    try:
        return ask()
    except NotEligibleError as error:
        return f"NotEligibleError {error.reasons[0].partition(':')[0]}"
    except RefusedError as error:
        return str(error)
    except AssignkitError as error:
        return type(error).__name__


def _as_answer(decision: Decision) -> Answer:
    return Answer(
        decision.item_id,
        decision.outcome,
        decision.agent_id,
        decision.fence,
        decision.rule,
        decision.step,
        list(decision.reasons),
        decision.until,
        decision.pool,
        decision.next_retry_at,
    )


def test_the_desk_does_what_the_oracle_says() -> None:
    searches = settings.get_current_profile_name() == "soak"
    size = settings(
        max_examples=5_000 if searches else 70,
        stateful_step_count=50 if searches else 30,
        deadline=None,
        report_multiple_bugs=False,
        phases=set(Phase) - {Phase.explain},  # it doubles the time that a failure takes
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Agreement, settings=size)
