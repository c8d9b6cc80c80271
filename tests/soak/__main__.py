"""`python -m tests.soak --seed N --minutes N`: all long searches, in two lanes, within a bounded time.

One lane has the campaigns on SQLite, the other those on PostgreSQL; a lane that is through goes on with property tests,
which search with new inputs for as long as time is left. At the end stands what was played in all. Ends with 1 if
anything was found; what was found is printed with how to play it again.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.campaigns.playing import figures_of, in_words
from tests.faults.matrix import PARTS

ROOT = Path(__file__).parents[2]
PROPERTIES = ROOT / "tests" / "properties"
LEDGER = ROOT / "tests" / "unit" / "proving" / "test_ledger.py"  # which spoils every row then
# Rounds, so that 200 rounds of 16 processes and 1,000 kills are played in all; and seconds, after which it is enough.
# Where those of a lane are more than there are, each step gets its share of what is left.
ROUNDS = {
    "rooms": {"sqlite": (100, 240), "postgresql": (100, 300)},
    "kills": {"sqlite": (17, 200), "postgresql": (17, 240)},
    "crowd": {"sqlite": (30, 100), "postgresql": (18, 120)},
    "pairs": {"postgresql": (32, 100)},
    "faults": {"sqlite": (PARTS, 300), "postgresql": (PARTS, 400)},
    "answers": {"postgresql": (4, 45)},
    "clocks": {"sqlite": (10, 30), "postgresql": (4, 30)},
    "crashes": {"sqlite": (5, 30), "postgresql": (3, 60)},
    "publishing": {"sqlite": (5, 30), "postgresql": (5, 30)},
    "relays": {"sqlite": (5, 60), "postgresql": (5, 60)},
}
LANES = 2
_TO_END = 30  # seconds
_KEPT = re.compile(r"^kept   (\w+) on \w+:(.*) in \d+ s$", re.MULTILINE)
FUZZING = 180  # seconds of hostile inputs for rules
SEARCHING = 300  # seconds that a lane is to have left for searches
_GRACE = 240  # seconds in which a program may come to its end: a round that has begun goes on


@dataclass(frozen=True)
class Step:
    """One program to be run, and for how long at most; `enough` if being stopped then is no failure.

    One that `ends` by itself is told for how long by `--seconds`.
    """

    command: Sequence[str]
    seconds: float
    enough: bool = False
    ends: bool = False

    def __str__(self) -> str:
        return " ".join(self.command)


def campaigns(database: str, seed: int) -> list[Step]:
    """Return the campaigns on a database, and the churn of rotations beside those on SQLite."""
    steps = []
    for name, where in ROUNDS.items():
        if database in where:
            rounds, seconds = where[database]
            command = ["-m", "tests.campaigns", name, "--on", database, "--seed", str(seed), "--rounds", str(rounds)]
            steps.append(Step(command, seconds, ends=True))
    if database == "sqlite":
        steps.append(Step(["-m", "tests.fuzz", "--seed", str(seed)], FUZZING, ends=True))
        churn = ["-m", "tests.soak.churn", "--assignments", "50000", "--seed", str(seed)]
        steps.append(Step(churn, 300, enough=True))  # it tells what it found as it goes
    return steps


def properties(seed: int) -> Iterator[list[str]]:
    """Yield what searches with each file of tests that try more when they are asked to."""
    arguments = ["-q", "-x", "-n", "0", "--hypothesis-profile=soak", f"--hypothesis-seed={seed}"]
    for file in [LEDGER, *sorted(PROPERTIES.glob("test_*.py"))]:
        yield ["-m", "pytest", *arguments, str(file.relative_to(ROOT))]


class Soak:
    """Runs steps, prints what they say, and counts what they did and found."""

    def __init__(self, seconds: float, searches: Iterable[list[str]]) -> None:
        self.broken: list[str] = []
        self.done: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._end = time.monotonic() + seconds
        self._searches = deque(searches)
        self._one_at_a_time = threading.Lock()

    def left(self) -> float:
        """Return how many seconds are left."""
        return max(0.0, self._end - time.monotonic())

    def run_all(self, *lanes: Iterable[Step]) -> None:
        """Run the steps of each lane one after the other, and then the searches; lanes beside each other."""
        with ThreadPoolExecutor(len(lanes)) as pool:
            for done in [pool.submit(self._run_lane, lane) for lane in lanes]:
                done.result()

    def totals(self) -> Iterator[str]:
        """Yield a line for each campaign, and one for all of them."""
        for name, done in self.done.items():
            yield f"played {name}: {in_words(done)}"
        everything = sum(self.done.values(), Counter[str]())
        rooms = self.done["rooms"]["rounds"]
        yield f"in all {in_words(everything)}; {rooms:,} of the rounds by 16 processes among agents with little room"

    def _run_lane(self, lane: Iterable[Step]) -> None:
        steps = deque(lane)
        while steps:
            step = steps.popleft()
            needed = step.seconds + sum(one.seconds for one in steps) + SEARCHING
            self._run_if(step, step.seconds * min(1.0, self.left() / needed))
        for search in iter(self._next_search, None):
            self._run_if(search, search.seconds)

    def _run_if(self, step: Step, seconds: float) -> None:
        if min(seconds, self.left()) < 1:
            self._say(f"no time is left for {step}")
        else:
            self._run(step, seconds)

    def _next_search(self) -> Step | None:
        """Return the next search, with its share of the time that is left."""
        with self._one_at_a_time:
            if not self._searches:
                return None
            share = self.left() * LANES / len(self._searches)
            return Step(self._searches.popleft(), share, enough=True)

    def _run(self, step: Step, seconds: float) -> None:
        began = time.monotonic()
        command = [sys.executable, *step.command]
        if step.ends:
            command += ["--seconds", str(max(1, int(seconds)))]
            seconds = min(seconds + _GRACE, self.left())
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                said, _ = process.communicate(timeout=seconds)
                code = process.returncode
            except subprocess.TimeoutExpired:
                said = _interrupted(process)
                code = 0 if step.enough else 1
                said += f"stopped after {seconds:.0f} s\n"
        took = time.monotonic() - began
        if code:
            self.broken.append(str(step))
        self._count(said)
        self._say(f"{'BROKEN' if code else 'kept  '} python {step} ({took:.0f} s)\n{said.rstrip()}\n")

    def _count(self, said: str) -> None:
        with self._one_at_a_time:
            for name, told in _KEPT.findall(said):
                self.done[name] += figures_of(told)

    def _say(self, text: str) -> None:
        with self._one_at_a_time:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()


def heed_interrupts() -> None:
    """Let programs be interrupted even where this one is not, as shells have it for what they run in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupted(process: subprocess.Popen[str]) -> str:
    """Let a program end as it would by Ctrl-C, so that it stops the servers that it started; return what it said."""
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=_TO_END)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0]


def main() -> int:
    """Run everything; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="repeats the operations and inputs of a run")
    parser.add_argument("--minutes", type=float, default=30, help="how long in all")
    asked = parser.parse_args()
    heed_interrupts()
    seed = asked.seed if asked.seed is not None else time.time_ns() % 10**9
    soak = Soak(asked.minutes * 60, properties(seed))
    sys.stdout.write(f"python -m tests.soak --seed {seed} --minutes {asked.minutes:g}\n")
    soak.run_all(campaigns("sqlite", seed), campaigns("postgresql", seed))
    sys.stdout.writelines(f"{line}\n" for line in soak.totals())
    for step in soak.broken:
        sys.stdout.write(f"BROKEN python {step}\n")
    return int(bool(soak.broken))


if __name__ == "__main__":
    sys.exit(main())
