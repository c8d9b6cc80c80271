"""Time per choice against the number of agents: orders that keep agents sorted, the skill index, and plain scans."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from math import log2
from statistics import geometric_mean, median
from time import process_time
from typing import Self, TypeVar

from assignkit import Customer, Desk, ManualClock, MemoryStore, RuleSet
from assignkit.hashing import stable_hash
from assignkit.model.agent import Agent
from assignkit.model.customer import Location
from assignkit.model.placement import Rotation, Seat
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.place_index import PlaceIndex
from assignkit.strategies.registry import build_chain
from assignkit.strategies.skill_index import SkillIndex, Wish
from assignkit.strategies.standing import Standing
from benchmarks.report import Cell, Report

SIZES = tuple(100 * 2**doubling for doubling in range(11))  # 100 … 102,400
SCANNED = SIZES[:8]  # 100 … 12,800
AT_DESK = SIZES[:9]  # 100 … 25,600
FEWEST_CHOICES = 5_000
FEWEST_WALKS = 400
FEWEST_SCANS = 20
FEWEST_DECISIONS = 400
SCANNED_AGENTS = 40_000  # in all scans of one figure
RUNS = 3
TARGET = 1.2
CHURN = 0.3
SKILLS = tuple(f"skill {number}" for number in range(40))
SKILLS_EACH = 6
SEED = 20261121
START = datetime(2026, 11, 21, tzinfo=UTC)

A = TypeVar("A")  # what an index is asked for

Measure = Callable[[int], float]


@dataclass(frozen=True)
class Series:
    """One line of figures: microseconds per choice for a number of agents, at these sizes."""

    name: str
    micros: Measure
    sizes: Sequence[int] = SIZES


def run(*, quick: bool) -> Report:
    """Measure everything at all sizes; each figure is the median of several runs."""
    runs = 1 if quick else RUNS
    rows: list[list[Cell]] = []
    findings = []
    for series in _all_series():
        sizes = series.sizes[:3] if quick else series.sizes
        micros = [median(series.micros(size) for _ in range(runs)) for size in sizes]
        ratios = [later / earlier for earlier, later in pairwise(micros)]
        steps: list[Cell] = ["", *ratios]
        rows += [
            [series.name, size, each, each / log2(size), step]
            for size, each, step in zip(sizes, micros, steps, strict=True)
        ]
        findings.append(
            f"{series.name}: ×{geometric_mean(ratios):.2f} per doubling on average, ×{max(ratios):.2f} at most, "
            f"×{micros[-1] / micros[0]:.1f} from {sizes[0]:,} to {sizes[-1]:,} agents"
        )
    return Report(
        name="choosing",
        about=(
            "Processor time. One choice: the first of the standing line gets an item, is put back where it now "
            "belongs, and somebody else gives one back. *Churn*: with each choice, three times in ten, an agent "
            "leaves the line or returns "
            "to it. Every size is run for at least as many choices as there are agents, so that each round of a "
            "rotation is paid for. Python's collector passes over what the choices leave, not over the agents, who "
            "were there before.\n\n"
            f"`skill match` by the index: three wishes for {len(SKILLS)} skills, of which each agent has "
            f"{SKILLS_EACH}, and the two best agents are looked for; `nearest` likewise. *At a desk*: the whole of "
            "`Desk.assign`, in memory, with one team of that many agents: matching, choosing, committing. *Scan* is "
            "the naive twin, which ranks everybody; orders whose keys depend on who else is eligible always do, and "
            "note everybody's turn."
        ),
        columns=["order", "agents", "µs per choice", "µs / log2(agents)", "ratio per doubling"],
        rows=rows,
        target=f"twice the agents cost less than {TARGET} times where they stand sorted; less than twice by the index",
        findings=findings,
        seed=SEED,
        packages=["sortedcontainers"],
    )


def _all_series() -> list[Series]:
    return [
        *(Series(order, _standing(order)) for order in ("least loaded", "round robin", "weighted balance")),
        Series("longest idle", _standing("longest idle")),
        *(Series(f"{order}, churn", _standing(order, churn=CHURN)) for order in ("least loaded", "round robin")),
        Series("skill match, index", _skills_by_index),
        Series("nearest, index", _nearest_by_index),
        *(
            Series(f"{order}, at a desk", _at_desk(order), AT_DESK)
            for order in ("least loaded", "skill match", "nearest")
        ),
        Series("skill match, scan", _scan("skill match"), SCANNED),
        *(
            Series(f"{order}, scan", _scan(order), SCANNED)
            for order in ("nearest", "two choices", "fair share", "weighted round robin")
        ),
    ]


class _Stopwatch:
    """Times what is done within, per choice; Python's collector passes only over what that leaves behind.

    A pass over everything that was made before takes longer than hundreds of choices, and would fall into a figure or
    not as chance has it.
    """

    def __init__(self, choices: int) -> None:
        self._choices = choices
        self.micros = 0.0

    def __enter__(self) -> Self:
        gc.collect()
        gc.freeze()
        self._began = process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.micros = (process_time() - self._began) / self._choices * 1e6
        gc.unfreeze()


# --- agents who stand sorted


def _standing(order: str, *, churn: float = 0) -> Measure:
    def micros(size: int) -> float:
        dice = _dice()
        chain = build_chain([order])
        standing = chain.stand()
        agents = [_agent(number, dice) for number in range(size)]
        for agent in agents:
            standing.put(agent)
        choose = _turns(chain, standing) if chain.rotating else _loads(standing, agents, dice)
        away: dict[str, Candidate] = {}
        choices = max(FEWEST_CHOICES, size)
        with _Stopwatch(choices) as watch:
            for number in range(choices):
                choose(number)
                if churn and dice.random() < churn:
                    _come_or_go(standing, agents[int(dice.random() * size)], away)
        return watch.micros

    return micros


def _come_or_go(standing: Standing, agent: Candidate, away: dict[str, Candidate]) -> None:
    if away.pop(agent.agent_id, None) is not None:
        standing.put(agent)
    elif len(standing) > 1:
        standing.discard(agent.agent_id)
        away[agent.agent_id] = agent


def _loads(standing: Standing, agents: list[Candidate], dice: random.Random) -> Callable[[int], None]:
    """Return one choice by load or idleness: assign to the first, release from anybody who is there."""

    def choose(number: int) -> None:
        now = START + timedelta(seconds=number)
        winner = next(iter(standing))
        winner.load += 1
        winner.received += 1
        winner.idle_since = now
        standing.put(winner)
        giver = agents[int(dice.random() * len(agents))]
        if giver.load and giver.agent_id in standing:
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


# --- wishes, by the index


def _skills_by_index(size: int) -> float:
    index = build_chain(["skill match"]).index(_skills)
    return _by_index(index, index.walk, _wishes, size)


def _skills(candidate: Candidate) -> Mapping[str, float]:
    return {name: float(level) for name, level in candidate.agent.skills.items()}


def _wishes(dice: random.Random) -> list[Wish]:
    first, second, third = dice.sample(SKILLS, 3)
    return [Wish.at(first, dice.randint(1, 5), 5), Wish(second, 2), Wish.at(third, dice.randint(1, 5))]


# --- places, by the index


def _nearest_by_index(size: int) -> float:
    index = build_chain(["nearest", "least loaded"]).map()
    return _by_index(index, index.walk, _place, size)


def _place(dice: random.Random) -> Location:
    return dice.uniform(20, 50), dice.uniform(80, 130)


def _by_index(
    index: SkillIndex | PlaceIndex,
    walk: Callable[[A], Iterator[Candidate]],
    asked_of: Callable[[random.Random], A],
    size: int,
) -> float:
    dice = _dice()
    for number in range(size):
        index.put(_agent(number, dice))
    asked = [asked_of(dice) for _ in range(FEWEST_WALKS)]
    with _Stopwatch(len(asked)) as watch:
        for one in asked:
            winner, *_ = islice(walk(one), 2)
            winner.load += 1
            index.put(winner)
    return watch.micros


# --- whole decisions

RULES = """
rule "All"
  prefer agent.skills has customer.language at 3 weight 5
  prefer agent.skills has customer.industry weight 2
  prefer agent.skills has customer.city at 2
  assign to team "All" by {order}
"""


def _at_desk(order: str) -> Measure:
    def micros(size: int) -> float:
        dice = _dice()
        store = MemoryStore()
        desk = Desk(RuleSet.from_text(RULES.format(order=order)), store, clock=ManualClock(START), seed="seed")
        with store.unit():
            for number in range(size):
                store.agents.add(_agent(number, dice).agent.model_copy(update={"teams": frozenset(("All",))}))
        items = []
        for number in range(FEWEST_DECISIONS + 1):
            first, second, third = dice.sample(SKILLS, 3)
            wished = {"language": first, "industry": second, "city": third, "location": _place(dice)}
            items.append(Customer(id=number, **wished))
        desk.assign(items.pop())  # who is where is made ready
        with _Stopwatch(len(items)) as watch:
            for item in items:
                desk.assign(item)
        return watch.micros

    return micros


# --- everybody is ranked


def _scan(order: str) -> Measure:
    def micros(size: int) -> float:
        dice = _dice()
        chain = build_chain([order])
        agents = {agent.agent_id: agent for agent in (_agent(number, dice) for number in range(size))}
        for agent in agents.values():
            agent.seat = None
        rotation = Rotation(name="choosing")
        choices = max(FEWEST_SCANS, SCANNED_AGENTS // size)
        with _Stopwatch(choices) as watch:
            for number in range(choices):
                question = Question(f"c{number}", START, "seed", rotation, location=_place(dice))
                eligible = list(agents.values())
                if order == "skill match":
                    _prefer(eligible, _wishes(dice))
                winner = chain.rank(eligible, question)[0]
                winner.load += 1
                turn = chain.turn(winner, eligible, question)
                if turn is not None:
                    rotation = turn.rotation
                    for seat in turn.seats:
                        agents[seat.agent_id].seat = seat
        return watch.micros

    return micros


def _prefer(eligible: Sequence[Candidate], wishes: Sequence[Wish]) -> None:
    """Sum up everybody's preferences, as the index does for those whom it meets."""
    for candidate in eligible:
        has = candidate.agent.skills
        met = (int(wish.weight) * wish.degree(int(has[name])) for wish in wishes if (name := str(wish.trait)) in has)
        candidate.preference = sum(met)


def _dice() -> random.Random:
    return random.Random(SEED)  # noqa: S311 - a workload, not a secret


def _agent(number: int, dice: random.Random) -> Candidate:
    agent = _record(number)
    return Candidate(
        agent_id=agent.id,
        agent=agent,
        tie=stable_hash("seed", "choosing", agent.id),
        load=dice.randint(0, 20),
        capacity=dice.randint(20, 60),
        idle_since=START - timedelta(seconds=dice.randint(0, 10**6)),
        seat=Seat(agent_id=agent.id, turn=dice.randint(0, 1), last=0),
    )


@cache
def _record(number: int) -> Agent:
    """Return an agent, who is the same in all series: making them would take most of the time."""
    dice = random.Random(f"{SEED}/{number}")  # noqa: S311
    return Agent(
        id=f"agent {number}",
        weight=dice.randint(1, 5),
        skills={name: dice.randint(1, 5) for name in dice.sample(SKILLS, SKILLS_EACH)},
        location=_place(dice),
    )
