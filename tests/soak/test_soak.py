"""The soak itself: a step whose time is over ends as by Ctrl-C, wherever the soak runs."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.soak.__main__ import SEARCHING, Soak, Step, heed_interrupts

STAYS = "import time\nprint('kept   rooms on sqlite: 3 rounds in 1 s', flush=True)\ntime.sleep(60)"


@pytest.fixture
def in_background() -> Iterator[None]:
    """As shells begin what they do not wait for."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_background")
def test_a_step_ends_when_its_time_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    heed_interrupts()
    soak = Soak(1_000, [])
    soak.run_all([Step(["-c", STAYS], 2)])
    said = capsys.readouterr().out
    assert "KeyboardInterrupt" in said  # not killed, so that it can stop the servers that it started
    assert said.startswith("BROKEN ")
    assert len(soak.broken) == 1
    assert "played rooms: 3 rounds" in list(soak.totals())


def test_steps_share_the_time_that_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    tell = Step(["-c", "import sys; print('told', sys.argv[-1])"], 500, ends=True)
    Soak(100, []).run_all([tell] * 4)
    told = [int(line.split()[1]) for line in capsys.readouterr().out.splitlines() if line.startswith("told ")]
    assert len(told) == 4
    assert told[0] <= 100 * 500 / (4 * 500 + SEARCHING)
    assert told == sorted(told)  # what one leaves is for those that come after it
