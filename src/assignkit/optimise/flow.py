"""Transportation problems as flows: from the items through the agents into one sink. The only user of ortools."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from assignkit.optimise.problem import Indices


def min_cost_flow(cost: Indices, allowed: NDArray[np.bool_], slots: Indices) -> Indices | None:
    """Return each item's agent in the cheapest flow (Goldberg 1997: cost scaling push-relabel), or None."""
    items, agents = cost.shape
    if allowed.all():
        item, agent = np.repeat(np.arange(items), agents), np.tile(np.arange(agents), items)
        costs = cost.ravel()
    else:
        item, agent = np.nonzero(allowed)
        costs = cost[item, agent]
    sink = items + agents
    network = SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(item, items + agent, np.ones_like(item), costs)
    places = np.arange(items, sink)
    network.add_arcs_with_capacity_and_unit_cost(places, np.full(agents, sink), slots, np.zeros(agents, dtype=np.int64))
    network.set_nodes_supplies(np.append(np.arange(items), sink), np.append(np.ones(items, dtype=np.int64), -items))
    if network.solve() != network.OPTIMAL:
        return None
    chosen = network.flows(arcs) > 0
    found = np.empty(items, dtype=np.int64)
    found[item[chosen]] = agent[chosen]
    return found
