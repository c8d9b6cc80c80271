"""`simulate`: one policy, one workload, one run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from numbers import Real

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say
from assignkit.model.agent import Agent
from assignkit.rules.ruleset import RuleSet
from assignkit.simulation.alike import Progress, serve_alike
from assignkit.simulation.arrivals import Arrivals
from assignkit.simulation.asking import build_picker
from assignkit.simulation.at_desk import DeskEngine
from assignkit.simulation.events import EventEngine
from assignkit.simulation.queueing import Ageing
from assignkit.simulation.run import Run
from assignkit.simulation.staffing import AgentsLike, Server, read_agents, staff
from assignkit.simulation.tracing import Trace
from assignkit.simulation.workload import Workload
from assignkit.strategies.base import Order

Policy = RuleSet | Order | str | Sequence[str]

DEFAULT_START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday; nothing here reads the wall clock


def simulate(
    rules_or_order: Policy,
    agents: AgentsLike,
    workload: Workload,
    *,
    seed: int | str,
    until: float | None = None,
    warm_up: float = 0.0,
    replication: int = 0,
    kind: str | None = None,
    ageing: Ageing | None = None,
    progress: Progress | None = None,
) -> Run:
    """Return what happens when the agents serve the workload under a policy: a `RuleSet`, or an order.

    An order is a name (`least loaded`, `skill match then longest idle`), several names, or an object with `key`. Every
    agent works on one item at a time and holds as many as its capacity says; without a capacity, any number. So agents
    with a capacity of 1 serve one common line, and agents without one have a line each. `agents` may be a number of
    alike agents with a capacity of 1. A `RuleSet` runs on a real desk, with a store in memory and a clock of its own.

    Arrivals end at `until` seconds (or as the workload says), and all of them are followed to their end. Those of the
    first `warm_up` seconds do not count. The same `seed` and `replication` draw the same items for every policy.
    `kind` is which of an agent's capacities counts, by default what the rules are for. Orders let waiting raise
    priorities as `ageing` says. Raises `ConfigurationError`, `UnknownStrategyError`, and `RuleError`'s subclasses.
    """
    _check_span(until, warm_up)
    _check_workload(workload)
    people = read_agents(agents)
    arrivals = workload.draw(seed=seed, until=until, replication=replication)
    start = workload.start or DEFAULT_START
    if isinstance(rules_or_order, RuleSet):
        desk_seed = f"{seed}/{replication}"  # items are called alike in each replication: draws must not be
        trace = _at_desk(rules_or_order, people, arrivals, kind=kind, seed=desk_seed, start=start, progress=progress)
    else:
        servers = staff(people, kind)
        picker = build_picker(rules_or_order, servers, seed=f"{seed}/{replication}", start=start, arrivals=arrivals)
        if arrivals.alike and all(server.always_there for server in servers):
            trace = serve_alike(arrivals, picker, progress=progress)
        else:
            engine = EventEngine(arrivals, picker, start=start, ageing=ageing or Ageing())
            trace = engine.run(progress=progress)
    horizon = until if until is not None else (arrivals.times[-1] if len(arrivals) else 0.0)
    return Run(arrivals, tuple(agent.id for agent in people), trace, warm_up, horizon)


def _at_desk(
    rules: RuleSet,
    people: Sequence[Agent],
    arrivals: Arrivals,
    *,
    kind: str | None,
    seed: str,
    start: datetime,
    progress: Progress | None,
) -> Trace:
    settled = kind or _kind_of(rules)
    servers: list[Server] = staff(people, settled)
    return DeskEngine(rules, arrivals, servers, kind=settled, seed=seed, start=start).run(progress=progress)


def _kind_of(rules: RuleSet) -> str:
    """Return the kind of item that the rules are for; `ConfigurationError` if they are for several."""
    kinds = sorted({rule.kind for rule in rules.rules})
    if len(kinds) > 1:
        msg = say("error.several_kinds", kinds=" and ".join(kinds))
        raise ConfigurationError(msg)
    return kinds[0] if kinds else "customers"


def _check_workload(workload: object) -> None:
    if not isinstance(workload, Workload):
        msg = f"a workload is made by Workload.poisson, .varying or .from_rows, and is no {type(workload).__name__}"
        raise ConfigurationError(msg)


def _check_span(until: object, warm_up: object) -> None:
    end = math.inf if until is None else float(until) if isinstance(until, Real) else math.nan
    if not end > 0:
        msg = say("error.until_above_zero", until=repr(until))
        raise ConfigurationError(msg)
    if not (isinstance(warm_up, Real) and 0 <= float(warm_up) < end):
        msg = say("error.warm_up", warm_up=repr(warm_up))
        raise ConfigurationError(msg)
