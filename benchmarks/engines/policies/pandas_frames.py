"""pandas: `numpy.select` for which rule matches, and a running number within each team for who gets the record.

That is the least loaded one as long as nobody carries anything before, and all have room.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

from engines.policies.workload import Workload
from engines.spelling import Condition


def prepare(workload: Workload) -> Callable[[], list[str]]:
    """Return what decides all records."""
    import numpy as np  # noqa: PLC0415 - there only in its own environment
    import pandas as pd  # noqa: PLC0415

    frame = pd.DataFrame.from_records(workload.records)
    members = {team: np.array(sorted(agents), dtype=object) for team, agents in workload.agents.items()}

    def decide() -> list[str]:
        tests = [reduce(and_, (_test(frame, condition) for condition in rule)) for rule in workload.rules]
        teams = pd.Series(np.select(tests, workload.teams[:-1], default=workload.teams[-1]))
        place = teams.groupby(teams).cumcount()
        agents = pd.Series(index=frame.index, dtype=object)
        for team, rows in teams.groupby(teams).groups.items():
            standing = members[str(team)]
            agents.loc[rows] = standing[place.loc[rows].to_numpy() % len(standing)]
        return [str(agent) for agent in agents]

    return decide


def _test(frame: Any, condition: Condition) -> Any:  # noqa: ANN401 - a frame, and a column of truth
    field, operator, value = condition
    return frame[field] == value if operator == "=" else frame[field] >= value
