"""What one process does at a desk: random operations, as a supervisor, agents, imports and timers would do them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from assignkit import AssignkitError, Desk, ManualClock
from assignkit.errors import BackendError, ConflictError
from assignkit.model.decision import Decision
from assignkit.repositories.base import Store
from assignkit.repositories.sql.errors import OvertakenError
from tests.campaigns.scenes import Scene

MINUTE = timedelta(minutes=1)
_OPTIMISTIC = frozenset(("effort", "switch"))  # these save what they read before


@dataclass
class Worker:
    """One user of a desk, with dice of its own."""

    scene: Scene
    desk: Desk
    store: Store
    clock: ManualClock
    rng: random.Random
    name: str
    tally: Counter[str] = field(default_factory=Counter)
    keyed: bool = False
    seen: list[tuple[str, int]] = field(default_factory=list)  # offers and fences, some of them old by now
    raw: list[str] = field(default_factory=list)

    def work(self, operations: int, weights: Mapping[str, int]) -> None:
        """Do so many operations; whatever is raised that is not ours is noted in `raw`."""
        names = list(weights)
        for number, what in enumerate(self.rng.choices(names, weights.values(), k=operations)):
            self.do(what, f"{self.name}-{number}")

    def do(self, what: str, key: str) -> Any:  # noqa: ANN401 - whatever the operation returns
        """Do one operation by its name; a refusal is counted, and returned."""
        act: Callable[[str | None], Any] = getattr(self, f"_{what}")
        try:
            result = act(key if self.keyed else None)
        except AssignkitError as error:
            gave_up = isinstance(error, BackendError | OvertakenError)
            if (
                isinstance(error, ConflictError)
                and not gave_up
                and what not in _OPTIMISTIC
                and not _told_of_fence(error)
            ):
                self.raw.append(f"promise 12: {what} gave no version and no fence, but raised {error}")
            self.tally[f"{what}: {'gave up' if gave_up else 'refused'}"] += 1
            return error
        except Exception as error:  # noqa: BLE001 - this is what is searched for
            self.raw.append(f"promise 12: {what} raised {type(error).__name__}: {error}")
            return error
        self.tally[f"{what}: {result.outcome if isinstance(result, Decision) else 'done'}"] += 1
        if isinstance(result, Decision) and result.offer_id is not None and result.fence is not None:
            self.seen.append((result.offer_id, result.fence))
        return result

    # --- operations; each takes a key, or None

    def _item(self) -> str:
        return f"c{self.rng.randrange(self.scene.items):03}"

    def _agent(self) -> str:
        return self.rng.choice(list(self.scene.people))

    def _fence(self, item_id: str) -> int | None:
        """Return the fence that the item has now, now and then; it may be another when it is used."""
        if self.rng.random() < 0.5:
            return None
        place = self.store.placements.find("customers", item_id)
        return None if place is None else place.fence

    def _assign(self, key: str | None) -> Decision:
        item = self.scene.item(self.rng.randrange(self.scene.items), effort=self.rng.choice([1, 1, 2]))
        return self.desk.assign(item, key=key)

    def _assign_new(self, key: str | None) -> Decision:
        item = self.scene.item(self.rng.randrange(self.scene.items), id=f"n{self.name}-{self.rng.randrange(10**9)}")
        return self.desk.assign(item, key=key)

    def _force(self, key: str | None) -> Decision:
        return self.desk.assign(
            self.scene.item(self.rng.randrange(self.scene.items)), force=True, actor="boss", key=key
        )

    def _batch(self, key: str | None) -> list[Decision]:
        items = [self.scene.item(self.rng.randrange(self.scene.items)) for _ in range(3)]
        return self.desk.assign_many(items, key=key)

    def _reassign(self, key: str | None) -> Decision:
        item = self._item()
        fence = self._fence(item)
        return self.desk.reassign(item, self._agent(), actor="boss", reason="by hand", fence=fence, key=key)

    def _claim(self, key: str | None) -> Decision | None:
        """Take an item out of the pool, as an agent does who saw it there."""
        pooled = self.store.placements.in_state("pooled")
        if not pooled:
            return None
        place, agent_id = self.rng.choice(pooled[:3]), self._agent()
        return self.desk.reassign(place.item_id, agent_id, actor=agent_id, reason="claimed", fence=place.fence, key=key)

    def _release(self, key: str | None) -> Decision:
        item, pool = self._item(), self.rng.choice([None, "Public"] if self.scene.beside else [None])
        return self.desk.release(item, pool=pool, actor="boss", reason="by hand", fence=self._fence(item), key=key)

    def _accept(self, key: str | None) -> Decision | None:
        offer = self._offer()
        return None if offer is None else self.desk.accept(*offer, key=key)

    def _decline(self, key: str | None) -> Decision | None:
        offer = self._offer()
        return None if offer is None else self.desk.decline(*offer, "no time", key=key)

    def _offer(self) -> tuple[str, int] | None:
        """Return an offer that stands, or an old one."""
        if self.seen and self.rng.random() < 0.3:
            return self.rng.choice(self.seen)
        offered = self.store.placements.in_state("offered")
        shared = [
            (f"several:customers:{place.item_id}:{place.fence}:{agent}", place.fence)
            for place in self.store.placements.in_state("waiting")
            for agent in place.invited
        ]
        standing = [(str(place.assignment_id), place.fence) for place in offered] + shared
        return self.rng.choice(standing) if standing else None

    def _broadcast(self, key: str | None) -> list[Decision]:  # noqa: ARG002 - it takes none
        some = self.rng.sample(list(self.scene.people), 3)
        return self.desk.broadcast(self._item(), to=some, within=3 * MINUTE)

    def _complete(self, key: str | None) -> Decision:
        item = self._item()
        return self.desk.complete(item, actor="boss", fence=self._fence(item), key=key)

    def _presence(self, key: str | None) -> object:
        state = self.rng.choice(["online", "online", "away", "offline"])
        return self.desk.set_presence(self._agent(), state, key=key)  # type: ignore[arg-type]

    def _switch(self, key: str | None) -> object:  # noqa: ARG002 - records have no keys
        """Let an agent leave, or come back."""
        agent = self.store.agents.get(self._agent())
        return self.desk.agents.save(agent.model_copy(update={"active": not agent.active}))

    def _effort(self, key: str | None) -> object:  # noqa: ARG002 - records have no keys
        record = self.store.customers.find(self._item())
        if record is None:
            return None
        return self.desk.customers.save(record.model_copy(update={"effort": self.rng.choice([1, 2, 3])}))

    def _tick(self, key: str | None) -> object:  # noqa: ARG002 - a tick has no key
        return self.desk.tick()

    def _later(self, key: str | None) -> object:  # noqa: ARG002 - time has no key
        self.clock.advance(self.rng.choice([1, 2, 6]) * MINUTE)
        return None

    def _jump(self, key: str | None) -> object:  # noqa: ARG002 - time has no key
        self.clock.advance(self.rng.choice([-1, 1]) * self.rng.choice([MINUTE, 60 * MINUTE, 3 * 24 * 60 * MINUTE]))
        return None


def _told_of_fence(error: ConflictError) -> bool:
    return "fence" in str(error)


MIXED: Mapping[str, int] = {
    "assign": 20,
    "assign_new": 6,
    "force": 2,
    "batch": 2,
    "reassign": 8,
    "claim": 4,
    "release": 8,
    "accept": 6,
    "decline": 4,
    "broadcast": 2,
    "complete": 6,
    "presence": 3,
    "effort": 2,
    "tick": 1,
    "later": 2,
}
