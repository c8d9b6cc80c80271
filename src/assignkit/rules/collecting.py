"""The cyclic garbage collector waits while a rule book is made: everything that is allocated then stays.

Left alone, it goes through the growing book again and again: a third of the time for 10,000 rules. Mercurial
does the same around its large parses.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# With so many new objects, of about a thousand rules, it is worth asking about frozen ones: Python counts them by going
# through all, which takes longer than a small rule book where a host has frozen much.
_MANY = 50_000


@contextmanager
def collector_paused() -> Iterator[None]:
    """Let nothing be collected within the block, unless another thread's block ends before; nested blocks are fine."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Let nothing be collected within the block; what it makes counts as old at once, if that is much.

    Else the next collection of the young would go through all of it: a fifth of the time for 10,000 rules.
    """
    with collector_paused():
        yield
        # A host that froze objects wants them to stay so.
        if gc.get_count()[0] > _MANY and gc.get_freeze_count() == 0:
            gc.freeze()
            gc.unfreeze()
