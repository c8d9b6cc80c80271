"""Runs what pages show: Python blocks, commands, rules; and compares what is printed with what a page says."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from sqlalchemy.engine import Engine

from assignkit import check
from assignkit.language.codes import SYNTAX_CODES
from assignkit.repositories.sql import SqlStore
from assignkit.rules.codes import RULE_CODES
from tests.docs.reading import ROOT, Block, Page
from tests.programs import Programs

NOT_RUN = "not-run"  # said on a block that installs something, or shows a shape only
ELIDED = "…"  # a line of its own that stands for any lines


def same(said: str, printed: str) -> bool:
    """Return whether what was printed is what a page says."""
    parts = re.split(rf"^ *{ELIDED}\n", said.rstrip() + "\n", flags=re.MULTILINE)
    pattern = r"(?:.*\n)*?".join(map(re.escape, parts))
    return re.fullmatch(pattern, without_trailing_space(printed) or "\n") is not None


def without_trailing_space(text: str) -> str:
    """Return the lines of a text, each without white space at its end."""
    return "".join(f"{line.rstrip()}\n" for line in text.rstrip().splitlines())


def lay_out_sample(folder: Path) -> None:
    """Put the sample's files into the folder in which a page runs."""
    shutil.copytree(ROOT / "examples" / "sales_desk", folder, dirs_exist_ok=True)


def _closing(made: Iterable[object]) -> Iterator[tuple[int, Callable[[], None]]]:
    """Yield what closes each store and engine, by its identity."""
    for one in made:
        if isinstance(one, SqlStore):
            yield id(one), one.close
        elif isinstance(one, Engine):
            yield id(one), one.dispose


class Runner:
    """Runs the blocks of one page in one namespace; `printed` is what the last one printed."""

    def __init__(self, page: Page, folder: Path, programs: Programs) -> None:
        self._page = page
        self._folder = folder
        self._programs = programs
        self._namespace: dict[str, Any] = {"__name__": "documentation"}
        self._rules = ""
        self._closing: dict[int, Callable[[], None]] = {}
        self.printed = ""

    def claims(self) -> Iterator[tuple[Block, str]]:
        """Run block after block; yield each one that says what is printed, with what it should say as a whole.

        What the page opened, and may leave open as scripts do, is closed at the end.
        """
        try:
            yield from self._claims()
        finally:
            for close in self._closing.values():
                close()

    def _claims(self) -> Iterator[tuple[Block, str]]:
        for block in self._page.blocks:
            if block.language == "rules":
                self._rules = block.text
            elif NOT_RUN in block.words:
                continue
            elif block.language == "python":
                with contextlib.chdir(self._folder):
                    self._run(block)
                self._closing.update(_closing(self._namespace.values()))
            elif block.language == "console":
                yield block, "".join(self._session(block.text))
            elif block.language == "text" and "output" in block.words:
                yield block, _kept(block.text, self.printed)
            elif block.language == "text" and "diagnostics" in block.words:
                yield block, _kept(block.text, "\n".join(found.render() for found in check(self._rules)))

    def _run(self, block: Block) -> None:
        """Run the block; as at the prompt, the value of a last line that is an expression shows itself."""
        tree = ast.parse(block.text)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(self._compiled(tree, "exec", block), self._namespace)  # noqa: S102 - our own documentation
            if isinstance(last, ast.Expr):
                value = eval(self._compiled(ast.Expression(last.value), "eval", block), self._namespace)  # noqa: S307
                out.write("" if value is None else f"{value!r}\n")
        self.printed = out.getvalue()

    def _compiled(self, tree: ast.Module | ast.Expression, mode: str, block: Block) -> CodeType:
        ast.increment_lineno(tree, block.line - 1)
        return compile(tree, self._page.name, mode, dont_inherit=True)

    def _session(self, text: str) -> Iterator[str]:
        """Yield each command as it is written, with what it should say; a command that says nothing goes on so."""
        for written, said in re.findall(r"^(\$ (?:.*\\\n)*.*\n)((?:(?!\$ ).*\n?)*)", text, re.MULTILINE):
            line, _, code = written.removeprefix("$ ").replace("\\\n", " ").partition("# exit ")
            done = self._command(line)
            assert done.returncode == int(code or 0), f"{line}\n{done.stdout}{done.stderr}"
            yield written + (_kept(said, done.stdout + done.stderr) if said else "")

    def _command(self, line: str) -> subprocess.CompletedProcess[str]:
        program, *arguments = shlex.split(line)
        assert program == "assignkit", f"only assignkit is run here, not {line}"
        environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "PYTHONUTF8": "1"}
        done = self._programs.run(arguments, folder=self._folder, environment=environment)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def _kept(said: str, printed: str) -> str:
    return said if same(said, printed) else without_trailing_space(printed)


def titles(family: str) -> str:
    """Return the table of the diagnostics whose codes begin with `family`, such as `AK1`."""
    rows = [f"| {code} | {title} |" for code, title in sorted({**SYNTAX_CODES, **RULE_CODES}.items())]
    return "\n".join(["| code | title |", "|---|---|", *(row for row in rows if row.startswith(f"| {family}"))])
