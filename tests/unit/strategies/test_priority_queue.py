"""Waiting items: urgency, age, and first in first out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from assignkit.strategies.priority_queue import waiting_key


def test_the_urgent_come_first() -> None:
    assert waiting_key(5, age_seconds=0) < waiting_key(4, age_seconds=10) < waiting_key(0, age_seconds=20)


def test_age_makes_up_for_urgency_at_one_point_per_half_step() -> None:
    assert waiting_key(0, age_seconds=90, half_step=30)[0] == -3
    assert waiting_key(3, age_seconds=0, half_step=30)[0] == -3
    assert waiting_key(0, age_seconds=45, half_step=30)[0] == Fraction(-3, 2)


def test_age_counts_only_up_to_the_highest_boost() -> None:
    old = waiting_key(0, age_seconds=10**9, half_step=30, max_boost=2)

    assert old[0] == -2
    assert waiting_key(3, age_seconds=0, half_step=30, max_boost=2) < old


def test_equals_are_first_in_first_out() -> None:
    older, younger = waiting_key(0, age_seconds=10**6), waiting_key(0, age_seconds=10**6 - 1)

    assert older[0] == younger[0]
    assert older < younger


def test_credit_counts_as_waiting_but_does_not_overtake_among_equals() -> None:
    assert waiting_key(0, age_seconds=0, half_step=60, credit_seconds=120)[0] == -2
    credited, older = waiting_key(0, age_seconds=1, credit_seconds=10**9), waiting_key(0, age_seconds=10**9)
    assert older < credited


def test_urgency_and_age_are_exact() -> None:
    assert waiting_key(0.1, age_seconds=0) == waiting_key(Decimal("0.10"), age_seconds=0) == (Fraction(-1, 10), 0)
    assert waiting_key(float("nan"), age_seconds=0) == waiting_key(0, age_seconds=0)
