"""Measures against published figures and plain definitions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.errors import ConfigurationError
from assignkit.reporting.fairness import gini, jain, shares
from assignkit.reporting.intervals import difference_interval, mean_interval, student_quantile
from assignkit.reporting.quotas import largest_remainder, sainte_lague
from assignkit.reporting.waits import WaitSummary, percentile, service_level

HONIKEL = {"a": 6100, "b": 5000, "c": 900}
BALINSKI_YOUNG = {"a": 5117, "b": 4400, "c": 162, "d": 161, "e": 160}

amounts = st.lists(st.integers(0, 10**6), min_size=1, max_size=20)


def test_published_quotas() -> None:
    assert list(largest_remainder(HONIKEL, 10).values()) == [5, 4, 1]
    assert list(sainte_lague(HONIKEL, 10).values()) == [5, 4, 1]
    assert list(largest_remainder(BALINSKI_YOUNG, 100).values()) == [51, 44, 2, 2, 1]
    assert list(sainte_lague(BALINSKI_YOUNG, 100).values()) == [51, 43, 2, 2, 2]


@given(st.dictionaries(st.text(max_size=2), st.integers(0, 1000), min_size=1, max_size=8), st.integers(0, 60))
def test_quotas_hand_out_everything(weights: dict[str, int], seats: int) -> None:
    if not any(weights.values()):
        return
    whole = sum(weights.values())
    hamilton, webster = largest_remainder(weights, seats), sainte_lague(weights, seats)
    assert sum(hamilton.values()) == sum(webster.values()) == seats
    for name, weight in weights.items():
        assert abs(hamilton[name] - Fraction(weight * seats, whole)) < 1
    more = sainte_lague(weights, seats + 1)
    assert all(more[name] >= webster[name] for name in weights)  # no Alabama paradox


@pytest.mark.parametrize("quotas", [largest_remainder, sainte_lague])
@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": -1, "b": 2}])
def test_weights_that_share_nothing_are_refused(quotas: object, weights: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError):
        quotas(weights, 3)  # type: ignore[operator]


def test_jain_of_the_textbook() -> None:
    assert round(jain([1, 3, 5]), 4) == 0.7714
    assert jain([0, 0, 7]) == pytest.approx(1 / 3)
    assert jain([1e308, 1e308]) == 1
    assert jain([1e-320, 1e-320]) == 1


@given(amounts)
def test_gini_is_the_mean_difference(values: list[int]) -> None:
    count, whole = len(values), sum(values)
    expected = sum(abs(a - b) for a in values for b in values) / (2 * count * whole) if whole else 0
    assert gini(values) == pytest.approx(expected, abs=1e-12)
    if count > 1:
        assert gini(values, corrected=True) == pytest.approx(expected * count / (count - 1), abs=1e-12)


@given(amounts)
def test_idle_agents_make_a_spread_less_fair(values: list[int]) -> None:
    if sum(values):
        assert jain([*values, 0]) < jain(values)
        assert gini([*values, 0]) > gini(values) or gini(values) == pytest.approx(gini([*values, 0]))
        assert 1 / len(values) - 1e-9 <= jain(values) <= 1 + 1e-9


@pytest.mark.parametrize("measure", [jain, gini])
@pytest.mark.parametrize("values", [[-1, 2], [math.nan], [math.inf, 1]])
def test_what_cannot_be_shared_is_refused(measure: object, values: list[float]) -> None:
    with pytest.raises(ConfigurationError):
        measure(values)  # type: ignore[operator]


def test_shares_count_the_idle_and_the_unentitled() -> None:
    found = {share.agent_id: share for share in shares({"a": 6, "x": 2}, entitlement={"a": 1, "b": 1})}
    assert [found[name].received for name in "abx"] == [6, 0, 2]
    assert [found[name].quota for name in "abx"] == [4, 4, 0]
    assert [found[name].surplus for name in "abx"] == [2, -4, 2]
    assert found["a"].share == 0.75
    assert found["a"].entitlement == 0.5
    assert shares({}) == []
    assert [share.share for share in shares({"a": 0, "b": 0})] == [0, 0]


def test_percentiles_are_values_that_were_seen() -> None:
    assert [percentile([15, 20, 35, 40, 50], percent) for percent in (0, 5, 30, 40, 50, 100)] == [
        15,
        15,
        20,
        20,
        35,
        50,
    ]
    assert percentile(range(1, 101), 7) == 7
    assert math.isnan(percentile([], 50))
    with pytest.raises(ConfigurationError):
        percentile([1], 101)


def test_the_lost_are_not_served_in_time() -> None:
    assert service_level([0, 5, 20, 21], 20) == 0.75
    assert service_level([0, 5, 20, 21], 20, lost=4) == 0.375
    assert math.isnan(service_level([], 20))


def test_summary_of_waits() -> None:
    summary = WaitSummary.of([0, 0, 10, 30])
    assert (summary.count, summary.mean, summary.median, summary.longest, summary.probability) == (4, 10, 0, 30, 0.5)
    assert math.isnan(WaitSummary.of([]).mean)


@pytest.mark.parametrize(
    ("probability", "degrees", "value"),
    [(0.975, 1, 12.7062), (0.975, 9, 2.2622), (0.95, 4, 2.1318), (0.995, 30, 2.7500), (0.5, 3, 0), (0.025, 9, -2.2622)],
)
def test_student_quantiles_of_the_tables(probability: float, degrees: int, value: float) -> None:
    assert student_quantile(probability, degrees) == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize("values", [[math.nan, math.nan], [1.0, math.nan], [math.inf, 2.0], [math.inf, -math.inf]])
def test_what_is_no_number_has_no_interval(values: list[float]) -> None:
    interval = mean_interval(values)
    assert not math.isfinite(interval.mean)
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)


def test_intervals_of_few_values() -> None:
    assert math.isnan(mean_interval([]).mean)
    assert mean_interval([4]).mean == 4
    assert math.isnan(mean_interval([4]).low)
    interval = difference_interval([5, 6, 7, 9], [1, 2, 3, 4])
    assert interval.mean == 4.25
    assert interval.excludes(0)
    assert not interval.excludes(4.2)
    with pytest.raises(ConfigurationError):
        mean_interval([1, 2], confidence=95)
