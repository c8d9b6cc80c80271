"""`python -m tests.soak --seed N --minutes N`: all long searches, in two lanes, within a bounded time.

One lane has the campaigns on SQLite, the other those on PostgreSQL; then the property tests search with new inputs for
as long as time is left. Ends with 1 if anything was found; what was found is printed with how to play it again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROPERTIES = ROOT / "tests" / "properties"
# Rounds, so that 200 rounds of 16 processes and 1,000 kills are played in all; and seconds, after which it is enough.
ROUNDS = {
    "rooms": {"sqlite": (100, 200), "postgresql": (100, 420)},
    "kills": {"sqlite": (17, 200), "postgresql": (17, 300)},
    "crowd": {"sqlite": (30, 100), "postgresql": (18, 150)},
    "pairs": {"postgresql": (2, 240)},
    "faults": {"sqlite": (1, 400), "postgresql": (1, 400)},
    "answers": {"postgresql": (4, 60)},
    "clocks": {"sqlite": (10, 60), "postgresql": (4, 60)},
    "crashes": {"sqlite": (5, 60), "postgresql": (3, 90)},
    "publishing": {"sqlite": (5, 60), "postgresql": (5, 60)},
    "relays": {"sqlite": (5, 60), "postgresql": (5, 90)},
}


@dataclass(frozen=True)
class Step:
    """One program to be run, and for how long at most; `enough` if being stopped then is no failure."""

    command: Sequence[str]
    seconds: float
    enough: bool = False

    def __str__(self) -> str:
        return " ".join(self.command)


def campaigns(database: str, seed: int) -> list[Step]:
    """Return the campaigns on a database, and the churn of rotations beside those on SQLite."""
    steps = []
    for name, where in ROUNDS.items():
        if database in where:
            rounds, seconds = where[database]
            bounds = ["--rounds", str(rounds), "--seconds", str(seconds)]
            command = ["-m", "tests.campaigns", name, "--on", database, "--seed", str(seed), *bounds]
            # A round that has begun goes on to its end.
            steps.append(Step(command, seconds + 300))
    if database == "sqlite":
        steps.append(Step(["-m", "tests.soak.churn", "--assignments", "100000", "--seed", str(seed)], 300))
    return steps


def properties(seed: int, seconds: float) -> list[Step]:
    """Return the searches of property tests, each with its share of the time."""
    files = sorted(PROPERTIES.glob("test_*.py"))
    arguments = ["-q", "-x", "-n", "0", "--hypothesis-profile=soak", f"--hypothesis-seed={seed}"]
    share = seconds * 2 / len(files)
    return [Step(["-m", "pytest", *arguments, str(file.relative_to(ROOT))], share, enough=True) for file in files]


class Soak:
    """Runs steps, prints what they say, and counts what they found."""

    def __init__(self, seconds: float) -> None:
        self.broken: list[str] = []
        self._end = time.monotonic() + seconds
        self._printing = threading.Lock()

    def left(self) -> float:
        """Return how many seconds are left."""
        return max(0.0, self._end - time.monotonic())

    def run_all(self, *lanes: Iterable[Step]) -> None:
        """Run the steps of each lane, one after the other; lanes beside each other."""
        with ThreadPoolExecutor(len(lanes)) as pool:
            for done in [pool.submit(self._run_lane, lane) for lane in lanes]:
                done.result()

    def _run_lane(self, lane: Iterable[Step]) -> None:
        for step in lane:
            seconds = min(step.seconds, self.left())
            if seconds < 1:
                self._say(f"no time is left for {step}")
                continue
            self._run(step, seconds)

    def _run(self, step: Step, seconds: float) -> None:
        began = time.monotonic()
        with subprocess.Popen(
            [sys.executable, *step.command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                said, _ = process.communicate(timeout=seconds)
                code = process.returncode
            except subprocess.TimeoutExpired:
                process.terminate()
                said, _ = process.communicate()
                code = 0 if step.enough else 1
                said += f"stopped after {seconds:.0f} s\n"
        took = time.monotonic() - began
        if code:
            self.broken.append(str(step))
        self._say(f"{'BROKEN' if code else 'kept  '} python {step} ({took:.0f} s)\n{said.rstrip()}\n")

    def _say(self, text: str) -> None:
        with self._printing:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()


def main() -> int:
    """Run everything; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="repeats the operations and inputs of a run")
    parser.add_argument("--minutes", type=float, default=30, help="how long in all")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else time.time_ns() % 10**9
    soak = Soak(asked.minutes * 60)
    sys.stdout.write(f"python -m tests.soak --seed {seed} --minutes {asked.minutes:g}\n")
    soak.run_all(campaigns("sqlite", seed), campaigns("postgresql", seed))
    searches = properties(seed, soak.left())
    soak.run_all(searches[::2], searches[1::2])
    for step in soak.broken:
        sys.stdout.write(f"BROKEN python {step}\n")
    return int(bool(soak.broken))


if __name__ == "__main__":
    sys.exit(main())
