"""`assignkit compare`: rule files and orders side by side, from files."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assignkit.cli.commands import app

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def quick(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return what runs the program in the folder of the desk, within this process."""
    monkeypatch.chdir(desk)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


SMALL = ("--agents", "agents.csv", "--rate", "30/hour", "--service", "5m", "--arrivals", "80", "--replications", "2")


def test_a_rule_file_against_an_order(run: Run, quick: Callable[..., Result], desk: Path) -> None:
    done = run("compare", "sales.rules", "least loaded", *SMALL, "--customers", "customers.csv", "--html", "out.html")
    assert done.returncode == 0, done.stderr
    told = done.stdout.decode()
    assert "sales" in told.splitlines()[2]
    assert "mean wait" in told
    page = (desk / "out.html").read_text(encoding="utf-8")
    assert "sales" in page
    assert page.count("<svg") == 4
    again = quick("compare", "sales.rules", "least loaded", *SMALL, "--customers", "customers.csv", "--html", "2.html")
    assert again.stdout == told
    assert (desk / "2.html").read_text(encoding="utf-8") == page


@pytest.mark.parametrize("items", [(), ("--customers", "customers.csv")])
def test_rules_for_tasks_too_are_compared_on_customers(
    quick: Callable[..., Result], desk: Path, items: tuple[str, ...]
) -> None:
    both = (desk / "sales.rules").read_text(encoding="utf-8") + '\nrule "Chores" for tasks\n  reject "not now"\n'
    (desk / "both.rules").write_text(both, encoding="utf-8")
    done, alone = (quick("compare", rules, *SMALL, *items) for rules in ("both.rules", "sales.rules"))
    assert done.exit_code == 0, done.stderr
    assert [line.split()[1:] for line in done.stdout.splitlines()] == [
        line.split()[1:] for line in alone.stdout.splitlines()
    ]


def test_a_history_is_served_as_it_came(quick: Callable[..., Result], desk: Path) -> None:
    rows = "id,came,minutes,revenue\n" + "".join(f"c{n},2026-11-2{n} 09:00,{n * 60},5000\n" for n in range(1, 9))
    rows += "c9,,60,5000\n"
    (desk / "history.csv").write_text(rows, encoding="utf-8")
    arguments = ("--agents", "agents.csv", "--history", "history.csv", "--arrival", "came")
    done = quick("compare", "sales.rules", "random", *arguments, "--service", "minutes", "--plot", "out.svg")
    assert done.exit_code == 0, done.stderr
    assert (desk / "out.svg").read_bytes().startswith(b"<?xml")
    assert "1 of 9 rows have no `came`" in done.stderr
    assert quick("compare", "random", *arguments, "--service", "10m").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("sales.rules", "--agents", "agents.csv"), 2, "say what comes"),
        (("sales.rules", "--agents", "agents.csv", "--rate", "1"), 2, "--service S"),
        (("sales.rules", "--agents", "agents.csv", "--rate", "fast", "--service", "1"), 2, "no rate"),
        (("sales.rules", "--agents", "agents.csv", "--rate", "1", "--service", "long"), 2, "no length of time"),
        (("lest loaded", *SMALL), 1, "did you mean `least loaded`"),
        (("absent.rules", *SMALL), 2, "absent.rules"),
        (("random", "random", *SMALL), 2, "both be called `random`"),
        (("random", *SMALL, "--html", "absent/out.html"), 2, "--html absent/out.html: there is no directory absent"),
        (("random", *SMALL, "--html", "-"), 2, "--html -: the standard output has the report itself"),
        (("random", *SMALL, "--plot", "out.png"), 2, "would hold SVG, not what .png promises: write --plot out.svg"),
        (("random", *SMALL, "--html", "out", "--plot", "./out"), 2, "--plot ./out is also read, or written for"),
        (("random", "--agents", "agents.csv", "--history", "customers.csv"), 2, "value in `arrival`"),
        (
            ("random", "--agents", "agents.csv", "--history", "customers.csv", "--customers", "x"),
            2,
            "leave --customers",
        ),
    ],
)
def test_what_cannot_be_compared_is_told(
    quick: Callable[..., Result], arguments: tuple[str, ...], code: int, told: str
) -> None:
    done = quick("compare", *arguments)
    assert done.exit_code == code, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_wrong_rules_are_told_before_any_work(quick: Callable[..., Result], desk: Path) -> None:
    (desk / "wrong.rules").write_text('rule "x" when customer.revenu > 5 reject "x"', encoding="utf-8")
    done = quick("compare", "wrong.rules", "random", *SMALL, "--customers", "customers.csv")
    assert done.exit_code == 1
    assert "revenu" in done.stderr
