"""Many threads at one desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from assignkit import ConflictError, Customer, Decision, Event
from tests.unit.desk.making import TO_EAST, OpenDesk, east, edit, load

Make = Callable[..., OpenDesk]

THREADS, ITEMS = 8, 500
IDS = ["a", "b", "c", "d", "e", "f", "g"]


def test_threads_share_one_rotation_without_a_double_or_a_gap(make: Make) -> None:
    desk = make(TO_EAST, east(*IDS, capacity={"customers": ITEMS}))
    told: list[Event] = []
    desk.subscribe(told.append)

    def work(thread: int) -> list[Decision]:
        # Each item is handed in by two threads: one assigns it, the other finds it held.
        mine = [n for n in range(ITEMS) if thread in (n % THREADS, (n + 1) % THREADS)]
        return [desk.assign(Customer(id=n)) for n in mine]

    with ThreadPoolExecutor(THREADS) as pool:
        decisions = list(chain.from_iterable(pool.map(work, range(THREADS))))
    assigned = [decision for decision in decisions if decision.outcome == "assigned"]
    assert sorted(int(decision.item_id) for decision in assigned) == list(range(ITEMS))
    assert {decision.outcome for decision in decisions} == {"assigned", "kept"}
    assert {decision.fence for decision in decisions} == {1}
    counts = Counter(str(decision.agent_id) for decision in assigned)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert {id: load(desk, id) for id in IDS} == counts
    assert [event.number for event in told] == list(range(1, ITEMS + 1))


def test_threads_never_exceed_a_capacity_or_a_limit(make: Make) -> None:
    desk = make(TO_EAST + "\n  limit 30 per day", east(*IDS[:3], capacity={"customers": 20}))

    def work(thread: int) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        for number in range(40):
            identity = f"{thread}-{number}"
            outcomes[desk.assign(Customer(id=identity)).outcome] += 1
            if number % 3 == 0 and desk.store.placements.find("customers", identity):
                desk.tick()
            if number % 5 == 0:
                desk.release(identity, actor="x", reason="r")
        return outcomes

    with ThreadPoolExecutor(THREADS) as pool:
        total = sum(pool.map(work, range(THREADS)), Counter[str]())
    assert sum(total.values()) == THREADS * 40
    for id in IDS[:3]:
        assert load(desk, id) <= 20
        book = desk.store.loads.find(id, "customers")
        assert book is not None
        assert book.received <= 30


def test_of_many_who_saw_the_same_fence_one_wins(make: Make) -> None:
    desk = make(TO_EAST, east(*IDS))
    fence = desk.assign(Customer(id="c1")).fence
    holder = desk.customers.get("c1").owner
    others = [id for id in IDS if id != holder]

    def take(agent_id: str) -> bool:
        try:
            desk.reassign("c1", agent_id, actor=agent_id, reason="mine", fence=fence)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(take, others)) == 1
    assert len(desk.history("c1")) == 2


def test_agents_may_be_edited_while_items_are_assigned(make: Make) -> None:
    desk = make('rule "r"\n  assign to team "East" by least loaded', east(*IDS))

    def toggle(agent_id: str) -> None:
        for number in range(30):
            edit(desk, agent_id, active=number % 2 == 1)

    def work(thread: int) -> None:
        for number in range(30):
            decision = desk.assign(Customer(id=f"{thread}-{number}"))
            decision.explain()

    with ThreadPoolExecutor(THREADS) as pool:
        jobs = [pool.submit(toggle, id) for id in IDS[:4]] + [pool.submit(work, thread) for thread in range(4)]
        for job in jobs:
            job.result()
    desk.tick()
    assert sum(load(desk, id) for id in IDS) == 120
