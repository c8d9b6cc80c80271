"""The hooks for pre-commit, run by pre-commit in a repository, with the program at hand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOOKS = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
MESSY = 'rule   "A" for customers\n   assign to team "East"\n'
TIDY = 'rule "A" for customers\n  assign to team "East"\n'
WRONG = 'rule "B"\n  when customer.provnce = "x"\n  assign to team "East"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with rules, and with our hooks as its own."""
    hooks = HOOKS.read_text(encoding="utf-8").replace("language: python", "language: system")
    hooks = re.sub(r"^  additional_dependencies:.*\n", "", hooks, flags=re.MULTILINE)
    indented = "".join(f"      {line}\n" for line in hooks.splitlines())
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: local\n    hooks:\n{indented}", encoding="utf-8"
    )
    (folder / "notes.txt").write_text("these are no rules", encoding="utf-8")
    for command in (["init", "-q"], ["config", "user.email", "a@b.c"], ["config", "user.name", "a"]):
        _run(folder, "git", *command)
    return folder


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PRE_COMMIT_HOME": str(folder.parent / "home"), "NO_COLOR": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def _hooks(folder: Path, **files: str) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        (folder / f"{name}.rules").write_text(text, encoding="utf-8")
    _run(folder, "git", "add", "-A")
    return _run(folder, sys.executable, "-m", "pre_commit", "run", "--all-files")


def test_manifest_is_one_that_pre_commit_takes(tmp_path: Path) -> None:
    found = _run(tmp_path, sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS))
    assert found.returncode == 0, found.stdout


def test_a_commit_is_stopped_until_rules_are_right_and_tidy(repository: Path) -> None:
    first = _hooks(repository, messy=MESSY, wrong=WRONG)
    assert first.returncode == 1
    assert "files were modified by this hook" in first.stdout
    assert (repository / "messy.rules").read_text(encoding="utf-8") == TIDY
    assert "wrong.rules:2:8: error[AK203]" in first.stdout
    assert "these are no rules" not in first.stdout
    second = _hooks(repository, wrong=TIDY)
    assert second.returncode == 0, second.stdout
    assert second.stdout.count("Passed") == 2
