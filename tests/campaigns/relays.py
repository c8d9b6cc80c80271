"""Telling: a relay is killed between telling and marking as told; events commit out of order; most desks do not listen.

At least once, never what was not committed, and each item's events in their order.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Flag
from threading import Thread

from assignkit import Desk, ManualClock
from assignkit.model.assignment import Event
from assignkit.repositories.sql import SqlStore
from assignkit.testing.samples import happened
from tests.campaigns.auditing import EVERYTHING, BrokenPromiseError, audit, check_told
from tests.campaigns.crowds import forked
from tests.campaigns.playing import Campaign, Place
from tests.campaigns.scenes import MORNING, ONE_ROTATION, dice
from tests.campaigns.working import MIXED, Worker


def relay(url: str, tenant: str, journal: str, *, killed_at: int) -> None:
    """Tell what is pending again and again, into a journal; die while telling the event with that number."""
    file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store = SqlStore(url, tenant=tenant)
    desk = ONE_ROTATION.desk(store, ManualClock(MORNING))
    told = 0

    def tell(event: Event) -> None:
        nonlocal told
        os.write(file, f"{event.id}\n".encode())
        told += 1
        if told == killed_at:
            os.kill(os.getpid(), 9)

    desk.subscribe(tell)
    os.write(file, b"\n")
    while True:
        desk.tick()
        time.sleep(0.002)


def check_order(told: Sequence[str]) -> Iterator[str]:
    """Yield items whose events one relay told out of order; again from an earlier one on is fine after a death."""
    heard: defaultdict[str, int] = defaultdict(int)
    for id in told:
        item, _, revision = id.rpartition(":")
        if revision.isdecimal() and not item.startswith(("agents", "rotations")):
            if int(revision) > heard[item] + 1:
                yield f"promise 13: {id} was told before revision {heard[item] + 1}"
            heard[item] = max(heard[item], int(revision))


def relays(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Let desks that do not listen decide, while relays are killed 12 times, 2 times in short."""
    rng, tenant, scene = dice(seed), place.tenant(), ONE_ROTATION
    done: Counter[str] = Counter()
    with TemporaryDirectory() as folder, place.store(tenant) as store:
        scene.open(store)
        clock = ManualClock(MORNING)
        worker = Worker(scene, scene.desk(store, clock), store, clock, rng, "w")
        journal = Path(folder) / "told"
        for _ in range(12 if full else 2):
            process = forked().Process(
                target=relay,
                args=(place.url, tenant, str(journal)),
                kwargs={"killed_at": rng.randint(1, 8)},
                daemon=True,
            )
            process.start()
            _work_until_dead(worker, process)
            done["relays_killed"] += 1
        desk = scene.desk(store, clock)
        desk.subscribe(lambda event: _write(journal, event))
        desk.tick()
        events = audit(store, place.tables(tenant), agents=scene.people)
        told = [line for line in journal.read_text().splitlines() if line]
        pending = [event.id for event in store.outbox.pending(limit=EVERYTHING)]
        found = [*check_told(events, pending=pending, told=told), *check_order(told)]
        if found:
            raise BrokenPromiseError(found)
        done += Counter(events=len(events), told_again=len(told) - len(set(told)))
    if place.name == "postgresql":
        _out_of_order(place)
        done["out_of_order"] += 1
    return done


def _work_until_dead(worker: Worker, process: object) -> None:
    give_up = time.monotonic() + 60
    while process.is_alive():  # type: ignore[attr-defined]  # a process of a context
        worker.work(1, MIXED)
        assert time.monotonic() < give_up, "nothing is told to a relay"


def _write(journal: Path, event: Event) -> None:
    with journal.open("a") as file:
        file.write(f"{event.id}\n")


def _out_of_order(place: Place) -> None:
    """One unit begins first and commits last; a relay looks in between. Both its event and the other's are told."""
    tenant = place.tenant()
    with place.store(tenant) as first, place.store(tenant) as second, place.store(tenant) as relaying:
        told: list[str] = []
        desk = Desk(ONE_ROTATION.rules, relaying, clock=ManualClock(MORNING))
        desk.subscribe(lambda event: told.append(event.id))
        written, go_on = Flag(), Flag()

        def slow() -> None:
            with first.unit() as unit:
                unit.outbox.append(happened("slow", "slow"))
                written.set()
                go_on.wait(60)

        thread = Thread(target=slow)
        thread.start()
        written.wait(60)
        with second.unit() as unit:
            unit.outbox.append(happened("quick", "quick"))
        desk.tick()
        go_on.set()
        thread.join()
        desk.tick()
        if sorted(told) != ["quick", "slow"]:
            raise BrokenPromiseError([f"promise 13: of two units that committed out of order, {told} were told"])


RELAYS = Campaign("relays", "relays that are killed, events that commit out of order", relays)
