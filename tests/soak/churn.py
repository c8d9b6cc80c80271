"""Rotations under churn: agents leave and return all the time, and every decision is checked against the promises.

`python -m tests.soak.churn --assignments 1000000 --seed 7` is the long run; `tests/properties/test_churn.py` the short.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from assignkit import Desk, ManualClock, MemoryStore, RuleSet
from assignkit.hashing import stable_hash
from assignkit.model.agent import Agent
from assignkit.model.placement import Rotation
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.fair_share import UNIT
from assignkit.strategies.registry import build_chain
from tests.unit.strategies.making import NOON

CHURN = 0.3  # part of the agents that leave or return at each change
STAYS = (1, 3, 20, 150, 900)  # decisions between two changes
WEIGHTED_BOUND = 5
ROUNDING = 10**3  # units of 10⁻⁹ by which rounding may carry the ledger beyond its bound


def dice(seed: int) -> random.Random:
    """Return dice that fall the same way every time."""
    return random.Random(seed)  # noqa: S311 - games, not secrets


def comings_and_goings(rng: random.Random, names: Sequence[str]) -> Iterator[frozenset[str]]:
    """Yield who is eligible, decision by decision: 30 % leave or return at a time, now and then a whole shift."""
    shift = frozenset(names[: len(names) // 2])
    present = set(names)
    while True:
        if rng.random() < 0.1:
            present = present | shift if rng.random() < 0.5 or present <= shift else present - shift
        else:
            present = present ^ set(rng.sample(names, max(1, round(CHURN * len(names)))))
        here = frozenset(present or {rng.choice(names)})
        for _ in range(rng.choice(STAYS)):
            yield here


@dataclass
class Rotating:
    """One rotation, decided on by its chain as a desk does, without the rest of a desk."""

    chain: OrderChain
    weights: Mapping[str, int]
    rotation: Rotation = field(default_factory=lambda: Rotation(name="r"))
    members: dict[str, Candidate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, weight in self.weights.items():
            tie = stable_hash("seed", "r", name)
            self.members[name] = Candidate(agent_id=name, agent=Agent(id=name, weight=weight), tie=tie)
        self._standing = self.chain.stand() if self.chain.standing else None
        if self._standing is not None:
            for one in self.members.values():
                self._standing.put(one)

    def choose(self, here: frozenset[str]) -> str:
        """Choose one of those who are here, and take the turn; return who."""
        asked = Question(str(self.rotation.decisions), NOON, "seed", self.rotation)
        if self._standing is not None:
            winner = next(one for one in self._standing if one.agent_id in here)
            eligible = [winner]
        else:
            eligible = [self.members[name] for name in sorted(here)]
            winner = self.chain.rank(eligible, asked)[0]
        turn = self.chain.turn(winner, eligible, asked)
        assert turn is not None
        self.rotation = turn.rotation
        for seat in turn.seats:
            self.members[seat.agent_id].seat = seat
        if self._standing is not None:
            self._standing.put(winner)
            self._standing.raise_floor(turn.rotation.level)
        return winner.agent_id


class PairGaps:
    """The largest difference of two agents' counts in a window in which both were eligible throughout."""

    def __init__(self) -> None:
        self.worst = 0
        self._here: frozenset[str] = frozenset()
        self._balances: dict[tuple[str, str], list[int]] = {}  # now, lowest, highest since both are here

    def see(self, here: frozenset[str], winner: str) -> None:
        """Take one decision into account."""
        if here != self._here:
            stay = self._here & here
            self._balances = {pair: b for pair, b in self._balances.items() if pair[0] in stay and pair[1] in stay}
            self._here = here
        for other in here:
            if other != winner:
                pair, step = ((winner, other), 1) if winner < other else ((other, winner), -1)
                balance = self._balances.setdefault(pair, [0, 0, 0])
                balance[0] += step
                balance[1] = min(balance[1], balance[0])
                balance[2] = max(balance[2], balance[0])
                self.worst = max(self.worst, balance[2] - balance[1])

    def away(self, agents: Collection[str]) -> None:
        """Begin anew for agents who are not eligible now, though it may be between two decisions that they are not."""
        if not self._here.isdisjoint(agents):
            self._here = self._here.difference(agents)
            self._balances = {pair: b for pair, b in self._balances.items() if self._here.issuperset(pair)}


class Bursts:
    """The longest run of turns of one agent while somebody else was there throughout."""

    def __init__(self) -> None:
        self.worst = 0
        self._last, self._run = "", 0
        self._others: frozenset[str] = frozenset()

    def see(self, here: frozenset[str], winner: str) -> None:
        """Take one decision into account."""
        others = here - {winner}
        self._others = self._others & others if winner == self._last else others
        self._run = self._run + 1 if winner == self._last and self._others else 1
        if not self._others:
            self._others = others
        self._last = winner
        if others:
            self.worst = max(self.worst, self._run)


class ShareErrors:
    """How far a count was from its exact share in any window of constant eligibility, or only in its prefixes."""

    def __init__(self, weights: Mapping[str, int], *, prefixes: bool = False) -> None:
        self.worst = Fraction(0)
        self._weights = weights
        self._prefixes = prefixes
        self._here: frozenset[str] = frozenset()
        self._total = 1
        self._errors: dict[str, list[int]] = {}  # in units of 1/total: now, lowest, highest

    def see(self, here: frozenset[str], winner: str) -> None:
        """Take one decision into account."""
        if here != self._here:
            self._here, self._total = here, sum(self._weights[name] for name in here)
            self._errors = {name: [0, 0, 0] for name in here}
        widest = 0
        for name, error in self._errors.items():
            error[0] += (self._total if name == winner else 0) - self._weights[name]
            error[1] = min(error[1], error[0])
            error[2] = max(error[2], error[0])
            widest = max(widest, error[2], -error[1]) if self._prefixes else max(widest, error[2] - error[1])
        if widest > self.worst * self._total:
            self.worst = Fraction(widest, self._total)


@dataclass(frozen=True)
class Verdict:
    """What one run found: the worst figure, and the bound that it must not be beyond."""

    what: str
    worst: float
    bound: float

    @property
    def kept(self) -> bool:
        """Return whether the promise was kept."""
        return self.worst <= self.bound

    def __str__(self) -> str:
        return f"{'kept  ' if self.kept else 'BROKEN'} {self.what}: {self.worst:.6g}, at most {self.bound:.6g}"


def round_robin(seed: int, assignments: int, *, agents: int = 20) -> list[Verdict]:
    """Return whether counts stay within 1 in all common windows, and whether nobody has a burst."""
    rng = dice(seed)
    names = [f"agent {number:02}" for number in range(agents)]
    desk = Rotating(build_chain(["round robin"]), dict.fromkeys(names, 1))
    gaps, bursts = PairGaps(), Bursts()
    for _, here in zip(range(assignments), comings_and_goings(rng, names), strict=False):
        winner = desk.choose(here)
        gaps.see(here, winner)
        bursts.see(here, winner)
    return [
        Verdict("round robin, largest gap of two in a common window", gaps.worst, 1),
        Verdict("round robin, longest run while another one was there", bursts.worst, 1),
    ]


def fair_share(seed: int, assignments: int, *, agents: int = 12) -> list[Verdict]:
    """Return whether nobody's account is beyond (n − 1)/2 items, and whether all of them sum up to nothing."""
    rng = dice(seed)
    names = [f"agent {number:02}" for number in range(agents)]
    desk = Rotating(build_chain(["fair share"]), dict.fromkeys(names, 1))
    worst: int | Fraction = 0
    for _, here in zip(range(assignments), comings_and_goings(rng, names), strict=False):
        desk.choose(here)
        worst = max(worst, *(abs(seat.turn) for name in here if (seat := desk.members[name].seat)))
    left = sum(one.seat.turn for one in desk.members.values() if one.seat)
    return [
        Verdict("fair share, largest debt in items", worst / UNIT, (agents - 1) / 2 + ROUNDING / UNIT),
        Verdict("fair share, sum of all accounts", float(abs(left)), 0),
    ]


def weighted(seed: int, assignments: int, *, agents: int = 12) -> list[Verdict]:
    """Return whether shares are within the stated constant in all windows of constant eligibility."""
    rng = dice(seed)
    weights = {f"agent {number:02}": rng.randint(1, 40) for number in range(agents)}
    desk = Rotating(build_chain(["weighted round robin"]), weights)
    errors = ShareErrors(weights)
    for _, here in zip(range(assignments), comings_and_goings(rng, list(weights)), strict=False):
        errors.see(here, desk.choose(here))
    return [Verdict("weighted, error of a share in a window after churn", float(errors.worst), WEIGHTED_BOUND)]


def new_weights(seed: int, assignments: int, *, agents: int = 8) -> list[Verdict]:
    """Return whether shares are within the same constant between changes of the agents' weights, in mid-rotation."""
    rng = dice(seed)
    weights = {f"agent {number:02}": rng.randint(1, 40) for number in range(agents)}
    desk, here = Rotating(build_chain(["weighted round robin"]), weights), frozenset(weights)
    worst, errors = Fraction(0), ShareErrors(weights)
    for left in range(assignments, 0, -1):
        errors.see(here, desk.choose(here))
        if rng.random() < 0.03 or left == 1:
            worst = max(worst, errors.worst)
            for name in rng.sample(sorted(weights), rng.choice([1, agents])):
                weights[name] = rng.choice([1, 40, rng.randint(1, 40)])
                desk.members[name].agent = Agent(id=name, weight=weights[name])
            errors = ShareErrors(weights)
    return [Verdict("weighted, error of a share in a window after new weights", float(worst), WEIGHTED_BOUND)]


def standing_set(seed: int, assignments: int, *, agents: int = 20) -> list[Verdict]:
    """Return whether the shares of a set that stands are within 1 of ideal at every prefix."""
    rng = dice(seed)
    weights = {f"agent {number:02}": rng.randint(1, 40) for number in range(agents)}
    desk = Rotating(build_chain(["weighted round robin"]), weights)
    errors, here = ShareErrors(weights, prefixes=True), frozenset(weights)
    for _ in range(assignments):
        errors.see(here, desk.choose(here))
    return [Verdict("weighted, error of a share in a prefix of a standing set", float(errors.worst), 1)]


class AtDesk:
    """One team of a desk in memory, whose agents are active or not; as `Rotating`, with all the rest of a desk."""

    def __init__(self, order: str, weights: Mapping[str, int]) -> None:
        rules = RuleSet.from_text(f'rule "All" assign to team "All" by {order}')
        self.store = MemoryStore()
        self._desk = Desk(rules, self.store, clock=ManualClock(NOON), seed="seed")
        self._here = frozenset(weights)
        self._number = 0
        for name, weight in weights.items():
            self._desk.agents.add(Agent(id=name, weight=weight, teams={"All"}))

    def choose(self, here: frozenset[str]) -> str:
        """Let these agents be there, and assign an item; return to whom."""
        for name in sorted(here ^ self._here):
            agent = self._desk.agents.get(name)
            self._desk.agents.save(agent.model_copy(update={"active": name in here}))
        self._here = here
        self._number += 1
        return str(self._desk.assign({"id": self._number}).agent_id)

    def accounts(self) -> list[int | Fraction]:
        """Return what stands in the seats of its rotation."""
        (rotation,) = self.store.rotations.list()
        return [seat.turn for seat in self.store.rotations.seats(rotation.name)]


def at_a_desk(seed: int, assignments: int, *, agents: int = 12) -> list[Verdict]:
    """Return whether a whole desk keeps the same promises: a tenth of the assignments, for each of three orders."""
    names = [f"agent {number:02}" for number in range(agents)]
    equal = dict.fromkeys(names, 1)
    weights = {name: dice(seed).randint(1, 40) + place for place, name in enumerate(names)}
    turns, shares, ledger = (
        AtDesk("round robin", equal),
        AtDesk("weighted round robin", weights),
        AtDesk("fair share", equal),
    )
    gaps, bursts, errors, worst = PairGaps(), Bursts(), ShareErrors(weights), Fraction(0)
    for _, here in zip(range(assignments // 10), comings_and_goings(dice(seed), names), strict=False):
        winner = turns.choose(here)
        gaps.see(here, winner)
        bursts.see(here, winner)
        errors.see(here, shares.choose(here))
        ledger.choose(here)
        worst = max(worst, *(abs(Fraction(account)) for account in ledger.accounts()))
    return [
        Verdict("round robin at a desk, largest gap of two in a common window", gaps.worst, 1),
        Verdict("round robin at a desk, longest run while another one was there", bursts.worst, 1),
        Verdict("weighted at a desk, error of a share in a window after churn", float(errors.worst), WEIGHTED_BOUND),
        Verdict("fair share at a desk, largest debt in items", float(worst / UNIT), (agents - 1) / 2 + ROUNDING / UNIT),
        Verdict("fair share at a desk, sum of all accounts", float(abs(sum(ledger.accounts()))), 0),
    ]


CAMPAIGNS: Mapping[str, Callable[[int, int], list[Verdict]]] = {
    "round robin": round_robin,
    "fair share": fair_share,
    "weighted": weighted,
    "new weights": new_weights,
    "standing set": standing_set,
    "at a desk": at_a_desk,
}


def main() -> int:
    """Run every campaign once, print what was found and how to repeat it; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.churn", description=__doc__)
    parser.add_argument("--assignments", type=int, default=100_000, help="how many, in each campaign")
    parser.add_argument("--seed", type=int, default=None, help="repeats a run")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else time.time_ns() % 10**9
    _say(f"seed {seed}")
    broken = False
    for name, campaign in CAMPAIGNS.items():
        began = time.perf_counter()
        for verdict in campaign(seed, asked.assignments):
            _say(str(verdict))
            broken = broken or not verdict.kept
        _say(f"       {name}: {asked.assignments:,} assignments in {time.perf_counter() - began:.1f} s")
    if broken:
        _say(f"repeat: python -m tests.soak.churn --assignments {asked.assignments} --seed {seed}")
    return int(broken)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
