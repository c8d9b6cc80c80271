"""What is remembered of the values that were met, and what is not."""

from __future__ import annotations

import pytest

from assignkit.rules.learned import HEAVIEST, Learned

HEAVY = ("x" * HEAVIEST, 1 << 8 * HEAVIEST)


@pytest.mark.parametrize(
    ("value", "kept"), [("Shanghai", True), *((each, False) for each in HEAVY)], ids=["light", "text", "number"]
)
def test_only_what_is_light_is_remembered(value: str | int, kept: bool) -> None:
    asked: list[object] = []

    def careful(met: object) -> int:
        asked.append(met)
        return 5

    learned = Learned({"Beijing": 3}, careful)

    assert [learned.met(value), learned.met(value), learned.met("Beijing")] == [5, 5, 3]
    assert (value in learned.masks) == kept
    assert len(asked) == (1 if kept else 2)
