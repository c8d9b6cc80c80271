"""The soak itself: a step whose time is over ends as by Ctrl-C, wherever the soak runs."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.soak.__main__ import Soak, Step, heed_interrupts

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
    soak = Soak(60, [])
    soak.run_all([Step(["-c", STAYS], 2)])
    said = capsys.readouterr().out
    assert "KeyboardInterrupt" in said  # not killed, so that it can stop the servers that it started
    assert said.startswith("BROKEN ")
    assert len(soak.broken) == 1
    assert "played rooms: 3 rounds" in list(soak.totals())
