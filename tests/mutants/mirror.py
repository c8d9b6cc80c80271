"""Copies of the checkout, in which bugs can be planted while nobody else sees them, and the tests run on them."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.planting import ROOT

COPIED = ("src", "tests", "examples", "benchmarks", "docs", "pyproject.toml", "README.md", "README.zh-CN.md")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "_build", ".*")
_FAILED = re.compile(r"^(?:FAILED|ERROR) ((?:tests|src)/.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the tests fared: which failed, the first one first; `trouble` is why they could not
    be asked, `excused` why they need not.
    """

    failed: tuple[str, ...]
    trouble: str | None
    seconds: float
    told: str = ""
    excused: str | None = None

    @property
    def caught_by(self) -> str | None:
        """The first test that failed, or None."""
        return self.failed[0] if self.failed else None


class Mirror:
    """One copy of the checkout. What is planted in it is taken out again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=_LEFT_OUT)
            else:
                shutil.copy2(ROOT / name, folder / name)

    @contextmanager
    def planted(self, texts: Mapping[Path, str]) -> Iterator[None]:
        """Write files anew for a while; the paths are within the checkout."""
        before = {path: (self.folder / path).read_text(encoding="utf-8") for path in texts}
        try:
            self._write(texts)
            yield
        finally:
            self._write(before)

    def _write(self, texts: Mapping[Path, str]) -> None:
        for path, text in texts.items():
            (self.folder / path).write_text(text, encoding="utf-8")
            # Caches tell files apart by size and by second: a flipped sign, written at once, would not be seen.
            Path(importlib.util.cache_from_source(str(self.folder / path))).unlink(missing_ok=True)

    def run(self, tests: Sequence[str], *, seconds: float, options: Sequence[str] = ("-x",)) -> Outcome:
        """Run tests on the copy, for so many seconds at most. `tests` are files, `file::name`s, or pytest's options."""
        command = [sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=line", "-p", "no:cacheprovider"]
        command += ["-p", "tests.mutants.in_mirror", "--hypothesis-profile=mutants", *options, *tests]
        begun = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder / "src")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            told, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            told, _ = process.communicate()
            return Outcome((), f"not done after {seconds:g} seconds", time.monotonic() - begun, told)
        failed = tuple(_FAILED.findall(told)) if process.returncode == 1 else ()
        fine = process.returncode == 0 or failed
        trouble = None if fine else f"pytest ended with {process.returncode}"
        return Outcome(failed, trouble, time.monotonic() - begun, told)


@contextmanager
def mirrors(count: int) -> Iterator[list[Mirror]]:
    """Make copies of the checkout as it is now, for a while."""
    with TemporaryDirectory(prefix="mutants") as folder:
        made = []
        for number in range(count):
            place = Path(folder) / str(number)
            place.mkdir()
            made.append(Mirror(place))
        yield made
