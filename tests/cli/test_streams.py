"""Where the program writes: streams that are closed, full, or in an encoding that has no Chinese."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RULES = 'rule "张伟"\n  assign to team "East" by round robin\n'
FULL = b"assignkit: No space left on device: check the disk and your rights, and try again\n"
ASSIGN = ("assign", "a.rules", "--agents", "agents.csv", "--customers", "customers.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with rules, and what they are about."""
    (tmp_path / "a.rules").write_text(RULES, encoding="utf-8")
    (tmp_path / "wrong.rules").write_text(RULES.replace("assign", "asign"), encoding="utf-8")
    (tmp_path / "agents.csv").write_text("id,teams\nli,East\n", encoding="utf-8")
    (tmp_path / "customers.csv").write_text("id,owner\n1,gone\n", encoding="utf-8")
    return tmp_path


def ended(
    folder: Path, *arguments: str, into: str = "", given: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Return how the program ends when a shell starts it, its streams going where `into` says."""
    shell = ["sh", "-c", f'"$0" -m assignkit "$@" {into}', sys.executable, *arguments]
    told = {"PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8", "COLUMNS": "200", **environment}
    return subprocess.run(shell, cwd=folder, env={**os.environ, **told}, input=given, capture_output=True, check=False)


def test_what_an_encoding_does_not_have_is_escaped_and_ascii_is_taken_for_utf_8(folder: Path) -> None:
    checked = ended(folder, "check", "wrong.rules", "--language", "zh", PYTHONIOENCODING="latin-1")
    helped = ended(folder, "assign", "--help", "--language", "zh", PYTHONIOENCODING="ascii")

    assert (checked.returncode, checked.stderr) == (1, b"")
    assert rb"\u9519\u8bef[AK118]" in checked.stdout
    assert (helped.returncode, helped.stderr) == (0, b"")
    assert "用法" in helped.stdout.decode()


def test_what_machines_read_is_utf_8_whatever_the_encoding(folder: Path) -> None:
    checked = ended(folder, "check", "wrong.rules", "--format", "json", "--language", "zh", PYTHONIOENCODING="ascii")
    formatted = ended(folder, "fmt", "-", given=RULES.encode(), PYTHONIOENCODING="ascii")

    assert json.loads(checked.stdout.decode("utf-8"))
    assert not checked.stdout.isascii()
    assert formatted.stdout == RULES.encode()


def test_a_reader_who_goes_away_ends_it_with_141(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "assignkit", "--help"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (141, b"")


def test_where_no_room_is_left_that_is_said(folder: Path) -> None:
    done = ended(folder, "--help", into=">/dev/full")

    assert (done.returncode, done.stderr) == (2, FULL)


def test_without_a_standard_output_the_exit_code_says_what_was_found(folder: Path) -> None:
    assert ended(folder, "check", "wrong.rules", into=">&-").returncode == 1


@pytest.mark.parametrize(("into", "code"), [("2>&-", 0), ("2>/dev/full", 2)], ids=["closed", "full"])
def test_decisions_are_written_where_nothing_can_be_said(folder: Path, into: str, code: int) -> None:
    done = ended(folder, *ASSIGN, "--store", "sqlite:///desk.db", "--out", "out.csv", into=into)

    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")
    if code == 0:
        assert (folder / "out.csv").read_text(encoding="utf-8").splitlines()[1] == "1,assigned,li,张伟,"
    assert (folder / "desk.db").read_bytes()[:15] == b"SQLite format 3"
