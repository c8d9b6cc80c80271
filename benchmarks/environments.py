"""Environments of peers: made on first use, and never mixed with ours."""

from __future__ import annotations

import json
import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
ENGINES = HERE / ".bench-venv"
QUEUES = HERE / "build" / "bench-queues"


def python_with(packages: Sequence[str], *, folder: Path) -> Path:
    """Return the Python of the environment in `folder`, in which these packages are installed."""
    python = folder / "bin" / "python"
    if not python.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        venv.create(folder, with_pip=True)
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages]
    subprocess.run(install, check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - named packages
    return python


def answer_of(python: Path, *command: str, seconds: float | None = None) -> dict[str, Any]:
    """Return what a module of ours prints as JSON in a peer's environment, among other lines.

    `command` is the module with its arguments. `subprocess.SubprocessError` if it fails, or takes too long.
    """
    done = subprocess.run(  # noqa: S603 - our own module
        [str(python), "-m", *command],
        cwd=Path(__file__).parent,
        check=True,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    answer: dict[str, Any] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    return answer


def versions_of(packages: Sequence[str], *, python: Path) -> dict[str, str]:
    """Return the installed version of each package."""
    program = (
        "import json, sys; from importlib.metadata import version; "
        "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
    )
    told = subprocess.run([str(python), "-c", program, *packages], check=True, capture_output=True, text=True)  # noqa: S603
    found: dict[str, str] = json.loads(told.stdout)
    return found
