"""The waiting line: age, credit, patience, and guaranteed shares."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assignkit.errors import ConfigurationError
from assignkit.strategies.priority_queue import waiting_key
from assignkit.strategies.waiting import MOST_DUE, Dues, QueuePolicy, Serving, WaitingItem, after_serving, line
from tests.unit.strategies.making import NOON

HOUR = 3600


def item(name: str, *, waited: float = 0, urgency: float = 0, category: str = "") -> WaitingItem:
    received = NOON - timedelta(seconds=waited)
    return WaitingItem(item_id=name, received_at=received, urgency=urgency, category=category)


def names(items: list[WaitingItem], policy: QueuePolicy | None = None, dues: Dues | None = None) -> list[str]:
    return [each.item_id for each in line(items, now=NOON, policy=policy or QueuePolicy(), dues=dues)]


def test_urgency_grows_by_one_for_each_half_step_up_to_the_bound() -> None:
    items = [
        item("urgent", urgency=5),
        item("waits for six hours", waited=6 * HOUR),
        item("waits for days", waited=100 * HOUR, urgency=-4),
        item("half as long", waited=2.5 * HOUR, urgency=2),
    ]

    assert names(items) == ["waits for days", "waits for six hours", "urgent", "half as long"]
    assert names(items, QueuePolicy(max_boost=2)) == ["urgent", "half as long", "waits for six hours", "waits for days"]
    assert names(items, QueuePolicy(half_step=100 * HOUR))[:2] == ["urgent", "half as long"]


def test_equals_go_first_in_first_out_then_by_id() -> None:
    items = [item("b", waited=11 * HOUR), item("c", waited=99 * HOUR), item("a", waited=11 * HOUR)]

    assert names(items) == names(items[::-1]) == ["c", "a", "b"]


def test_a_class_can_be_credited_with_waiting() -> None:
    items = [item("gold", waited=60, category="gold"), item("plain", waited=600)]

    assert names(items) == ["plain", "gold"]
    assert names(items, QueuePolicy(credit_seconds={"gold": 540.5})) == ["gold", "plain"]
    assert names(items, QueuePolicy(credit_seconds={"gold": 539.5})) == ["plain", "gold"]


def test_after_a_while_nothing_goes_before_an_item_any_more() -> None:
    items = [item("old", waited=HOUR), item("older", waited=2 * HOUR), item("urgent", urgency=10**6)]

    assert names(items, QueuePolicy(patience_seconds=HOUR)) == ["older", "old", "urgent"]
    assert names(items, QueuePolicy(patience_seconds=Decimal("3600.000001"))) == ["older", "urgent", "old"]
    assert names(items)[0] == "urgent"


def test_an_hour_that_clocks_show_twice_is_an_hour() -> None:
    zone = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 1, 30, tzinfo=zone)
    again = first.replace(fold=1)
    policy = QueuePolicy(patience_seconds=HOUR)

    waits = [item("urgent", urgency=99), WaitingItem(item_id="an hour", received_at=first)]
    assert line(waits, now=again, policy=policy)[0].item_id == "an hour"


def serve(waiting: Mapping[str, float], policy: QueuePolicy, dues: Dues) -> tuple[str, dict[str, Fraction]]:
    """Serve one item of a line that has one of each class; return its class and the new dues."""
    items = [item(name, urgency=urgency, category=name) for name, urgency in waiting.items()]
    served = line(items, now=NOON, policy=policy, dues=dues)[0].category
    return served, after_serving(served, waiting=waiting, policy=policy, dues=dues)


def test_a_class_gets_its_share_whatever_else_is_more_urgent() -> None:
    policy = QueuePolicy(shares={"small": Fraction(1, 4)})
    dues: Dues = {}
    served = []
    for _ in range(12):
        one, dues = serve({"vip": 99, "small": 0}, policy, dues)
        served.append(one)

    assert served == ["vip", "vip", "vip", "small"] * 3


def test_what_a_class_gets_beyond_its_share_is_not_held_against_it() -> None:
    policy = QueuePolicy(shares={"small": Fraction(1, 4)})
    dues: Dues = {}
    for _ in range(50):
        _, dues = serve({"small": 9, "vip": 1}, policy, dues)
    served = []
    for _ in range(4):
        one, dues = serve({"small": 0, "vip": 1}, policy, dues)
        served.append(one)

    assert served == ["vip", "vip", "vip", "small"]


def test_a_class_without_items_saves_nothing_up() -> None:
    policy = QueuePolicy(shares={"small": Fraction(1, 2)})
    dues: Dues = {}
    for _ in range(50):
        _, dues = serve({"vip": 1}, policy, dues)

    assert dues == {}
    assert serve({"vip": 1, "small": 0}, policy, dues)[0] == "vip"


shares = st.lists(st.integers(1, 20), min_size=1, max_size=6).map(
    lambda parts: {f"class {n}": Fraction(part, sum(parts)) for n, part in enumerate(parts)}
)


@settings(max_examples=60, deadline=None)
@given(shares, st.data(), st.booleans())
def test_while_the_same_classes_wait_each_gets_its_share_less_two(
    shares: dict[str, Fraction], data: st.DataObject, spare: bool
) -> None:
    policy = QueuePolicy(shares={name: share * (Fraction(4, 5) if spare else 1) for name, share in shares.items()})
    everybody = [*shares, "no share"]
    dues: Dues = {}
    for _ in range(data.draw(st.integers(0, 30))):  # whatever was before
        waiting = data.draw(st.sets(st.sampled_from(everybody), min_size=1))
        _, dues = serve(dict.fromkeys(waiting, 0), policy, dues)
    favourite = data.draw(st.sampled_from(everybody))
    urgencies = {name: float(name == favourite) for name in everybody}
    lacking = dict.fromkeys(shares, Fraction(0))
    for _ in range(150):
        served, dues = serve(urgencies, policy, dues)
        for name in lacking:
            # since the moment at which it lacked least: the worst window that ends here
            lacking[name] = max(lacking[name] + policy.share_of(name) - (name == served), Fraction(0))
            assert lacking[name] < 2


@given(st.data(), shares)
def test_items_of_a_due_class_come_first_and_nobody_is_lost(data: st.DataObject, shares: dict[str, Fraction]) -> None:
    kinds: Collection[str] = [*shares, "no share"]
    crowd = data.draw(
        st.lists(
            st.builds(
                item,
                st.uuids().map(str),
                waited=st.integers(0, 10**5),
                urgency=st.integers(-3, 3),
                category=st.sampled_from(sorted(kinds)),
            ),
            max_size=12,
            unique_by=lambda each: each.item_id,
        )
    )
    policy = QueuePolicy(shares=shares)
    due = min(shares)
    ranked = line(crowd, now=NOON, policy=policy, dues={due: Fraction(1)})

    assert sorted(each.item_id for each in ranked) == sorted(each.item_id for each in crowd)
    first = [each.category == due for each in ranked]
    assert first == sorted(first, reverse=True)


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"half_step": 0}, "half_step must be a number above 0"),
        ({"half_step": float("nan")}, "half_step"),
        ({"max_boost": -1}, "max_boost must be a number at least 0"),
        ({"credit_seconds": {"gold": -1}}, "the credit of `gold`"),
        ({"shares": {"gold": 0}}, "the share of `gold`"),
        ({"shares": {"gold": 0.6, "silver": 0.5}}, "more than 1"),
        ({"patience_seconds": -1}, "patience_seconds"),
    ],
)
def test_figures_that_make_no_sense_are_refused(facts: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        QueuePolicy(**facts)


def test_nothing_may_count_for_nothing() -> None:
    policy = QueuePolicy(max_boost=0, credit_seconds={"gold": 0}, patience_seconds=0)
    assert names([item("later", waited=1), item("first", waited=2)], policy) == ["first", "later"]


def test_decimal_shares_may_sum_up_to_one() -> None:
    policy = QueuePolicy(shares={"a": 0.1, "b": 0.2, "c": 0.7})
    assert (policy.share_of("b"), policy.share_of("d")) == (Fraction(1, 5), 0)


waits = st.builds(
    WaitingItem,
    item_id=st.sampled_from("abcdefgh"),
    kind=st.sampled_from(["customers", "tasks"]),
    received_at=st.integers(0, 20 * HOUR).map(lambda ago: NOON - timedelta(seconds=ago)),
    urgency=st.sampled_from([0, 0, 1, 2.5, Decimal("0.1"), 12]),
    category=st.sampled_from(["", "gold", "silver"]),
)
policies = st.builds(
    QueuePolicy,
    half_step=st.sampled_from([1, HOUR, Decimal("0.3"), 2.5]),
    max_boost=st.sampled_from([0, 1, 10, 2.5]),
    credit_seconds=st.sampled_from([{}, {"gold": 600}, {"gold": 0.5, "silver": Decimal(90)}]),
    shares=st.sampled_from([{}, {"gold": Fraction(1, 3)}, {"gold": 0.5, "silver": Fraction(1, 2)}]),
    patience_seconds=st.sampled_from([None, 5 * HOUR, 0]),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(waits, max_size=12, unique_by=lambda one: (one.kind, one.item_id)), policies, st.data())
def test_serving_one_after_the_other_is_asking_for_the_line_anew(
    items: list[WaitingItem], policy: QueuePolicy, data: st.DataObject
) -> None:
    serving = Serving(items, now=NOON, policy=policy)
    left, waiting, dues = list(items), list(items), {}
    while left:
        expected = line(left, now=NOON, policy=policy, dues=dues)[0]
        assert serving.next() == expected
        left.remove(expected)
        fate = data.draw(st.sampled_from(["served", "served", "gone", "stays"]))
        if fate == "served":
            dues = after_serving(expected.category, waiting={w.category for w in waiting}, policy=policy, dues=dues)
            assert serving.served(expected) == dues
        elif fate == "gone":
            serving.gone(expected)
        if fate != "stays":
            waiting.remove(expected)
    assert serving.next() is None


@settings(max_examples=100, deadline=None)
@given(st.lists(waits, max_size=8, unique_by=lambda one: (one.kind, one.item_id)), policies)
def test_items_are_sorted_as_the_formula_says(items: list[WaitingItem], policy: QueuePolicy) -> None:
    patient = replace(policy, patience_seconds=None)

    def formula(one: WaitingItem) -> tuple[object, ...]:
        points = waiting_key(
            one.urgency,
            age_seconds=Fraction((NOON - one.received_at) // timedelta(microseconds=1), 10**6),
            half_step=policy.half_step if not isinstance(policy.half_step, float) else Decimal(repr(policy.half_step)),
            max_boost=policy.max_boost,
            credit_seconds=policy.credit_seconds.get(one.category, 0),
        )
        return (*points, one.kind, one.item_id)

    assert sorted(items, key=lambda one: patient.key(one, NOON)) == sorted(items, key=formula)


def test_a_class_that_could_not_be_served_for_long_does_not_have_all_of_it_made_up() -> None:
    policy = QueuePolicy(shares={"small": Fraction(1, 2)})
    dues: Dues = {}
    for _ in range(1000):
        dues = after_serving("vip", waiting={"vip", "small"}, policy=policy, dues=dues)
    assert dues == {"small": MOST_DUE}
