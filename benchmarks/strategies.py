"""All orders on three realistic workloads: who waits, who works, how even it is. Answers a question; races nobody."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from statistics import fmean

from assignkit import Agent
from assignkit.reporting.fairness import jain
from assignkit.reporting.intervals import mean_interval
from assignkit.simulation import ItemClass, Run, Workload, simulate
from assignkit.strategies.nearest import distance_km
from assignkit.strategies.registry import BUILT_IN
from benchmarks.report import Cell, Report

SEED = 20261121
REPLICATIONS = 5
HOUR = 3600.0
START = datetime(2026, 1, 5, tzinfo=UTC)
ORDERS = tuple(name for name in BUILT_IN if name not in ("highest", "lowest"))  # those two need an expression


@dataclass(frozen=True, slots=True)
class Scene:
    """One workload with its agents; `until` is how long items come, in seconds."""

    name: str
    agents: tuple[Agent, ...]
    workload: Workload
    until: float


def run(*, quick: bool) -> Report:
    """Simulate every order on every workload; all orders serve the same items."""
    replications = 1 if quick else REPLICATIONS
    rows: list[list[Cell]] = []
    findings = []
    for scene in _scenes(quick=quick):
        found = {order: _runs(scene, order, replications) for order in ORDERS}
        waits = {order: fmean(run.mean_wait for run in runs) for order, runs in found.items()}
        ranked = sorted(ORDERS, key=lambda name: waits[name])
        rows += [[scene.name, order, *_figures(scene, found[order])] for order in ranked]
        least = min(waits.values())
        best = " and ".join(name for name in ORDERS if waits[name] == least)  # without skills, some are the same
        findings.append(f"{scene.name}: shortest waits by {best}, {least / 60:.1f} minutes on average")
    return Report(
        name="strategies",
        about=(
            "Leads: 24 an hour at noon and 4 at night, German, English or Chinese, 40 minutes each (log-normal); 18 "
            "agents with one to three languages, shifts and weights, each with up to 5 leads; a lead that hears "
            "nothing within about 4 hours goes elsewhere. Tickets: 30 an hour, one in ten urgent, 20 minutes each; 12 "
            "agents with up to 4 tickets each, of which urgent ones go first. Territory: 60 accounts a day at places "
            "in a square of 800 km, 3 hours each; 10 agents at places of their own, with targets for the month and "
            "ratings. All orders serve the same items. Half width: of the 95 % interval of the mean wait. Evenness is "
            "Jain's index of items per agent, and of items per weight."
        ),
        columns=[
            "workload",
            "order",
            "mean wait, min",
            "half width",
            "nine in ten, min",
            "served",
            "level of skill",
            "km",
            "even by count",
            "even by weight",
        ],
        rows=rows,
        target="none: which order is best depends on what is wanted",
        findings=findings,
        seed=SEED,
    )


def _runs(scene: Scene, order: str, replications: int) -> list[Run]:
    return [
        simulate(order, scene.agents, scene.workload, seed=SEED, until=scene.until, replication=number)
        for number in range(replications)
    ]


def _figures(scene: Scene, runs: list[Run]) -> list[Cell]:
    waits = mean_interval([run.mean_wait / 60 for run in runs])
    quality = fmean(run.match_quality for run in runs)
    return [
        waits.mean,
        "–" if isnan(waits.half_width) else round(waits.half_width, 2),
        fmean(run.percentile(90) / 60 for run in runs),
        f"{fmean(len(run.served) / len(run.counted) for run in runs):.1%}",
        "–" if isnan(quality) else round(quality, 2),
        _distance(scene, runs),
        fmean(run.jain for run in runs),
        fmean(_even_by_weight(scene, run.counts) for run in runs),
    ]


def _distance(scene: Scene, runs: list[Run]) -> Cell:
    """Return the mean distance between agents and the places of their items, where items have one."""
    places = {agent.id: agent.location for agent in scene.agents}
    found = []
    for run in runs:
        for item in run.served:
            there, here = run.arrivals.fields_at(item).get("location"), places[run.agents[run.trace.agent_of[item]]]
            if there is not None and here is not None:
                found.append(distance_km(there, here))
    return round(fmean(found)) if found else "–"


def _even_by_weight(scene: Scene, counts: Mapping[str, int]) -> float:
    return jain(counts[agent.id] / float(agent.weight) for agent in scene.agents)


def _scenes(*, quick: bool) -> list[Scene]:
    return [_leads(quick=quick), _tickets(quick=quick), _territory(quick=quick)]


def _leads(*, quick: bool) -> Scene:
    skills: list[dict[str, int]] = [{"zh": 5}, {"en": 4, "zh": 2}, {"de": 5, "en": 3}]
    skills += [{"en": 5}, {"zh": 4, "en": 3, "de": 1}, {"de": 3}]
    shifts = ["mon-sun 00:00-12:00", "mon-sun 08:00-20:00", "mon-sun 12:00-24:00"]
    agents = tuple(
        Agent(
            id=f"agent {number + 1:02}",
            skills=skills[number % 6],
            shifts=shifts[number % 3],
            weight=1 + number % 2,
            capacity={"customers": 5},
            rating=3 + number % 3,
            rated=20,
            quota=100 + 20 * (number % 4),
        )
        for number in range(18)
    )
    classes = [
        ItemClass(name="zh", share=5, skill="zh"),
        ItemClass(name="en", share=3, skill="en"),
        ItemClass(name="de", share=2, skill="de"),
    ]
    workload = Workload.varying(
        [(0, 4 / HOUR), (7 * HOUR, 14 / HOUR), (11 * HOUR, 24 / HOUR), (14 * HOUR, 12 / HOUR), (21 * HOUR, 4 / HOUR)],
        40 * 60,
        period=24 * HOUR,
        service="lognormal",
        cv=0.8,
        classes=classes,
        mean_patience=4 * HOUR,
        start=START,
    )
    return Scene("leads", agents, workload, (1 if quick else 14) * 24 * HOUR)


def _tickets(*, quick: bool) -> Scene:
    agents = tuple(
        Agent(
            id=f"agent {number + 1:02}",
            capacity={"customers": 4},
            weight=1 + number % 3,
            rating=3 + number % 3,
            rated=20,
            quota=200 + 50 * (number % 3),
        )
        for number in range(12)
    )
    classes = [ItemClass(name="urgent", share=1, priority=2), ItemClass(name="plain", share=9)]
    workload = Workload.poisson(30 / HOUR, 20 * 60, service="lognormal", cv=1.2, classes=classes, start=START)
    return Scene("tickets", agents, workload, (1 if quick else 10) * 24 * HOUR)


def _territory(*, quick: bool) -> Scene:
    dice = random.Random(SEED)  # noqa: S311 - a workload, not a secret
    agents = tuple(
        Agent(
            id=f"agent {number + 1:02}",
            location=(30 + 8 * dice.random(), 110 + 8 * dice.random()),
            quota=20 + 10 * (number % 3),
            weight=2 + number % 3,
            rating=2 + number % 4,
            rated=30,
        )
        for number in range(10)
    )
    places = [(30 + 8 * dice.random(), 110 + 8 * dice.random()) for _ in range(200)]
    classes = [ItemClass(fields={"location": place}) for place in places]
    workload = Workload.poisson(60 / (24 * HOUR), 3 * HOUR, service="lognormal", cv=0.6, classes=classes, start=START)
    return Scene("territory", agents, workload, (5 if quick else 90) * 24 * HOUR)
