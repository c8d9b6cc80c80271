"""Who changed: what one connection remembers, while others write; never less than what changed, and never stale."""
# ruff: noqa: PT012, S311 - a whole unit of work has to raise; seeded play is no secret

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from assignkit import Customer, Desk, ManualClock, RuleSet
from assignkit.errors import NotFoundError, PublishingError
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.model.publication import PublishingAct
from assignkit.repositories.base import Changes, Repositories, Unit
from assignkit.repositories.sql import SqlStore, pruning, work
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.work import SqlUnit
from assignkit.testing.samples import NOW, assigned, happened, placed

AGENTS = ("li", "wu", "zu")
Open = Callable[[], SqlStore]
_names = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, quick_folder: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{quick_folder / 'changes.db'}"
    found: str = request.getfixturevalue("postgres").url
    return found


@pytest.fixture
def another(url: str) -> Iterator[Open]:
    """Opens stores on one desk's books, each with connections of its own, as in a process of its own."""
    tenant = f"changes {next(_names)}"
    with ExitStack() as stack:

        def make() -> SqlStore:
            return stack.enter_context(closing(SqlStore(url, tenant=tenant)))

        make().migrate()
        yield make


@pytest.fixture
def desks(another: Open) -> list[tuple[Desk, SqlStore]]:
    """Two desks at one store, and a third one elsewhere; an item goes to whoever has less."""
    rules = RuleSet.from_text('rule "r"\n  assign to team "East" by least loaded')
    one, elsewhere = another(), another()
    made = [(Desk(rules, store, clock=ManualClock(NOW), seed="s"), store) for store in (one, one, elsewhere)]
    for agent_id in ("li", "wu"):
        made[0][0].agents.add(Agent(id=agent_id, teams={"East"}))
    for number, (desk, _) in enumerate(made):
        desk.assign(Customer(id=f"first {number}"))
    return made


def gap(store: SqlStore) -> int:
    """Return how much more one of the two carries than the other."""
    li, wu = (
        store.loads.find(agent_id, "customers") or AgentLoad(agent_id=agent_id, kind="customers")
        for agent_id in ("li", "wu")
    )
    return abs(int(li.load - wu.load))


@pytest.mark.parametrize("other", [0, 1, 2])
def test_a_desk_knows_what_was_done_between_its_decisions(desks: list[tuple[Desk, SqlStore]], other: int) -> None:
    desk, store = desks[0]
    for number in range(12):
        given = desk.assign(Customer(id=f"{number}"))
        assert gap(store) <= 1, number
        if number % 3 == 1:
            desks[other][0].release(given.item_id, actor="boss", reason="back")


@pytest.mark.parametrize("other", [0, 1])
def test_a_desk_knows_what_was_done_in_the_same_unit(desks: list[tuple[Desk, SqlStore]], other: int) -> None:
    desk, store = desks[0]
    for number in range(6):
        with store.unit():
            given = desk.assign(Customer(id=f"{number}"))
            desks[other][0].release(given.item_id, actor="boss", reason="back")
        desk.assign(Customer(id=f"{number} next"))
        assert gap(store) <= 1, number


def test_who_writes_without_a_desk_passes_over_nothing(desks: list[tuple[Desk, SqlStore]]) -> None:
    (desk, store), (other, _) = desks[0], desks[2]
    for number in range(6):
        other.reassign(other.assign(Customer(id=f"{number}")).item_id, "li", actor="boss", reason="back")
    store.assignments.add(assigned("free", "free", agent_id="wu"))
    assert [desk.assign(Customer(id=f"next {number}")).agent_id for number in range(3)] == ["wu", "wu", "wu"]


def cursor_of(store: SqlStore) -> int:
    start = store.changes(None)
    assert start is not None
    return start.cursor


def since(store: SqlStore, cursor: int) -> Changes:
    found = store.changes(cursor)
    assert found is not None
    return found


def fill(store: SqlStore) -> None:
    with store.unit() as unit:
        for agent_id in AGENTS:
            unit.agents.add(Agent(id=agent_id))
            unit.loads.put(AgentLoad(agent_id=agent_id, kind="customers", load=1))
            unit.rotations.put_seat("East", Seat(agent_id=agent_id))
        unit.rotations.put(Rotation(name="East"))


WRITES: dict[str, Callable[[Repositories], object]] = {
    "record": lambda unit: unit.agents.save(unit.agents.get("li").model_copy(update={"level": 9})),
    "load": lambda unit: unit.loads.put(AgentLoad(agent_id="li", kind="customers", load=7)),
    "new load": lambda unit: unit.loads.put(AgentLoad(agent_id="li", kind="tasks", load=7)),
    "seat": lambda unit: unit.rotations.put_seat("East", Seat(agent_id="li", turn=9)),
    "new seat": lambda unit: unit.rotations.put_seat("West", Seat(agent_id="li", turn=9)),
    "gone": lambda unit: unit.agents.remove("li"),
}


def seen(unit: Repositories, agents: tuple[str, ...] = AGENTS) -> list[Any]:
    """Return all that is remembered of agents, one by one and together."""
    return [
        [unit.agents.find(agent_id) for agent_id in agents],
        [dict(unit.loads.of_agent(agent_id)) for agent_id in agents],
        [unit.rotations.seat(name, agent_id) for name in ("East", "West") for agent_id in agents],
        unit.rotations.find("East"),
        [line.version for line in unit.publications.since(0)],
        {agent_id: dict(loads) for agent_id, loads in unit.loads.of_agents(agents).items()},
        unit.rotations.seats("East"),
        [unit.assignments.count_open("East", agent_id) for agent_id in agents],
        [unit.assignments.count_since("East", agent_id, NOW) for agent_id in agents],
    ]


@pytest.mark.parametrize("write", WRITES)
def test_what_another_process_changes_is_told_and_read_anew(another: Open, write: str) -> None:
    ours, theirs = another(), another()
    fill(ours)
    cursor = cursor_of(ours)
    with ours.unit() as unit:
        before = seen(unit)
    theirs.transact(WRITES[write])
    with ours.unit() as unit:
        found = since(ours, cursor)
        assert found.agent_ids == {"li"}
        assert seen(unit) == seen(another())
        assert seen(unit) != before
    assert since(ours, found.cursor).agent_ids == frozenset()
    assert since(another(), 12345).agent_ids is None


@pytest.mark.parametrize("write", WRITES)
def test_what_a_process_changes_itself_is_told_and_known(another: Open, write: str) -> None:
    ours = another()
    fill(ours)
    cursor = cursor_of(ours)
    with ours.unit() as unit:
        WRITES[write](unit)
        assert since(ours, cursor).agent_ids == {"li"}
    assert since(ours, cursor).agent_ids == {"li"}
    with ours.unit() as unit:
        ours.changes(cursor)
        assert seen(unit) == seen(another())


@pytest.mark.parametrize("write", WRITES)
def test_what_is_taken_back_is_told_to_who_looked(another: Open, write: str) -> None:
    ours = another()
    fill(ours)
    start = cursor_of(ours)
    with pytest.raises(ZeroDivisionError), ours.unit() as unit:
        with pytest.raises(NotFoundError), ours.unit():
            WRITES[write](unit)
            inner = since(ours, start)
            raise NotFoundError(noun="way", key="on")
        assert since(ours, inner.cursor).agent_ids == {"li"}
        WRITES["load"](unit)
        outer = since(ours, start)
        raise ZeroDivisionError
    assert since(ours, outer.cursor).agent_ids == {"li"}
    with ours.unit() as unit:
        ours.changes(None)
        assert seen(unit) == seen(another())


def test_nothing_is_read_while_nothing_changed(another: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = another()
    fill(ours)
    with ours.unit() as unit:
        ours.changes(None)
        seen(unit)
    texts: list[str] = []
    original = Session._on_wire

    def on_wire(session: Session, act: Callable[..., Any], *arguments: Any) -> None:  # noqa: ANN401 - as the original
        texts.append(arguments[0])
        original(session, act, *arguments)

    monkeypatch.setattr(Session, "_on_wire", on_wire)
    with ours.unit() as unit:
        ours.changes(None)
        looked = len(texts)
        known = [unit.agents.get("li"), dict(unit.loads.of_agents(AGENTS)), unit.rotations.seat("East", "wu")]
        assert all(known)
        assert unit.publications.since(0) == []
    assert len(texts) == looked + 1
    assert texts[-1] == "COMMIT"


def test_a_unit_that_is_not_done_again_sees_a_published_line_too(another: Open) -> None:
    ours, theirs = another(), another()
    assert ours.transact(lambda unit: unit.publications.since(0)) == []
    theirs.publications.append(PublishingAct(act="published", version="v1", actor="li", at=NOW))
    with ours.unit() as unit:
        assert [line.version for line in unit.publications.since(0)] == ["v1"]
    theirs.publications.append(PublishingAct(act="published", version="v2", actor="li", at=NOW))
    calls = []

    def publish(unit: Unit) -> PublishingAct:
        calls.append([line.version for line in unit.publications.since(0)])
        return unit.publications.append(PublishingAct(act="published", version="v3", actor="li", at=NOW))

    assert ours.transact(publish).number == 3
    assert calls[-1] == ["v1", "v2"]


def test_what_is_raised_rests_on_published_lines_as_they_are_now(another: Open) -> None:
    ours, theirs = another(), another()

    def number(unit: Unit) -> int | None:
        return next(line.number for line in unit.publications.since(0) if line.version == "v1")

    with pytest.raises(StopIteration):
        ours.transact(number)
    theirs.publications.append(PublishingAct(act="published", version="v1", actor="li", at=NOW))
    assert ours.transact(number) == 1


def test_who_asks_for_what_another_has_published_is_told_of_it(another: Open) -> None:
    rules = [RuleSet.from_text(f'rule "{name}"\n  assign to agent "li"') for name in ("First", "Second")]
    ours, theirs = (Desk(rules[0], store, clock=ManualClock(NOW)) for store in (another(), another()))
    assert ours.publications() == []
    theirs.publish(rules[1], actor="boss", reason="better")
    with pytest.raises(PublishingError, match="it is in force"):
        ours.rollback(rules[1].version, actor="ann", reason="why")
    theirs.rollback(rules[0].version, actor="boss", reason="worse")
    assert ours.rollback(rules[1].version, actor="ann", reason="why").state == "in force"


def test_a_published_line_is_seen_at_once(another: Open) -> None:
    ours, theirs = another(), another()

    def versions(store: SqlStore) -> list[str]:
        return store.transact(lambda unit: [line.version for line in unit.publications.since(0)])

    def publish(store: SqlStore, version: str) -> None:
        store.publications.append(PublishingAct(act="published", version=version, actor="li", at=NOW))

    assert versions(ours) == versions(theirs) == []
    publish(theirs, "v1")
    assert versions(ours) == versions(theirs) == ["v1"]
    with pytest.raises(ZeroDivisionError), ours.unit() as unit:
        publish(ours, "v2")
        assert [line.version for line in unit.publications.since(1)] == ["v2"]
        raise ZeroDivisionError
    assert versions(ours) == ["v1"]
    publish(ours, "v3")
    assert versions(ours) == versions(theirs) == ["v1", "v3"]


def test_what_a_host_commits_is_told_on_its_own_connection_too(url: str) -> None:
    memory: dict[str, Any] = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    engines = [sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"), pool_size=1)]
    engines += [sa.create_engine("sqlite://", **memory)] if url.startswith("sqlite") else []
    for engine in engines:
        store = SqlStore(engine, tenant=f"changes {next(_names)}")
        store.migrate()
        fill(store)
        cursor = cursor_of(store)
        store.transact(seen)
        with engine.begin() as connection:
            joined = store.within(connection)
            assert joined.changes(None) is None
            joined.transact(WRITES["load"])
        with store.unit() as unit:
            found = since(store, cursor)
            assert found.agent_ids is None or "li" in found.agent_ids
            load = unit.loads.find("li", "customers")
            assert load is not None
            assert load.load == 7
        engine.dispose()


def test_who_has_not_looked_for_so_long_that_lines_are_gone_reads_all_again(
    another: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "_LINES", 3)
    work.statements_for.cache_clear()
    ours, theirs = another(), another()
    work.statements_for.cache_clear()
    fill(ours)
    early = cursor_of(ours)
    ours.transact(seen)
    for number in range(8):
        theirs.transact(lambda unit: unit.loads.put(AgentLoad(agent_id="wu", kind="customers", load=number + 2)))  # noqa: B023
    late = cursor_of(theirs)
    theirs.transact(WRITES["load"])
    assert theirs.prune(NOW - timedelta(days=999)) == pruning.Pruned(0, 0)
    assert since(ours, early).agent_ids is None
    assert since(theirs, late).agent_ids == {"li"}
    assert ours.transact(seen) == seen(another())


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # SQLite has one unit at a time
def test_units_that_end_in_another_order_are_told_of(another: Open) -> None:
    ours, slow, quick = another(), another(), another()
    fill(ours)
    with slow.unit() as first:
        first.loads.put(AgentLoad(agent_id="li", kind="customers", load=5))
        first.customers.list()  # sends what was written
        quick.loads.put(AgentLoad(agent_id="wu", kind="customers", load=6))
        cursor = cursor_of(ours)
        assert since(ours, cursor).agent_ids == frozenset()
        quick.loads.put(AgentLoad(agent_id="zu", kind="customers", load=7))
        later = since(ours, cursor)
        assert later.agent_ids == {"zu"}
    assert since(ours, cursor).agent_ids == {"li", "zu"}
    assert since(ours, later.cursor).agent_ids == {"li"}
    with ours.unit() as unit:
        ours.changes(later.cursor)
        assert [load["customers"].load for load in unit.loads.of_agents(AGENTS).values()] == [5, 6, 7]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # on SQLite nothing happens meanwhile
def test_who_waits_for_a_rotation_is_told_what_happened_meanwhile(another: Open) -> None:
    ours, theirs = another(), another()
    fill(ours)
    cursor = cursor_of(ours)
    with ours.unit() as unit:
        assert since(ours, cursor).agent_ids == frozenset()
        assert unit.loads.of_agent("li")["customers"].load == 1
        theirs.transact(WRITES["load"])
        unit.expect(rotations=["East"], items=[("customers", "c1")])
        assert since(ours, cursor).agent_ids == {"li"}
        load = unit.loads.of_agent("li")["customers"]
        assert load.load == 7
        unit.loads.put(replace(load, load=8))
    with pytest.raises(OvertakenError), ours.unit() as unit:
        ours.changes(cursor)
        unit.loads.put(AgentLoad(agent_id="li", kind="customers", load=9))
        theirs.transact(WRITES["load"])
        unit.expect(rotations=["East"])
        assert unit.loads.of_agent("li")["customers"].load == 9


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # on SQLite nothing happens meanwhile
def test_an_agent_who_is_remembered_has_to_be_so_when_an_item_is_given(another: Open) -> None:
    ours, theirs = another(), another()
    fill(ours)
    ours.transact(seen)
    with pytest.raises(OvertakenError), ours.unit() as unit:
        ours.changes(None)
        unit.placements.put(placed("x", agent_id="li"), expected_fence=None)
        theirs.transact(WRITES["record"])


def test_what_is_remembered_is_never_stale(another: Open) -> None:
    """Several processes write at random, some units fail; each then sees what a store sees that remembers nothing."""
    stores, dice = [another() for _ in range(3)], random.Random(7)
    fill(stores[0])
    cursors = [cursor_of(store) for store in stores]
    truth = [seen(another())] * len(stores)
    for step in range(120):
        number = dice.randrange(len(stores))
        store = stores[number]
        with ExitStack() as stack:
            if dice.random() < 0.3:
                stack.enter_context(pytest.raises(ZeroDivisionError))
                play(store, dice, step, fails=True)
            else:
                play(store, dice, step, fails=False)
        number = dice.randrange(len(stores))
        with stores[number].unit() as unit:
            found = since(stores[number], cursors[number])
            now = seen(unit)
        fresh = seen(another()) if step % 10 == 0 else now
        assert now == fresh, step
        for place, agent_id in enumerate(AGENTS):
            if any(now[part][place] != truth[number][part][place] for part in (0, 1)):
                assert found.agent_ids is None or agent_id in found.agent_ids, step
        cursors[number], truth[number] = found.cursor, now
    assert seen(another()) == stores[0].transact(seen) == stores[1].transact(seen) == stores[2].transact(seen)


def play(store: SqlStore, dice: random.Random, step: int, *, fails: bool) -> None:
    with store.unit() as unit:
        if dice.random() < 0.5:
            store.changes(None)
        if dice.random() < 0.5:
            seen(unit)
        with suppress(NotFoundError), store.unit():
            scribble(unit, dice, step)
            if dice.random() < 0.3:
                unit.agents.get("nobody")
        scribble(unit, dice, step)
        if dice.random() < 0.3:
            unit.customers.list()  # sends what was written
        scribble(unit, dice, step)
        if fails:
            raise ZeroDivisionError


def hand_out(unit: Any, dice: random.Random, name: str) -> None:  # noqa: ANN401 - any unit
    """Add an assignment, or end one, in either of the ways that limits tell apart."""
    open_ones = unit.assignments.open_of_agent(dice.choice(AGENTS))
    if open_ones and dice.random() < 0.5:
        unit.assignments.end(open_ones[0].id, at=NOW, because=dice.choice(["released", "expired"]))
    else:
        at = NOW + timedelta(days=dice.choice([-1, 0, 1]))
        unit.assignments.add(assigned(f"a{name}", f"c{name}", agent_id=dice.choice(AGENTS), assigned_at=at))


def scribble(unit: Any, dice: random.Random, step: int) -> None:  # noqa: ANN401 - any unit
    if dice.random() < 0.4:
        hand_out(unit, dice, f"{step}-{dice.random()}")
    agent_id, what = dice.choice(AGENTS), dice.randrange(6)
    agent = unit.agents.find(agent_id)
    if what == 0:
        load = unit.loads.find(agent_id, "customers") or AgentLoad(agent_id=agent_id, kind="customers")
        unit.loads.put(replace(load, load=load.load + 1, received=step))
    elif what == 1:
        seat = unit.rotations.seat("East", agent_id) or Seat(agent_id=agent_id)
        unit.rotations.put_seat("East", replace(seat, turn=seat.turn + 1))
    elif what == 2 and agent is not None:
        unit.agents.save(agent.model_copy(update={"level": step}))
    elif what == 3 and agent is not None:
        unit.agents.remove(agent_id)
    elif what == 4 and agent is None:
        unit.agents.add(Agent(id=agent_id, level=step))
    else:
        turn = unit.rotations.find("East") or Rotation(name="East")
        unit.rotations.put(replace(turn, decisions=turn.decisions + 1))
        unit.history.append(happened(f"e{turn.decisions}-{step}-{dice.random()}"))


@pytest.mark.parametrize("name", WRITES)
def test_whether_a_record_changed_is_told(another: Open, name: str) -> None:
    ours, theirs = another(), another()
    fill(ours)
    for cursor in (cursor_of(ours), cursor_of(theirs)):
        assert since(ours, cursor).records == since(theirs, cursor).records == frozenset()
    at = {store: cursor_of(store) for store in (ours, theirs)}
    with theirs.unit() as unit:
        WRITES[name](unit)
        within = since(theirs, at[theirs])
    for found in (within, since(ours, at[ours]), since(theirs, at[theirs])):
        assert found.agent_ids == {"li"}
        assert found.records == ({"li"} if name in ("record", "gone") else frozenset())


def test_what_others_do_to_a_team_is_read_when_somebody_decides_for_it(
    another: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
    rule "East" when customer.province = "east" assign to team "East" by round robin
    rule "West" assign to team "West" by round robin
    """
    clock, stores = ManualClock(NOW), (another(), another())
    ours, theirs = (Desk(RuleSet.from_text(text), store, clock=clock, seed="s") for store in stores)
    for name, team in (("e1", "East"), ("e2", "East"), ("e3", "East"), ("w1", "West"), ("w2", "West")):
        ours.agents.add(Agent(id=name, teams={team}))
    names = count()

    def to(desk: Desk, province: str) -> str | None:
        return desk.assign(Customer(id=f"c{next(names)}", province=province)).agent_id

    for _ in range(6):
        to(ours, "east"), to(ours, "west"), to(theirs, "east"), to(theirs, "west")
    read: list[str] = []
    seated = SqlUnit.seated

    def reading(self: SqlUnit, wanted: Mapping[str, Collection[str]]) -> Any:  # noqa: ANN401
        read.extend(agent_id for agent_ids in wanted.values() for agent_id in agent_ids)
        return seated(self, wanted)

    monkeypatch.setattr(SqlUnit, "seated", reading)
    before = [to(theirs, "east"), to(theirs, "east")]
    read.clear()
    assert to(ours, "west") is not None
    assert not set(read) & {"e1", "e2", "e3"}
    assert {*before, to(ours, "east")} == {"e1", "e2", "e3"}
    assert set(read) >= set(before)
    ours.agents.save(ours.agents.get("e1").model_copy(update={"teams": frozenset({"West"})}))
    assert {to(theirs, "west") for _ in range(3)} == {"w1", "w2", "e1"}
    assert "e1" not in {to(theirs, "east") for _ in range(4)}


def test_what_others_do_to_a_team_is_read_with_its_rotation(
    another: Open, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """On PostgreSQL, where each further question is a trip to the server while others wait for the rotation."""
    text = 'rule "East" assign to team "East" by round robin'
    ours, theirs = (Desk(RuleSet.from_text(text), another(), clock=ManualClock(NOW), seed="s") for _ in range(2))
    for name in ("e1", "e2", "e3", "e4", "e5"):
        ours.agents.add(Agent(id=name, teams={"East"}))
    names, trips = count(), [0]
    told, together = [], Session._together

    def assign(desk: Desk) -> int:
        before = trips[0]
        told.append(desk.assign(Customer(id=f"c{next(names)}")).agent_id)
        return trips[0] - before

    def counting(self: Session, *said: Any, **how: Any) -> Any:  # noqa: ANN401
        trips[0] += 1
        return together(self, *said, **how)

    for _ in range(10):
        assign(ours), assign(theirs)
    monkeypatch.setattr(Session, "_together", counting)
    turns = [assign(desk) for desk in (theirs, theirs, theirs, theirs, ours, ours, ours, ours, theirs)]
    assert [sorted(told[at : at + 5]) for at in range(0, 25, 5)] == [["e1", "e2", "e3", "e4", "e5"]] * 5
    alone_too_long = 3  # it reads nothing ahead any more
    assert turns == ([*[2] * 8, alone_too_long] if url.startswith("postgresql") else [0] * 9)


def test_a_record_that_its_unit_has_added_is_decided_as_it_is(another: Open) -> None:
    """Nothing is known of the item but what the unit has not sent yet: not even whoever asks is to take it for new."""
    store = another()
    desk = Desk(RuleSet.from_text('rule "East" assign to team "East" by round robin'), store, clock=ManualClock(NOW))
    desk.agents.add(Agent(id="e1", teams={"East"}))
    desk.assign(Customer(id="before"))
    with store.unit() as unit:
        unit.customers.add(Customer(id="c1", tier="gold"))
        assert desk.assign("c1").agent_id == "e1"
        assert unit.customers.get("c1").tier == "gold"
    assert (store.customers.get("c1").tier, store.customers.get("c1").owner) == ("gold", "e1")


def test_an_item_that_is_known_is_looked_up_after_one_that_was_new(
    another: Open, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """Whether anything is known of an item alone is one question on PostgreSQL, if the last one was new."""
    desk = Desk(
        RuleSet.from_text('rule "East" assign to team "East" by round robin'), another(), clock=ManualClock(NOW)
    )
    desk.agents.add(Agent(id="e1", teams={"East"}, capacity={"customers": 2}))
    trips, together = [0], Session._together

    def counting(self: Session, *said: Any, **how: Any) -> Any:  # noqa: ANN401
        trips[0] += 1
        return together(self, *said, **how)

    for name in ("c1", "c2"):
        desk.assign(Customer(id=name))
    monkeypatch.setattr(Session, "_together", counting)
    outcomes, taken = [], []
    for name in ("c3", "c3", "c3", "c1", "c1", "c4", "c5", "c5"):
        before = trips[0]
        outcomes.append(desk.assign(Customer(id=name)).outcome)
        taken.append(trips[0] - before)
    assert outcomes == [*["waiting"] * 3, *["kept"] * 2, *["waiting"] * 3]
    assert taken == ([2, 3, 2, 2, 2, 2, 2, 3] if url.startswith("postgresql") else [0] * 8)


def test_what_others_did_to_the_teams_of_a_batch_is_read_at_once(
    another: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n".join(f'rule "{n}" when customer.tier = "{n}" assign to team "{n}" by round robin' for n in range(5))
    ours, theirs = (Desk(RuleSet.from_text(text), another(), clock=ManualClock(NOW), seed="s") for _ in range(2))
    for n in range(5):
        for place in range(3):
            ours.agents.add(Agent(id=f"{n}-{place}", teams={str(n)}))
    names, asked = count(), []

    def batch(desk: Desk) -> list[str | None]:
        return [one.agent_id for one in desk.assign_many(Customer(id=f"c{next(names)}", tier=str(n)) for n in range(5))]

    given = [batch(desk) for _ in range(3) for desk in (ours, theirs)]
    seated = SqlUnit.seated

    def reading(self: SqlUnit, wanted: Mapping[str, Collection[str]]) -> Any:  # noqa: ANN401
        asked.append(sorted(agent_id for agent_ids in wanted.values() for agent_id in agent_ids))
        return seated(self, wanted)

    monkeypatch.setattr(SqlUnit, "seated", reading)
    given += [batch(ours), batch(theirs), batch(ours)]
    assert all(len({one[n] for one in given[at : at + 3]}) == 3 for at in (0, 3, 6) for n in range(5))
    assert len(asked) == 3
