"""The garbage collector waits while rules are made, and goes on afterwards, also when they were wrong."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest

from assignkit.errors import RuleError
from assignkit.rules.collecting import made_to_stay
from assignkit.rules.ruleset import RuleSet

MANY = 100_000


@pytest.fixture
def _frozen_as_before() -> Iterator[None]:
    """Leave frozen in the end what the tests themselves have frozen."""
    frozen = gc.get_freeze_count()
    yield
    if frozen:
        gc.freeze()
    else:
        gc.unfreeze()


@pytest.mark.parametrize("text", ['rule "r" reject "x"', 'rule "r" when'])
def test_the_collector_goes_on(text: str) -> None:
    assert gc.isenabled()
    with suppress(RuleError):
        RuleSet.from_text(text)
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with made_to_stay():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.usefixtures("_frozen_as_before")
def test_what_is_made_counts_as_old_if_it_is_much() -> None:
    gc.unfreeze()
    with made_to_stay():
        made = [[] for _ in range(MANY)]
    assert gc.get_count()[0] < len(made)
    assert any(each is made for each in gc.get_objects(generation=2))


@pytest.mark.usefixtures("_frozen_as_before")
def test_what_a_host_froze_stays_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    with made_to_stay():
        made = [[] for _ in range(MANY)]
    assert made
    assert gc.get_freeze_count() == frozen > 0


def test_of_a_few_rules_nobody_counts_what_is_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    def counted() -> int:
        raise AssertionError

    gc.collect(0)
    monkeypatch.setattr(gc, "get_freeze_count", counted)
    RuleSet.from_text('rule "r" reject "x"').match({})
