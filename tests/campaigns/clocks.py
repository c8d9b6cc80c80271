"""Clocks that jump by hours and days, backwards and forwards, and are not the same at every desk: no promise breaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta

from assignkit import Agent, Customer, Desk, ManualClock, RuleSet
from assignkit.errors import InvalidTransitionError
from assignkit.model.assignment import Assignment
from assignkit.repositories.base import Store
from tests.campaigns.auditing import BrokenPromiseError, audit
from tests.campaigns.playing import Campaign, Place
from tests.campaigns.scenes import MORNING, ONE_ROTATION, dice
from tests.campaigns.turns import check_rotations
from tests.campaigns.working import MIXED, Worker

JUMPING: Mapping[str, int] = {**MIXED, "force": 0, "jump": 24, "tick": 10, "assign_new": 16, "accept": 12}
FEW = 'team "Few"'
PER_DAY = 2
INSTANT = timedelta(microseconds=1)
DEADLINE = MORNING + timedelta(minutes=5)
_ASKED = RuleSet.from_text('rule "Asked"\n  assign to team "East"\n  accept within 5 minutes')


def check_limits(assignments: Iterable[Assignment], *, target: str = FEW, per_day: int = PER_DAY) -> Iterator[str]:
    """Yield agents who got more through a target than a rule grants per day; offers that nobody took do not count."""
    counted = Counter(
        (one.agent_id, one.assigned_at.date()) for one in assignments if one.target == target and one.counts
    )
    for (agent_id, day), count in sorted(counted.items()):
        if count > per_day:
            yield f"promise 3: {agent_id} got {count} items through {target} on {day}, {per_day} are granted"


def clocks(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Let three desks whose clocks jump do 300 operations, 45 in short; and end offers at their very deadline."""
    scene, tenant = ONE_ROTATION, place.tenant()
    done: Counter[str] = Counter()
    with ExitStack() as opened:
        store = opened.enter_context(place.store(tenant))
        scene.open(store)
        workers = []
        for number in range(3):
            own, clock = opened.enter_context(place.store(tenant)), ManualClock(MORNING)
            rng = dice(f"{seed} {number}")
            workers.append(Worker(scene, scene.desk(own, clock), own, clock, rng, f"w{number}"))
        told: list[str] = []
        for worker in workers:
            worker.desk.subscribe(lambda event: told.append(event.id))
        for turn in range(60 if full else 10):
            for worker in workers:
                worker.work(2 if turn % 2 else 1, JUMPING)
        events = audit(store, place.tables(tenant), agents=scene.people, told=told)
        items = {(event.kind, event.item_id) for event in events}
        assignments = [one for item in sorted(items) for one in store.assignments.of_item(*item)]
        found = [line for worker in workers for line in worker.raw]
        found += [*check_limits(assignments), *check_rotations(store, events, teams=scene.teams)]
        if found:
            raise BrokenPromiseError(found)
        done += Counter(events=len(events), operations=sum(sum(worker.tally.values()) for worker in workers))
    done += _deadlines(place)
    return done


def _deadlines(place: Place) -> Counter[str]:
    """Accept an offer while it expires, at its deadline and an instant before and after: one of both, never both."""
    done: Counter[str] = Counter()
    for early in (-INSTANT, timedelta(), INSTANT):
        for late in (timedelta(), INSTANT):
            tenant = place.tenant()
            with place.store(tenant) as store, place.store(tenant) as other:
                found = list(_at_deadline(store, other, DEADLINE + early, DEADLINE + late))
                audit(store, place.tables(tenant), agents=["li", "wang"])
            if found:
                raise BrokenPromiseError(found)
            done["deadlines"] += 1
    return done


def _at_deadline(store: Store, other: Store, accepted_at: datetime, looked_at: datetime) -> Iterator[str]:
    store.agents.add(Agent(id="li", teams={"East"}))
    store.agents.add(Agent(id="wang", teams={"East"}))
    offer = Desk(_ASKED, store, clock=ManualClock(MORNING)).assign(Customer(id="c1"))
    accepting, ticking = (
        Desk(_ASKED, one, clock=ManualClock(at)) for one, at in ((store, accepted_at), (other, looked_at))
    )
    with ThreadPoolExecutor(2) as both:
        ended = both.submit(ticking.tick)
        accepted = both.submit(accepting.accept, str(offer.offer_id), offer.fence or 0)
        error, ticked = accepted.exception(), ended.result()
    state = store.assignments.get(str(offer.offer_id))
    if error is not None and not isinstance(error, InvalidTransitionError):
        yield f"promise 11: accepting raised {type(error).__name__}: {error}"
    if error is None and accepted_at >= DEADLINE:
        yield f"promise 11: accepted at {accepted_at}, when the offer was over"
    if (error is None) == (state.ended_because == "expired"):
        yield f"promise 11: accepted: {error is None}, and it ended because of {state.ended_because}: {ticked}"


CLOCKS = Campaign("clocks", "clocks that jump, and offers that end at their very deadline", clocks)
