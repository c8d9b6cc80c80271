"""What arrives: rates, mixtures, records; the same items for every policy."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import fmean, pstdev

import pytest

from assignkit.errors import ConfigurationError
from assignkit.rules.ruleset import RuleSet
from assignkit.simulation import ItemClass, Service, Workload, simulate


def test_rate_and_service_are_what_was_asked_for() -> None:
    drawn = Workload.poisson(2, 3, arrivals=40_000).draw(seed=1)
    gaps = [b - a for a, b in zip(drawn.times, drawn.times[1:], strict=False)]
    assert fmean(gaps) == pytest.approx(0.5, rel=0.02)
    assert pstdev(gaps) == pytest.approx(0.5, rel=0.03)
    assert fmean(drawn.services) == pytest.approx(3, rel=0.02)


def test_log_normal_times_have_the_mean_and_spread_that_were_asked_for() -> None:
    drawn = Workload.poisson(1, 10, service="lognormal", cv=0.5, arrivals=40_000).draw(seed=1)
    assert fmean(drawn.services) == pytest.approx(10, rel=0.02)
    assert pstdev(drawn.services) == pytest.approx(5, rel=0.03)


def test_an_end_cuts_the_stream_where_it_is() -> None:
    long, short = (Workload.poisson(1, 1).draw(seed=1, until=until) for until in (1_000, 100))
    assert long.times[: len(short)] == short.times
    assert short.times[-1] < 100 <= long.times[len(short)]
    assert len(Workload.poisson(1, 1, arrivals=10).draw(seed=1, until=5).times) <= 10


def test_rates_change_when_they_should() -> None:
    workload = Workload.varying([(0, 1), (100, 0), (200, 5)], 1, period=300)
    times = workload.draw(seed=2, until=30_000).times
    phases = [time % 300 for time in times]
    assert sum(phase < 100 for phase in phases) == pytest.approx(10_000, rel=0.03)
    assert sum(100 <= phase < 200 for phase in phases) == 0
    assert sum(phase >= 200 for phase in phases) == pytest.approx(50_000, rel=0.02)
    assert list(times) == sorted(times)
    ending = Workload.varying([(0, 5), (100, 0)], 1).draw(seed=2)
    assert ending.times[-1] < 100
    resting = Workload.varying([(0, 0), (50, 1)], 1, period=60).draw(seed=2, until=600).times
    assert all(time % 60 >= 50 for time in resting)
    assert len(resting) > 50


def test_classes_come_in_their_shares_with_their_own_times() -> None:
    classes = [ItemClass(name="short", share=3, mean_service=1), ItemClass(name="long", share=1, mean_service=9)]
    drawn = Workload.poisson(1, 5, classes=classes, arrivals=20_000).draw(seed=1)
    assert drawn.class_of is not None
    short = [time for time, of in zip(drawn.services, drawn.class_of, strict=True) if of == 0]
    assert len(short) == pytest.approx(15_000, rel=0.03)
    assert fmean(short) == pytest.approx(1, rel=0.03)
    only = Workload.poisson(1, 5, classes=classes[1:], arrivals=5_000).draw(seed=1)
    assert fmean(only.services) == pytest.approx(9, rel=0.05)


def test_what_is_added_changes_nothing_else() -> None:
    """Common random numbers: each aspect has its own."""
    plain = Workload.poisson(1, 1, arrivals=100).draw(seed=7)
    impatient = Workload.poisson(1, 1, arrivals=100, mean_patience=1).draw(seed=7)
    fixed = Workload.poisson(1, 1, arrivals=100, service="fixed").draw(seed=7)
    assert plain.times == impatient.times == fixed.times
    assert plain.services == impatient.services
    assert plain.times != Workload.poisson(1, 1, arrivals=100).draw(seed=7, replication=1).times


def test_rows_are_served_as_they_came() -> None:
    start = datetime(2026, 11, 21, 9, tzinfo=UTC)
    rows = [
        {"id": 7, "arrival": start + timedelta(seconds=5), "service": 2, "province": "Hebei", "priority": 2},
        {"id": 3, "arrival": start, "service": 10, "province": "Beijing", "skill": "zh"},
    ]
    workload = Workload.from_rows(rows)
    drawn = workload.draw(seed=0)
    assert workload.start == start
    assert drawn.times == [0, 5]
    assert drawn.ids == ["3", "7"]
    assert drawn.fields_at(0) == {"province": "Beijing"}
    assert drawn.fields_at(1) == {"province": "Hebei", "priority": 2}
    assert drawn.class_at(0).skill == "zh"
    run = simulate("longest idle", [{"id": "a", "skills": {"zh": 1}, "capacity": {"customers": 1}}], workload, seed=0)
    assert run.waits == [0, 5]
    assert simulate("random", 1, Workload.from_rows([(0, 2), (1, 2), (9, 1)]), seed=0, until=5).waits == [0, 1]


def test_time_at_work_is_told_of_all_and_of_each() -> None:
    rows = [(0, 6, {"province": "East"}), (2, 2, {"province": "West"}), (8, 10, {"province": "West"})]
    rules = """
    rule "East" when customer.province = "East" assign to agent "e"
    rule "West" when customer.province = "West" assign to agent "w"
    """
    agents = [{"id": id, "capacity": {"customers": 1}} for id in ("e", "w")]
    run = simulate(RuleSet.from_text(rules), agents, Workload.from_rows(rows), seed=0, until=10)
    assert run.utilisation_by_agent == {
        "e": 0.6,
        "w": pytest.approx(0.4),
    }  # w goes on after the end, which is not counted
    assert run.utilisation == 0.5


def test_no_rows_are_an_empty_run() -> None:
    run = simulate("random", 2, Workload.from_rows([]), seed=0)
    assert run.waits == []
    assert math.isnan(run.mean_wait)
    assert math.isnan(run.probability_of_wait)
    assert math.isnan(run.utilisation)
    assert (run.jain, run.gini) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"service": 1}, "row 2 has no `arrival`"),
        ({"arrival": 1}, "row 2 has no `service`"),
        ({"arrival": 1, "service": -1}, "row 2: `service` is -1"),
        ({"arrival": 1, "service": "x"}, "row 2: `service` is 'x'"),
        ({"arrival": float("nan"), "service": 1}, "row 2: `arrival`"),
        ({"arrival": datetime(2026, 1, 1), "service": 1}, "row 1: arrivals are all seconds"),  # noqa: DTZ001
        ("row", "row 2 is neither"),
        ((1, 2, 3, 4), "row 2 is neither"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(row: object, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        Workload.from_rows([{"arrival": 0, "service": 1}, row])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Workload.poisson(0, 1),
        lambda: Workload.poisson(-1, 1),
        lambda: Workload.poisson(1, 0),
        lambda: Workload.poisson(1, math.inf),
        lambda: Workload.poisson(1, 1, service="normal"),
        lambda: Workload.poisson(1, 1, mean_patience=0),
        lambda: Workload.poisson(1, 1, classes=[ItemClass(share=0)]),
        lambda: Workload.poisson(1, 1, classes=[ItemClass(mean_service=-1)]),
        lambda: Workload.varying([(1, 1)], 1),
        lambda: Workload.varying([(0, 1), (0, 2)], 1),
        lambda: Workload.varying([(0, 1), (10, 2)], 1, period=5),
        lambda: Service.recorded([]),
        lambda: Workload().draw(seed=1),
    ],
)
def test_workloads_that_make_no_sense_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ConfigurationError):
        make()
