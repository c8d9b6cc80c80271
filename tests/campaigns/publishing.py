"""Rules published while batches run, an item that nobody can decide, and whether what waits drains.

Each version of the rules gives its rules names of its own, so that every decision shows which one made it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from threading import Event as Flag
from threading import Thread

from assignkit import Agent, AssignkitError, Customer, Desk, ManualClock, RuleSet
from assignkit.errors import PublishingError
from assignkit.model.assignment import Event
from assignkit.model.decision import Decision
from tests.campaigns.auditing import BrokenPromiseError, audit
from tests.campaigns.playing import Campaign, Place
from tests.campaigns.scenes import MORNING, SCHEMA, dice

_TEXT = """
rule "Turns {version}"
  when customer.lane = 0
  assign to team "East" by round robin
rule "Others {version}"
  assign to team "East" by least loaded
"""
BOOKS = [RuleSet.from_text(_TEXT.format(version=version), SCHEMA) for version in range(3)]
_VERSIONS = {rules.version: str(number) for number, rules in enumerate(BOOKS)}


def check_one_version(batches: Sequence[Sequence[Decision]], events: Sequence[Event]) -> Iterator[str]:
    """Yield batches decided by several versions, and decisions by a rule of another version than they name."""
    for number, batch in enumerate(batches):
        versions = {one.rules_version for one in batch if one.outcome == "assigned"}
        if len(versions) > 1:
            yield f"promise 19: batch {number} was decided by {sorted(map(str, versions))}"
    for event in events:
        version = event.facts.get("rules_version")
        if version is not None and event.rule is not None and event.rule.split()[-1] != _VERSIONS[version]:
            yield f"promise 19: {event.id} names {version}, and a rule of another: {event.rule}"


def publishing(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Publish and roll back all the time while 12 batches run, 3 in short; then poison an item, and drain the rest."""
    rng, tenant = dice(seed), place.tenant()
    batches: list[list[Decision]] = []
    with place.store(tenant) as store, place.store(tenant) as own:
        for name in ("ann", "bob", "cat"):
            store.agents.add(Agent(id=name, teams={"East"}))
        over = Flag()
        publisher = Publisher(Desk(BOOKS[0], own, clock=ManualClock(MORNING)), over)
        publisher.start()
        desk = Desk(BOOKS[0], store, clock=ManualClock(MORNING))
        for batch in range(12 if full else 3):
            items = [Customer(id=f"c{batch}-{n}", lane=rng.randint(0, 1)) for n in range(8)]
            batches.append(desk.assign_many(items))
        over.set()
        publisher.join()
        events = audit(store, place.tables(tenant), agents=["ann", "bob", "cat"])
        found = [*check_one_version(batches, events), *publisher.raw]
        found += [f"promise 12: {one.reasons}" for batch in batches for one in batch if one.outcome != "assigned"]
        if found:
            raise BrokenPromiseError(found)
    done = Counter(batches=len(batches), publications=publisher.count, events=len(events))
    return done + _drained(place, seed)


class Publisher(Thread):
    """Publishes one version after the other, until it is over."""

    def __init__(self, desk: Desk, over: Flag) -> None:
        super().__init__(daemon=True)
        self._desk = desk
        self._over = over
        self.count = 0
        self.raw: list[str] = []

    def run(self) -> None:
        """Publish, and roll back now and then."""
        while not self._over.wait(0.002):
            self.count += 1
            rules = BOOKS[self.count % len(BOOKS)]
            try:
                if self.count % 5 == 0:
                    self._desk.rollback(rules.version, actor="boss", reason="back")
                else:
                    self._desk.publish(rules, actor="boss", reason="again")
            except PublishingError:
                continue  # back to what never was in force, or is
            except AssignkitError as error:
                self.raw.append(f"promise 12: publishing raised {type(error).__name__}: {error}")


def _drained(place: Place, seed: int) -> Counter[str]:
    """Let items wait, spoil one behind the store's back, make room: one comes at once, the others in one tick."""
    rng, tenant, count = dice(seed), place.tenant(), 12
    logging.getLogger("assignkit").setLevel(logging.CRITICAL)
    rules = RuleSet.from_text('rule "East"\n  assign to team "East" by least loaded')
    with place.store(tenant) as store:
        store.agents.add(Agent(id="ann", teams={"East"}, capacity={"customers": 1}))
        clock = ManualClock(MORNING)
        desk = Desk(rules, store, clock=clock)
        waiting = [f"w{number:02}" for number in range(count)]
        desk.assign_many([Customer(id=id) for id in ("held", *waiting)])
        poisoned = rng.choice([waiting[0], *waiting])
        place.tables(tenant).spoil(poisoned)
        desk.agents.save(desk.agents.get("ann").model_copy(update={"capacity": {"customers": count + 1}}))
        pulled = {place.item_id for place in store.placements.of_agent("ann")} - {"held"}
        given = pulled | {decision.item_id for decision in desk.tick()}
        found = [] if len(pulled) == 1 else [f"promise 9: {sorted(pulled)} came at once, {poisoned} is spoilt"]
        if given != {*waiting} - {poisoned}:
            found.append(f"promise 9: of {count} that waited, one spoilt ({poisoned}), {sorted(given)} were given")
        place.tables(tenant).mend(poisoned)
        if [decision.item_id for decision in desk.tick()] != [poisoned]:
            found.append(f"promise 9: {poisoned} was mended, and is not given")
        if found:
            raise BrokenPromiseError(found)
        audit(store, place.tables(tenant), agents=["ann"], capacities={"ann": count + 1})
    return Counter(drained=count)


PUBLISHING = Campaign("publishing", "rules published while batches run, a spoilt item, what waits", publishing)
