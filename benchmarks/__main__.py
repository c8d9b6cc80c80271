"""`python -m benchmarks [NAME …] [--quick]`: run the usual benchmarks, or those named, and write docs/benchmarks/."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import benchmarks
from benchmarks.report import Report

OUT = Path(__file__).resolve().parents[1] / "docs" / "benchmarks"
LONG = {"bulk", "matching", "strategies"}  # many minutes: other engines at all sizes, every order on every workload

Run = Callable[..., Report]


def registered() -> dict[str, Run]:
    """Return every benchmark by name: the modules of this package that have a `run(*, quick)`."""
    names = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


def main() -> None:
    """Run the benchmarks, print their tables, and write them unless they were only quick."""
    known = registered()
    usual = [name for name in known if name not in LONG]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; else {', '.join(usual)}")
    parser.add_argument("--full", action="store_true", help="all of them, also those that take long")
    parser.add_argument("--quick", action="store_true", help="a small run that only shows that it works; not written")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--redraw", action="store_true", help="only write pages and pictures anew, from what was measured last"
    )
    parser.add_argument("--out", type=Path, default=OUT, help="where to write, instead of docs/benchmarks")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(known):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if asked.redraw:
        for path in [asked.out / f"{name}.json" for name in asked.names] or sorted(asked.out.glob("*.json")):
            Report.read(path).write(asked.out)
        return
    names = asked.names or [*(known if asked.full else usual)]
    if len(names) == 1:
        report = known[names[0]](quick=asked.quick)
        print(report.to_json() if asked.json else report.to_markdown(), flush=True)
        if not asked.quick:
            report.write(asked.out)
        return
    failed = [name for name in names if not _measured_apart(name, asked)]  # an hour of others is not to be lost
    if failed:
        sys.exit(f'not measured: {", ".join(failed)}; again: make bench ARGS="{" ".join(failed)}"')


def _measured_apart(name: str, asked: argparse.Namespace) -> bool:
    """Return whether a benchmark could be run; in a process of its own, as what the one before leaves slows it down."""
    flags = [f"--{flag}" for flag in ("quick", "json") if getattr(asked, flag)]
    command = [sys.executable, "-m", "benchmarks", name, *flags, "--out", str(asked.out)]
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - our own module


if __name__ == "__main__":
    main()
