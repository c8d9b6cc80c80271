"""Random acts of publishing, at two desks on one store: what decides is what a plain reading of the acts says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assignkit import Agent, AssignkitError, Desk, ManualClock, MemoryStore, RuleSet
from tests.searching import examples
from tests.unit.desk.making import NOON

NAMES = "abcd"
RULES = {name: RuleSet.from_text(f'rule "{name}"\n  assign to agent "{name}"\n') for name in NAMES}
PEOPLE = ("ann", "Ann ", "boss", "eve")
APPROVERS = ("ann", "Ann ", "boss")

names, people = st.sampled_from(NAMES[1:]), st.sampled_from(PEOPLE)
acts = st.one_of(
    st.tuples(st.just("publish"), names, people, st.none() | st.integers(0, 5)),
    st.tuples(st.just("approve"), names, people, st.none()),
    st.tuples(st.just("withdraw"), names, people, st.none()),
    st.tuples(st.just("rollback"), st.sampled_from(NAMES), people, st.none()),
    st.tuples(st.just("advance"), names, people, st.integers(1, 4)),
)


@dataclass
class Told:
    """One publication, in the plainest words."""

    name: str
    by: str
    begins: datetime | None
    asked: datetime | None
    waits: bool
    withdrawn: bool = False


class Plain:
    """What a reader of the acts would say: a list from top to bottom, read anew for every question."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    def in_force(self, now: datetime) -> str | None:
        """Return what decides; None before anything is published: desks decide by what they were made with."""
        begun = [one for one in self.told if not one.withdrawn and one.begins is not None and one.begins <= now]
        return max(enumerate(begun), key=lambda one: (one[1].begins, one[0]))[1].name if begun else None

    def decided(self, now: datetime) -> set[str]:
        return {one.name for one in self.told if not one.withdrawn and one.begins and one.begins <= now} | {"a"}

    def newest(self, name: str, now: datetime, *, waiting: bool) -> Told | None:
        """Return the newest that waits for approval, or (not only `waiting`) is still to come."""
        fitting = [one for one in self.told if one.name == name and not one.withdrawn]
        open_ones = [
            one for one in fitting if one.waits or (not waiting and one.begins is not None and one.begins > now)
        ]
        return open_ones[-1] if open_ones else None

    def act(self, what: str, name: str, by: str, now: datetime, effective: datetime | None, *, careful: bool) -> bool:
        """Take an act into account; False if it is to be refused."""
        if what == "publish":
            return self.publish(name, by, now, effective, careful=careful)
        if what == "rollback":
            if name not in self.decided(now) or self.in_force(now) == name:
                return False
            self.told.append(Told(name, by, now, None, waits=False))
            return True
        found = self.newest(name, now, waiting=what == "approve")
        if found is None:
            return False
        if what == "withdraw":
            found.withdrawn, found.waits = True, False
            return True
        if not careful or by not in APPROVERS or by.strip().lower() == found.by.strip().lower():
            return False
        found.waits, found.begins = False, max(found.asked or now, now)
        return True

    def publish(self, name: str, by: str, now: datetime, effective: datetime | None, *, careful: bool) -> bool:
        if effective is None and self.in_force(now) == name:
            return True
        open_ones = (one for one in self.told if one.name == name and not one.withdrawn)
        for one in open_ones:
            to_come = effective is not None and one.begins is not None and one.begins > now
            if one.asked == effective and (one.waits or to_come):
                return True
        self.told.append(Told(name, by, None if careful else effective or now, effective, waits=careful))
        return True


def attempt(desk: Desk, what: str, name: str, by: str, effective: datetime | None) -> bool:
    version = RULES[name].version
    try:
        if what == "publish":
            desk.publish(RULES[name], actor=by, reason="why", effective=effective)
        elif what == "approve":
            desk.approve(version, actor=by)
        else:
            getattr(desk, what)(version, actor=by, reason="why")
    except AssignkitError:
        return False
    return True


@given(st.lists(st.tuples(acts, st.booleans()), max_size=25), st.booleans())
@examples(80)
def test_what_decides_is_what_was_said(course: list[tuple[tuple[str, str, str, Any], bool]], careful: bool) -> None:
    store, clock, plain = MemoryStore(), ManualClock(NOON), Plain()
    approvers = APPROVERS if careful else None
    desks = [Desk(RULES["a"], store, clock=clock, approvers=approvers) for _ in range(2)]
    for name in NAMES:
        desks[0].agents.add(Agent(id=name))
    desks[0].assign({"id": "first"})
    for number, ((what, name, by, hours), other) in enumerate(course):
        if what == "advance":
            clock.advance(timedelta(hours=hours))
        else:
            effective = None if hours is None else NOON + timedelta(hours=hours)
            if effective is not None and effective < clock.now():
                assert not attempt(desks[other], what, name, by, effective)
                continue
            before = desks[0].publications()
            done = plain.act(what, name, by, clock.now(), effective, careful=careful)
            assert attempt(desks[other], what, name, by, effective) is done
            assert done or desks[0].publications() == before
        wanted = plain.in_force(clock.now()) or "a"
        for desk in desks:
            decision = desk.assign({"id": f"{number}-{desk is desks[0]}"})
            assert (decision.agent_id, decision.rules_version) == (wanted, RULES[wanted].version)
