"""Bring `.venv` up to date with pyproject.toml: `python .ci/environment.py EXTRA…`.

Makes the environment if there is none, adopts one that was made by hand, and installs the project editable with the
extras that are asked for. What was installed is stamped with a fingerprint of the project's metadata, so that the next
call has nothing to do. Safe to run several times at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "pyproject.toml"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TOO_OLD = "its Python is older than 3.11"
ADVICE_WITHOUT_PIP = "this Python cannot install pip: install its venv package (Debian: python3-venv), or uv"


def main(extras: Sequence[str]) -> int:
    """Return 0 when the environment has `extras`, or say what went wrong and return 1."""
    if not missing(extras):
        return 0
    with alone():
        wanted = missing(extras)
        problem = prepare(wanted) if wanted else None
    if problem:
        print(f"cannot set up .venv: {problem}", file=sys.stderr)
    return 1 if problem else 0


def missing(extras: Sequence[str]) -> list[str]:
    """Return those of `extras` that were not installed for the present metadata."""
    current = fingerprint()
    return [extra for extra in extras if not is_stamped(extra, current)]


def fingerprint() -> str:
    """Return a hash over what an installation depends on; settings of tools are no part of it."""
    settings = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    facts = [str(ROOT), settings["build-system"], settings["project"]]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def stamp(extra: str) -> Path:
    """Return the file that says what `extra` was installed for."""
    return VENV / f".assignkit-{extra}"


def is_stamped(extra: str, current: str) -> bool:
    """Return whether `extra` was installed for the fingerprint `current`."""
    return PYTHON.exists() and stamp(extra).exists() and stamp(extra).read_text(encoding="utf-8") == current


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process works on the environment, and keep others waiting."""
    with PROJECT.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(extras: Sequence[str]) -> str | None:
    """Make the environment if need be and install `extras`; return the problem, or None."""
    if not VENV.exists() and (problem := run(sys.executable, "-m", "venv", "--without-pip", str(VENV))):
        return problem
    if problem := run(str(PYTHON), "-c", f"import sys; sys.version_info >= (3, 11) or sys.exit({TOO_OLD!r})"):
        return f"{problem}\nremove .venv and try again"
    print(f"installing {', '.join(extras)} into .venv", file=sys.stderr)
    target = f"{ROOT}[{','.join(extras)}]"
    current = fingerprint()
    if problem := install(target):
        return problem
    for extra in extras:
        stamp(extra).write_text(current, encoding="utf-8")
    return None


def install(target: str) -> str | None:
    """Install `target` with uv when it is there and succeeds, else with pip; return the problem, or None."""
    uv = shutil.which("uv")
    if uv and run(uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--editable", target) is None:
        return None
    pip = [str(PYTHON), "-m", "pip"]
    if run(*pip, "--version") and run(str(PYTHON), "-m", "ensurepip"):
        return ADVICE_WITHOUT_PIP
    return run(*pip, "install", "--quiet", "--disable-pip-version-check", "--editable", target)


def run(*command: str) -> str | None:
    """Run `command` quietly in the project's folder; return None, or what it said when it failed."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
    except OSError as error:
        return str(error)
    return (done.stdout.strip() or f"{command[0]} failed") if done.returncode else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
