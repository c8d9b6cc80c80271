"""Whatever is wrong with the input: one screen that says where and what to do, and nothing written."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

FILES = ("sales.rules", "--agents", "agents.csv", "--customers", "customers.csv")
ONE_SCREEN = 50  # lines


def refusal(run: Run, desk: Path, *arguments: str) -> tuple[int, str]:
    """Return how `assign` ends, after showing that it left the file alone that was there."""
    (desk / "out.csv").write_text("what was there before", encoding="utf-8")
    before = sorted(path.name for path in desk.iterdir())

    done = run("assign", *arguments, "--out", "out.csv")

    told = done.stderr.decode()
    assert done.stdout == b""
    assert "Traceback" not in told
    assert 0 < len(told.splitlines()) <= ONE_SCREEN
    assert (desk / "out.csv").read_text(encoding="utf-8") == "what was there before"
    assert sorted(path.name for path in desk.iterdir()) == before
    return done.returncode, told


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (
            'rule "A"\n  when customer.provnce = "Shanghai"\n  assign to team "East"',
            [
                "sales.rules:2:8: error[AK203]: customers have no field `provnce`",
                "did you mean `customer.province`? (columns are named after their headers",
            ],
        ),
        ('rule "A"\n  when customer.revenue > "5"\n  assign to team "East"', ["sales.rules:2:27: error[AK214]"]),
        ('rule "A"\n  assign to team "East" by best guess', ["sales.rules:2:", "error[AK"]),
        ('rule "A"\n  assign to team "East" by "round robbin"', ["sales.rules:2:", "round robbin"]),
        ('rule "A"\n  whem customer.revenue > 5', ["sales.rules:2:3: error[AK1"]),
        ('rule "A"\n  assign to team "East"\nrule "A"\n  reject "no"', ["sales.rules:3:6: error[AK206]"]),
        ("", ["sales.rules", "AK306", 'begin with: rule "']),
        ("# nothing yet\n", ["holds no rule"]),
        ("rule " * 20_000, ["sales.rules:1:6: error[AK1"]),
        ("let x = $\n" * 300, ["sales.rules:1:", "and ", " more: correct these first"]),
        ("规则".encode("gb18030"), ["sales.rules:1:1: error[AK1"]),
    ],
)
def test_wrong_rules_exit_1(run: Run, desk: Path, rules: str | bytes, told: list[str]) -> None:
    (desk / "sales.rules").write_bytes(rules if isinstance(rules, bytes) else rules.encode())

    code, message = refusal(run, desk, *FILES)

    assert code == 1
    assert [part for part in told if part not in message] == []


@pytest.mark.parametrize("name", ["agents.csv", "customers.csv"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, ["there is no file {name}", "check the path"]),
        (b"", ["{name} is empty", "names of its columns"]),
        (b"\x00\x01\x02" * 50, ["{name}:1 holds a NUL character", "as CSV"]),
        (b"PK\x03\x04rest", ["{name} is an Excel workbook"]),
        (b"id,revenue\na,1\nb\n", ["{name}:3:1", "1 column, the header has 2", "complete it"]),
        (b'id,revenue\na,"1\nb,2\n', ["{name}:2:3", "the quote that opens here"]),
        (b"id,revenue\na,1\nb,1\na,2\n", ["{name}:4:1", "`a` is also the identity on line 2"]),
        (b"key,revenue\na,1\n", ["{name}:1:1", "there is no column `id`", "`key`, `revenue`"]),
        ("id,revenue\n李,1\n".encode("gb18030"), ["{name}:2:1", "not UTF-8", "--encoding gb18030"]),
    ],
)
def test_broken_files_exit_2(run: Run, desk: Path, name: str, content: bytes | None, told: list[str]) -> None:
    if content is None:
        (desk / name).unlink()
    else:
        (desk / name).write_bytes(content)

    code, message = refusal(run, desk, *FILES)

    assert code == 2
    assert [part for part in told if part.format(name=name) not in message] == []


def test_a_link_to_nothing_says_what_it_is(run: Run, desk: Path) -> None:
    (desk / "agents.csv").unlink()
    (desk / "agents.csv").symlink_to("away.csv")

    code, message = refusal(run, desk, *FILES)

    assert code == 2
    assert "there is no file agents.csv" in message
    assert "agents.csv is a link to away.csv, which is not there" in message


def test_agents_with_bad_cells_are_all_told(run: Run, desk: Path) -> None:
    (desk / "agents.csv").write_text(
        "id,teams,capacity,weight,zone\nli,East,many,1,UTC\nwu,East,3,-1,UTC\nma,East,3,1,Mars\n", encoding="utf-8"
    )

    code, message = refusal(run, desk, *FILES)

    assert code == 2
    assert "agents.csv:2:9: error[AK609]: column `capacity`: expected a number of items" in message
    assert "found `many`" in message
    assert "agents.csv:3:11: error[AK609]: column `weight`" in message
    assert "agents.csv:4:13: error[AK609]: column `zone`: there is no time zone `Mars`" in message


def test_a_thousand_bad_cells_still_fit_on_a_screen(run: Run, desk: Path) -> None:
    rows = "".join(f"c{n},much\n" for n in range(1000))
    (desk / "customers.csv").write_text(f"id,revenue\n{rows}", encoding="utf-8")

    code, message = refusal(run, desk, *FILES)

    assert code == 2
    assert "and 980 more like these" in message


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((".", *FILES[1:]), "is a directory"),
        (("binary.rules", *FILES[1:]), "binary.rules is not a text file"),
        (("sale.rules", *FILES[1:]), "did you mean sales.rules?"),
        ((*FILES[:-1], "."), "is a directory"),
        ((*FILES[:2], "none.csv", *FILES[3:]), "there is no file none.csv"),
        (FILES[:3], "--customers FILE or --tasks FILE"),
        ((*FILES, "--now", "yesterday"), "--now `yesterday` is not a time: write it like"),
        ((*FILES, "--zone", "Mars"), "there is no time zone `Mars`: names look like"),
        ((*FILES, "--encoding", "klingon"), "there is no encoding called 'klingon'"),
        ((*FILES, "--schema", "none.json"), "there is no file none.json"),
        ((*FILES, "--schema", "customers.csv"), "customers.csv:1:1: error[AK611]"),
        ((*FILES, "--id", "nummer"), "--id"),
        ((*FILES, "--agent-team", "office"), "--agent-team"),
        ((*FILES, "--dates", "xyz"), "dmy"),
        ((*FILES, "--colour"), "No such option"),
        ((FILES[0], "--agents", "-", "--customers", "-"), "only one file can come from the standard input"),
        (FILES[:1], "--agents"),
    ],
)
def test_wrong_usage_exits_2(run: Run, desk: Path, arguments: tuple[str, ...], told: str) -> None:
    (desk / "binary.rules").write_bytes(b"PK\x03\x04\x00\x00" * 100)

    code, message = refusal(run, desk, *arguments)

    assert code == 2
    assert told in message


@pytest.mark.parametrize(
    ("out", "told"),
    [
        (".", "is a directory: name a file in it"),
        ("nowhere/out.csv", "there is no directory nowhere"),
        ("customers.csv", "is also read"),
        ("out.xlsx", "--out out.xlsx would hold CSV, not what .xlsx promises: write --out out.csv"),
    ],
)
def test_an_impossible_out_exits_2_before_anything_is_read(run: Run, desk: Path, out: str, told: str) -> None:
    customers = (desk / "customers.csv").read_bytes()

    done = run("assign", *FILES, "--out", out)

    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert (desk / "customers.csv").read_bytes() == customers


def test_a_bare_call_shows_help(run: Run) -> None:
    assert b"assign" in run("--help").stdout
    assert run("--help").returncode == 0
    for command in ("demo", "assign", "check", "explain"):
        done = run(command, "--help")
        assert done.returncode == 0
        assert b"Usage" in done.stdout


def test_rules_may_come_through_a_pipe(run: Run, desk: Path) -> None:
    """As `assignkit check <(…)` has them: what comes through a pipe comes once."""
    rules = (desk / "sales.rules").read_bytes()
    os.mkfifo(desk / "piped")
    for command, of_file in (
        (("check", "piped"), ("check", "sales.rules")),
        (("assign", "piped", *FILES[1:]), ("assign", *FILES)),
        (("fmt", "piped"), ("fmt", "-")),
    ):
        writing = threading.Thread(target=(desk / "piped").write_bytes, args=(rules,))
        writing.start()
        done = run(*command)
        writing.join()
        assert (done.returncode, done.stdout) == (0, run(*of_file, given=rules).stdout)
