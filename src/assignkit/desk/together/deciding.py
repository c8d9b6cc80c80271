"""Deciding together: a batch whose agents a solver chooses, for all items at once.

First, in a unit that is taken back, it is found out what one after the other would give, and who may have what. Then
the solver thinks, while nothing is locked. Then its choices go through the same pipeline as any decision, in one unit:
an item whose agent may not have it any more is decided by the rules alone, and so is everything if that proves better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from assignkit.desk import assigning
from assignkit.desk.answering import answer_once
from assignkit.desk.batching import Asked, Run, error_decision, expect_asked
from assignkit.desk.deciding.deciding import Case
from assignkit.desk.deciding.directory import Directory
from assignkit.desk.publishing.publishing import Publishing
from assignkit.desk.publishing.rulebooks import Rulebook
from assignkit.desk.receiving import Received, receive
from assignkit.desk.session import Session
from assignkit.desk.together.assessing import Assessment, Assessor, Open
from assignkit.desk.together.posing import BatchSolver, Pair, Plan, Worth
from assignkit.errors import BackendError, ConfigurationError, ConflictError
from assignkit.model.batch import BatchChoice, BatchReport, Decisions
from assignkit.model.decision import Decision
from assignkit.repositories.base import Store
from assignkit.rules.plan import Continue, Rule, Step

Act = Callable[[Session, Received], Decision]


class _TakenBackError(Exception):
    """What was written is to be taken back, as it was only to be looked at."""


class _WorseError(Exception):
    """What came of a plan is worse than what one after the other gives."""


@dataclass(slots=True)
class _Sight:
    """What was found out before the solver is asked: the open items, and what one after the other makes of them."""

    assessment: Assessment
    greedy: list[Pair]


@dataclass(slots=True)
class _Agreed:
    """What is to be done: the pairs of the plan, or none of them, and all items that were open, by place in the batch.

    `worth` is what the plan is worth, and `least` what one after the other was.
    """

    sight: _Sight
    open: Mapping[int, Open]
    planned: Mapping[int, Pair]
    worth: Worth
    least: Worth
    bound: float

    @classmethod
    def on(cls, sight: _Sight, plan: Plan) -> _Agreed:
        """Follow the plan if it is better than one after the other, else do that."""
        problem, items = sight.assessment.problem, sight.assessment.items
        chosen = [pair for pair in plan.chosen if pair is not None]
        worth, least = problem.worth(chosen), problem.worth(sight.greedy)
        better = chosen if least.is_below(worth) else ()
        planned = {items[pair.item].number: pair for pair in better}
        return cls(sight, {item.number: item for item in items}, planned, worth, least, plan.bound)

    def order(self, count: int) -> Iterator[int]:
        """Yield the places of all items: those that are not open, what is planned, and what the plan leaves."""
        open_items, planned = self.open, self.planned
        yield from (number for number in range(count) if number not in open_items)
        yield from sorted(planned, key=lambda n: (open_items[n].strictest(planned[n].agent_id), n))
        yield from (number for number in open_items if number not in planned)

    def share(self, pair: Pair) -> dict[str, int | float]:
        """Return what a choice tells of the whole."""
        told = {"fit": pair.preference, "score": self.worth.score, "gap": max(self.bound - self.worth.score, 0.0)}
        return {"items": len(self.open), **{name: _rounded(value) for name, value in told.items()}}


@dataclass(slots=True)
class TogetherBatches:
    """Decides batches together, in units of work of one desk."""

    run: Run
    store: Store
    publishing: Publishing
    kinds: frozenset[str]
    seed: str

    def decide(self, asked: Sequence[Asked], solver: BatchSolver, *, book: Rulebook) -> Decisions:
        """Decide what was asked for; the decisions in that order, with the report of what that was worth.

        Raises `ConfigurationError` for what is forced: what is taken from its holder frees room that nobody planned.
        """
        if any(one.request.force for one in asked):
            msg = "a batch that is forced is decided item by item: leave out `optimise` or `force`"
            raise ConfigurationError(msg)
        sight = self.run(partial(self._look, asked, solver.fairness), book=book, expecting=True)
        problem = sight.assessment.problem
        plan = solver.plan(problem) if problem.pairs else Plan([None] * len(problem.efforts), 0.0, "nothing to choose")
        agreed = _Agreed.on(sight, plan)
        decisions, by_plan = self.run(partial(self._carry_out, asked, agreed), book=book, expecting=True)
        return Decisions(decisions, _report(agreed, decisions, plan.method if by_plan else None))

    def _look(self, asked: Sequence[Asked], fairness: float, session: Session) -> _Sight:
        if self.store.shared:
            expect_asked(session, asked, kinds=self.kinds)
        one_by_one: list[Decision] = []
        with self._taken_back(session) as trial:
            one_by_one += [self._apart(trial, one, partial(_by_the_rules, one)) for one in asked]
        found: list[_Sight] = []
        with self._taken_back(session) as trial:
            assessor = Assessor(trial, one_by_one)
            self._open(trial, asked, assessor)
            assessment = assessor.assessment(fairness)
            found.append(_Sight(assessment, _pairs_of(assessment, one_by_one)))
        return found[0]

    def _open(self, trial: Session, asked: Sequence[Asked], assessor: Assessor) -> None:
        """Take in the items that are open, having decided all others; what those take counts for every one."""
        given = False
        for one in asked:
            decision = self._apart(trial, one, partial(_note_if_open, one, assessor))
            given = given or (decision.agent_id is not None and len(assessor.items) > 0)
        if given:
            assessor.begin_again()

    def _carry_out(self, asked: Sequence[Asked], agreed: _Agreed, session: Session) -> tuple[list[Decision], bool]:
        """Decide all by the plan, or one after the other; returns which, too."""
        if self.store.shared:
            expect_asked(session, asked, kinds=self.kinds)
        self.publishing.keep(session.unit, session.rules, session.now)
        if agreed.planned:
            try:
                with self.store.unit():
                    return self._by_plan(asked, agreed, self._fresh(session)), True
            except _WorseError:
                pass
        one_by_one = self._fresh(session)
        return [self._apart(one_by_one, one, partial(_by_the_rules, one)) for one in asked], False

    def _by_plan(self, asked: Sequence[Asked], agreed: _Agreed, session: Session) -> list[Decision]:
        """Decide what is not open, then what is planned, then what the plan leaves; raises if that turns out worse."""
        decisions: dict[int, Decision] = {}
        for number in agreed.order(len(asked)):
            how = partial(_as_planned, agreed) if number in agreed.planned else _by_the_rules
            decisions[number] = self._apart(session, asked[number], partial(how, asked[number]))
        found = [decisions[number] for number in range(len(asked))]
        assessment = agreed.sight.assessment
        if assessment.problem.worth(_pairs_of(assessment, found)).is_below(agreed.least):
            raise _WorseError
        return found

    def _apart(self, session: Session, asked: Asked, act: Act) -> Decision:
        """Decide one item of several, in a part of the unit that is taken back if the item fails."""
        session.at(session.now)
        try:
            with self.store.unit():
                received = receive(asked.item, kind=asked.kind, records=session.unit, kinds=self.kinds)
                told = {"item": (received.kind, received.item_id, received.told), "actor": asked.request.actor}
                return answer_once(
                    session.unit,
                    "assign",
                    asked.key,
                    {**told, "optimise": True},
                    lambda: act(session, received),
                    now=session.now,
                )
        except (ConflictError, BackendError):
            raise  # somebody else came in between: it concerns the unit
        except Exception as error:  # noqa: BLE001 - a host's object may raise anything, and may not stop the batch
            session.directory.take_back_notes(session.unit)
            return error_decision(asked, error)

    @contextmanager
    def _taken_back(self, session: Session) -> Iterator[Session]:
        """Give a session to try something out in; nothing of it is kept."""
        with suppress(_TakenBackError), self.store.unit():
            yield self._fresh(session)
            raise _TakenBackError

    def _fresh(self, session: Session) -> Session:
        """Return the same session with a directory of its own, as what it notes may be taken back."""
        directory = Directory(session.rules, seed=self.seed)
        directory.refresh(self.store, session.unit)
        return Session(
            session.unit,
            directory,
            session.rules,
            session.chains,
            session.seed,
            session.zone,
            session.now,
            session.heard,
        )


def _by_the_rules(asked: Asked, session: Session, received: Received) -> Decision:
    return assigning.assign(session, received, asked.request)


def _note_if_open(asked: Asked, assessor: Assessor, session: Session, received: Received) -> Decision:
    placement, decision = assigning.prepare(session, received, asked.request)
    if decision is not None:
        return decision
    if assessor.take(asked.number, received):
        return Decision(kind=received.kind, item_id=received.item_id, outcome="waiting")
    return assigning.decide(session, received, placement, asked.request)


def _as_planned(agreed: _Agreed, asked: Asked, session: Session, received: Received) -> Decision:
    """Give the item to the agent that the plan says, if that may still be; else to whom the rules say."""
    pair = agreed.planned[asked.number]
    step = agreed.open[asked.number].steps[pair.rank]
    placement, decision = assigning.prepare(session, received, asked.request)
    if decision is not None:
        return decision
    case = session.case(received, placement)
    found = _step_of(case, *step)
    if found is not None:
        attempt = session.decider().giving(case, *found, pair.agent_id)
        if attempt.result == "chosen":
            verdict = session.decider().taking(case, attempt)
            verdict.together = agreed.share(pair)
            return assigning.settle(session, received, placement, verdict, asked.request)
    return assigning.decide(session, received, placement, asked.request)


def _step_of(case: Case, position: int, number: int) -> tuple[Rule, Step] | None:
    """Return the step of a rule that still matches, where all that match before it hand the item on."""
    for rule in case.world.matches():
        if rule.position == position:
            return next(((rule, step) for step in rule.steps if step.number == number), None)
        if not any(isinstance(step.action, Continue) for step in rule.steps):
            return None
    return None


def _pairs_of(assessment: Assessment, decisions: Sequence[Decision]) -> list[Pair]:
    """Return the pairs that decisions made of the open items; one that was not to be expected counts as a late one."""
    found = []
    for place, item in enumerate(assessment.items):
        agent_id = decisions[item.number].agent_id
        if agent_id is not None:
            pair = item.pair_of(agent_id)
            found.append(pair or Pair(place, agent_id, -1, rank=len(item.steps)))
    return found


def _report(agreed: _Agreed, decisions: Sequence[Decision], method: str | None) -> BatchReport:
    assessment, greedy = agreed.sight.assessment, agreed.sight.greedy
    problem = assessment.problem
    made = _pairs_of(assessment, decisions)
    worth, least = problem.worth(made), problem.worth(greedy)
    ours, theirs = ({pair.item: pair for pair in pairs} for pairs in (made, greedy))
    return BatchReport(
        items=len(assessment.items),
        placed=worth.placed,
        late=-worth.late,
        preference=sum(pair.preference for pair in made),
        crowding=problem.crowding(made),
        score=worth.score,
        bound=max(agreed.bound, worth.score),
        method=method or "one after the other",
        planned=method is not None,
        greedy_placed=least.placed,
        greedy_late=-least.late,
        greedy_preference=sum(pair.preference for pair in greedy),
        greedy_crowding=problem.crowding(greedy),
        greedy_score=least.score,
        choices=tuple(_choice(item, ours.get(place), theirs.get(place)) for place, item in enumerate(assessment.items)),
    )


def _choice(item: Open, made: Pair | None, greedy: Pair | None) -> BatchChoice:
    return BatchChoice(
        kind=item.received.kind,
        item_id=item.received.item_id,
        agent_id=made.agent_id if made is not None else None,
        fit=made.preference if made is not None else None,
        greedy_agent_id=greedy.agent_id if greedy is not None else None,
        greedy_fit=greedy.preference if greedy is not None else None,
    )


def _rounded(value: float) -> float:
    """Return a measure as the history keeps it, the same on every machine."""
    return round(value, 6) + 0.0
