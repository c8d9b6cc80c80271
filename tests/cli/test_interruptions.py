"""Ctrl-C before a command has begun: while the program is still being imported, or reads what it was called with."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = """
import importlib.abc, os, signal, sys

class Interrupting(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "{module}":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
signal.signal(signal.SIGINT, signal.{before})
from assignkit_command import main
sys.argv = ["assignkit", *{arguments}]
main()
"""


def interrupted_at(
    module: str, *arguments: str, language: str = "C", before: str = "default_int_handler"
) -> subprocess.CompletedProcess[str]:
    """Return how the program ends that is sent a signal by itself, when it begins to import `module`."""
    code = INTERRUPTED.format(module=module, arguments=arguments, before=before)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": language, "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment, cwd=ROOT
    )


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("assignkit", ["--version"]),
        ("pydantic", ["--version"]),
        ("assignkit.desk.desk", ["--version"]),
        ("assignkit.cli.commands", ["--version"]),
        ("typer.rich_utils", ["check", "--help"]),
    ],
)
@pytest.mark.parametrize("language", ["C", "zh_CN.UTF-8"])
def test_while_it_is_imported_it_ends_at_once_without_a_traceback(
    module: str, arguments: list[str], language: str
) -> None:
    ended = interrupted_at(module, *arguments, language=language)

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_a_command_that_has_begun_says_that_it_was_interrupted() -> None:
    ended = interrupted_at("assignkit.cli.checking", "check", "examples/sales_desk/sales.rules")

    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "assignkit: interrupted; nothing was written\n"


def test_what_is_run_to_ignore_it_goes_on() -> None:
    ended = interrupted_at("assignkit.cli.commands", "--version", before="SIG_IGN")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("assignkit ")


def test_the_program_begins_outside_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, function = project["project"]["scripts"]["assignkit"].partition(":")

    assert (module, function) == ("assignkit_command", "main")
    assert f"src/{module}.py" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
