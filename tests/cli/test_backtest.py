"""`assignkit backtest`: replay, and say no where too much changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assignkit.cli.commands import app

HISTORY = "id,when,who,result,revenue,closed_on\n" + "".join(
    f"c{n},2026-11-{n + 1:02} 09:00,{'li' if n % 2 else 'wu'},{'won' if n % 3 else 'lost'},{n * 400},\n"
    for n in range(10)
)
COLUMNS = ("--time", "when", "--agent", "who", "--outcome", "result")


@pytest.fixture
def quick(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return what runs the backtest in the folder of the desk, within this process."""
    (desk / "history.csv").write_text(HISTORY, encoding="utf-8")
    monkeypatch.chdir(desk)
    start = ["backtest", "sales.rules", "--agents", "agents.csv", "--history", "history.csv"]
    return lambda *arguments: CliRunner().invoke(app, [*start, *arguments])


def test_the_difference_is_told(quick: Callable[..., Result], desk: Path) -> None:
    done = quick(*COLUMNS, "--out", "rows.csv")
    assert done.exit_code == 0, done.stderr
    assert "10 items replayed, against the record" in done.stdout
    assert "none of 10 decisions has its chance on record" in done.stdout
    lines = (desk / "rows.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 11
    assert lines[0].startswith("item_id,at,recorded,replayed,outcome,rule,moved")


def test_json_holds_the_same(quick: Callable[..., Result]) -> None:
    found = json.loads(quick(*COLUMNS, "--format", "json").stdout)
    assert found["items"] == 10
    assert {change["agent_id"] for change in found["agents"]} == {"li", "wu", "ma"}
    assert found["win_rate"] == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        (("--max-moved", "100%"), 0),
        (("--max-moved", "5%"), 1),
        (("--max-unassigned", "0.9"), 0),
        (("--max-unassigned", "1%"), 1),
        (("--max-breaches", "9"), 0),
        (("--max-breaches", "0"), 1),
        (("--max-dead", "0"), 0),
    ],
)
def test_limits_decide_how_it_ends(quick: Callable[..., Result], limit: tuple[str, str], code: int) -> None:
    done = quick(*COLUMNS, *limit)
    assert done.exit_code == code, done.stderr
    assert ("more than" in done.stderr) == bool(code)


def test_dead_rules_are_counted(quick: Callable[..., Result], desk: Path) -> None:
    text = (desk / "sales.rules").read_text(encoding="utf-8")
    dead = 'rule "Dead" priority 99 when customer.revenue < 0 reject "x"\n'
    (desk / "sales.rules").write_text(dead + text, encoding="utf-8")
    done = quick(*COLUMNS, "--max-dead", "0")
    assert done.exit_code == 1
    assert "decides nothing" in done.stdout


def test_the_same_rules_as_baseline_move_nothing(quick: Callable[..., Result]) -> None:
    done = quick(*COLUMNS, "--baseline", "sales.rules", "--max-moved", "0")
    assert done.exit_code == 0, done.stderr
    assert "against the baseline" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "no column `time`"),
        ((*COLUMNS, "--closed", "absent"), "no column `absent`"),
        ((*COLUMNS, "--max-moved", "much"), "no part of a whole"),
        ((*COLUMNS, "--format", "xml"), "text or json"),
        ((*COLUMNS, "--out", "out.xlsx"), "write --out out.csv"),
        ((*COLUMNS, "--out", "-"), "the standard output has the report itself"),
        (("--time", "when", "--agent", "result"), "names no agent"),
    ],
)
def test_what_cannot_be_replayed_is_told(quick: Callable[..., Result], arguments: tuple[str, ...], told: str) -> None:
    done = quick(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("quick")
def test_a_stores_own_history_is_replayed(desk: Path) -> None:
    invoke = lambda *arguments: CliRunner().invoke(app, list(arguments))  # noqa: E731
    (desk / "drawn.rules").write_text(
        'rule "Big" when customer.revenue >= 1000 assign to agents where agent.active = true by random\n'
        'rule "Rest" hold in pool "Public"',
        encoding="utf-8",
    )
    rows = "id,revenue,result\n" + "".join(f"c{n},{n * 500},{'won' if n % 3 else 'lost'}\n" for n in range(9))
    (desk / "results.csv").write_text(rows, encoding="utf-8")
    files = ("--agents", "agents.csv", "--customers", "results.csv", "--store", "sqlite:///desk.db", "--seed", "1")
    assert invoke("assign", "drawn.rules", *files, "--out", "out.csv").exit_code == 0
    replayed = ("backtest", "drawn.rules", "--store", "sqlite:///desk.db", "--outcome", "result", "--seed", "1")
    done = invoke(*replayed, "--max-moved", "0", "--format", "json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["items"], found["moved"]) == (7, 0)
    assert found["win_rate"] == pytest.approx(5 / 7)
    assert [one["name"] for one in found["estimates"]["estimates"]] == ["IPS", "SNIPS", "DR"]
    other = invoke("backtest", "sales.rules", *replayed[2:], "--max-moved", "5%")
    assert other.exit_code == 1
    assert "why they are not where they were" in other.stdout
    for wrong in (("--history", "history.csv"), ("--agents", "agents.csv")):
        said = invoke("backtest", "drawn.rules", *wrong)
        assert said.exit_code == 2
        assert "--history FILE with --agents FILE, or --store URL" in said.stderr
