"""Assessing: who may have which item of a batch, how well they suit it, and what room there is.

Only items that somebody can be chosen for are open. All others are decided as they would be one after the other, and
first, so that what they take is known. One after the other they may come later: whom an item went to then, in room that
is taken by now, is no option for a plan, and is known all the same, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assignkit.desk.deciding.choosing import Chooser
from assignkit.desk.deciding.deciding import Attempt, Case
from assignkit.desk.deciding.periods import begun
from assignkit.desk.receiving import Received
from assignkit.desk.session import Session
from assignkit.desk.together.posing import BatchProblem, Carrier, Pair
from assignkit.model.decision import Decision
from assignkit.rules.plan import KeepOwner, Limit, Period, Rule

Counted = tuple[str, str, Period | None]  # what a limit counts: an agent's items through a target, in a period


@dataclass(slots=True)
class Option:
    """A pair, with what it counts as for the limits: `bounds` are those of its own rule, by period."""

    pair: Pair
    target: str | None
    bounds: Mapping[Period | None, int]


@dataclass(slots=True)
class Open:
    """One item that an agent can be chosen for; `number` is its place in the batch.

    `options` stand by agent; `steps` are the steps that find somebody, as (position of the rule, number of the step).
    `in_turn` is the agent that one after the other found, where that is none of the options.
    """

    number: int
    received: Received
    effort: float
    options: dict[str, Option] = field(default_factory=dict)
    steps: list[tuple[int, int]] = field(default_factory=list)
    in_turn: Pair | None = None

    def pair_of(self, agent_id: str) -> Pair | None:
        """Return the item with an agent, None if that was not to be expected."""
        option = self.options.get(agent_id)
        if option is not None:
            return option.pair
        return self.in_turn if self.in_turn is not None and self.in_turn.agent_id == agent_id else None

    def strictest(self, agent_id: str) -> float:
        """Return the smallest limit under which the agent would get the item."""
        option = self.options.get(agent_id)
        return min(option.bounds.values(), default=float("inf")) if option is not None else float("inf")


@dataclass(slots=True)
class Assessment:
    """The open items of a batch, by their places among themselves, and the problem that they pose."""

    items: Sequence[Open]
    problem: BatchProblem


class Assessor:
    """Finds out who may have what, as things stand in a session whose writes are taken back later.

    `in_turn` is what one after the other makes of the batch.
    """

    def __init__(self, session: Session, in_turn: Sequence[Decision]) -> None:
        self._session = session
        self._in_turn = in_turn
        self._carriers = _Carriers(session)
        self.items: list[Open] = []

    def take(self, number: int, received: Received) -> bool:
        """Take the item in, if an agent can be chosen for it; `number` is its place in the batch."""
        case = self._session.case(received, self._session.placement(received))
        item = self._opened(number, received, case)
        if not item.steps:
            return False
        self._compare(item, case)
        self.items.append(item)
        return True

    def _opened(self, number: int, received: Received, case: Case) -> Open:
        item = Open(number, received, float(case.effort))
        for attempt in self._session.decider(full=True).options(case):
            if not _is_choice(attempt):
                break
            for pair in _pairs(self._session, len(self.items), case, attempt, self._carriers):
                if pair.agent_id not in item.options:
                    bounds = {limit.period: limit.count for limit in _strict_last(attempt)}
                    item.options[pair.agent_id] = Option(replace(pair, rank=len(item.steps)), attempt.target, bounds)
            item.steps.append((attempt.rule.position, attempt.step.number))
        return item

    def _compare(self, item: Open, case: Case) -> None:
        """Note whom the item had one after the other, by which of its steps and how well that suits, if no plan can."""
        decision, session = self._in_turn[item.number], self._session
        found = _step_taken(case, item.steps, decision)
        if decision.agent_id is None or decision.agent_id in item.options or found is None:
            return
        rule, number, rank = found
        if (rule.position, number) not in item.steps:
            item.steps.insert(rank, (rule.position, number))
            for option in item.options.values():
                option.pair = replace(option.pair, rank=option.pair.rank + (option.pair.rank >= rank))
        agent = session.agent(decision.agent_id)
        chooser = Chooser(session.unit, session.directory, case.world, session.seed, rule.prefers)
        carrier = self._carriers.number(agent.id, case.world.kind)
        fit = float(chooser.preference(agent))
        item.in_turn = Pair(len(self.items), agent.id, carrier, preference=fit, rank=rank)

    def begin_again(self) -> None:
        """Look at all items once more, as what others were given changed loads, or counts."""
        known, self.items, self._carriers = self.items, [], _Carriers(self._session)
        for item in known:
            self.take(item.number, item.received)

    def assessment(self, fairness: float) -> Assessment:
        """Return the open items, and what a solver is asked."""
        problem = BatchProblem(
            limits=_limited(self._session, self.items),
            efforts=[item.effort for item in self.items],
            pairs=[option.pair for item in self.items for option in item.options.values()],
            carriers=self._carriers.found,
            fairness=fairness,
        )
        return Assessment(self.items, problem)


def _is_choice(attempt: Attempt) -> bool:
    """Return whether a step found agents to choose from; what an owner keeps is none, nor what needs nobody."""
    found = attempt.search is not None and attempt.search.winner is not None
    return found and not isinstance(attempt.step.action, KeepOwner)


class _Carriers:
    """The loads that the pairs add to, numbered as they are met."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers: dict[tuple[str, str], int] = {}
        self.found: list[Carrier] = []

    def number(self, agent_id: str, kind: str) -> int:
        found = self._numbers.get((agent_id, kind))
        if found is None:
            found = self._numbers[agent_id, kind] = len(self.found)
            load, agent = self._session.directory.load(agent_id, kind), self._session.agent(agent_id)
            capacity = agent.capacity.get(kind)
            self.found.append(
                Carrier(float(load.load) if load is not None else 0.0, None if capacity is None else float(capacity))
            )
        return found


def _step_taken(case: Case, steps: Sequence[tuple[int, int]], decision: Decision) -> tuple[Rule, int, int] | None:
    """Return the rule and step of a decision, and how many of `steps` are tried before; None if no rule decided."""
    rank = 0
    for rule in case.world.matches():
        for step in rule.steps:
            if (rule.name, step.number) == (decision.rule, decision.step):
                return rule, step.number, rank
            rank += (rule.position, step.number) in steps
    return None


def _pairs(session: Session, place: int, case: Case, attempt: Attempt, carriers: _Carriers) -> Iterator[Pair]:
    chooser = Chooser(session.unit, session.directory, case.world, session.seed, attempt.rule.prefers)
    search = attempt.search
    if search is None:
        return
    known = search.chain is not None and search.chain.indexable  # then preferences are what it sorts by
    for candidate in search.ranked:
        yield Pair(
            item=place,
            agent_id=candidate.agent_id,
            carrier=carriers.number(candidate.agent_id, case.world.kind),
            preference=float(candidate.preference if known else chooser.preference(candidate.agent)),
        )


def _strict_last(attempt: Attempt) -> Sequence[Limit]:
    """Return the rule's limits, so that of several for one period the strictest comes last."""
    return sorted(attempt.rule.limits, key=lambda limit: -limit.count)


def _limited(session: Session, items: Sequence[Open]) -> list[int]:
    """Let the pairs say which limits they count against; returns how many more each limit lets through.

    What comes through a target counts for every rule that limits it. Items under strict limits are given first, so that
    what is given later, under looser ones or none, does not stand in their way.
    """
    limits: dict[Counted, dict[int, int]] = {}
    numbers: list[tuple[Counted, int]] = []
    options = [option for item in items for option in item.options.values() if option.bounds]
    for option in options:
        for period, count in option.bounds.items():
            counts = limits.setdefault((option.target or "", option.pair.agent_id, period), {})
            if count not in counts:
                counts[count] = len(numbers)
                numbers.append(((option.target or "", option.pair.agent_id, period), count))
    for option in options:
        against = [
            number
            for period, bound in option.bounds.items()
            for count, number in limits[option.target or "", option.pair.agent_id, period].items()
            if count >= bound
        ]
        option.pair = replace(option.pair, limits=tuple(against))
    return [max(count - _counted(session, counted), 0) for counted, count in numbers]


def _counted(session: Session, counted: Counted) -> int:
    target, agent_id, period = counted
    if period is None:
        return session.unit.assignments.count_open(target, agent_id)
    since = begun(session.now, period, session.zone)
    return session.unit.assignments.count_since(target, agent_id, since)
