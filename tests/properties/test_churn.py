"""What rotations promise under churn; the long run is `python -m tests.soak.churn`."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice, pairwise
from pathlib import Path

import pytest

from assignkit.model.placement import Rotation, Seat
from assignkit.strategies.base import BaseOrder, Candidate, Question, Turn
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.round_robin import seat_state
from tests.soak.churn import CAMPAIGNS, CHURN, Bursts, PairGaps, Rotating, ShareErrors, comings_and_goings, dice

NAMES = [f"agent {number}" for number in range(10)]
ASSIGNMENTS = {
    "round robin": 50_000,
    "fair share": 20_000,
    "weighted": 10_000,
    "new weights": 4_000,
    "standing set": 2_000,
    "at a desk": 5_000,
}


@pytest.mark.parametrize(("name", "assignments"), ASSIGNMENTS.items())
def test_promises_are_kept_while_agents_come_and_go(name: str, assignments: int) -> None:
    broken = [str(verdict) for verdict in CAMPAIGNS[name](20261121, assignments) if not verdict.kept]

    assert broken == []
    assert set(ASSIGNMENTS) == set(CAMPAIGNS)


class CatchingUp(BaseOrder):
    """Fewest turns first: who returns catches up in one burst."""

    name = "catching up"
    rotating = True

    def key(self, candidate: Candidate, question: Question) -> int:  # noqa: ARG002
        return int(seat_state(candidate)[0])

    def turn(self, winner: Candidate, eligible: object, question: Question) -> Turn:  # type: ignore[override]  # noqa: ARG002
        seat = Seat(agent_id=winner.agent_id, turn=seat_state(winner)[0] + 1)
        return Turn(Rotation(name="r", decisions=question.rotation.decisions + 1), (seat,))


def test_a_burst_on_return_would_be_seen() -> None:
    desk = Rotating(OrderChain([CatchingUp()]), dict.fromkeys(NAMES, 1))
    gaps, bursts, errors = PairGaps(), Bursts(), ShareErrors(dict.fromkeys(NAMES, 1))
    for here in islice(comings_and_goings(dice(1), NAMES), 3000):
        winner = desk.choose(here)
        for check in (gaps, bursts, errors):
            check.see(here, winner)

    assert gaps.worst > 5
    assert bursts.worst > 5
    assert errors.worst > 5


def test_a_share_that_is_off_by_more_than_one_would_be_seen() -> None:
    weights, here = {"a": 1, "b": 1}, frozenset("ab")
    whole, prefixes = ShareErrors(weights), ShareErrors(weights, prefixes=True)
    for winner in "aabbb":
        whole.see(here, winner)
        prefixes.see(here, winner)

    assert (prefixes.worst, whole.worst) == (1, 1.5)


def test_about_a_third_of_the_agents_come_or_go_at_a_time_and_somebody_is_always_there() -> None:
    shifts = list(islice(comings_and_goings(dice(2), NAMES), 20_000))
    changes = [len(a ^ b) for a, b in pairwise(shifts) if a != b]

    assert all(shifts)
    assert changes.count(round(CHURN * len(NAMES))) > 0.8 * len(changes)
    assert max(changes) >= 4


def test_the_long_run_can_be_started_and_repeats() -> None:
    command = [sys.executable, "-m", "tests.soak.churn", "--assignments", "200", "--seed", "7"]
    root = Path(__file__).parents[2]
    runs = [subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout for _ in range(2)]

    told = [[line for line in run.splitlines() if not line.startswith("  ")] for run in runs]
    assert told[0] == told[1]
    assert told[0][0] == "seed 7"
    assert sum(line.startswith("kept") for line in told[0]) == 12
