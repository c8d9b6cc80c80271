"""The program in Chinese: by the locale, by `--language`, and in all that it says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from assignkit.cli.commands import app
from assignkit.messages.help import HELP
from tests.programs import Programs

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
BROKEN = 'rule "A"\n  when customer.provnce = "上海"\n  assign to team "East" by round robin\n'
ZH = ("--language", "zh")


def _told(done: subprocess.CompletedProcess[bytes]) -> str:
    return (done.stdout + done.stderr).decode()


@pytest.fixture
def broken(desk: Path) -> None:
    (desk / "a.rules").write_text(BROKEN, encoding="utf-8")


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("locale", "arguments", "word"),
    [
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, (), "错误"),
        ({"LC_ALL": "zh_TW.UTF-8"}, (), "错误"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, (), "error"),
        ({"LC_ALL": "zh_CN.UTF-8"}, ("--language", "en"), "error"),
        ({"LC_ALL": "C"}, ZH, "错误"),
    ],
)
def test_language_is_that_of_the_option_else_of_the_locale(
    desk: Path, programs: Programs, locale: dict[str, str], arguments: tuple[str, ...], word: str
) -> None:
    environment = {"PYTHONUTF8": "1", "PATH": "", **locale}
    done = programs.run(("check", "a.rules", *arguments), folder=desk, environment=environment)
    assert f"a.rules:2:8: {word}[AK203]: " in done.stdout.decode()


@pytest.mark.usefixtures("broken")
def test_check_tells_findings_and_hints_in_chinese(run: Run) -> None:
    done = run("check", "a.rules", *ZH)
    assert done.returncode == 1
    assert done.stdout.decode() == (
        "a.rules:2:8: 错误[AK203]: 客户没有字段 `provnce`\n"
        '    2 |   when customer.provnce = "上海"\n'
        "      |        ^^^^^^^^^^^^^^^^ 是不是想写 `customer.province`？（如果它是您数据里的一列，"
        "请加上 --customers、--tasks 或 --schema 文件）\n"
        "检查了 1 个文件：1 个错误\n"
    )


@pytest.mark.usefixtures("broken")
def test_machines_read_the_same_codes_with_chinese_texts(run: Run) -> None:
    english, chinese = (json.loads(run("check", "a.rules", "--format", "json", *more).stdout)[0] for more in ((), ZH))
    assert chinese["message"] == "客户没有字段 `provnce`"
    assert {**chinese, "message": "", "help": ""} == {**english, "message": "", "help": ""}
    sarif = json.loads(run("check", "a.rules", "--format", "sarif", *ZH).stdout)
    assert sarif["runs"][0]["results"][0]["message"]["text"].startswith("客户没有字段 `provnce`")
    assert "::客户没有字段 `provnce`；" in run("check", "a.rules", "--format", "github", *ZH).stdout.decode()


def test_summary_of_assign(run: Run) -> None:
    done = run("assign", "sales.rules", "--agents", "agents.csv", "--customers", "customers.csv", *ZH)
    told = done.stderr.decode()
    assert done.stdout.decode().splitlines()[:2] == [
        "item_id,outcome,agent_id,rule,reason",
        'c0,pooled,,Rest,"pool ""Public"""',
    ]
    for part in ("分配了 8 条", "按结果", "已分配", "按员工", "按规则", "无人接手", "在公海：公海", "占比"):
        assert part in told


def test_files_that_cannot_be_used(run: Run, desk: Path) -> None:
    told = run("assign", "sales.rules", "--agents", "agent.csv", "--customers", "customers.csv", *ZH)
    assert told.returncode == 2
    assert told.stderr.decode() == "错误[AK601]: 没有文件 agent.csv\n  是不是想写 agents.csv？\n"
    (desk / "bad.csv").write_text("id,revenue\na,b,c\n", encoding="utf-8")
    told = run("assign", "sales.rules", "--agents", "agents.csv", "--customers", "bad.csv", *ZH)
    assert "bad.csv:2:5: 错误[AK604]: 这一行有 3 列，表头有 2 列" in told.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check",), "缺少参数 RULES…"),
        (("assign", "sales.rules"), "请说明有哪些员工：--agents 文件"),
        (("check", "sales.rules", "--agnts", "x"), "没有选项 --agnts；是不是想写 --agents？"),
        (("chek",), "没有命令 chek；是不是想写 check？"),
        ((), "请写出命令\n用法见"),
        (("xyz",), "没有命令 xyz\n"),
        (("check", "sales.rules", "--format", "xml"), "选项 --format 的值不对：只能是"),
        (
            ("compare", "loaded", "--agents", "agents.csv", "--rate", "1", "--service", "1m"),
            "没有名为 `loaded` 的分配方式",
        ),
        (("explain", "sales.rules", "--agents", "agents.csv"), "请说明是哪一个：--customer JSON"),
        (("db", "check", "nothing"), "`nothing` 不是存储的 URL：请写 sqlite:///nothing"),
        (("history", "show", "--item", "x"), "请说明事件在哪里"),
        (("assign", "sales.rules", "--agents", "agents.csv", "--customers", "customers.csv", "--now", "x"), "不是时间"),
    ],
)
def test_wrong_calls_are_told_in_chinese(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments, *ZH)
    assert done.returncode in (1, 2)
    assert said in done.stderr.decode()


def test_a_group_of_commands_tells_its_help_and_no_more(run: Run) -> None:
    done = run(*ZH, "db")
    assert "建表" in done.stdout.decode()
    assert done.stderr == b""


def test_explanations_are_told_to_their_last_word(run: Run) -> None:
    asked = ("--agents", "agents.csv", "--customer", '{"id": "c1", "revenue": 5000}', "--now", "2026-11-21T09:00")
    told = run("explain", "sales.rules", *asked, *ZH).stdout.decode()
    assert "客户 c1 将分配给" in told
    assert "选中（第 0 轮，尚未选中过）" in told
    plain = re.sub(r"`[^`]*`|\"[^\"]*\"|customer\.\w+|assign to .*|UTC|c1|li|wu|ma", "", told)
    assert not re.findall(r"[A-Za-z]{2,}", plain), plain


# --- help


def _all(command: Any) -> Iterator[Any]:  # noqa: ANN401 - as typer has them
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _all(each)


def test_every_help_is_there_in_chinese_and_none_is_left_over() -> None:
    texts = set()
    for command in _all(get_command(app)):
        texts |= {text for each in (command, *command.params) if (text := getattr(each, "help", None))}
    assert texts == set(HELP)


def test_every_command_can_be_told_which_language_to_speak() -> None:
    for command in _all(get_command(app)):
        if not getattr(command, "commands", {}):
            assert "--language" in {option for each in command.params for option in each.opts}, command.name


def test_help_is_given_in_chinese(run: Run) -> None:
    told = run("check", "--help", *ZH).stdout.decode()
    assert "指出规则里的错误和可疑之处" in told
    assert "警告也算失败" in told
    assert "用法：" in told
    assert "显示本说明并退出。" in told
    assert "Show this message" not in told


@pytest.mark.parametrize("arguments", [("--help",), ("check", "--help")])
def test_help_in_chinese_is_told_to_its_last_word(desk: Path, programs: Programs, arguments: tuple[str, ...]) -> None:
    narrow = {"PYTHONUTF8": "1", "PATH": "", "LC_ALL": "zh_CN.UTF-8", "COLUMNS": "80"}
    done = programs.run(arguments, folder=desk, environment=narrow)
    told = re.sub(r"[\s│]", "", done.stdout.decode())
    command = get_command(app)
    named = [*command.commands.values()] if arguments == ("--help",) else command.commands["check"].params

    for each in named:
        assert HELP[each.help].partition("\n\n")[0].replace(" ", "") in told
