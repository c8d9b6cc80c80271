"""Processes that decide are killed at random instants: nothing that was acknowledged is lost, and nothing is half done.

Each process keeps a journal of what it was told and what it was answered. A journal outlives a SIGKILL, as the
operating system has what was written.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assignkit.model.decision import Decision
from assignkit.repositories.base import Store
from assignkit.repositories.sql import SqlStore
from tests.campaigns.auditing import BrokenPromiseError, audit
from tests.campaigns.crowds import Errand, forked, open_worker
from tests.campaigns.playing import Campaign, Place
from tests.campaigns.scenes import ONE_ROTATION, SMALL_ROOMS, TURNS_ONLY, dice
from tests.campaigns.turns import check_rotations, check_turns, check_views
from tests.campaigns.working import MIXED

AT_ONCE = 3
_LINE = 400  # bytes, about what an answer takes in a journal
_ORDINARY = {name: weight for name, weight in MIXED.items() if name not in ("tick", "later")} | {"tick": 1}


def work_until_killed(errand: Errand, number: int, journal: str) -> None:
    """Do one operation after the other, each under a key, and keep a journal of what came of them."""
    file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store = SqlStore(errand.url, tenant=errand.tenant)
    worker = open_worker(errand, store, number)
    worker.desk.subscribe(lambda event: _write(file, "told", event.id))
    names, weights = list(errand.weights), list(errand.weights.values())
    _write(file, "ready")
    for turn in itertools.count():
        (what,) = worker.rng.choices(names, weights)
        result = worker.do(what, f"{errand.seed}-{number}-{turn}")
        for line in worker.raw:
            _write(file, "raw", line)
        if isinstance(result, Decision):
            _write(file, "did", what, f"{errand.seed}-{number}-{turn}", result.model_dump_json())


def _write(file: int, *words: str) -> None:
    os.write(file, ("\t".join(words).replace("\n", " ") + "\n").encode())


@dataclass
class Storm:
    """Processes on one tenant, killed again and again, and what their journals say."""

    errand: Errand
    folder: Path
    told: set[str] = field(default_factory=set)
    did: list[tuple[str, str, str]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    started: int = 0
    _running: list[tuple[Any, Path]] = field(default_factory=list)

    def start(self) -> None:
        """Start some processes, and wait until they work."""
        for _ in range(AT_ONCE):
            self.started += 1
            journal = self.folder / str(self.started)
            arguments = (self.errand, self.started, str(journal))
            process = forked().Process(target=work_until_killed, args=arguments, daemon=True)
            process.start()
            self._running.append((process, journal))
        for process, journal in self._running:
            _wait_for(process, journal)

    def wait_for(self, lines: int) -> None:
        """Wait until their journals have so many lines more, at most for half a minute."""
        give_up = time.monotonic() + 30
        written = _size(self._running)
        while _size(self._running) < written + lines * _LINE and time.monotonic() < give_up:
            time.sleep(0.0005)

    def end(self) -> None:
        """Kill them all, and read their journals."""
        for process, _ in self._running:
            process.kill()
        for process, journal in self._running:
            process.join()
            self._read(journal)
        self._running.clear()

    def _read(self, journal: Path) -> None:
        for line in journal.read_text().splitlines():
            what, *words = line.split("\t")
            if what == "told":
                self.told.add(words[0])
            elif what == "did":
                self.did.append((words[0], words[1], words[2]))
            elif what == "raw":
                self.raw.append(words[0])


def _size(running: list[tuple[Any, Path]]) -> int:
    return sum(journal.stat().st_size for _, journal in running)


def _wait_for(process: Any, journal: Path) -> None:  # noqa: ANN401 - a process of a context
    give_up = time.monotonic() + 120
    while not (journal.exists() and journal.stat().st_size):
        assert process.is_alive(), "a process died by itself"
        assert time.monotonic() < give_up, "a process does not begin"
        time.sleep(0.001)


_OPERATIONS = {"assign_new": "assign", "force": "assign", "claim": "reassign"}


def lost_answers(store: Store, did: list[tuple[str, str, str]]) -> list[str]:
    """Return what was answered to a process, and is not in the store."""
    found = []
    for what, key, answer in did:
        kept = store.idempotency.find(_OPERATIONS.get(what, what), key)
        if kept is None:
            found.append(f"promise 4: {what} {key} was acknowledged, and is lost")
        elif Decision.model_validate_json(kept.result) != Decision.model_validate_json(answer):
            found.append(f"promise 6: {what} {key} was answered by {answer}, and is kept as {kept.result}")
    return found


def kills(place: Place, seed: int, *, full: bool) -> Counter[str]:
    """Play one round: 10 strikes of 3 processes at one tenant, 3 in short; everything is audited after each."""
    scene = (ONE_ROTATION, SMALL_ROOMS, TURNS_ONLY)[seed % 3]
    rng, tenant = dice(seed), place.tenant()
    tables = place.tables(tenant)
    done: Counter[str] = Counter()
    with TemporaryDirectory() as folder, place.store(tenant) as store:
        scene.open(store)
        errand = Errand(place.url, tenant, scene.name, str(seed), 0, _ORDINARY, keyed=True)
        storm = Storm(errand, Path(folder))
        for _ in range(10 if full else 3):
            storm.start()
            storm.wait_for(rng.choice([0, 0, 1, 4]))
            time.sleep(rng.uniform(0, 0.05))
            storm.end()
            tables.settle()
            events = audit(store, tables, agents=scene.people, capacities=scene.capacities, told=storm.told)
            found = [
                *storm.raw,
                *lost_answers(store, storm.did),
                *check_rotations(store, events, teams=scene.teams),
                *check_turns(events, agents=scene.people, teams=scene.teams),
                *check_views(events, agents=scene.people),
            ]
            if found:
                raise BrokenPromiseError(found)
        done += Counter(kills=storm.started, acknowledged=len(storm.did), events=len(events))
    return done


KILLS = Campaign("kills", "processes that decide, killed at random instants", kills)
