"""`assignkit assign` from end to end, in a process of its own."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.programs import Running

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
Start = Callable[..., Running]

FILES = ("sales.rules", "--agents", "agents.csv", "--customers", "customers.csv")


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def summary_of(data: bytes) -> dict[str, dict[str, int]]:
    parts: dict[str, dict[str, int]] = {}
    part = ""
    for line in data.decode().splitlines():
        if line.startswith("│"):
            _, heading, label, count, *_ = (cell.strip() for cell in line.split("│"))
            part = heading or part
            parts.setdefault(part, {})[label] = int(count.replace(",", ""))
    return parts


def test_decisions_go_to_standard_output_in_the_order_of_the_file(run: Run) -> None:
    done = run("assign", *FILES)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == b"item_id,outcome,agent_id,rule,reason"
    rows = rows_of(done.stdout)
    assert [row["item_id"] for row in rows] == [f"c{n}" for n in range(8)]
    assert [row["outcome"] for row in rows] == ["pooled"] * 2 + ["assigned"] * 6
    assert [row["rule"] for row in rows] == ["Rest"] * 2 + ["Big"] * 6
    assert [row["reason"] for row in rows] == ['pool "Public"'] * 2 + [""] * 6
    assert Counter(row["agent_id"] for row in rows) == {"": 2, "li": 2, "wu": 4}


def test_the_summary_goes_to_standard_error_and_adds_up(run: Run) -> None:
    done = run("assign", *FILES)

    assert b"8 items decided" in done.stderr
    assert b"item_id" not in done.stderr
    assert summary_of(done.stderr) == {
        "by outcome": {"assigned": 6, "pooled": 2},
        "by agent": {"wu": 4, "li": 2, "ma": 0},
        "by rule": {"Big": 6, "Rest": 2},
        "nobody has it": {'pooled: pool "Public"': 2},
    }


def test_out_is_written_with_lf_and_nothing_goes_to_standard_output(run: Run, desk: Path) -> None:
    done = run("assign", *FILES, "--out", "out.csv")

    assert (done.returncode, done.stdout) == (0, b"")
    assert (desk / "out.csv").read_bytes() == run("assign", *FILES).stdout
    assert b"\r" not in (desk / "out.csv").read_bytes()
    assert {path.name for path in desk.iterdir()} == {"sales.rules", "agents.csv", "customers.csv", "out.csv"}


def test_the_same_input_seed_and_time_give_the_same_bytes_whatever_the_hash_seed(
    run: Run, desk: Path, program: list[str]
) -> None:
    (desk / "sales.rules").write_text('rule "Any" assign to team "East" by random', encoding="utf-8")

    def command(seed: str) -> list[str]:
        return ["assign", *FILES, "--seed", seed, "--now", "2026-11-21T09:00"]

    def decide(hash_seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.run(
            [*program, *command("a")], cwd=desk, env=environment, capture_output=True, check=True
        ).stdout

    by_seed = {seed: run(*command(seed)).stdout for seed in "abcd"}
    assert decide("1") == decide("2") == by_seed["a"]
    assert len(set(by_seed.values())) > 1


def test_now_decides_what_is_recent(run: Run, desk: Path) -> None:
    rules = 'rule "New"\n when customer.created_at within last 2 hours\n assign to team "East"'
    (desk / "sales.rules").write_text(rules, encoding="utf-8")
    (desk / "customers.csv").write_text("id,created_at\nc1,2026-11-21 08:00\n", encoding="utf-8")

    def outcome(*options: str) -> str:
        return rows_of(run("assign", *FILES, *options).stdout)[0]["outcome"]

    assert outcome("--now", "2026-11-21T09:00") == "assigned"
    assert outcome("--now", "2026-11-21T09:00", "--zone", "Asia/Shanghai") == "assigned"
    assert outcome("--now", "2026-11-21T09:00+00:00", "--zone", "Asia/Shanghai") == "unmatched"


def test_columns_that_no_model_has_stand_in_rules(run: Run, desk: Path) -> None:
    rules = (
        'rule "Deals"\n when customer.deal_size >= 5 and customer.vip and customer.signed after 2026-01-01\n'
        ' require agent.region = "CN-1"\n assign to agents where agent.grade >= 2'
    )
    (desk / "sales.rules").write_text(rules, encoding="utf-8")
    (desk / "agents.csv").write_text("id,region,grade\nli,CN-1,2\nwu,CN-1,1\nma,CN-2,3\n", encoding="utf-8")
    customers = "Prospect ID,Deal Size,VIP,Signed\na,5,yes,21.11.2026\nb,5,no,21.11.2026\nc,7,yes,21.11.2025\n"
    (desk / "customers.csv").write_text(customers, encoding="utf-8")

    rows = rows_of(run("assign", *FILES, "--id", "Prospect ID").stdout)

    assert [(row["item_id"], row["agent_id"]) for row in rows] == [("a", "li"), ("b", ""), ("c", "")]


def test_a_schema_file_says_what_a_column_is(run: Run, desk: Path) -> None:
    (desk / "sales.rules").write_text('rule "A"\n when customer.code = "7"\n assign to team "East"', encoding="utf-8")
    (desk / "customers.csv").write_text("id,code\na,7\nb,8\n", encoding="utf-8")
    (desk / "schema.json").write_text(json.dumps({"customers": {"code": "text"}}), encoding="utf-8")

    assert run("assign", *FILES).returncode == 1
    rows = rows_of(run("assign", *FILES, "--schema", "schema.json").stdout)
    assert [row["outcome"] for row in rows] == ["assigned", "unmatched"]


def test_agents_of_another_system_need_only_their_columns_named(run: Run, desk: Path) -> None:
    (desk / "agents.csv").write_text("Sales Agent,Regional Office\nAnna,East\nMoses,West\n", encoding="utf-8")

    done = run("assign", *FILES, "--agent-id", "Sales Agent", "--agent-team", "regional_office")

    assert {row["agent_id"] for row in rows_of(done.stdout)} == {"", "Anna"}


def test_tasks_read_the_customers_they_are_for(run: Run, desk: Path) -> None:
    rules = (
        'rule "Visit" for tasks\n when task.customer.revenue >= 1000 and task.type = "visit"\n assign to team "East"'
    )
    (desk / "sales.rules").write_text(rules, encoding="utf-8")
    (desk / "agents.csv").write_text("id,teams,capacity\nli,East,1\n", encoding="utf-8")
    (desk / "tasks.csv").write_text("id,customer,type\nt1,c1,visit\nt2,c7,visit\nt3,c7,visit\n", encoding="utf-8")

    rows = rows_of(run("assign", *FILES, "--tasks", "tasks.csv").stdout)

    assert [(row["item_id"], row["outcome"]) for row in rows] == [
        ("t1", "unmatched"),
        ("t2", "assigned"),
        ("t3", "waiting"),
    ]
    assert "capacity" in rows[2]["reason"]


def test_files_may_come_from_standard_input(run: Run, desk: Path) -> None:
    expected = run("assign", *FILES).stdout

    piped = (desk / "customers.csv").read_bytes()
    assert run("assign", *FILES[:-1], "-", given=piped).stdout == expected
    assert run("assign", "-", *FILES[1:], given=(desk / "sales.rules").read_bytes()).stdout == expected


def test_other_encodings_and_chinese_rules(run: Run, desk: Path) -> None:
    rules = '规则 "华东"\n 当 客户.省份 = "上海"\n 分配给 团队 "East"'
    (desk / "sales.rules").write_text(rules, encoding="utf-8")
    (desk / "customers.csv").write_bytes("编号,省份\nc1,上海\nc2,北京\n".encode("gb18030"))
    (desk / "agents.csv").write_bytes("id,teams\n李,East\n".encode("gb18030"))

    done = run("assign", *FILES, "--encoding", "gb18030")

    assert done.stdout.decode().splitlines()[1:] == ["c1,assigned,李,华东,", "c2,unmatched,,,no_rule"]


def test_explain_adds_a_column_that_says_why(run: Run) -> None:
    rows = rows_of(run("assign", *FILES, "--explain").stdout)

    assert "c0 is in pool Public" in rows[0]["explanation"]
    assert "c7 was assigned to" in rows[7]["explanation"]


@pytest.mark.parametrize("store", [(), ("--store", "sqlite:///desk.db")])
def test_agents_can_be_chosen_for_all_items_at_once(run: Run, desk: Path, store: tuple[str, ...]) -> None:
    (desk / "languages.rules").write_text(
        'rule "Leads"\n  prefer agent.skills has customer.language weight 5\n  prefer agent.skills has "de"\n'
        "  assign to agents where agent.active = true by skill match",
        encoding="utf-8",
    )
    (desk / "two.csv").write_text("id,skills,capacity\nanna,de:1;en:1,1\nbo,en:1,1\n", encoding="utf-8")
    (desk / "leads.csv").write_text("id,language\nc1,en\nc2,de\n", encoding="utf-8")
    files = ("languages.rules", "--agents", "two.csv", "--customers", "leads.csv")
    done = run("assign", *files, "--optimise", *store)

    assert done.returncode == 0, done.stderr
    assert [row["agent_id"] for row in rows_of(done.stdout)] == ["bo", "anna"]
    assert b"chosen at once: 2 of 2 items placed (+0 against one after the other), fit 11 (+5)" in done.stderr


def test_formulas_in_the_data_come_out_inert(run: Run, desk: Path) -> None:
    (desk / "customers.csv").write_text('id,revenue\n"=cmd|calc!A1",1\n-5,1\n', encoding="utf-8")

    assert [row["item_id"] for row in rows_of(run("assign", *FILES).stdout)] == ["'=cmd|calc!A1", "-5"]


def test_warnings_are_told_and_do_not_stop(run: Run, desk: Path) -> None:
    (desk / "agents.csv").write_text("id,teams,load\nli,Eats,1\n", encoding="utf-8")

    done = run("assign", *FILES)

    assert done.returncode == 0
    assert b"column `load` is left out" in done.stderr
    assert b'sales.rules:2:1: warning[AK641]: rule "Big" names team "East", and no agent is in it' in done.stderr
    assert b"did you mean `Eats`?" in done.stderr


def test_items_keep_owners_and_owners_who_are_no_agents_are_told(run: Run, desk: Path) -> None:
    (desk / "customers.csv").write_text("id,revenue,owner\na,1,li\nb,1,gone\nc,1,gone\nd,1,left\n", encoding="utf-8")

    done = run("assign", *FILES)

    rows = [(row["outcome"], row["agent_id"], row["reason"]) for row in rows_of(done.stdout)]
    assert rows == [("kept", "li", "held"), *[("pooled", "", 'pool "Public"')] * 3]
    assert b"warning[AK643]: 3 items name owners, and there are no such agents: `gone`, `left`" in done.stderr


def test_a_reader_that_goes_away_is_no_error_to_talk_about(desk: Path, start: Start) -> None:
    (desk / "customers.csv").write_text(
        "id\n" + "".join(f"c{n}\n" for n in range(5_000)), encoding="utf-8"
    )  # more than a pipe holds
    with start("assign", *FILES) as process:
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()
        assert process.wait() == 141

    assert b"Traceback" not in told
    assert b"Exception" not in told


@pytest.fixture
def large_desk(desk: Path) -> Path:
    rows = "".join(f"c{n},{n}\n" for n in range(40_000))
    (desk / "customers.csv").write_text(f"id,revenue\n{rows}", encoding="utf-8")
    (desk / "agents.csv").write_text("id,teams\nli,East\nwu,East\n", encoding="utf-8")
    (desk / "out.csv").write_text("what was there before", encoding="utf-8")
    return desk


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_in_the_middle_leaves_nothing_half_written(
    large_desk: Path, start: Start, sent: signal.Signals, code: int
) -> None:
    before = sorted(path.name for path in large_desk.iterdir())
    leader, follower = pty.openpty()  # the bar that shows that deciding has begun is for terminals only
    with start("assign", *FILES, "--out", "out.csv", terminal=follower) as process:
        told = read_until(leader, b"assigning")
        process.send_signal(sent)
        told += read_until(leader, None)
        assert process.wait() == code
    os.close(leader)

    assert b"Traceback" not in told
    assert (b"interrupted; nothing was written" in told) == (sent is signal.SIGINT)
    assert (large_desk / "out.csv").read_text(encoding="utf-8") == "what was there before"
    assert sorted(path.name for path in large_desk.iterdir()) == before


def read_until(terminal: int, sign: bytes | None) -> bytes:
    """Return what the terminal shows up to `sign`, or to the end."""
    shown = b""
    while sign is None or sign not in shown:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not part:
            break
        shown += part
    return shown


def test_without_a_terminal_there_are_no_colours_and_no_bar(run: Run) -> None:
    assert b"\x1b" not in run("assign", *FILES).stderr
    assert b"assigning" not in run("assign", *FILES).stderr


def test_the_entry_point_is_the_same_program(desk: Path) -> None:
    entry = Path(sys.executable).with_name("assignkit")

    done = subprocess.run([entry, "assign", *FILES], cwd=desk, capture_output=True, check=True)

    assert len(rows_of(done.stdout)) == 8
