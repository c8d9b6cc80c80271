"""Tests that are killed leave nothing behind on the machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOLDER = """
import os, signal, sys
from pathlib import Path
from tests.leftovers import gone_at_the_end
folder = Path(sys.argv[1])
with gone_at_the_end(folder, first=["touch", str(folder.parent / "stopped")]):
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    assert folder.exists()
"""


@pytest.mark.parametrize(("end", "code"), [("killed", -signal.SIGKILL), ("left", 0)])
def test_a_folder_goes_with_who_made_it(tmp_path: Path, end: str, code: int) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "file").touch()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", HOLDER, str(folder), end], env=environment, check=False)
    assert done.returncode == code
    deadline = time.monotonic() + 60
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not folder.exists()
    assert (tmp_path / "stopped").exists()
