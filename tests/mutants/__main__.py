"""`python -m tests.mutants [NAME …]`: plants each bug, and asks the tests that must notice.

`--operators [MODULE …]` flips operators instead, one after the other; `--page` rewrites the list on the page.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from tests.mutants.mirror import Mirror, Outcome, mirrors
from tests.mutants.operators import Flip, flips, sampled
from tests.mutants.page import write_page
from tests.mutants.planting import AnchorError, Mutant, mutants

AT_ONCE = 2
SECONDS = 120
UNPLANTED_SECONDS = 600

T = TypeVar("T")


def main(arguments: list[str] | None = None) -> int:
    """Return 0 if every mutant was caught."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutants, or modules with --operators; all by default")
    parser.add_argument("--operators", action="store_true", help="flip operators of sampled modules")
    parser.add_argument("--page", action="store_true", help="rewrite the list of mutants on docs/mutants.md")
    asked = parser.parse_args(arguments)
    if asked.page:
        write_page()
        return 0
    begun = time.monotonic()
    wrong = _operators(asked.names) if asked.operators else _planted(asked.names)
    _say(f"{time.monotonic() - begun:.0f} seconds")
    if wrong:
        again = " ".join([*(["--operators"] if asked.operators else []), *(name for name in wrong if name != "tests")])
        _say(f"{len(wrong)} wrong; again: make mutants ARGS='{again}'")
    return 1 if wrong else 0


def _planted(names: list[str]) -> list[str]:
    """Plant the mutants; returns the names of those that were not caught."""
    chosen = [mutant for mutant in mutants() if not names or mutant.name in names]
    unknown = sorted(set(names) - {mutant.name for mutant in chosen})
    if unknown:
        _say(f"there is no mutant {', '.join(unknown)}")
        return unknown
    with mirrors(AT_ONCE) as copies:
        broken = _broken(copies[0], {test for mutant in chosen for test in mutant.tests})
        wrong = ["tests"] if broken else []
        _say(f"{'mutant':<40} {'promise':>7} {'seconds':>7}  caught by")
        for mutant, outcome in _in_parallel(partial(ask, but=broken), chosen, copies):
            if outcome.caught_by is None and not outcome.excused:
                wrong.append(mutant.name)
            _say(f"{mutant.name:<40} {mutant.promise:>7} {outcome.seconds:>7.1f}  {_verdict(outcome)}")
    return wrong


def ask(mutant: Mutant, mirror: Mirror, *, but: tuple[str, ...] = ()) -> Outcome:
    """Plant one mutant, and return what its tests say, `but` those that fail anyway."""
    if mutant.until is not None:
        if mutant.is_due():
            return Outcome((), f"there is {mutant.until} now: plant it", 0)
        return Outcome((), None, 0, excused=f"nothing to plant: {mutant.until} is not there")
    try:
        texts = mutant.texts(mirror.folder)
    except AnchorError as error:
        return Outcome((), str(error), 0)
    with mirror.planted(texts):
        return mirror.run(mutant.tests, seconds=SECONDS, options=("-x", *_all_but(but)))


def _operators(names: list[str]) -> list[str]:
    """Change operators; returns the modules in which a change was not noticed."""
    samples = [sample for sample in sampled() if not names or sample.module in names]
    with mirrors(AT_ONCE) as copies:
        broken = _broken(copies[0], {test for sample in samples for test in sample.tests})
        wrong = ["tests"] if broken else []
        for sample in samples:
            made = list(flips(sample, copies[0].folder))
            survivors = 0
            for flip, outcome in _in_parallel(partial(_flipped, sample.tests, broken), made, copies):
                # A change that never ends, or cannot be imported, is noticed by anybody.
                if outcome.caught_by is None and outcome.trouble is None:
                    survivors += 1
                    _say(f"SURVIVED  {sample.module}:{flip.line}  {flip.label}")
            left_out = f"{len(sample.harmless)} harmless ones left out"
            _say(f"{sample.module}: {len(made) - survivors} of {len(made)} caught, {left_out}")
            wrong += [sample.module] * bool(survivors)
    return wrong


def _flipped(tests: Sequence[str], but: tuple[str, ...], flip: Flip, mirror: Mirror) -> Outcome:
    with mirror.planted(flip.texts):
        return mirror.run(tests, seconds=SECONDS, options=("-x", *_all_but(but)))


def _broken(mirror: Mirror, tests: set[str]) -> tuple[str, ...]:
    """Return which tests fail where nothing is planted: they can tell no mutant from the others."""
    if not tests:
        return ()
    outcome = mirror.run(sorted(tests), seconds=UNPLANTED_SECONDS, options=("-n", str(AT_ONCE)))
    if outcome.trouble is not None:
        _say(outcome.told)
        sys.exit(f"without mutants: {outcome.trouble}")
    told = f"{', '.join(outcome.failed)} FAIL" if outcome.failed else "all tests pass"
    _say(f"without mutants: {told}, {outcome.seconds:.0f} seconds")
    return outcome.failed


def _all_but(names: tuple[str, ...]) -> list[str]:
    return [f"--deselect={name}" for name in names]


def _verdict(outcome: Outcome) -> str:
    if outcome.trouble is not None:
        return f"TROUBLE: {outcome.trouble}"
    return outcome.caught_by or outcome.excused or "SURVIVED"


def _in_parallel(
    ask: Callable[[T, Mirror], Outcome], cases: Iterable[T], copies: list[Mirror]
) -> Iterator[tuple[T, Outcome]]:
    """Yield what came of each case, in order, while others are under way on the other copies."""
    free: SimpleQueue[Mirror] = SimpleQueue()
    for mirror in copies:
        free.put(mirror)

    def asked(case: T) -> tuple[T, Outcome]:
        mirror = free.get()
        try:
            return case, ask(case, mirror)
        finally:
            free.put(mirror)

    with ThreadPoolExecutor(len(copies)) as pool:
        yield from pool.map(asked, cases)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
