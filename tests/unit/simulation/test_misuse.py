"""Workloads, spans and solvers that are none: told in a sentence of the library's own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

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


@pytest.mark.parametrize(
    "mean", [None, "x", [], Decimal("sNaN"), float("nan"), 0, 10**400], ids=lambda mean: f"{mean!r:.9}"
)
def test_a_service_takes_a_number_of_seconds(mean: Any) -> None:  # noqa: ANN401 - whatever a caller gives
    with pytest.raises(ConfigurationError, match="above 0 and finite"):
        Workload.poisson(1, mean)


@pytest.mark.parametrize("agents", [None, 1.5, "li", b"li", {"id": "li"}, Agent(id="li")], ids=repr)
def test_agents_are_several(agents: Any) -> None:  # noqa: ANN401 - as above
    with pytest.raises(ConfigurationError, match="agents are a list of them"):
        simulate("least loaded", agents, Workload.poisson(1, 1), seed=1, until=10)


def test_agents_are_not_without_number() -> None:
    with pytest.raises(ConfigurationError, match="at most 1,000,000 alike agents"):
        simulate("least loaded", 10**400, Workload.poisson(1, 1), seed=1, until=10)


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
