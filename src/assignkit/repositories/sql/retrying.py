"""Doing it again: within bounds, and with waits that scatter those who met."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from assignkit.repositories.sql.errors import OvertakenError, TransientError

T = TypeVar("T")

ATTEMPTS = 30
PASSING: tuple[type[Exception], ...] = (OvertakenError, TransientError)
PATIENCE_SECONDS = 30.0
_FIRST_SECONDS, _LONGEST_SECONDS = 0.001, 0.25

_jitter = random.SystemRandom().uniform


def again(act: Callable[[], T], *, attempts: int = ATTEMPTS, on: tuple[type[Exception], ...] = PASSING) -> T:
    """Return what `act` gives; it is called again when it fails with one of the errors `on` that may pass.

    At most `attempts` times and for half a minute; then its last error is raised. The waits double, and each is drawn
    between nothing and its full length ("full jitter", Brooker 2015).
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    longest = _FIRST_SECONDS
    for left in range(attempts - 1, -1, -1):
        try:
            return act()
        except on:
            if left == 0 or time.monotonic() > deadline:
                raise
        time.sleep(_jitter(0, longest))
        longest = min(2 * longest, _LONGEST_SECONDS)
    msg = "there is always a first attempt"
    raise AssertionError(msg)
