"""A door lets one thread in at once, and again one that never told that it was out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from assignkit.repositories.sql.turnstile import Door

SOON, LONG = 0.05, 30.0


def test_one_thread_is_in_at_once() -> None:
    door = Door()
    with ThreadPoolExecutor(1) as other:
        assert door.enter(seconds=SOON)
        assert not other.submit(door.enter, seconds=SOON).result()
        other.submit(door.leave).result()  # it is not in
        waiting = other.submit(door.enter, seconds=LONG)
        door.leave()
        assert waiting.result()
        assert not door.enter(seconds=SOON)


def test_who_was_interrupted_on_the_way_out_comes_in_again() -> None:
    door = Door()
    with ThreadPoolExecutor(1) as other:
        assert door.enter(seconds=SOON)
        assert door.enter(seconds=SOON)
        door.leave()
        assert other.submit(door.enter, seconds=SOON).result()
