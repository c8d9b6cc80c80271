"""Habits of the house that can be read off the files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "assignkit"
MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({module.parent for module in MODULES})

NAMES_THAT_SAY_NOTHING = {"common", "core", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}

GENERATED = {".git", "__pycache__", "_build", "build", "dist", "htmlcov"}
MACHINE_PATHS = re.compile(
    rb"""(?<![\w.~-])/(?:work|root|home/[a-z][\w-]*|Users/[A-Za-z][\w-]*|tmp/bash_jobs[\w.]*)/""",
)


def path_in_repository(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports_of_root(module: Path) -> list[int]:
    """Return the lines on which `module` imports `assignkit` itself, instead of one of its modules."""
    lines = []
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import) and any(alias.name == "assignkit" for alias in node.names):
            lines.append(node.lineno)
        if isinstance(node, ast.ImportFrom) and node.module == "assignkit":
            lines.append(node.lineno)
    return lines


def files_of_repository() -> Iterator[Path]:
    """Every file that somebody wrote; hidden folders are environments and caches, but for `.ci`."""
    pending = [ROOT]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            if path.is_symlink() or path.name in GENERATED or path.name.startswith(".coverage"):
                continue
            if path.is_file():
                yield path
            elif path.name == ".ci" or not path.name.startswith("."):
                pending.append(path)


def test_the_walk_over_the_repository_finds_code_and_configuration() -> None:
    found = {path_in_repository(path) for path in files_of_repository()}

    assert {"pyproject.toml", ".ci/run", "src/assignkit/errors.py", path_in_repository(Path(__file__))} <= found


def test_nothing_inside_imports_the_root() -> None:
    offenders = {path_in_repository(module): lines for module in MODULES if (lines := imports_of_root(module))}

    assert offenders == {}


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import assignkit", [1]),
        ("import assignkit as a", [1]),
        ("\nfrom assignkit import Desk", [2]),
        ("def f():\n    import os, assignkit", [2]),
        ("import assignkit.errors\nfrom assignkit.errors import AssignkitError", []),
    ],
)
def test_imports_of_the_root_are_recognised(tmp_path: Path, code: str, lines: list[int]) -> None:
    module = tmp_path / "module.py"
    module.write_text(code, encoding="utf-8")

    assert imports_of_root(module) == lines


def test_every_name_of_a_module_says_something() -> None:
    named = [*MODULES, *(folder for folder in FOLDERS if folder != PACKAGE)]
    vague = [path_in_repository(path) for path in named if path.stem.strip("_") in NAMES_THAT_SAY_NOTHING]

    assert vague == []


@pytest.mark.parametrize("folder", FOLDERS, ids=path_in_repository)
def test_every_package_says_what_it_is_for(folder: Path) -> None:
    entrance = folder / "__init__.py"

    assert entrance.exists(), "a folder with modules is a package"
    assert ast.get_docstring(ast.parse(entrance.read_bytes()))


def test_no_file_speaks_of_the_machine_it_was_written_on() -> None:
    offenders = {
        path_in_repository(path): found[0].decode()
        for path in files_of_repository()
        if (found := MACHINE_PATHS.findall(path.read_bytes()))
    }

    assert offenders == {}


@pytest.mark.parametrize(
    ("text", "is_machine_path"),
    [
        (b"see " + b"/wo" + b"rk/main", True),
        (b'"' + b"/ho" + b'me/li/desk"', True),
        (b"https://example.org/wo" + b"rk/desk", False),
        (b"src/wo" + b"rk/desk", False),
        (b"~/desk and /tmp/desk", False),
    ],
)
def test_machine_paths_are_recognised(text: bytes, *, is_machine_path: bool) -> None:
    assert bool(MACHINE_PATHS.search(text)) is is_machine_path
