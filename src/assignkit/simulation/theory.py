"""What queueing theory says, for workloads simple enough to have a formula: to check simulations, and to plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assignkit.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue in its steady state: the chance to wait, the mean wait of all, and how fast the line moves."""

    probability_of_wait: float
    mean_wait: float
    drain_rate: float

    def service_level(self, seconds: float) -> float:
        """Return the part whose service begins within `seconds`."""
        return 1 - self.probability_of_wait * math.exp(-self.drain_rate * seconds)


def erlang_c(servers: int, *, rate: float, mean_service: float) -> Queue:
    """Return M/M/c: Poisson arrivals, exponential service, `servers` agents, one line (A. K. Erlang 1917).

    Raises `ConfigurationError` where more arrives than can be served.

    >>> queue = erlang_c(11, rate=10 / 180, mean_service=180)
    >>> round(queue.probability_of_wait, 6), round(queue.mean_wait, 3), round(queue.service_level(20), 6)
    (0.682118, 122.781, 0.389614)
    """
    load = _load(servers, rate, mean_service)
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    waits = blocked / (1 - load / servers * (1 - blocked))
    drain = servers / mean_service - rate
    return Queue(waits, waits / drain, drain)


def cobham(servers: int, *, rates: Mapping[float, float], mean_service: float) -> dict[float, float]:
    """Return the mean wait of each priority (higher first, work is never interrupted), of M/M/c with one service time.

    A. Cobham: "Priority assignment in waiting line problems", Operations Research 2, 1954.

    >>> waits = cobham(1, rates={1: 0.3, 0: 0.3}, mean_service=1)
    >>> round(waits[1], 4), round(waits[0], 4)
    (0.8571, 2.1429)
    """
    total = math.fsum(rates.values())
    queue = erlang_c(servers, rate=total, mean_service=mean_service)
    whole = queue.probability_of_wait * mean_service / servers
    found: dict[float, float] = {}
    above = 0.0
    for priority in sorted(rates, reverse=True):
        upto = above + rates[priority] * mean_service / servers
        found[priority] = whole / ((1 - above) * (1 - upto))
        above = upto
    return found


def pollaczek_khinchine(*, rate: float, mean_service: float, cv: float) -> float:
    """Return the mean wait of M/G/1; `cv` is the standard deviation of service times as a part of their mean.

    >>> pollaczek_khinchine(rate=0.5, mean_service=1, cv=0), pollaczek_khinchine(rate=0.5, mean_service=1, cv=1)
    (0.5, 1.0)
    """
    load = _load(1, rate, mean_service)
    return load * mean_service * (1 + cv * cv) / (2 * (1 - load))


def _load(servers: int, rate: float, mean_service: float) -> float:
    load = rate * mean_service
    if not 0 < load < servers:
        msg = f"{load:g} agents' worth of work cannot be done by {servers}: there is no steady state"
        raise ConfigurationError(msg)
    return load
