"""A bare loop: a chain of `if`s, a heap for each team, and a list. No limits, no history, no reasons."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from engines.by_hand import chain_of_one
from engines.policies.workload import Workload


def prepare(workload: Workload) -> Callable[[], list[str]]:
    """Return what decides all records."""
    first = chain_of_one(workload.rules)
    heaps = {team: [(0, agent) for agent in sorted(members)] for team, members in workload.agents.items()}
    by_rule = [heaps[team] for team in workload.teams]

    def decide() -> list[str]:
        done = []
        for record in workload.records:
            number = first(record)
            heap = by_rule[number]
            load, agent = heap[0]
            heapq.heapreplace(heap, (load + 1, agent))
            done.append((record["id"], agent, number))
        return [agent for _, agent, _ in done]

    return decide
