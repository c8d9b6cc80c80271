"""The program as a user has it: files in a folder, a command, and what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs import Programs, Running

RULES = """
rule "Big"
  priority 10
  when customer.revenue >= 1000
  assign to team "East" by round robin
rule "Rest"
  hold in pool "Public"
"""
AGENTS = "id,teams,capacity\nli,East,2\nwu,East,\nma,North,\n"
CUSTOMERS = "id,revenue\n" + "".join(f"c{n},{n * 500}\n" for n in range(8))


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Return a folder with a small desk."""
    for name, text in (("sales.rules", RULES), ("agents.csv", AGENTS), ("customers.csv", CUSTOMERS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def program() -> list[str]:
    """Return the start of a command line."""
    return [sys.executable, "-m", "assignkit.cli"]


@pytest.fixture
def run(desk: Path, programs: Programs) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Return what runs the program in the folder of the desk, with a wide standard error that is no terminal."""

    def run_program(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return programs.run(arguments, folder=desk, environment=_environment(), given=given)

    return run_program


@pytest.fixture
def start(desk: Path, programs: Programs) -> Callable[..., Running]:
    """Return what starts the program as `run` does, and does not wait for it."""

    def start_program(*arguments: str, terminal: int | None = None) -> Running:
        return programs.start(arguments, folder=desk, environment=_environment(), terminal=terminal)

    return start_program


def _environment() -> dict[str, str]:
    return {**os.environ, "COLUMNS": "200", "PYTHONUTF8": "1"}
