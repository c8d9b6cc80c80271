"""`assignkit fmt`: rules in their canonical form."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
UGLY = 'rule "A" # why\n when customer.tier="VIP"\n assign   to team "East"  by round robin'
FORMATTED = 'rule "A"  # why\n  when customer.tier = "VIP"\n  assign to team "East" by round robin\n'


def test_file_is_rewritten_and_keeps_its_permissions(run: Run, desk: Path) -> None:
    path = desk / "a.rules"
    path.write_text(UGLY, encoding="utf-8")
    path.chmod(0o640)

    done = run("fmt", "a.rules")

    assert (done.returncode, done.stderr) == (0, b"a.rules formatted\n")
    assert path.read_text(encoding="utf-8") == FORMATTED
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    again = run("fmt", "a.rules")
    assert (again.returncode, again.stdout, again.stderr) == (0, b"", b"")


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_file_that_would_change_fails_and_is_left(run: Run, desk: Path, option: str) -> None:
    (desk / "a.rules").write_text(UGLY, encoding="utf-8")

    done = run("fmt", option, "a.rules")

    assert done.returncode == 1
    assert (desk / "a.rules").read_text(encoding="utf-8") == UGLY
    told = (done.stdout + done.stderr).decode()
    assert ("a.rules would change" in told) is (option == "--check")
    assert ('+  when customer.tier = "VIP"' in told) is (option == "--diff")


def test_formatted_file_passes_the_check(run: Run, desk: Path) -> None:
    (desk / "a.rules").write_text(FORMATTED, encoding="utf-8")
    done = run("fmt", "--check", "--diff", "a.rules")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_standard_input_goes_to_standard_output_in_the_language_asked_for(run: Run) -> None:
    done = run("fmt", "--language", "zh", "-", given=UGLY.encode())
    assert done.stdout.decode() == ('规则 "A"  # why\n  当 客户.tier = "VIP"\n  分配给 团队 "East" 按 轮询\n')
    back = run("fmt", "--language", "en", "-", given=done.stdout)
    assert back.stdout.decode() == FORMATTED


def test_file_stays_in_its_own_language(run: Run) -> None:
    chinese = '规则 "其他"\n  分配给 团队 "华东"\n'
    assert run("fmt", "-", given=chinese.encode()).stdout.decode() == chinese


def test_wrong_rules_are_told_and_left_while_others_are_formatted(run: Run, desk: Path) -> None:
    (desk / "wrong.rules").write_text('rule "A" whem x', encoding="utf-8")
    (desk / "a.rules").write_text(UGLY, encoding="utf-8")

    done = run("fmt", "wrong.rules", "a.rules")

    assert done.returncode == 1
    assert b"wrong.rules:1:10: error[AK118]" in done.stderr
    assert (desk / "wrong.rules").read_text(encoding="utf-8") == 'rule "A" whem x'
    assert (desk / "a.rules").read_text(encoding="utf-8") == FORMATTED


def test_missing_file_and_other_bytes(run: Run, desk: Path) -> None:
    (desk / "old.rules").write_bytes("规则".encode("gb18030"))
    (desk / "program.rules").write_bytes(bytes(range(256)))
    assert run("fmt", "nowhere.rules").returncode == 2
    assert b"program.rules is not a text file" in run("fmt", "program.rules").stderr
    done = run("fmt", "old.rules")
    assert done.returncode == 1
    assert b"AK105" in done.stderr
