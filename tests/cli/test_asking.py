"""`assignkit check`, `explain` and `demo`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

FILES = ("sales.rules", "--agents", "agents.csv", "--customers", "customers.csv")
MISSPELT = 'rule "A"\n  when customer.provnce = "Shanghai"\n  assign to team "East"\n'


# --- check -----------------------------------------------------------------------------------------------------------


def test_good_rules_are_good(run: Run) -> None:
    done = run("check", "sales.rules", "--agents", "agents.csv")

    assert (done.returncode, done.stdout) == (0, b"1 file checked: nothing to say\n")


def test_errors_are_shown_with_their_place_and_exit_1(run: Run, desk: Path) -> None:
    (desk / "bad.rules").write_text(MISSPELT, encoding="utf-8")

    done = run("check", "sales.rules", "bad.rules")

    assert done.returncode == 1
    assert b"bad.rules:2:8: error[AK203]: customers have no field `provnce`" in done.stdout
    assert done.stdout.endswith(b"2 files checked: 1 error\n")


def test_a_field_that_may_be_a_column_is_told_how_to_be_known(run: Run, desk: Path) -> None:
    (desk / "sales.rules").write_text('rule "A"\n when customer.grade = "x"\n reject "no"', encoding="utf-8")
    (desk / "graded.csv").write_text("id,grade\n1,x\n", encoding="utf-8")
    (desk / "schema.json").write_text('{"customers": {"grade": "text"}}', encoding="utf-8")

    assert b"--customers FILE" in run("check", "sales.rules").stdout
    assert run("check", "sales.rules", "--customers", "graded.csv").returncode == 0
    assert run("check", "sales.rules", "--schema", "schema.json").returncode == 0


def test_strict_lets_warnings_fail(run: Run, desk: Path) -> None:
    (desk / "agents.csv").write_text("id,teams\nli,West\n", encoding="utf-8")
    arguments = ("check", "sales.rules", "--agents", "agents.csv")

    assert run(*arguments).returncode == 0
    assert b"warning[AK641]" in run(*arguments).stdout
    assert run(*arguments, "--strict").returncode == 1


def test_findings_for_machines(run: Run, desk: Path) -> None:
    (desk / "sales.rules").write_text(MISSPELT, encoding="utf-8")

    def told(form: str) -> str:
        done = run("check", "sales.rules", "--format", form)
        assert done.returncode == 1
        return done.stdout.decode()

    (finding,) = json.loads(told("json"))
    assert (finding["code"], finding["file"], finding["line"], finding["column"]) == ("AK203", "sales.rules", 2, 8)
    assert told("github").startswith("::error title=AK203,file=sales.rules,line=2,col=8")
    result = json.loads(told("sarif"))["runs"][0]["results"][0]
    assert result["ruleId"] == "AK203"


def test_clean_rules_are_clean_for_machines_too(run: Run) -> None:
    assert json.loads(run("check", "sales.rules", "--format", "json").stdout) == []
    assert run("check", "sales.rules", "--format", "github").stdout == b""


def test_rules_that_are_no_file_exit_2(run: Run) -> None:
    done = run("check", "none.rules")

    assert done.returncode == 2
    assert b"there is no file none.rules" in done.stderr
    assert run("check", ".").returncode == 2


def test_rules_from_standard_input_are_checked(run: Run) -> None:
    assert run("check", "-", given=MISSPELT.encode()).returncode == 1
    assert run("check", "-", given=b'rule "A" reject "no"').returncode == 0
    assert run("check", "-", given=b"x.rules").returncode == 1


def test_agents_that_rules_name_must_be_there(run: Run, desk: Path) -> None:
    rules = 'rule "A"\n split 50% agent "lli", 50% team "East"\nrule "B"\n hold in team "Nord"'
    (desk / "sales.rules").write_text(rules, encoding="utf-8")

    told = run("check", "sales.rules", "--agents", "agents.csv").stdout.decode()

    assert (
        'sales.rules:1:1: warning[AK642]: rule "A" names agent "lli", and there is none\n  did you mean `li`?' in told
    )
    assert 'warning[AK641]: rule "B" names team "Nord", and no agent is in it\n  did you mean `North`?' in told
    assert told.count("warning[AK64") == 2


def test_the_sample_desk_gives_no_cause_for_complaint(run: Run) -> None:
    sample = Path(__file__).parents[2] / "examples" / "sales_desk"
    files = ["--agents", str(sample / "agents.csv"), "--customers", str(sample / "customers.csv")]

    done = run("check", str(sample / "sales.rules"), *files, "--strict")

    assert (done.returncode, done.stdout) == (0, b"1 file checked: nothing to say\n")


# --- explain ---------------------------------------------------------------------------------------------------------


def test_explain_says_why_for_an_item_of_a_file(run: Run) -> None:
    done = run("explain", *FILES, "--item", "c7", "--now", "2026-11-21T09:00")

    assert done.returncode == 0, done.stderr
    told = done.stdout.decode()
    assert "c7 would be assigned to" in told
    assert "Big" in told
    assert "li" in told
    assert "wu" in told


def test_explain_takes_an_item_as_json_and_answers_as_json(run: Run) -> None:
    item = json.dumps({"id": "x", "revenue": 10})

    done = run("explain", "sales.rules", "--agents", "agents.csv", "--customer", item, "--format", "json")

    why = json.loads(done.stdout)
    assert (why["item_id"], why["outcome"], why["rule"]) == ("x", "pooled", "Rest")


def test_an_item_without_identity_is_given_one(run: Run) -> None:
    done = run("explain", "sales.rules", "--agents", "agents.csv", "--customer", '{"revenue": 5}', "--language", "zh")

    assert done.returncode == 0, done.stderr
    assert "this customer" in done.stdout.decode()
    assert "公海" in done.stdout.decode()


def test_a_task_may_be_asked_about(run: Run, desk: Path) -> None:
    rules = 'rule "Visit" for tasks\n when task.kind_of_visit = "first"\n assign to team "East"'
    (desk / "sales.rules").write_text(rules, encoding="utf-8")

    done = run("explain", "sales.rules", "--agents", "agents.csv", "--task", '{"id": "t1", "kind_of_visit": "first"}')

    assert "t1 would be assigned to" in done.stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--customer", "{"), "--customer:1:"),
        (("--customer", "[]"), "holds no objects"),
        (("--customer", '{"id": 1} {"id": 2}'), "give one object"),
        (("--customer", '{"id": 1, "revenue": "much"}'), "--customer:1:22: error[AK609]: column `revenue`"),
        (("--customers", "customers.csv", "--item", "c99"), "there is no `c99` among the 8 items of customers.csv"),
        (("--item", "c1"), "--customers FILE or --tasks FILE"),
        ((), "--customer JSON"),
        (("--customer", "{}", "--task", "{}"), "--customer JSON"),
    ],
)
def test_a_wrong_question_exits_2(run: Run, arguments: tuple[str, ...], told: str) -> None:
    done = run("explain", "sales.rules", "--agents", "agents.csv", *arguments)

    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_a_column_that_the_json_lacks_is_told_how_to_be_known(run: Run, desk: Path) -> None:
    (desk / "sales.rules").write_text('rule "A"\n when customer.lead_grade = "x"\n reject "no"', encoding="utf-8")
    (desk / "graded.csv").write_text("id,Lead Grade\n1,x\n", encoding="utf-8")
    arguments = ("explain", "sales.rules", "--agents", "agents.csv", "--customer", "{}")

    assert run(*arguments).returncode == 1
    assert b"--customers FILE" in run(*arguments).stderr
    assert b"was rejected" not in run(*arguments, "--customers", "graded.csv").stdout
    assert run(*arguments, "--customers", "graded.csv").returncode == 0


# --- demo ------------------------------------------------------------------------------------------------------------


def test_demo_lays_out_a_desk_and_runs_it(run: Run, desk: Path) -> None:
    done = run("demo", "--dir", "sample")

    told = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (desk / "sample").iterdir()} == {
        "README.md",
        "agents.csv",
        "customers.csv",
        "decisions.csv",
        "desk.db",
        "sales.rules",
    }
    for part in ("12 agents, 400 customers", "400 items decided", "why, for", "was assigned to", "cd sample"):
        assert part in told
    assert " error " not in told
    assert done.stderr == b""


def test_what_demo_says_to_try_next_works(run: Run, desk: Path) -> None:
    told = run("demo", "--dir", ".").stdout.decode() if not (desk / "sales.rules").unlink() else ""
    assert told == ""  # the agents of the fixture are somebody's work
    for name in ("agents.csv", "customers.csv"):
        (desk / name).unlink()

    told = run("demo", "--dir", ".").stdout.decode()

    commands = [line.split()[1:] for line in told.splitlines() if line.strip().startswith("assignkit ")]
    assert [command[0] for command in commands] == ["explain", "history", "check", "assign", "assign", "db"]
    for command in commands:
        done = run(*command)
        assert done.returncode == 0, done.stderr
        assert done.stdout or "--out" in command


def test_what_demo_says_to_try_next_works_where_the_program_is_not_on_the_path(desk: Path) -> None:
    program = Path(sys.executable).with_name("assignkit")
    environment = {**os.environ, "PATH": "/usr/bin:/bin", "COLUMNS": "200"}

    done = subprocess.run(
        [program, "demo", "--dir", "sample"], cwd=desk, env=environment, capture_output=True, text=True, check=True
    )

    commands = [line.split() for line in done.stdout.splitlines() if " check sales.rules " in line]
    assert [command[0] for command in commands] == [str(program)]


@pytest.mark.parametrize("folder", ["agents.csv", "agents.csv/new"])
def test_demo_where_a_file_is_in_the_way(run: Run, desk: Path, folder: str) -> None:
    before = (desk / "agents.csv").read_bytes()
    done = run("demo", "--dir", folder)

    assert (done.returncode, done.stdout) == (2, b"")
    told = f"assignkit: --dir {folder} is, or is in, a file: name a directory, or one that is still to be made\n"
    assert done.stderr.decode() == told
    assert (desk / "agents.csv").read_bytes() == before


def test_demo_again_changes_nothing_and_changed_files_are_left_alone(run: Run, desk: Path) -> None:
    first = run("demo", "--dir", "sample").stdout.decode()
    decisions = (desk / "sample" / "decisions.csv").read_bytes()
    again = run("demo", "--dir", "sample")
    assert (again.returncode, again.stderr) == (0, b"")
    assert "All of them were decided before, and nothing is decided twice." in again.stdout.decode()
    assert first.partition("the first 12")[2].partition("why, for")[0] in again.stdout.decode()
    assert (desk / "sample" / "decisions.csv").read_bytes() == decisions
    events = run("history", "export", "--store", "sqlite:///sample/desk.db").stdout.splitlines()
    assert len(events) == 400

    (desk / "sample" / "sales.rules").write_text("mine", encoding="utf-8")
    (desk / "sample" / "agents.csv").unlink()
    done = run("demo", "--dir", "sample")

    assert done.returncode == 2
    assert b"sales.rules is not what the demo would write, and is left alone: choose another" in done.stderr
    assert (desk / "sample" / "sales.rules").read_text(encoding="utf-8") == "mine"
    assert not (desk / "sample" / "agents.csv").exists()


def test_demo_into_a_file_is_refused(run: Run, desk: Path) -> None:
    (desk / "sample").touch()

    done = run("demo", "--dir", "sample")

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_the_module_is_the_program(run: Run) -> None:
    said = subprocess.run([sys.executable, "-m", "assignkit", "--version"], capture_output=True, check=True).stdout
    assert said == run("--version").stdout


def test_version(run: Run) -> None:
    assert run("--version").stdout.startswith(b"assignkit ")


def test_the_sample_is_found_in_a_wheel_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from assignkit.cli import sample  # noqa: PLC0415

    packaged, checkout = sample._PLACES
    assert checkout.is_dir()
    monkeypatch.setattr(sample, "_PLACES", (packaged, checkout))
    sample.lay_out(tmp_path / "new")
    assert sorted(os.listdir(tmp_path / "new")) == sorted(sample.FILES)  # noqa: PTH208
