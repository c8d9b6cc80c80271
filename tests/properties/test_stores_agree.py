"""The same steps at desks on every store: the same decisions, errors, explanations and books, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from assignkit import Decision
from assignkit.model.placement import PlacementState
from assignkit.repositories.sql import expecting
from tests.differential.lockstep import Lockstep, Setting
from tests.differential.playing import Databases
from tests.differential.retelling import Play, write
from tests.differential.texts import (
    AGENTS,
    ITEMS,
    NOBODY,
    agent_facts,
    customer_facts,
    scores,
    some,
    staff,
    starts,
    task_facts,
    texts,
    zones,
)
from tests.postgres import Server

KEYS = st.sampled_from([None, None, None, None, "k1", "k2"])
DESKS = st.sampled_from(["desk", "desk", "desk", "other"])
MINUTES = st.sampled_from([1, 4, 5, 20, 29, 31, 59, 60, 61, 200, 600, 1500])
FENCES = st.sampled_from([None, None, None, 0, 1])  # how old the fence is that somebody saw
kinds = st.sampled_from(["customers", "customers", "customers", "tasks"])
numbers = st.integers(0, 1000)
Item = tuple[str, str]


@st.composite
def some_item(draw: st.DrawFn, id: str, kind: str = "customers") -> dict[str, Any]:
    """Return an item with a few facts; most have the one that rules ask for first."""
    facts = draw(some(customer_facts if kind == "customers" else task_facts, most=3))
    return {"id": id, **({"score": draw(scores)} if kind == "customers" else {}), **facts}


class Agreement(RuleBasedStateMachine):
    """Every rule writes one step, of what the first store has; all stores take it, and must tell the same."""

    databases: ClassVar[Databases]

    @initialize(
        written=texts, at=starts, zone=zones, agents=staff(), arrived=st.tuples(*[some_item(id) for id in ITEMS[:3]])
    )
    def begin(
        self,
        written: tuple[str, str],
        at: datetime,
        zone: str,
        agents: list[dict[str, Any]],
        arrived: tuple[dict[str, Any], ...],
    ) -> None:
        self.opened = self.databases.stores()
        self.all = Lockstep(Setting(written, at, zone=zone), self.opened.__enter__())
        for facts in agents:
            self.take(f"desk.agents.add(Agent(**{facts!r}))")
        self.take(f"desk.assign_many({list(arrived)!r})")

    def take(self, step: str) -> object:
        return self.all.take(step)

    # --- deciding

    @rule(data=st.data(), kind=kinds, id=st.sampled_from(ITEMS), on=DESKS, key=KEYS)
    def assign(self, data: st.DataObject, kind: str, id: str, on: str, key: str | None) -> None:
        self.take(f"{on}.assign({data.draw(some_item(id, kind))!r}, kind={kind!r}, key={key!r})")

    @precondition(lambda self: self.known())
    @rule(data=st.data(), on=DESKS, force=st.booleans())
    def assign_again(self, data: st.DataObject, on: str, force: bool) -> None:
        self.take(f"{on}.assign({self.item(data)!r}, force={force}, actor='x')")

    @rule(data=st.data(), kind=kinds, ids=st.lists(st.sampled_from(ITEMS), max_size=6), key=KEYS, force=st.booleans())
    def assign_many(self, data: st.DataObject, kind: str, ids: list[str], key: str | None, force: bool) -> None:
        odd: list[Any] = [{"id": ""}, {"id": "1", "effort": 0}, "unknown", ("deals", "1")]
        batch = [data.draw(st.sampled_from(odd)) if id == "10" else data.draw(some_item(id, kind)) for id in ids]
        self.take(f"desk.assign_many({batch!r}, kind={kind!r}, key={key!r}, force={force}, actor='批')")

    @rule(on=DESKS)
    def tick(self, on: str) -> None:
        self.take(f"{on}.tick()")
        assert self.take(f"{on}.tick()") == []

    @rule(minutes=MINUTES, microseconds=st.sampled_from([0, 0, 1, -1]), tick=st.booleans())
    def advance(self, minutes: int, microseconds: int, tick: bool) -> None:
        self.take(f"clock.advance({timedelta(minutes=minutes, microseconds=microseconds)!r})")
        if tick:
            self.tick("desk")

    # --- by hand

    @precondition(lambda self: self.known())
    @rule(data=st.data(), late=FENCES, key=KEYS)
    def reassign(self, data: st.DataObject, late: int | None, key: str | None) -> None:
        item, to = self.item(data), self.agent(data)
        said = f"actor='x', reason='因为', fence={self.fence(item, late)}, key={key!r}"
        self.take(f"desk.reassign({item!r}, {to!r}, {said})")

    @precondition(lambda self: self.known())
    @rule(data=st.data(), pool=st.sampled_from([None, None, "公海", "Pond"]), late=FENCES, key=KEYS)
    def release(self, data: st.DataObject, pool: str | None, late: int | None, key: str | None) -> None:
        item = self.item(data)
        said = f"actor='x', reason='r', fence={self.fence(item, late)}, key={key!r}"
        self.take(f"desk.release({item!r}, pool={pool!r}, {said})")

    @precondition(lambda self: self.known())
    @rule(data=st.data(), late=FENCES, key=KEYS, on=DESKS)
    def complete(self, data: st.DataObject, late: int | None, key: str | None, on: str) -> None:
        item = self.item(data)
        self.take(f"{on}.complete({item!r}, fence={self.fence(item, late)}, key={key!r}, reason='完')")

    @precondition(lambda self: self.offers())
    @rule(number=numbers, stale=st.sampled_from([0, 0, 0, 1]), accept=st.booleans(), key=KEYS, on=DESKS)
    def answer(self, number: int, stale: int, accept: bool, key: str | None, on: str) -> None:
        offers = self.offers()
        offer, fence = offers[-1 - number % len(offers)]
        if accept:
            self.take(f"{on}.accept({offer!r}, {fence + stale}, key={key!r})")
        else:
            self.take(f"{on}.decline({offer!r}, {fence + stale}, '忙', key={key!r})")

    @rule(data=st.data(), to_team=st.booleans(), within=st.sampled_from([4, 4, 4, 0]), seen=st.booleans())
    def broadcast(self, data: st.DataObject, to_team: bool, within: int, seen: bool) -> None:
        item = self.item(data) if seen else data.draw(st.sampled_from(ITEMS).flatmap(some_item))
        teams = st.sampled_from(["East", "Senior", "nobody's"])
        to = data.draw(teams) if to_team else [self.agent(data) for _ in range(data.draw(st.integers(0, 3)))]
        self.take(f"desk.broadcast({item!r}, {to!r}, within={timedelta(minutes=within)!r})")

    @rule(
        data=st.data(),
        state=st.sampled_from(["online", "online", "away", "offline", "lost"]),
        ttl=st.sampled_from([None, None, timedelta(minutes=7), timedelta(0)]),
        key=KEYS,
    )
    def set_presence(self, data: st.DataObject, state: str, ttl: timedelta | None, key: str | None) -> None:
        self.take(f"desk.set_presence({self.agent(data)!r}, {state!r}, ttl={ttl!r}, key={key!r})")

    @precondition(lambda self: self.all.first.store.rotations.list())
    @rule(data=st.data(), number=numbers, turn=st.sampled_from(["0", "7", "Fraction(5, 3)", "-1"]), key=KEYS)
    def correct_rotation(self, data: st.DataObject, number: int, turn: str, key: str | None) -> None:
        names = [rotation.name for rotation in self.all.first.store.rotations.list()]
        said = f"{turn}, actor='x', reason='r', key={key!r}"
        self.take(f"desk.correct_rotation({names[number % len(names)]!r}, {self.agent(data)!r}, {said})")

    # --- records

    @rule(id=st.sampled_from(AGENTS), facts=some(agent_facts))
    def write_agent(self, id: str, facts: dict[str, Any]) -> None:
        if self.all.first.store.agents.find(id) is None:
            self.take(f"desk.agents.add(Agent(**{ ({'id': id, 'teams': ['East'], **facts})!r}))")
        else:
            self.take(f"desk.agents.save(desk.agents.get({id!r}).model_copy(update={facts!r}))")

    @rule(data=st.data(), kind=kinds, id=st.sampled_from(ITEMS), on=DESKS)
    def write_item(self, data: st.DataObject, kind: str, id: str, on: str) -> None:
        facts = data.draw(some_item(id, kind))
        if self.all.first.store.items(kind).find(id) is None:
            model = "Customer" if kind == "customers" else "Task"
            self.take(f"{on}.{kind}.add({model}(**{facts!r}))")
        else:
            facts.pop("owner", None)
            self.take(f"{on}.{kind}.save({on}.{kind}.get({id!r}).model_copy(update={facts!r}))")

    @rule(data=st.data(), what=st.integers(0, 4))
    def write_something_else(self, data: st.DataObject, what: int) -> None:
        kind, id = self.item(data)
        steps = (
            f"desk.agents.remove({self.agent(data)!r})",
            f"desk.{kind}.remove({id!r})",
            f"desk.agents.save(Agent(id={self.agent(data)!r}, version=1))",
            "desk.teams.add(Team(id='East', name='旧'))",
            "desk.pools.add(Pool(id='Pond'))",
        )
        self.take(steps[what])

    # --- publishing, asking

    @rule(
        what=st.sampled_from(["publish", "publish later", "rollback", "withdraw", "open anew"]),
        number=st.integers(0, 1),
        on=DESKS,
    )
    def publish(self, what: str, number: int, on: str) -> None:
        when = self.all.first.clock.now() + timedelta(minutes=30) if what == "publish later" else None
        if what == "open anew":
            self.take("desk = open_desk()")
        elif what.startswith("publish"):
            self.take(f"{on}.publish(rules[{number}], actor='x', reason='新', effective={when!r})")
        else:
            self.take(f"{on}.{what}(rules[{number}].version, actor='x', reason='旧')")

    @rule(data=st.data(), kind=kinds, id=st.sampled_from(ITEMS), seen=st.booleans(), why_not=st.booleans())
    def ask(self, data: st.DataObject, kind: str, id: str, seen: bool, why_not: bool) -> None:
        item = self.item(data) if seen else data.draw(some_item(id, kind))
        who = f"why_not({self.agent(data)!r}, " if why_not else "explain("
        self.take(f"desk.{who}{item!r}{'' if seen else f', kind={kind!r}'})")

    # --- what a step may be about

    def known(self) -> list[Item]:
        """Return all items that somebody has, or that wait for somebody."""
        placements = self.all.first.store.placements
        states: tuple[PlacementState, ...] = ("held", "offered", "waiting", "pooled")
        return sorted((place.kind, place.item_id) for state in states for place in placements.in_state(state))

    def item(self, data: st.DataObject) -> Item:
        """Return one of them, or now and then one that the desk may never have seen."""
        known = [*self.known(), ("customers", "2")]
        return known[data.draw(numbers) % len(known)]

    def agent(self, data: st.DataObject) -> str:
        """Return somebody, who as a rule is there."""
        known = [*sorted(agent.id for agent in self.all.first.store.agents.list()), NOBODY]
        return known[data.draw(numbers) % len(known)]

    def fence(self, item: Item, late: int | None) -> int | None:
        """Return the fence to say: none, the item's own, or an old one."""
        place = self.all.first.store.placements.find(*item)
        return None if late is None else (place.fence if place else 0) - late

    def offers(self) -> list[tuple[str, int]]:
        """Return all offers that were made, and told of, with their fences, in the order of time."""
        told = (
            one for result, _ in self.all.first.decided for one in (result if isinstance(result, list) else [result])
        )
        offers = ((one.offer_id, one.fence or 0) for one in told if isinstance(one, Decision) and one.offer_id)
        return list(dict.fromkeys(offers))

    def finished(self, play: Play) -> None:
        """Take note of what was played to its end."""

    def teardown(self) -> None:
        if hasattr(self, "all"):
            try:
                if self.all.agrees:
                    self.all.finish()
                    self.finished(Play(self.all.setting, tuple(self.all.steps), self.all.told.hexdigest()))
            finally:
                self.opened.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def presuming(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let items pass for new on SQLite after a few that were: plays are short."""
    monkeypatch.setattr(expecting, "IN_A_ROW", 2)


@pytest.fixture(scope="module")
def databases(postgres: Server, quick_folder: Path) -> Iterator[Databases]:
    urls = {
        "sqlite memory": "sqlite://",
        "sqlite file": f"sqlite:///{quick_folder / 'agree.db'}",
        "postgresql": postgres.url,
    }
    with closing(Databases(urls)) as made:
        yield made


def sized(examples: int, steps: int) -> settings:
    """Return the settings for a short search, or, when asked to search, for a long one."""
    searches = settings.get_current_profile_name() == "soak"
    return settings(
        max_examples=examples * 40 if searches else examples,
        stateful_step_count=steps * 2 if searches else steps,
        deadline=None,
        report_multiple_bugs=False,
        phases=set(Phase) - {Phase.explain},  # it doubles the time that a failure takes
        suppress_health_check=list(HealthCheck),
    )


def test_stores_agree_on_every_step(databases: Databases) -> None:
    class OnAll(Agreement):
        pass

    OnAll.databases = databases
    run_state_machine_as_test(OnAll, settings=sized(6, 25))


def test_other_processes_tell_the_same(tmp_path: Path) -> None:
    plays: list[Play] = []

    class Noted(Agreement):
        databases = Databases({})

        def finished(self, play: Play) -> None:
            plays.append(play)

    run_state_machine_as_test(Noted, settings=sized(3, 25))
    write(plays, tmp_path / "plays.json")
    others = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.differential.retelling", str(tmp_path / "plays.json")],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(["src", "."])},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "4242")
    ]
    told = [other.communicate()[0].split() for other in others]
    assert told == [[play.digest for play in plays]] * 2
