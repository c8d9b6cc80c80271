"""The garbage collector waits while rules are made, and goes on afterwards, also when they were wrong."""

from __future__ import annotations

import gc
from contextlib import suppress

import pytest

from assignkit.errors import RuleError
from assignkit.rules.collecting import made_to_stay
from assignkit.rules.ruleset import RuleSet


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


def test_what_is_made_counts_as_old() -> None:
    frozen = gc.get_freeze_count()
    gc.unfreeze()  # what the tests themselves have frozen
    try:
        with made_to_stay():
            made = [[] for _ in range(5_000)]

        assert gc.get_count()[0] < len(made)
        assert any(each is made for each in gc.get_objects(generation=2))
    finally:
        if frozen:
            gc.freeze()


def test_what_a_host_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with made_to_stay():
            pass
        assert gc.get_freeze_count() == frozen > 0
    finally:
        gc.unfreeze()
