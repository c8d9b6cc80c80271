"""How much tests try: a sample of modest size in `make test`, and as much as there is time for in `make soak`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import settings

_LONGER = 20  # how many times as many examples `make soak` tries of each, if it has the time


def searches() -> bool:
    """Return whether tests were asked to search, by `--hypothesis-profile=soak`."""
    return settings.get_current_profile_name() == "soak"


def examples(number: int, *, steps: int | None = None) -> settings:
    """Return the settings for so many examples, of at most so many steps; for many times as many when asked to search.

    `settings(max_examples=…)` would hold for both, and so keep a search at what `make test` has tried before.
    """
    many = settings(max_examples=number * _LONGER if searches() else number, deadline=None)
    return many if steps is None else settings(many, stateful_step_count=steps)


def sampled(places: Sequence[int], *, each: int, always: Iterable[int] = ()) -> list[int]:
    """Return each so-manieth of the places and those to be tried `always`, in order; all when asked to search."""
    return list(places) if searches() else sorted({*places[::each], *always} & set(places))
