"""Time per choice against the number of agents, for the orders that keep agents sorted between decisions."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import log2
from statistics import geometric_mean, median
from time import perf_counter

from assignkit.hashing import stable_hash
from assignkit.model.agent import Agent
from assignkit.model.placement import Rotation, Seat
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.registry import build_chain
from assignkit.strategies.standing import Standing
from benchmarks.report import Cell, Report

ORDERS = ("least loaded", "round robin", "weighted balance", "longest idle")
SIZES = tuple(100 * 2**doubling for doubling in range(11))  # 100 … 102,400
FEWEST_CHOICES = 5_000
RUNS = 3
TARGET = 1.2
SEED = 20261121
START = datetime(2026, 11, 21, tzinfo=UTC)


def run(*, quick: bool) -> Report:
    """Measure all orders at all sizes; each figure is the median of several runs."""
    sizes, runs = (SIZES[:3], 1) if quick else (SIZES, RUNS)
    rows: list[list[Cell]] = []
    findings = []
    for order in ORDERS:
        micros = [median(_micros_per_choice(order, size) for _ in range(runs)) for size in sizes]
        ratios = [later / earlier for earlier, later in pairwise(micros)]
        steps: list[Cell] = ["", *ratios]
        rows += [
            [order, size, each, each / log2(size), step] for size, each, step in zip(sizes, micros, steps, strict=True)
        ]
        findings.append(
            f"{order}: ×{geometric_mean(ratios):.2f} per doubling on average, ×{max(ratios):.2f} at most, "
            f"×{micros[-1] / micros[0]:.1f} from {sizes[0]:,} to {sizes[-1]:,} agents"
        )
    return Report(
        name="choosing",
        about=(
            "One choice: the first of the standing line gets an item, is put back where it now belongs, and somebody "
            "else gives one back. Every size is run for at least as many choices as there are agents, so that each "
            "round of a rotation is paid for."
        ),
        columns=["order", "agents", "µs per choice", "µs / log2(agents)", "ratio per doubling"],
        rows=rows,
        target=f"twice the agents cost less than {TARGET} times",
        findings=findings,
        seed=SEED,
        packages=["sortedcontainers"],
    )


def _micros_per_choice(order: str, size: int) -> float:
    dice = random.Random(SEED)  # noqa: S311 - a workload, not a secret
    chain = build_chain([order])
    standing = chain.stand()
    agents = [_agent(number, dice) for number in range(size)]
    for agent in agents:
        standing.put(agent)
    choose = _turns(chain, standing) if chain.rotating else _loads(standing, agents, dice)
    choices = max(FEWEST_CHOICES, size)
    began = perf_counter()
    for number in range(choices):
        choose(number)
    return (perf_counter() - began) / choices * 1e6


def _agent(number: int, dice: random.Random) -> Candidate:
    agent = Agent(id=f"agent {number}", weight=dice.randint(1, 5))
    return Candidate(
        agent_id=agent.id,
        agent=agent,
        tie=stable_hash("seed", "choosing", agent.id),
        load=dice.randint(0, 20),
        capacity=dice.randint(20, 60),
        idle_since=START - timedelta(seconds=dice.randint(0, 10**6)),
        seat=Seat(agent_id=agent.id, turn=dice.randint(0, 1), last=0),
    )


def _loads(standing: Standing, agents: list[Candidate], dice: random.Random) -> Callable[[int], None]:
    """Return one choice by load or idleness: assign to the first, release from anybody."""

    def choose(number: int) -> None:
        now = START + timedelta(seconds=number)
        winner = next(iter(standing))
        winner.load += 1
        winner.received += 1
        winner.idle_since = now
        standing.put(winner)
        giver = agents[int(dice.random() * len(agents))]
        if giver.load:
            giver.load -= 1
            giver.idle_since = now
            standing.put(giver)

    return choose


def _turns(chain: OrderChain, standing: Standing) -> Callable[[int], None]:
    """Return one choice by turns: assign to the first, and let the rotation go on."""
    rotation = Rotation(name="choosing")

    def choose(number: int) -> None:
        nonlocal rotation
        winner = next(iter(standing))
        turn = chain.turn(winner, (), Question(f"c{number}", START, "seed", rotation))
        if turn is not None:
            rotation = turn.rotation
            winner.seat = turn.seats[0]
        standing.put(winner)
        standing.raise_floor(rotation.level)

    return choose
