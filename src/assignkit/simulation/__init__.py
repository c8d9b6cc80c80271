"""What a policy would do: runs of orders and rule sets over a workload, without a wall clock."""

from __future__ import annotations

from assignkit.simulation.arrivals import Arrivals, ItemClass
from assignkit.simulation.backtesting import Backtest, backtest
from assignkit.simulation.comparing import Comparison, compare
from assignkit.simulation.histories import Columns, Recorded, decided_in, read_recorded, recorded_in
from assignkit.simulation.queueing import Ageing
from assignkit.simulation.run import Run
from assignkit.simulation.services import Service
from assignkit.simulation.simulating import Policy, simulate
from assignkit.simulation.workload import Workload

__all__ = [
    "Ageing",
    "Arrivals",
    "Backtest",
    "Columns",
    "Comparison",
    "ItemClass",
    "Policy",
    "Recorded",
    "Run",
    "Service",
    "Workload",
    "backtest",
    "compare",
    "decided_in",
    "read_recorded",
    "recorded_in",
    "simulate",
]
