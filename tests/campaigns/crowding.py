"""Many processes at one desk, doing everything at once; the books are audited all the time, the rest after each round.

`crowd`: 32 processes on one rotation and on 64. `rooms`: 16 processes, agents with little room, who come and go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from tests.campaigns.auditing import BrokenPromiseError, audit
from tests.campaigns.crowds import Errand
from tests.campaigns.playing import Campaign, Place, Watcher
from tests.campaigns.scenes import MANY_ROTATIONS, ONE_ROTATION, SMALL_ROOMS, TURNS_ONLY, Scene
from tests.campaigns.turns import check_rotations, check_turns, check_views
from tests.campaigns.working import MIXED

COMING_AND_GOING: Mapping[str, int] = {**MIXED, "presence": 16, "switch": 4, "assign_new": 16, "release": 14}
ASSIGNING: Mapping[str, int] = {"assign": 20, "assign_new": 20, "presence": 4, "release": 4, "complete": 4}


def one_round(
    place: Place, scene: Scene, seed: int, *, size: int, operations: int, weights: Mapping[str, int]
) -> Counter[str]:
    """Let so many processes do so many operations each, and audit what they leave; return what they did."""
    tenant = place.tenant()
    with place.store(tenant) as store:
        scene.open(store)
        errand = Errand(place.url, tenant, scene.name, str(seed), operations, weights)
        with Watcher(place.tables(tenant)) as watcher:
            reports = place.crowd(size).at_once(errand)
        looks = watcher.looks()
        told = [id for report in reports for id in report.told]
        raw = [line for report in reports for line in report.raw]
        if raw:
            raise BrokenPromiseError(raw)
        capacities = scene.capacities
        events = audit(store, place.tables(tenant), agents=scene.people, capacities=capacities, told=told)
        found = [*check_rotations(store, events, teams=scene.teams), *check_views(events, agents=scene.people)]
        if "switch" not in weights:  # who is switched off and on leaves no event
            found += check_turns(events, agents=scene.people, teams=scene.teams)
        if found:
            raise BrokenPromiseError(found)
    done = sum((report.tally for report in reports), Counter[str]())
    return done + Counter(operations=size * operations, events=len(events), looks=looks)


def crowd(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Play one round of 32 processes, 8 in short: on one rotation or on 64."""
    scene = (ONE_ROTATION, MANY_ROTATIONS, TURNS_ONLY)[seed % 3]
    weights = ASSIGNING if scene is TURNS_ONLY else MIXED
    size, operations = (32, 8) if full else (6, 8)
    return one_round(place, scene, seed, size=size, operations=operations, weights=weights)


def rooms(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Play one round of 16 processes, 6 in short, among agents with room for 3 items, who come and go."""
    size, operations = (16, 8) if full else (6, 8)
    return one_round(place, SMALL_ROOMS, seed, size=size, operations=operations, weights=COMING_AND_GOING)


CROWD = Campaign("crowd", "32 processes on one rotation, and on 64", crowd, short_rounds=3)
ROOMS = Campaign("rooms", "16 processes, small capacities, agents who come and go", rooms)
