"""`assignkit check --cost`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def test_what_matching_costs_is_told(desk: Path, run: Run) -> None:
    rules = "".join(
        f'rule "r{n}" when customer.revenue >= {n} and customer.id contains "{n}" assign to team "East"\n'
        for n in range(41)
    )
    (desk / "many.rules").write_text(rules, encoding="utf-8")

    told = run("check", "--cost", "many.rules", "sales.rules", "--customers", "customers.csv").stdout.decode()

    assert "many.rules: customers: 41 rules (41 alternatives), looked up in an index\n" in told
    assert "boundaries the rules name: customer.revenue (41)\n" in told
    assert "tried one by one where the rest of the rule holds: 41\n" in told
    assert 'many.rules:3: customer.id contains "2": `contains` looks inside the text\n' in told
    assert "sales.rules: customers: 2 rules (2 alternatives), tried one after the other" in told
    assert "no condition has to be tried by itself\n" in told


def test_costs_of_wrong_rules_are_not_told(desk: Path, run: Run) -> None:
    (desk / "wrong.rules").write_text('rule "a" when customer.nosuch = 1 assign to team "East"', encoding="utf-8")

    done = run("check", "--cost", "wrong.rules")

    assert done.returncode == 1
    assert b"alternatives" not in done.stdout


def test_costs_are_told_as_text_of_files(run: Run) -> None:
    for arguments in (["--format", "json", "sales.rules"], ["-"]):
        done = run("check", "--cost", *arguments)
        assert done.returncode == 2
        assert b"leave out" in done.stderr
