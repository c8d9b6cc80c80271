"""Every mutant still fits the source, so that a rewrite that loses an anchor is noticed before `make mutants` is."""

from __future__ import annotations

import pytest

from tests.mutants.operators import Sample, sampled
from tests.mutants.page import PAGE, written
from tests.mutants.planting import KNOWN, PROMISES, ROOT, Mutant, mutants

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_fits_the_source_and_names_its_tests(mutant: Mutant) -> None:
    if mutant.until is not None:
        assert not mutant.is_due(), f"there is {mutant.until} now: plant it"
        assert not mutant.edits
        return
    assert mutant.texts(ROOT)
    assert mutant.tests
    for test in mutant.tests:
        path, *names = test.split("::")
        written = (ROOT / path).read_text(encoding="utf-8") if names else ""
        assert (ROOT / path).exists()
        assert all(f"def {name}(" in written or f"class {name}(" in written for name in names)


def test_every_promise_has_a_mutant() -> None:
    assert {mutant.promise for mutant in MUTANTS if mutant.until is None} == set(PROMISES)


def test_every_known_bug_is_planted_or_waits() -> None:
    assert {mutant.known for mutant in MUTANTS if mutant.known is not None} == set(KNOWN)


def test_the_page_lists_them() -> None:
    assert written() == PAGE.read_text(encoding="utf-8"), "run `python -m tests.mutants --page`"


@pytest.mark.parametrize("sample", sampled(), ids=lambda sample: sample.module)
def test_what_a_sample_calls_harmless_is_there(sample: Sample) -> None:
    labels = {flip.label for flip in sample.all_flips(ROOT)}

    assert set(sample.harmless) - labels == set()
    assert all((ROOT / test).exists() for test in sample.tests)
