"""Deciding the items of files on a store, in chunks that are kept: a run that is cut off can be gone on with."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assignkit.cli.bringing import bring_agents, bring_customers, chunks, compare_agents, with_stored_agents
from assignkit.cli.exits import INTERRUPTED, USAGE, fail, tell, tell_of_rules
from assignkit.cli.membership import absent_owners
from assignkit.cli.progress import shown_progress
from assignkit.cli.runs import Run, begin, decided, fingerprint_of, latest_finished
from assignkit.cli.speech import speak, translated
from assignkit.clock import Clock, SystemClock
from assignkit.desk.membership import absentees
from assignkit.errors import BackendError
from assignkit.messages.text import Text, say
from assignkit.model.building import built
from assignkit.model.decision import Decision

if TYPE_CHECKING:
    from assignkit.cli.bootstrap import Inputs, Read
    from assignkit.cli.stores import Place
    from assignkit.desk.chunking import Progress
    from assignkit.desk.desk import Desk
    from assignkit.model.agent import Agent
    from assignkit.model.batch import BatchReport
    from assignkit.model.record import Item
    from assignkit.repositories.base import Store
    from assignkit.rules.ruleset import RuleSet

_CHUNK = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How items are to be decided; `quiet` where what is found in the store is told otherwise."""

    rules: str
    inputs: Inputs
    clock: Clock
    seed: str
    explain: bool = False
    quiet: bool = False
    optimise: bool = False

    @property
    def explained_in(self) -> str | None:
        """The time zone of explanations, if they are wanted."""
        return self.inputs.zone if self.explain else None


@dataclass(slots=True)
class Tally:
    """How many items are decided, and kept in the store."""

    place: Place
    done: int = 0
    total: int = 0

    @property
    def told(self) -> Text:
        """What to say of it."""
        if not self.total:
            return say("cli.tally_of_nothing")
        return say("cli.tally", done=self.done, total=self.total, place=self.place)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decisions in the order of the file, by which agents, in which run; `before` of them were there already.

    `report` is what choosing for all others at once was worth, if that was wanted.
    """

    decisions: list[Decision]
    agents: tuple[Agent, ...]
    run: Run
    before: int
    report: BatchReport | None = None


@contextmanager
def telling_what_is_kept(tally: Tally) -> Iterator[None]:
    """Say what is decided already, and how to go on, when the block is cut off."""
    try:
        yield
    except KeyboardInterrupt:
        fail(say("cli.interrupted_kept", tally=tally.told), INTERRUPTED)
    except SystemExit:
        sys.stderr.write(f"assignkit: {speak('ended_kept', tally=tally.told)}\n")
        raise
    except BackendError as error:
        told = say("cli.error_kept", error=error.message, tally=tally.told) if tally.total else error.message
        raise BackendError(told) from None


def decide_in_store(store: Store, read: Read, wanted: Wanted, tally: Tally, *, again: bool = True) -> Outcome:
    """Return a decision for each item; those that a run before made, which was cut off, are read back.

    A run that was finished is followed by a new one, in which items that somebody has are `kept`; unless `again` is
    False: then its decisions are read back too.
    """
    inputs = wanted.inputs
    items = read.tasks if inputs.kind == "tasks" else read.customers
    tally.total = len(items)
    known, rules = _made_ready(store, read, wanted)
    desk = desk_on(store, rules, path=wanted.rules, clock=wanted.clock, seed=wanted.seed, zone=inputs.zone)
    fingerprint = _fingerprint(rules, read, wanted)
    run = None if again else latest_finished(store, fingerprint)
    if run is None:
        bring_agents(store, read.agents)
        if inputs.kind == "tasks":
            bring_customers(desk, store, read.customers)
        run = begin(store, fingerprint, now=SystemClock().now())
    before = decided(store, run, inputs.kind, explained_in=wanted.explained_in) if run.resumed else {}
    before = {item.id: before[item.id] for item in items if item.id in before}
    tally.done = len(before)
    if before and not wanted.quiet:
        begun = f"{run.begun:%Y-%m-%d %H:%M}"
        _say(speak("going_on", begun=begun, before=len(before), items=len(items)))
    deciding = _Deciding(store, desk, run, wanted, tally)
    fresh = deciding.run([item for item in items if item.id not in before])
    every = {**before, **fresh}
    return Outcome([every[item.id] for item in items], known.agents, run, len(before), deciding.report)


def _fingerprint(rules: RuleSet, read: Read, wanted: Wanted) -> str:
    told = (rules.version, wanted.seed, wanted.inputs.zone, wanted.inputs.kind, *(["optimise"] * wanted.optimise))
    return fingerprint_of(*told, records=(*read.agents, *read.customers, *read.tasks))


def _made_ready(store: Store, read: Read, wanted: Wanted) -> tuple[Read, RuleSet]:
    """Return what is known with the agents of the store, and the rules; tell of what is doubtful."""
    from assignkit.cli.bootstrap import read_rules  # noqa: PLC0415 - `--help` need not wait for the library

    brought = compare_agents(store, read.agents)
    if not brought.agents:
        fail(say("cli.no_agents_yet"), USAGE)
    known = with_stored_agents(read, brought.agents)
    tell([*read.notes, *absent_owners((*read.customers, *read.tasks), known.agents)])
    rules = read_rules(wanted.rules, known)
    tell_of_rules([*rules.diagnostics, *absentees(rules, known.agents)], wanted.rules)
    if read.agents and not wanted.quiet:
        _say(translated(brought.told))
    return known, rules


def desk_on(store: Store, rules: RuleSet, *, path: str, clock: Clock, seed: str, zone: str) -> Desk:
    """Return a desk on the store; rules that were published there have to be those of the file at `path`."""
    from assignkit.desk.desk import Desk  # noqa: PLC0415 - as above

    desk = Desk(rules, store, clock=clock, seed=seed, zone=zone)
    if desk.rules.version != rules.version:
        fail(say("cli.published_differ", path=path), USAGE)
    return desk


@dataclass(slots=True)
class _Deciding:
    store: Store
    desk: Desk
    run_: Run
    wanted: Wanted
    tally: Tally
    report: BatchReport | None = None

    def run(self, items: Sequence[Item]) -> dict[str, Decision]:
        """Return the decisions of these items, by id."""
        kind, optimise = self.wanted.inputs.kind, self.wanted.optimise
        made: dict[str, Decision] = {}
        with shown_progress(lines=not self.wanted.quiet) as show:
            for chunk in chunks(items, len(items) or 1 if optimise else _CHUNK):
                told = self._teller(show, self.tally.done)
                decisions = self.desk.assign_many(chunk, kind=kind, progress=told, optimise=optimise)
                made |= {decision.item_id: self._kept(decision) for decision in decisions}
                self.report = decisions.report
                if any(decision.outcome == "error" for decision in decisions):
                    self._look_again(made)
                    self._try_again(chunk, made)
        return made

    def _teller(self, show: Progress, before: int) -> Progress:
        def told(done: int, _: int) -> None:
            self.tally.done = before + done
            show(self.tally.done, self.tally.total)

        return told

    def _kept(self, decision: Decision) -> Decision:
        """Return the decision without all that it was made of, but for its explanation if that is wanted."""
        bare = built(Decision, dict(decision))
        if not self.wanted.explain:
            return bare
        why = decision.explanation()
        return bare.explained_by(lambda: why)

    def _look_again(self, made: dict[str, Decision]) -> None:
        """Take over what was kept after all: a connection that is lost while committing leaves that open."""
        kind = self.wanted.inputs.kind
        found = decided(self.store, self.run_, kind, explained_in=self.wanted.explained_in)
        made.update({key: found[key] for key, each in made.items() if each.outcome == "error" and key in found})

    def _try_again(self, chunk: Sequence[Item], made: dict[str, Decision]) -> None:
        """Decide again, one at a time, what failed: a database that fails still ends the run here, to be gone on with.

        What is wrong with an item itself stays its `error`. Raises `BackendError`.
        """
        failed = [item for item in chunk if made[item.id].outcome == "error"]
        self.tally.done -= len(failed)
        for item in failed:
            try:
                made[item.id] = self._kept(self.desk.assign(item))
            except BackendError:
                raise
            except Exception:  # noqa: BLE001, S110 - a host's order may raise anything; the decision says so already
                pass
            self.tally.done += 1


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
