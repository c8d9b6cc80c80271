"""`assignkit test`, and the same examples under pytest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
GOOD = """
rule "VIP" when customer.tier = "VIP" assign to team "East" by round robin
rule "Rest" when customer.tier = "C" reject "no"
example "a VIP" given customer tier "VIP" given agent "li", teams ("East") expect agent "li"
"""
BAD = GOOD + 'example "another" given customer tier "VIP" expect rule "Rest"'


@pytest.fixture
def rules(desk: Path) -> Callable[[str], None]:
    return lambda text: (desk / "a.rules").write_text(text, encoding="utf-8") and None


def test_good_examples(run: Run, rules: Callable[[str], None]) -> None:
    rules(GOOD)
    done = run("test", "a.rules")
    assert (done.returncode, done.stdout) == (0, b"1 example: all as expected\n")


def test_failed_example_is_told_with_its_difference_and_explanation(run: Run, rules: Callable[[str], None]) -> None:
    rules(BAD)
    done = run("test", "a.rules", "--language", "zh")
    told = done.stdout.decode()
    assert done.returncode == 1
    assert 'a.rules:5：示例“another”不符合期望\n- 期望 规则 "Rest"\n+ 实际 规则 "VIP"\n' in told
    assert '规则 "VIP"' in told
    assert told.endswith("2 个示例：1 个不符合期望\n")


def test_coverage_shows_the_lines(run: Run, rules: Callable[[str], None]) -> None:
    rules(GOOD)
    told = run("test", "a.rules", "--coverage").stdout.decode()
    assert 'covered: 1 of 2 rules, 2 of 4 clauses\na.rules:3: not covered: rule "Rest"\n' in told


def test_junit_goes_where_it_is_wanted(run: Run, desk: Path, rules: Callable[[str], None]) -> None:
    rules(BAD)
    assert run("test", "a.rules", "--junit", "out.xml").returncode == 1
    written = (desk / "out.xml").read_text(encoding="utf-8")
    assert '<testsuite name="a.rules" tests="2" failures="1" errors="0">' in written
    assert run("test", "a.rules", "--junit", "-").stdout.decode().startswith("<?xml")


def test_wrong_rules_and_missing_files(run: Run, rules: Callable[[str], None]) -> None:
    rules('rule "A" whem')
    assert run("test", "a.rules").returncode == 1
    assert run("test", "nowhere.rules").returncode == 2


def test_pytest_collects_rules(desk: Path, rules: Callable[[str], None]) -> None:
    rules(BAD)
    (desk / "wrong.rules").write_text('rule "A" whem', encoding="utf-8")
    (desk / "other.rules").write_text(
        'rule "R" when customer.vip reject "x"\nexample "v" given customer vip true expect rule "R"', encoding="utf-8"
    )
    (desk / "conftest.py").write_text(
        "from assignkit import Schema\n\n"
        "def pytest_assignkit_schema(config, path):\n"
        "    return Schema(customer={'vip': bool}) if path.name == 'other.rules' else None\n",
        encoding="utf-8",
    )
    (desk / "none.rules").write_text('rule "R" reject "x"\nimport "a.rules"', encoding="utf-8")
    (desk / "empty.rules").write_text('rule "R" reject "x"', encoding="utf-8")
    files = ["a.rules", "wrong.rules", "other.rules", "none.rules", "empty.rules"]
    plugin = [] if "pytest_assignkit" in _entry_points() else ["-p", "pytest_assignkit"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, *files]
    done = subprocess.run(command, cwd=desk, capture_output=True, text=True, check=False, timeout=120)
    assert "a.rules::another" in done.stdout
    assert '- expect rule "Rest"\n+ found  rule "VIP"' in done.stdout
    assert "error[AK118]" in done.stdout
    assert done.stdout.count("\na.rules:5: not as expected") == 2  # also where it is imported
    assert "rules of wrong.rules" in done.stdout
    assert "3 failed, 4 passed" in done.stdout
    assert "Traceback" not in done.stdout


def _entry_points() -> set[str]:
    return {each.value for each in entry_points(group="pytest11")}


def test_the_outcome_is_not_written_over_the_rules(run: Run, rules: Callable[[str], None], desk: Path) -> None:
    rules(GOOD)
    done = run("test", "a.rules", "--junit", "a.rules")
    assert (done.returncode, b"--junit a.rules is also read" in done.stderr) == (2, True)
    assert (desk / "a.rules").read_text(encoding="utf-8") == GOOD
