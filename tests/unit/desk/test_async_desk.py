"""The desk for asyncio: the same decisions, bounded threads, and calls that are cancelled wholly or not at all."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assignkit import (
    Agent,
    AsyncDesk,
    ConfigurationError,
    Customer,
    Desk,
    Event,
    NotFoundError,
    Repository,
    RuleSet,
    Store,
)
from assignkit.desk.async_desk import AsyncRecords
from assignkit.model.happening import Happening
from assignkit.repositories.sql import SqlStore
from tests.unit.desk.every_store import OpenStore, open_store  # noqa: F401 - a fixture
from tests.unit.desk.making import TO_EAST, east, open_desk

RULES = RuleSet.from_text(TO_EAST + " by round robin\n")


async def staffed(threads: int = 4) -> AsyncDesk:
    desk = AsyncDesk(RULES, seed="test", threads=threads)
    for agent in east("a", "b"):
        await desk.agents.add(agent)
    return desk


def test_it_decides_as_the_synchronous_desk_does() -> None:
    async def play() -> list[str | None]:
        async with await staffed() as desk:
            first = await desk.assign(Customer(id="c0"), key="k")
            assert await desk.assign(Customer(id="c0"), key="k") == first
            many = await desk.assign_many([{"id": f"c{n}"} for n in range(1, 5)])
            moved = await desk.reassign("c1", "b", actor="boss", reason="why")
            assert (await desk.history("c1"))[-1].agent_id == moved.agent_id == "b"
            assert (await desk.customers.get("c1")).owner == "b"
            return [first.agent_id, *(d.agent_id for d in many)]

    plain = open_desk(TO_EAST + " by round robin\n", east("a", "b"))
    expected = [plain.assign({"id": f"c{n}"}).agent_id for n in range(5)]
    assert asyncio.run(play()) == expected


def test_errors_come_as_they_are() -> None:
    async def play() -> None:
        async with await staffed() as desk:
            with pytest.raises(NotFoundError, match="`c1`"):
                await desk.reassign("c1", "nobody", actor="boss", reason="why")
            with pytest.raises(NotFoundError):
                await desk.agents.get("nobody")
            assert await desk.agents.find("nobody") is None

    asyncio.run(play())
    with pytest.raises(ConfigurationError, match="at least 1"):
        AsyncDesk(RULES, threads=0)


def test_many_calls_at_once_keep_every_turn() -> None:
    async def play() -> list[str | None]:
        async with await staffed(threads=8) as desk:
            decisions = await asyncio.gather(*(desk.assign({"id": n}) for n in range(40)))
            return [decision.agent_id for decision in decisions]

    chosen = asyncio.run(play())
    assert (chosen.count("a"), chosen.count("b")) == (20, 20)


def test_no_more_calls_at_once_than_threads() -> None:
    busy, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2, timeout=30)

    def work(_: Desk) -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        both.wait()
        with lock:
            busy -= 1

    async def play() -> None:
        async with await staffed(threads=2) as desk:
            await asyncio.gather(*(desk.call(work) for _ in range(10)))

    asyncio.run(play())
    assert most == 2


def test_the_event_loop_goes_on_meanwhile() -> None:
    async def play() -> None:
        async with await staffed() as desk:
            go_on = threading.Event()
            waiting = asyncio.create_task(desk.call(lambda _: go_on.wait(30)))
            await asyncio.sleep(0)
            go_on.set()  # never reached if the call held up the loop
            assert await waiting

    asyncio.run(play())


def test_a_call_that_is_cancelled_while_it_waits_never_happens() -> None:
    async def play() -> None:
        async with await staffed(threads=1) as desk:
            go_on = threading.Event()
            blocking = asyncio.create_task(desk.call(lambda _: go_on.wait(30)))
            waiting = asyncio.create_task(desk.assign({"id": "c1"}))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            go_on.set()
            await blocking
            assert await desk.history("c1") == []

    asyncio.run(play())


def test_a_call_that_is_cancelled_in_the_middle_is_carried_out_wholly() -> None:
    async def play() -> None:
        async with await staffed() as desk:
            begun, go_on = threading.Event(), threading.Event()
            books = desk.desk._store._books.history  # type: ignore[attr-defined]
            note = books.note

            def slow(happening: Happening) -> None:
                begun.set()
                go_on.wait(30)
                note(happening)

            books.note = slow
            task = asyncio.create_task(desk.assign({"id": "c1"}, key="k"))
            await asyncio.to_thread(begun.wait, 30)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            go_on.set()
            again = await desk.assign({"id": "c1"}, key="k")
            assert again.outcome == "assigned"
            assert [event.type for event in await desk.history("c1")] == ["assigned"]
            desk.desk._store._check()  # type: ignore[attr-defined]

    asyncio.run(play())


def test_closing_waits_for_what_was_begun() -> None:
    async def play() -> None:
        desk = await staffed()
        begun = threading.Event()
        items = [{"id": n} for n in range(50)]
        task = asyncio.create_task(desk.assign_many(items, progress=lambda *_: begun.set()))
        await asyncio.to_thread(begun.wait)
        await desk.close()
        assert len(await task) == 50
        with pytest.raises(ConfigurationError, match="is closed"):
            await desk.assign({"id": "late"})

    asyncio.run(play())


def test_events_come_on_the_loop_in_order() -> None:
    async def play() -> tuple[list[int], list[str], set[int]]:
        numbers: list[int] = []
        items: list[str] = []
        threads: set[int] = set()

        def hear(event: Event) -> None:
            numbers.append(event.number)
            threads.add(threading.get_ident())

        async def hear_later(event: Event) -> None:
            await asyncio.sleep(0)
            items.append(event.item_id)

        async with await staffed() as desk:
            desk.subscribe(hear_later)
            stop = desk.subscribe(hear)
            await desk.assign_many([{"id": n} for n in range(5)])
            await asyncio.sleep(0.01)
            stop()
            await desk.assign({"id": "late"})
            await asyncio.sleep(0.01)
        return numbers, items, threads

    numbers, items, threads = asyncio.run(play())
    assert numbers == [1, 2, 3, 4, 5]
    assert items == ["0", "1", "2", "3", "4", "late"]
    assert threads == {threading.get_ident()}


def test_context_variables_come_along() -> None:
    user: contextvars.ContextVar[str] = contextvars.ContextVar("user")

    async def play() -> str:
        async with await staffed() as desk:
            user.set("li")
            return await desk.call(lambda _: user.get())

    assert asyncio.run(play()) == "li"


def test_records_of_all_nouns_are_there() -> None:
    async def play() -> None:
        async with await staffed() as desk:
            await desk.customers.add(Customer(id="c1"))
            saved = await desk.customers.save((await desk.customers.get("c1")).model_copy(update={"tier": "VIP"}))
            assert saved.version == 2
            assert [one.id for one in await desk.items("customers").list({"tier": "VIP"})] == ["c1"]
            await desk.customers.remove("c1")
            for records in (desk.tasks, desk.teams, desk.pools, desk.categories, desk.customers):
                assert await records.list() == []
            await desk.agents.add(Agent(id="z"))
            assert (await desk.rules()).version == RULES.version

    asyncio.run(play())


@pytest.mark.parametrize(
    "name",
    [name for name, value in vars(AsyncDesk).items() if not name.startswith("_") and hasattr(value, "__wrapped__")],
)
def test_what_is_awaited_has_the_signature_of_the_desk(name: str) -> None:
    assert inspect.iscoroutinefunction(getattr(AsyncDesk, name))
    assert inspect.signature(getattr(AsyncDesk, name)) == inspect.signature(getattr(Desk, name))
    assert getattr(AsyncDesk, name).__doc__ == getattr(Desk, name).__doc__


# --- all of the desk

PLAIN = {  # what is no coroutine function, and why
    "rules": "a property of the desk, a call here",
    "items": "makes no call by itself; what it returns is awaited",
    "subscribe": "makes no call by itself",
    **dict.fromkeys(
        ("agents", "teams", "pools", "categories", "customers", "tasks"), "records, whose calls are awaited"
    ),
}


@pytest.mark.parametrize("name", [name for name in dir(Desk) if not name.startswith("_")])
def test_everything_that_the_desk_can_do_is_there(name: str) -> None:
    there = inspect.getattr_static(AsyncDesk, name)
    assert there.__doc__ or isinstance(there, property)
    if name not in PLAIN:
        assert inspect.iscoroutinefunction(there)


@pytest.mark.parametrize("name", [name for name in vars(Repository) if not name.startswith("_")])
def test_everything_that_records_can_do_is_there(name: str) -> None:
    assert inspect.iscoroutinefunction(getattr(AsyncRecords, name))
    wanted = [
        each.replace(annotation=None) for each in inspect.signature(getattr(Repository, name)).parameters.values()
    ]
    found = [
        each.replace(annotation=None) for each in inspect.signature(getattr(AsyncRecords, name)).parameters.values()
    ]
    assert found == wanted


# --- many at once, on every store


def shares(store: Store) -> Counter[str | None]:
    return Counter(place.agent_id for place in store.placements.in_state("held"))


def test_many_tasks_at_once(open_store: OpenStore) -> None:  # noqa: F811
    store, heard = open_store(), list[str]()

    async def play() -> None:
        async with AsyncDesk(RULES, store, seed="test", threads=6) as desk:
            for agent in east("a", "b", "c"):
                await desk.agents.add(agent)
            desk.subscribe(lambda event: heard.append(event.item_id))
            decisions = await asyncio.gather(
                *(desk.assign({"id": f"c{number}"}, key=f"k{number}") for number in range(60)),
                *(desk.assign({"id": f"c{number}"}, key=f"k{number}") for number in range(60)),  # each one twice
            )
            assert decisions[:60] == decisions[60:]
            moved = [desk.reassign(f"c{number}", "a", actor="boss", reason="why") for number in range(5)]
            released = [desk.release(f"c{number}", actor="boss", reason="why") for number in range(50, 60)]
            await asyncio.gather(*moved, *released, desk.tick(), desk.explain("c7"), desk.history("c7"))
            await asyncio.sleep(0)  # what was heard last comes to the loop

    asyncio.run(play())
    assert sum(shares(store).values()) == 50
    loads = {agent: store.loads.find(agent, "customers") for agent in "abc"}
    assert {agent: load.load for agent, load in loads.items() if load} == shares(store)
    events = store.history.since(0)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert Counter(heard) == Counter(event.item_id for event in events)


def test_tasks_that_are_cancelled_leave_whole_decisions(open_store: OpenStore) -> None:  # noqa: F811
    store = open_store()

    async def play() -> set[str]:
        async with AsyncDesk(RULES, store, seed="test", threads=4) as desk:
            for agent in east("a", "b"):
                await desk.agents.add(agent)
            go_on = threading.Event()
            busy = [asyncio.create_task(desk.call(lambda _: go_on.wait(30))) for _ in range(4)]
            tasks = {f"c{n}": asyncio.create_task(desk.assign({"id": f"c{n}"}, key=f"k{n}")) for n in range(40)}
            await asyncio.sleep(0)
            for number in range(0, 10, 2):  # while they wait
                tasks[f"c{number}"].cancel()
            go_on.set()
            await asyncio.wait([*busy, tasks["c1"]], return_when=asyncio.ALL_COMPLETED)
            for number in range(10, 40, 2):  # wherever they are
                tasks[f"c{number}"].cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            cancelled = {name for name, task in tasks.items() if task.cancelled()}
            again = await asyncio.gather(*(desk.assign({"id": name}, key=f"k{name[1:]}") for name in sorted(cancelled)))
            assert {decision.outcome for decision in again} <= {"assigned"}
            return cancelled

    assert asyncio.run(play())
    assert sum(shares(store).values()) == 40
    assert abs(shares(store)["a"] - shares(store)["b"]) <= 1
    assert len(store.history.since(0)) == 40


# --- a host's transaction


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """A host's engine, on a database with the tables."""
    made = sa.create_engine(f"sqlite:///{tmp_path / 'host.db'}")
    store = SqlStore(made)
    store.migrate()
    yield made
    store.close()
    made.dispose()


def test_a_hosts_transaction_is_joined(engine: sa.Engine) -> None:
    async def play() -> None:
        async with AsyncDesk(RULES, SqlStore(engine), seed="test") as desk:
            for agent in east("a", "b"):
                await desk.agents.add(agent)
            for kept in (True, False):
                connection = engine.connect()
                transaction = connection.begin()
                joined = await desk.within(connection)
                name = "kept" if kept else "lost"
                decisions = await asyncio.gather(*(joined.assign({"id": f"{name}-{n}"}) for n in range(10)))
                assert {decision.outcome for decision in decisions} == {"assigned"}
                await joined.close()  # leaves the desk's threads alone
                transaction.commit() if kept else transaction.rollback()
                connection.close()
            assert len(await desk.customers.list()) == 10
            assert await desk.history("lost-1") == []

    asyncio.run(play())


def test_a_cancelled_call_in_a_hosts_transaction_is_waited_for(engine: sa.Engine) -> None:
    async def play() -> None:
        async with AsyncDesk(RULES, SqlStore(engine), seed="test", threads=4) as desk:
            await desk.agents.add(east("a")[0])
            begun, go_on, order = threading.Event(), threading.Event(), list[str]()

            def slow(_: Desk) -> None:
                begun.set()
                go_on.wait(30)
                order.append("first")

            with engine.begin() as connection:
                joined = await desk.within(connection)
                first = asyncio.create_task(joined.call(slow))
                await asyncio.to_thread(begun.wait, 30)
                second = asyncio.create_task(joined.call(lambda _: order.append("second")))
                first.cancel()
                await asyncio.sleep(0)
                go_on.set()
                await second
                with pytest.raises(asyncio.CancelledError):
                    await first
            assert order == ["first", "second"]

    asyncio.run(play())


def test_an_asynchronous_connection_is_refused() -> None:
    class Connection:
        sync_connection = None

    async def play() -> None:
        async with AsyncDesk(RULES) as desk:
            with pytest.raises(ConfigurationError, match="use a synchronous engine"):
                await desk.within(Connection())
            with pytest.raises(ConfigurationError, match="in memory"):
                await desk.within(object())

    asyncio.run(play())


def test_calls_that_wait_are_committed_together_if_the_desk_is_to() -> None:
    async def play() -> None:
        async with AsyncDesk(RULES, group_commit=8, threads=4) as desk:
            await desk.agents.add(Agent(id="li", teams={"East"}))
            decisions = await asyncio.gather(*(desk.assign({"id": f"c{n}"}) for n in range(20)))
            assert {decision.outcome for decision in decisions} == {"assigned"}
            assert desk.desk._grouping is not None

    asyncio.run(play())


def test_a_desk_that_is_closed_says_so() -> None:
    async def play() -> None:
        desk = await staffed()
        await desk.close()
        for call in (desk.assign({"id": "c1"}), desk.agents.list(), desk.rules()):
            with pytest.raises(ConfigurationError, match="this AsyncDesk is closed"):
                await call
        await desk.close()

    asyncio.run(play())


def test_it_takes_what_the_synchronous_desk_takes() -> None:
    told = set(inspect.signature(AsyncDesk).parameters)
    assert told == {*inspect.signature(Desk).parameters, "threads"}


@pytest.mark.parametrize("threads", [0, -1, True, "8", 1.5, None], ids=repr)
def test_threads_are_counted(threads: Any) -> None:  # noqa: ANN401 - whatever a host gives
    with pytest.raises(ConfigurationError, match="`threads` is a whole number"):
        AsyncDesk(RULES, threads=threads)


def test_what_is_to_be_called_can_be() -> None:
    given: Any = 5

    async def play() -> None:
        async with await staffed() as desk:
            with pytest.raises(ConfigurationError, match="`act` is a function"):
                await desk.call(given)
            with pytest.raises(ConfigurationError, match="`callback` is a function"):
                desk.subscribe(given)

    asyncio.run(play())
