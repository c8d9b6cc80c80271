"""A maker of desks that checks every store's books when the test is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.unit.desk.making import OpenDesk, open_desk


@pytest.fixture
def make() -> Iterator[Callable[..., OpenDesk]]:
    """Return `open_desk`; the stores of all desks it made must agree with themselves in the end."""
    made: list[OpenDesk] = []

    def maker(*args: object, **kwargs: object) -> OpenDesk:
        made.append(open_desk(*args, **kwargs))  # type: ignore[arg-type]  # whatever open_desk takes
        return made[-1]

    yield maker
    for desk in made:
        desk.store._check()
