"""`python -m benchmarks.compare BASE [NAME …]`: is this checkout slower than revision BASE? Exit code 1 if it is.

Both are measured by this checkout's benchmarks, quick ones, in turn, so that a slow minute of the machine hits both.
What counts is the median ratio of each figure within a round; a ratio below `1 - tolerance` is a regression.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROUNDS, TOLERANCE = 5, 0.2

Figures = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Which column of a benchmark is compared, row by row.

    Rows are named by the columns `named_by`; those that are not ours are left out by the beginning of the first name.
    """

    named_by: tuple[str, ...]
    column: str
    less_is_better: bool = False
    ours: tuple[str, ...] = ("",)

    def figures(self, rows: Sequence[Mapping[str, Any]]) -> Figures:
        """Return the figures by name, so that more is better."""
        found = {}
        for row in rows:
            if str(row[self.named_by[0]]).startswith(self.ours) and isinstance(row[self.column], int | float):
                value = float(row[self.column])
                found[", ".join(str(row[name]) for name in self.named_by)] = 1 / value if self.less_is_better else value
        return found


GUARDS: Mapping[str, Guard] = {
    "choosing": Guard(named_by=("order", "agents"), column="µs per choice", less_is_better=True),
    "deciding": Guard(named_by=("way",), column="decisions per second", ours=("assign",)),
    "matching": Guard(named_by=("engine", "rules"), column="records per second", ours=("assignkit",)),
    "simulation": Guard(named_by=("engine",), column="arrivals per second", ours=("assignkit",)),
    "starting": Guard(named_by=("what",), column="seconds", less_is_better=True),
    "stores": Guard(named_by=("database", "rotations", "clients", "batch", "besides"), column="ours : floor"),
}
USUAL = ("choosing", "deciding", "starting")


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure changed: its ratio to the base, more is better, in each round."""

    name: str
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median ratio."""
        return median(self.ratios)


def changes(rounds: Sequence[tuple[Figures, Figures]]) -> list[Change]:
    """Return how each figure changed from the first to the second of each round; what only one has is left out."""
    names = [name for name in rounds[0][0] if all(name in before and name in after for before, after in rounds)]
    return [Change(name, tuple(after[name] / before[name] for before, after in rounds)) for name in names]


def told(found: Sequence[Change], *, tolerance: float) -> str:
    """Return the changes as a table, the worst first."""
    width = max((len(change.name) for change in found), default=0)
    lines = []
    for change in sorted(found, key=lambda one: one.ratio):
        verdict = "slower" if change.ratio < 1 - tolerance else "faster" if change.ratio > 1 + tolerance else ""
        spread = f"{min(change.ratios):.2f} to {max(change.ratios):.2f}"
        lines.append(f"{change.name:<{width}}  ×{change.ratio:.2f}  ({spread})  {verdict}".rstrip())
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print the ratios, and return 1 if a figure fell by more than the tolerance."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", metavar="BASE", help="a revision, as git knows it")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(GUARDS)}; else {', '.join(USUAL)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each is measured, {ROUNDS} by default")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE, help=f"{TOLERANCE} by default")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - set(GUARDS):
        parser.error(f"nothing to compare in {', '.join(sorted(unknown))}; there are {', '.join(GUARDS)}")
    slower = 0
    with checked_out(asked.base) as base:
        for name in asked.names or USUAL:
            found = changes([_measured_both(name, base) for _ in range(asked.rounds)])
            print(f"{name}: this checkout to {asked.base}, {asked.rounds} rounds")
            print(told(found, tolerance=asked.tolerance), end="\n\n")
            slower += sum(change.ratio < 1 - asked.tolerance for change in found)
    print(f"{slower} figures fell by more than {asked.tolerance:.0%}" if slower else "nothing became slower")
    return 1 if slower else 0


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Lend a worktree of its own with this revision; leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="base") as folder:
        place = Path(folder) / "checkout"
        _git("worktree", "add", "--quiet", "--detach", str(place), revision)
        try:
            yield place
        finally:
            _git("worktree", "remove", "--force", str(place))


def _measured_both(name: str, base: Path) -> tuple[Figures, Figures]:
    return _measured(name, base), _measured(name, ROOT)


def _measured(name: str, checkout: Path) -> Figures:
    """Return the figures of the library in a checkout, by the benchmarks of this one."""
    command = [sys.executable, "-m", "benchmarks", name, "--quick", "--json"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(checkout / "src"), str(ROOT)))}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return GUARDS[name].figures(json.loads(done.stdout)["rows"])


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True)  # noqa: S603, S607 - whichever git is found


if __name__ == "__main__":
    sys.exit(main())
