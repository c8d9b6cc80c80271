"""Other simulators on M/M/c: `python queue_peers.py ENGINE RATE SERVERS ARRIVALS SEED`, in an environment of its own.

Imports nothing of ours. Prints the seconds that the run took, how many arrivals it had, and their mean wait, as JSON.
Both are written as their documentation shows, with nothing recorded beyond the waits.
"""

from __future__ import annotations

import json
import random
import sys
from time import process_time


def run_ciw(rate: float, servers: int, arrivals: int, seed: int) -> tuple[float, int, float]:
    """Ciw: one node, all records kept, as it always does."""
    import ciw  # noqa: PLC0415 - there only in its own environment

    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=rate)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[servers],
    )
    began = process_time()
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(arrivals, method="Finish")
    seconds = process_time() - began
    waits = [record.waiting_time for record in simulation.get_all_records()]
    return seconds, len(waits), sum(waits) / len(waits)


def run_simpy(rate: float, servers: int, arrivals: int, seed: int) -> tuple[float, int, float]:
    """SimPy: a resource, and a process for each item."""
    import simpy  # noqa: PLC0415 - there only in its own environment

    dice = random.Random(seed)  # noqa: S311 - a workload, not a secret
    waits: list[float] = []

    def item(world: simpy.Environment, agents: simpy.Resource):  # type: ignore[no-untyped-def] # noqa: ANN202
        came = world.now
        with agents.request() as turn:
            yield turn
            waits.append(world.now - came)
            yield world.timeout(dice.expovariate(1.0))

    def stream(world: simpy.Environment, agents: simpy.Resource):  # type: ignore[no-untyped-def] # noqa: ANN202
        for _ in range(arrivals):
            yield world.timeout(dice.expovariate(rate))
            world.process(item(world, agents))

    began = process_time()
    world = simpy.Environment()
    agents = simpy.Resource(world, capacity=servers)
    world.process(stream(world, agents))
    world.run()
    return process_time() - began, len(waits), sum(waits) / len(waits)


ENGINES = {"Ciw": run_ciw, "SimPy": run_simpy}


def main() -> None:
    """Run one engine as the command line says."""
    name, rate, servers, arrivals, seed = sys.argv[1:]
    seconds, count, wait = ENGINES[name](float(rate), int(servers), int(arrivals), int(seed))
    print(json.dumps({"seconds": seconds, "arrivals": count, "mean_wait": wait}))


if __name__ == "__main__":
    main()
