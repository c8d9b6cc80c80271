"""Chunking: a batch that is decided one item after the other, so many of them in each unit of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assignkit.desk.batching import Asked, Batches
from assignkit.desk.publishing.rulebooks import Rulebook
from assignkit.desk.telling import Teller
from assignkit.model.batch import Decisions
from assignkit.rules.collecting import collector_paused

Progress = Callable[[int, int], None]

_CHUNK = 100  # how many items of a batch are committed together
_UNCOLLECTED = 10_000  # decisions of a batch, which are all kept: the collector would walk them again and again


def decide_in_chunks(
    asked: Sequence[Asked], batches: Batches, teller: Teller, *, book: Rulebook, progress: Progress | None
) -> Decisions:
    """Return a decision for each item, in their order, by one version of the rules.

    Each item is told of as soon as its chunk is committed; where somebody listens, that is each by itself.
    """
    decisions = Decisions()
    while len(decisions) < len(asked):
        end = min(len(decisions) + _UNCOLLECTED, len(asked))  # the garbage collector is not missed so long
        with collector_paused():
            while len(decisions) < end:
                done = len(decisions)
                until = min(done + (1 if teller.has_subscribers else _CHUNK), end)
                decisions += batches.many(asked[done:until], book=book)
                teller.tell()
                show(progress, done, len(decisions), len(asked))
    return decisions


def show(progress: Progress | None, before: int, done: int, total: int) -> None:
    """Call `progress`, if there is any, for each item that has been committed since."""
    if progress is not None:
        for number in range(before, done):
            progress(number + 1, total)
