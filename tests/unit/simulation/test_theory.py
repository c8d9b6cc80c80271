"""Simulated queues against queueing theory: within three standard errors, and exactly where the law is exact."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignkit.model.agent import Agent
from assignkit.simulation import ItemClass, Run, Service, Workload, simulate
from assignkit.simulation.staffing import AgentsLike
from assignkit.simulation.theory import cobham, erlang_c, pollaczek_khinchine

SERVICE = 180.0
PUBLISHED = {
    11: (0.682118, 122.781, 0.389614),
    12: (0.449388, 40.445, 0.640158),
    13: (0.285270, 17.116, 0.795595),
    14: (0.174132, 7.836, 0.888350),
    15: (0.102042, 3.674, 0.941453),
}


def replicated(measure: Callable[[Run], float], runs: Sequence[Run], expected: float) -> float:
    """Return how many standard errors the mean of a measure is from what is expected."""
    found = [measure(run) for run in runs]
    return abs(fmean(found) - expected) / (stdev(found) / math.sqrt(len(found)))


def runs_of(
    order: str, agents: AgentsLike, workload: Workload, *, replications: int = 10, warm_up: float = 0
) -> list[Run]:
    return [
        simulate(order, agents, workload, seed=17, replication=number, warm_up=warm_up)
        for number in range(replications)
    ]


@pytest.mark.parametrize("servers", PUBLISHED)
def test_erlang_c_formula(servers: int) -> None:
    queue = erlang_c(servers, rate=10 / SERVICE, mean_service=SERVICE)
    waits, mean, level = PUBLISHED[servers]
    assert queue.probability_of_wait == pytest.approx(waits, abs=5e-7)
    assert queue.mean_wait == pytest.approx(mean, abs=5e-4)
    assert queue.service_level(20) == pytest.approx(level, abs=5e-7)


@pytest.mark.parametrize("servers", PUBLISHED)
def test_simulated_lines_agree_with_erlang_c(servers: int) -> None:
    agents = [Agent(id=f"a{number}", capacity={"customers": 1}) for number in range(servers)]
    workload = Workload.poisson(10 / SERVICE, SERVICE, arrivals=15_000)
    runs = runs_of("longest idle", agents, workload, warm_up=20 * SERVICE)
    waits, mean, level = PUBLISHED[servers]
    assert replicated(lambda run: run.probability_of_wait, runs, waits) < 3
    assert replicated(lambda run: run.mean_wait, runs, mean) < 3
    assert replicated(lambda run: run.service_level(20), runs, level) < 3
    assert replicated(lambda run: run.utilisation, runs, 10 / servers) < 3


@pytest.mark.parametrize("rates", [{1: 0.8, 0: 1.6}, {2: 0.4, 1: 0.8, 0: 1.2}])
def test_priorities_agree_with_cobham(rates: dict[float, float]) -> None:
    classes = [ItemClass(priority=priority, share=rate) for priority, rate in rates.items()]
    workload = Workload.poisson(sum(rates.values()), 1, classes=classes, arrivals=9_000)
    runs = runs_of("longest idle", 3, workload, warm_up=50)
    for priority, expected in cobham(3, rates=rates, mean_service=1).items():
        assert replicated(lambda run, of=priority: fmean(run.waits_of(of)), runs, expected) < 3  # type: ignore[misc]
    # The conservation law for several agents: with one mean of service times, classes share the wait of one line.
    line = erlang_c(3, rate=sum(rates.values()), mean_service=1).mean_wait
    shared = sum(rate * cobham(3, rates=rates, mean_service=1)[priority] for priority, rate in rates.items())
    assert shared / sum(rates.values()) == pytest.approx(line)
    assert replicated(lambda run: run.mean_wait, runs, line) < 3


def test_priorities_only_move_waiting_around() -> None:
    """Kleinrock's conservation law: Σ service × wait is the same in every order of service, in each single run."""
    mixed = [ItemClass(priority=1, share=1), ItemClass(priority=0, share=2)]
    plain = [ItemClass(name="one", share=1), ItemClass(name="other", share=2)]
    for service in ("exponential", "lognormal"):
        by_priority, in_order = (
            simulate("longest idle", 1, Workload.poisson(0.8, 1, service=service, classes=classes), seed=3, until=5_000)
            for classes in (mixed, plain)
        )
        assert weighted_waits(by_priority) == pytest.approx(weighted_waits(in_order), rel=1e-9)
        assert fmean(by_priority.waits_of(1)) < 0.8 * fmean(in_order.waits_of("one"))
        assert fmean(by_priority.waits_of(0)) > fmean(in_order.waits_of("other"))


def weighted_waits(run: Run) -> float:
    return math.fsum(service * wait for service, wait in zip(run.arrivals.services, run.waits, strict=True))


@pytest.mark.parametrize(
    ("service", "cv"),
    [
        (Service.fixed(1), 0.0),
        (Service.exponential(1), 1.0),
        (Service.lognormal(1, 1.5), 1.5),
        (Service.recorded([0.5, 0.5, 2]), math.sqrt(0.5)),
    ],
)
def test_one_agent_agrees_with_pollaczek_khinchine(service: Service, cv: float) -> None:
    workload = Workload.poisson(0.7, 1, service=service, arrivals=30_000)
    runs = runs_of("longest idle", 1, workload, warm_up=50)
    expected = pollaczek_khinchine(rate=0.7, mean_service=1, cv=cv)
    assert replicated(lambda run: run.mean_wait, runs, expected) < 3


def test_patience_agrees_with_erlang_a() -> None:
    rate, patience, servers = 3.0, 2.0, 3
    weights = [1.0]
    for present in range(200):  # birth and death: service in progress, and patience of those who wait
        weights.append(weights[-1] * rate / (min(present + 1, servers) + max(present + 1 - servers, 0) / patience))
    waiting = sum(weight * max(n - servers, 0) for n, weight in enumerate(weights)) / sum(weights)
    workload = Workload.poisson(rate, 1, mean_patience=patience, arrivals=8_000)
    runs = runs_of("longest idle", servers, workload, warm_up=20)
    assert replicated(lambda run: run.abandonment, runs, waiting / patience / rate) < 3
    waits = sum(weight for n, weight in enumerate(weights) if n >= servers) / sum(weights)
    assert replicated(lambda run: run.probability_of_wait, runs, waits) < 3


def test_choosing_better_shortens_waits() -> None:
    agents = [Agent(id=f"a{number}") for number in range(10)]
    workload = Workload.poisson(9, 1, arrivals=20_000)
    for seed in range(3):
        by_chance, by_two, by_load = (
            simulate(order, agents, workload, seed=seed).mean_wait
            for order in ("random", "two choices", "least loaded")
        )
        assert by_chance > 2 * by_two
        assert by_two > 1.5 * by_load


def test_random_choice_is_so_many_lines_of_their_own() -> None:
    """A split Poisson stream is Poisson: each agent is an M/M/1 of its own."""
    runs = runs_of("random", [f"a{number}" for number in range(4)], Workload.poisson(2.4, 1, arrivals=20_000))
    assert replicated(lambda run: run.mean_wait, runs, erlang_c(1, rate=0.6, mean_service=1).mean_wait) < 3


@st.composite
def workloads(draw: st.DrawFn) -> Workload:
    classes = [
        ItemClass(priority=draw(st.integers(0, 2)), skill=draw(st.sampled_from([None, "x", "y", "nobody"])))
        for _ in range(draw(st.integers(1, 3)))
    ]
    return Workload.poisson(
        draw(st.sampled_from([0.5, 2.0, 5.0])),
        1,
        service=draw(st.sampled_from(["fixed", "exponential", "lognormal"])),
        classes=classes,
        mean_patience=draw(st.sampled_from([None, 0.5, 3.0])),
        arrivals=draw(st.integers(0, 120)),
    )


@settings(max_examples=60)
@given(
    workloads(),
    st.sampled_from(["least loaded", "random", "round robin", "skill match", "two choices", "priority queue"]),
    st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.booleans()), min_size=1, max_size=4),
    st.integers(),
)
def test_littles_law_holds_in_every_run(
    workload: Workload, order: str, staff: list[tuple[int | None, bool]], seed: int
) -> None:
    agents = [
        Agent(
            id=f"a{number}",
            capacity={"customers": capacity} if capacity else {},
            skills={"x": 3, "y": 1} if skilled else {"y": 2},
        )
        for number, (capacity, skilled) in enumerate(staff)
    ]
    run = simulate(order, agents, workload, seed=seed)
    assert run.mean_in_system == pytest.approx(run.mean_in_system_by_law, rel=1e-9, abs=1e-12)
    assert sum(run.outcomes.values()) == len(run.arrivals)
    assert sum(run.counts.values()) == run.outcomes.get("served", 0)
    assert all(wait >= 0 for wait in run.waits)
    by_agent = sorted((run.trace.agent_of[item], run.trace.starts[item], run.trace.ends[item]) for item in run.served)
    for (one, _, end), (other, start, _) in pairwise(by_agent):
        assert one != other or start >= end  # nobody works on two items at once
