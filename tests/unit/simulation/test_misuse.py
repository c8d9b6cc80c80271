"""Workloads, spans and solvers that are none: told in a sentence of the library's own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assignkit import Agent, ConfigurationError, Desk, RuleSet
from assignkit.optimise import solve
from assignkit.simulation import Workload, simulate


@pytest.mark.parametrize("rate", ["x", None, [1]], ids=repr)
def test_a_rate_is_a_number(rate: object) -> None:
    with pytest.raises(ConfigurationError, match="are numbers"):
        Workload.poisson(rate, 1)


@pytest.mark.parametrize("until", ["x", timedelta(hours=1), -1, float("nan")], ids=repr)
def test_a_span_is_a_number_of_seconds(until: object) -> None:
    with pytest.raises(ConfigurationError):
        simulate("least loaded", [Agent(id="a")], Workload.poisson(1, 1), seed=1, until=until)


def test_a_workload_is_made_by_the_library() -> None:
    with pytest.raises(ConfigurationError, match=r"made by Workload\.poisson"):
        simulate("least loaded", [Agent(id="a")], 5, seed=1, until=10)
    with pytest.raises(ConfigurationError, match="are rows"):
        Workload.from_rows(None)


def test_a_solver_is_one_and_has_a_number_of_seconds() -> None:
    desk = Desk(RuleSet.from_text('rule "A"\n  assign to team "East"'))
    with pytest.raises(ConfigurationError, match="optimise is True, or a solver"):
        desk.assign_many([{"id": "c1"}], optimise="x")
    with pytest.raises(ConfigurationError, match="time_limit is a number"):
        solve([[1]], time_limit="x")
