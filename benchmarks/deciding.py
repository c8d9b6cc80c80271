"""Whole decisions per second: match, filter, choose, commit and history, beside a bare loop over the same rules."""

from __future__ import annotations

import gc
import heapq
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from statistics import median, quantiles
from time import process_time

from assignkit import Agent, Customer, Desk, ManualClock, MemoryStore, RuleSet
from benchmarks import deciding_peers
from benchmarks.report import Cell, Report

RULES, TEAMS, AGENTS = 100, 20, 200
ITEMS, RUNS = 20_000, 3
SEED = 20261121
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
AIMS = ("target per second", "target ratio")
OTHERWISE = "T0"
DAILY, CAPACITY = 200, 100_000
BARE = "bare loop over the same rules"
TARGETS = {"assign": (15_000, 0.15), "assign_many": (40_000, 0.4)}
PROVINCES = tuple(f"province {number}" for number in range(40))
INDUSTRIES = tuple(f"industry {number}" for number in range(25))


def run(*, quick: bool) -> Report:
    """Measure decisions one at a time, in one batch, and by a bare loop; each figure is the median of several runs."""
    items, runs = (1_000, 1) if quick else (ITEMS, RUNS)
    customers = _customers(items)
    rules = RuleSet.from_text(_rules())
    seconds: list[float] = []
    timed: dict[str, Callable[[], object]] = {
        BARE: lambda: _bare(rules, customers),
        "assign": lambda: _one_by_one(rules, customers, seconds),
        "assign_many": lambda: _in_a_batch(rules, customers),
    }
    rates: dict[str, list[float]] = {name: [] for name in timed}
    with _others(customers) as others:
        rates |= {name: [] for name in others}
        for _ in range(runs):
            for name, act in timed.items():  # side by side, so that a slow minute of the machine hits all of them
                gc.collect()  # what the one before has left is not this one's to clear away
                began = process_time()
                left = act()
                rates[name].append(items / (process_time() - began))
                del left  # off the clock: who decides keeps the desk, and what it decided
            for name, seconds_of in others.items():
                rates[name].append(items / seconds_of())
    middle = {name: median(found) for name, found in rates.items()}
    rows: list[list[Cell]] = [
        [name, round(rate), rate / middle[BARE], rate / middle[deciding_peers.BY_HAND], *TARGETS.get(name, ("", ""))]
        for name, rate in middle.items()
    ]
    waits = quantiles(seconds, n=1000)
    return Report(
        name="deciding",
        about=(
            f"{items:,} customers, {RULES} rules, {AGENTS} agents in {TEAMS} teams, capacity and daily limits, history "
            "on, explanations available afterwards, everything in memory. A bare loop matches, takes the agent with "
            "the least load from a heap per team, and appends to a list: no limits, no history, no reasons; one "
            "matches by our own rules, with their index, the other by a chain of `if`s over plain dicts, as one would "
            "write it by hand. business-rules tries the rules, and `min` finds the agent with the least load among "
            "those who have room. pandas and SQLite decide all at once, from what nobody has decided before: which "
            "rule matches, and the running number within the team, as nobody carries anything yet. None of these "
            "keeps a history or could say why. Timed by the processor's own clock, so that what else runs on the "
            "machine counts less."
        ),
        columns=["way", "decisions per second", "ratio to the bare loop", "ratio to the one by hand", *AIMS],
        rows=rows,
        target="one at a time 15,000 per second and 0.15 of the bare loop, in a batch 40,000 and 0.4",
        findings=[
            "one call of `assign` takes "
            + ", ".join(
                f"{1e6 * waits[place]:,.0f} µs ({name})"
                for name, place in (("median", 499), ("p90", 899), ("p99", 989), ("p99.9", 998))
            ),
            "the longest calls are those in which Python's garbage collector walks all that store and decisions keep",
        ],
        seed=SEED,
        packages=["pydantic"],
        details={"peers": deciding_peers.versions()},
    )


def _book() -> list[tuple[str, str, int, str]]:
    """Return a province, an industry, the fewest employees and a team for each rule but the last."""
    dice = random.Random(SEED)  # noqa: S311 - a workload, not a secret
    return [
        (dice.choice(PROVINCES), dice.choice(INDUSTRIES), dice.randint(0, 500), f"T{number % TEAMS}")
        for number in range(RULES - 1)
    ]


def _rules() -> str:
    told = [
        f'rule "R{number}"\n'
        f'  when customer.province = "{province}" and customer.industry = "{industry}"\n'
        f"    and customer.employees >= {employees}\n"
        f'  assign to team "{team}" by least loaded\n'
        f"  limit {DAILY} per day\n"
        for number, (province, industry, employees, team) in enumerate(_book())
    ]
    told.append(f'rule "Everyone else"\n  assign to team "{OTHERWISE}" by round robin\n')
    return "\n".join(told)


def _others(customers: list[Customer]) -> AbstractContextManager[dict[str, Callable[[], float]]]:
    """Return what decides the same customers by other means; a province passes for a country there."""
    records = [
        {"id": one.id, "country": one.province, "industry": one.industry, "employees": one.employees}
        for one in customers
    ]
    rules: list[tuple[list[deciding_peers.Condition], str]] = [
        ([("country", "=", province), ("industry", "=", industry), ("employees", ">=", employees)], team)
        for province, industry, employees, team in _book()
    ]
    return deciding_peers.others(records, rules, _teams(), otherwise=OTHERWISE, capacity=CAPACITY, daily=DAILY)


def _customers(count: int) -> list[Customer]:
    dice = random.Random(SEED + 1)  # noqa: S311 - a workload, not a secret
    return [
        Customer(
            id=f"c{number}",
            province=dice.choice(PROVINCES),
            industry=dice.choice(INDUSTRIES),
            employees=dice.randint(1, 1000),
        )
        for number in range(count)
    ]


def _teams() -> dict[str, list[str]]:
    return {f"T{team}": [f"a{number}" for number in range(team, AGENTS, TEAMS)] for team in range(TEAMS)}


def _agents() -> list[Agent]:
    of = {agent: team for team, members in _teams().items() for agent in members}
    agents = (f"a{number}" for number in range(AGENTS))
    return [Agent(id=agent, teams={of[agent]}, capacity={"customers": CAPACITY}) for agent in agents]


def _desk(rules: RuleSet) -> Desk:
    desk = Desk(rules, MemoryStore(), clock=ManualClock(NOW), seed="bench")
    for agent in _agents():
        desk.agents.add(agent)
    return desk


def _one_by_one(rules: RuleSet, customers: list[Customer], seconds: list[float]) -> object:
    """Decide the customers one at a time, and add the seconds that each call took; returns what is left."""
    desk = _desk(rules)
    kept = []
    for customer in customers:
        began = process_time()
        kept.append(desk.assign(customer))  # with what explains it, as in a batch
        seconds.append(process_time() - began)
    return desk, kept


def _in_a_batch(rules: RuleSet, customers: list[Customer]) -> object:
    """Decide the customers in one batch; returns what is left."""
    desk = _desk(rules)
    return desk, desk.assign_many(customers)


def _bare(rules: RuleSet, customers: list[Customer]) -> list[tuple[str, str, str]]:
    heaps = {team: [(0, agent) for agent in members] for team, members in _teams().items()}
    done = []
    for customer in customers:
        match = rules.match(customer)
        if match is not None:
            rule = match.rule
            heap = heaps[OTHERWISE if rule.name == "Everyone else" else f"T{int(rule.name[1:]) % TEAMS}"]
            load, agent = heap[0]
            heapq.heapreplace(heap, (load + 1, agent))
            done.append((customer.id, agent, rule.name))
    return done
