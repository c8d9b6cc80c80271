"""Desks on several stores that are told the same, step by step; at the first difference a script that shows it again.

A step is a line of Python that calls `desk`, `other` (a second desk on the same store) or `clock`, so that what was
played is a script already.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import zip_longest
from typing import Any, get_args
from zoneinfo import ZoneInfo

from assignkit import Agent, Customer, Desk, ManualClock, Pool, RuleSet, Task, Team
from assignkit.model.placement import PlacementState
from assignkit.repositories.base import Store
from tests.differential.telling import outcome_of, told

KINDS = ("customers", "tasks")
_NAMES: Mapping[str, Any] = {
    "Agent": Agent,
    "Customer": Customer,
    "Decimal": Decimal,
    "Fraction": Fraction,
    "Pool": Pool,
    "Task": Task,
    "Team": Team,
    "ZoneInfo": ZoneInfo,
    "datetime": dt,
}


LONG_WAY = "memory, the long way"  # a store whose desks take no short way with plain items


class DisagreementError(AssertionError):
    """Two stores differ after the last of some steps. Its text ends in a script that shows it again."""

    def __init__(self, difference: str, setting: Setting, steps: Sequence[str], on: tuple[str, str]) -> None:
        super().__init__(f"{difference}\n\n{_script(setting, steps, on)}")
        self.difference = difference
        self.setting = setting
        self.steps = tuple(steps)
        self.on = on


@dataclass(frozen=True, slots=True)
class Setting:
    """What all desks of a play have in common. `texts` are rules: the first are in force, the others are published."""

    texts: tuple[str, ...]
    at: dt.datetime
    zone: str = "UTC"
    seed: str = "test"

    @property
    def rules(self) -> tuple[RuleSet, ...]:
        return tuple(map(rules_of, self.texts))


@lru_cache(256)
def rules_of(text: str) -> RuleSet:
    """Return the rules of a text; understood once, as the same texts are played again and again."""
    return RuleSet.from_text(text)


@contextmanager
def logged() -> Iterator[list[str]]:
    """Collect what the desk logs. What a batch stumbles over, and goes on, is raised: no step here may fail oddly."""

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())
            if record.exc_info is not None and record.exc_info[1] is not None:
                stumbled.append(record.exc_info[1])

    lines: list[str] = []
    stumbled: list[BaseException] = []
    handler, logger = Lines(), logging.getLogger("assignkit")
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated
    if stumbled:
        raise stumbled[0]


@dataclass(slots=True)
class Side:
    """The desks on one store, and how much of its history was compared."""

    name: str
    store: Store
    names: dict[str, Any]
    seen: int = 0
    decided: list[tuple[object, str]] = field(default_factory=list)

    @classmethod
    def open(cls, name: str, store: Store, setting: Setting) -> Side:
        """Return two desks on a store, and what else a step may name."""
        rules, clock = setting.rules, ManualClock(setting.at)

        def open_desk() -> Desk:
            desk = Desk(rules[0], store, clock=clock, seed=setting.seed, zone=setting.zone)
            desk._batches.goes_short = name != LONG_WAY
            return desk

        names = {
            **_NAMES,
            "clock": clock,
            "desk": open_desk(),
            "other": open_desk(),
            "open_desk": open_desk,
            "rules": rules,
        }
        return cls(name, store, names)

    @property
    def desk(self) -> Desk:
        """The first desk; another one after a step that opened it anew."""
        found: Desk = self.names["desk"]
        return found

    @property
    def clock(self) -> ManualClock:
        """The clock of both desks."""
        found: ManualClock = self.names["clock"]
        return found

    def take(self, step: str) -> tuple[object, str]:
        """Take a step, and return what it gave, and what that and the log tell."""
        with logged() as lines:
            if step.startswith("desk = "):
                exec(step, self.names)  # noqa: S102 - the steps are ours
                return None, ""
            result, text = outcome_of(lambda: eval(step, self.names))  # noqa: S307 - the steps are ours
        self.decided.append((result, text))
        return result, "\n".join((text, *lines))

    def changes(self) -> dict[str, str]:
        """Return what the books say that may have changed since they were last asked."""
        fresh = self.store.history.since(self.seen, limit=10**6)
        self.seen = fresh[-1].number if fresh else self.seen
        touched = sorted({(event.kind, event.item_id) for event in fresh if event.kind in KINDS})
        agents = [agent.id for agent in self.store.agents.list()]
        loads = self.store.loads.of_agents(agents)
        return {
            "history": told(fresh),
            "loads": told({id: dict(sorted(loads.get(id, {}).items())) for id in sorted(agents)}),
            "rotations": told([(one, self.store.rotations.seats(one.name)) for one in self.store.rotations.list()]),
            "places": told([self.store.placements.find(*item) for item in touched]),
            "records": told([self.store.items(kind).find(id) for kind, id in touched]),
        }

    def books(self) -> dict[str, str]:
        """Return everything that can be read, by desk and by store."""
        store, desk, now = self.store, self.desk, self.clock.now()
        agents = [agent.id for agent in store.agents.list()]
        items = sorted({(event.kind, event.item_id) for event in store.history.since(0, limit=10**6)})
        records = {"agents": store.agents, "teams": store.teams, "pools": store.pools}
        parts = {
            "histories": [desk.history(item) for item in items if item[0] in KINDS],
            "corrections": [store.history.of_item(*item) for item in items if item[0] not in KINDS],
            "items": [desk.items(kind).list(order=("-effort", "owner")) for kind in KINDS],
            **{noun: repository.list(order="-version") for noun, repository in records.items()},
            "placements": [store.placements.in_state(state) for state in get_args(PlacementState)],
            "of agents": [store.placements.of_agent(id) for id in agents],
            "open": [store.assignments.open_of_agent(id) for id in agents],
            "assignments": [store.assignments.of_item(*item) for item in items],
            "rotations": desk.rotations(),
            "publications": desk.publications(),
            "in force": desk.rules.version,
            "days": [desk.why_nothing_today(id) for id in agents],
            "holders": desk.holders_at(now),
            "holders before": desk.holders_at(now - dt.timedelta(hours=2)),
        }
        return {name: told(part) for name, part in parts.items()}


class Lockstep:
    """Several stores that take the same steps. The first is what the others are compared with."""

    def __init__(self, setting: Setting, stores: Mapping[str, Store]) -> None:
        self.setting = setting
        self.agrees = True
        self.told = hashlib.sha256()
        self.steps: list[str] = []
        self.sides = [Side.open(name, store, setting) for name, store in stores.items()]

    @property
    def first(self) -> Side:
        """The side that answers questions on the way."""
        return self.sides[0]

    def take(self, step: str) -> object:
        """Let all stores take a step, compare what they tell, and return what the first gave."""
        self.steps.append(step)
        results = [self._taken(side, step) for side in self.sides]
        self._compare("the step", [text for _, text in results])
        self._compare_all([side.changes() for side in self.sides])
        return results[0][0]

    def finish(self) -> None:
        """Compare all that the books say; what was decided is still explained as it was."""
        self._compare_all([side.books() for side in self.sides])
        for side in self.sides:
            for result, text in side.decided:
                if not isinstance(result, Exception) and told(result) != text:
                    raise self._differing(side.name, "what was decided, asked again,", text, told(result))

    def _taken(self, side: Side, step: str) -> tuple[object, str]:
        try:
            return side.take(step)
        except Exception as error:
            told_by = "".join(traceback.format_exception(error))
            raise self._disagreement(side.name, f"{side.name} raised\n{told_by}") from error

    def _compare_all(self, parts: Sequence[Mapping[str, str]]) -> None:
        for what in parts[0]:
            self._compare(what, [each[what] for each in parts])

    def _compare(self, what: str, texts: Iterable[str]) -> None:
        first, *others = texts
        self.told.update(first.encode())
        for side, text in zip(self.sides[1:], others, strict=True):
            if text != first:
                raise self._differing(side.name, what, first, text)

    def _differing(self, name: str, what: str, one: str, two: str) -> DisagreementError:
        lines = zip_longest(one.split("\n"), two.split("\n"), fillvalue="")
        first, other = next(pair for pair in lines if pair[0] != pair[1])
        where = f"{what} differs between {self.first.name} and {name} after step {len(self.steps)}"
        return self._disagreement(name, f"{where}\n< {first}\n> {other}")

    def _disagreement(self, name: str, difference: str) -> DisagreementError:
        self.agrees = False
        return DisagreementError(difference, self.setting, self.steps, (self.first.name, name))


def _script(setting: Setting, steps: Sequence[str], on: tuple[str, str]) -> str:
    """Return a script that plays it again."""
    texts = "".join(f"{text!r},\n" if "'" in text or "\\" in text else f"'''{text}''',\n" for text in setting.texts)
    listed = "".join(f"    {step!r},\n" for step in steps)
    return f"""# play it again with: PYTHONPATH=.:src python this_script.py
import datetime
from tests.differential.lockstep import Setting
from tests.differential.playing import play

TEXTS = ({texts})
SETTING = Setting(TEXTS, {setting.at!r}, zone={setting.zone!r}, seed={setting.seed!r})
STEPS = [
{listed}]
play(SETTING, STEPS, on={on!r})
"""
