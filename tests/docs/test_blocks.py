"""Every example in the documentation runs, and prints what the page says."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from assignkit import RuleError, RuleSet, check
from tests.docs.reading import ROOT, Block, Page, pages

SKIPPED = "not-run"  # said on a block that installs something, or shows a shape only


def with_blocks(*languages: str) -> list[Page]:
    return [page for page in pages() if any(block.language in languages for block in page.blocks)]


def same(said: str, printed: str) -> bool:
    """Return whether what was printed is what a page says; a line with only `…` stands for any lines."""
    parts = re.split(r"^ *…\n", said.rstrip() + "\n", flags=re.MULTILINE)
    pattern = r"(?:.*\n)*?".join(map(re.escape, parts))
    lines = "".join(f"{line.rstrip()}\n" for line in printed.rstrip().splitlines())
    return re.fullmatch(pattern, lines or "\n") is not None


@pytest.mark.parametrize(
    ("said", "printed", "equal"),
    [
        ("a\nb", "a  \nb\n\n", True),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a\n…\nd", "a\nd", True),
        ("a\n…", "a\nb", True),
        ("a", "a\nb", False),
        ("a\n…\nd", "a\nb", False),
        ("a …", "a b", False),
    ],
)
def test_what_is_printed_is_compared_line_by_line(said: str, printed: str, equal: bool) -> None:
    assert same(said, printed) is equal


# --- Python


class Runner:
    """Runs the Python blocks of one page in one namespace; keeps what they printed since it was last compared."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.namespace: dict[str, Any] = {"__name__": "documentation"}
        self.printed = ""

    def run(self, block: Block) -> None:
        """Run the block; as at the prompt, the value of a last line that is an expression shows itself."""
        tree = ast.parse(block.text)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(self._compiled(tree, "exec", block), self.namespace)  # noqa: S102 - our own documentation
            if isinstance(last, ast.Expr):
                value = eval(self._compiled(ast.Expression(last.value), "eval", block), self.namespace)  # noqa: S307
                out.write("" if value is None else f"{value!r}\n")
        self.printed = out.getvalue()

    def _compiled(self, tree: ast.Module | ast.Expression, mode: str, block: Block) -> CodeType:
        ast.increment_lineno(tree, block.line - 1)
        return compile(tree, self._page.name, mode, dont_inherit=True)


@pytest.mark.parametrize("page", with_blocks("python"), ids=lambda page: page.name)
def test_python_runs_and_prints_what_the_page_says(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples" / "sales_desk", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    runner = Runner(page)
    for block in page.blocks:
        if block.language == "python" and SKIPPED not in block.words:
            runner.run(block)
        elif block.language == "text" and "output" in block.words:
            assert same(block.text, runner.printed), f"line {block.line} of {page.name}; printed:\n{runner.printed}"


# --- rules


def rule_blocks() -> list[ParameterSet]:
    return [
        pytest.param(block, id=f"{page.name}:{block.line}")
        for page in pages()
        for block in page.blocks
        if block.language == "rules"
    ]


@pytest.mark.parametrize("block", rule_blocks())
def test_rules_are_right_or_wrong_as_the_page_says(block: Block) -> None:
    """Rules are right unless the block says `error=CODE`; `warning=CODE` and `note=CODE` are expected likewise."""
    told = [(str(found.severity), found.code) for found in check(block.text)]
    said = [(severity, code) for severity in ("error", "warning", "note") for code in block.options(severity)]

    assert sorted(set(told)) == sorted(said), "\n".join(found.render() for found in check(block.text))


@pytest.mark.parametrize("page", with_blocks("rules"), ids=lambda page: page.name)
def test_messages_behind_wrong_rules_are_those_that_are_told(page: Page) -> None:
    before: Block | None = None
    for block in page.blocks:
        if block.language == "text" and "diagnostics" in block.words:
            assert before is not None
            told = "\n".join(found.render() for found in check(before.text))
            assert same(block.text, told), f"line {block.line} of {page.name}; told:\n{told}"
        before = block


def test_a_wrong_block_would_be_noticed() -> None:
    with pytest.raises(RuleError):
        RuleSet.from_text('rule "A" when customer.provnce = "x" assign to owner')


# --- the command line


@pytest.mark.parametrize("page", with_blocks("console"), ids=lambda page: page.name)
def test_commands_run_and_print_what_the_page_says(page: Page, tmp_path: Path) -> None:
    """A line `$ assignkit …` is run beside the sample's files; what follows, if anything, is what it prints.

    `# exit 1` behind a command is its exit code.
    """
    shutil.copytree(ROOT / "examples" / "sales_desk", tmp_path, dirs_exist_ok=True)
    for block in page.blocks:
        if block.language == "console" and SKIPPED not in block.words:
            for command, said in commands(block.text):
                line, _, code = command.partition("# exit ")
                done = run_command(line, tmp_path)
                assert done.returncode == int(code or 0), f"{command}\n{done.stdout}{done.stderr}"
                assert not said or same(said, done.stdout + done.stderr), f"{command}\n{done.stdout}{done.stderr}"


def commands(text: str) -> list[tuple[str, str]]:
    joined = text.replace("\\\n", " ")
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n?)*)", joined, re.MULTILINE)
    return [(command, said) for command, said in found]


def run_command(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(line)
    assert program == "assignkit", f"only assignkit is run here, not {line}"
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", "assignkit.cli", *arguments],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
