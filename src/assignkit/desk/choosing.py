"""Choosing one agent for one step: a walk along a standing line where orders allow it, else a ranking of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from assignkit.desk.chains import RuleChain
from assignkit.desk.directory import Directory, Roster, ValuesReader, View
from assignkit.desk.filtering import Exclusion, Filters
from assignkit.desk.periods import period_start
from assignkit.desk.world import World, agent_facts
from assignkit.model.agent import Agent
from assignkit.model.placement import Rotation
from assignkit.repositories.base import Unit
from assignkit.rules.facts import find
from assignkit.rules.plan import Prefer
from assignkit.rules.terms import Term
from assignkit.strategies.base import Candidate, Question, Turn
from assignkit.strategies.chain import OrderChain

KEPT_CANDIDATES = 20  # how many of those looked at a decision keeps in full
_BEYOND_WINNER = 20  # how far a walk goes on from the winner in search of the next in line


@dataclass(slots=True)
class Search:
    """What looking for an agent found. `examined` says how many members were looked at.

    `excluded` and `ranked` hold the first that were looked at, in that order; `counts` counts all exclusions; `absent`
    are those whom time will bring back.
    """

    members: int
    examined: int = 0
    excluded: list[tuple[Candidate, Exclusion]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    absent: list[Agent] = field(default_factory=list)
    ranked: list[Candidate] = field(default_factory=list)
    chain: OrderChain | None = None
    question: Question | None = None
    turn: Turn | None = None
    keep: int | None = KEPT_CANDIDATES

    @property
    def winner(self) -> Candidate | None:
        """Who was chosen, or None."""
        return self.ranked[0] if self.ranked else None

    @property
    def runner_up(self) -> Candidate | None:
        """Who was next in line, or None if nobody was, or nobody near."""
        return self.ranked[1] if len(self.ranked) > 1 else None

    def exclude(self, exclusion: Exclusion, candidate: Callable[[], Candidate]) -> None:
        """Note that an agent was looked at and may not have the item; the candidate is made only if it is kept."""
        self.examined += 1
        self.counts[exclusion.code] += 1
        if exclusion.absent is not None:
            self.absent.append(exclusion.absent)
        if self.keep is None or len(self.excluded) < self.keep:
            self.excluded.append((candidate(), exclusion))


@dataclass(frozen=True, slots=True)
class Chooser:
    """Finds the agent for one step. `full` looks at every member, for a dry run."""

    unit: Unit
    directory: Directory
    world: World
    seed: str
    prefers: tuple[Prefer, ...] = ()
    full: bool = False

    def choose(self, roster: Roster, rule_chain: RuleChain, item_id: str, filters: Filters) -> Search:
        """Return who of the roster gets the item by this chain of orders, and who was looked at."""
        chain = rule_chain.orders
        name = f"{roster.label} by {chain.name}"
        rotation = self.unit.rotations.find(name) or Rotation(name=name)
        question = Question(item_id, self.world.now, self.seed, rotation)
        if not chain.standing:
            question = replace(question, location=self._of_item("location"), category=self._of_item("category"))
        search = Search(
            len(roster.members), chain=chain, question=question, keep=None if self.full else KEPT_CANDIDATES
        )
        view = View(roster, name, chain.rotating, self.world.kind, _values_reader(self.world, rule_chain.terms))
        if chain.standing and self.directory.is_lasting(roster):
            self._walk(view, chain, question, filters, search)
        else:
            self._rank(view, chain, question, filters, search)
        winner = search.winner
        if winner is not None and chain.rotating:
            search.turn = chain.turn(winner, search.ranked, question)
        if not self.full:
            del search.ranked[KEPT_CANDIDATES:]
        return search

    def single(self, agent: Agent, filters: Filters) -> Search:
        """Return whether one given agent may have the item."""
        search = Search(1)
        exclusion = filters.exclusion(agent)
        if exclusion is not None:
            search.exclude(exclusion, partial(_bare, agent))
        else:
            search.examined = 1
            search.ranked.append(_bare(agent))
        return search

    def _walk(self, view: View, chain: OrderChain, question: Question, filters: Filters, search: Search) -> None:
        beyond = 0
        for candidate in self.directory.line(self.unit, view, chain, question.rotation):
            exclusion = filters.exclusion(candidate.agent)
            if exclusion is not None:
                search.exclude(exclusion, partial(_same, candidate))
            else:
                search.examined += 1
                search.ranked.append(candidate)
            if search.ranked and not self.full:
                beyond += 1
                if len(search.ranked) > 1 or beyond > _BEYOND_WINNER:
                    return
        # Inactive members do not stand in line; nobody else is left, so they are reasons too.
        self._inactive(view.roster, search)

    def _inactive(self, roster: Roster, search: Search) -> None:
        if search.examined < search.members:
            for agent in self._agents(roster):
                if not agent.active:
                    search.exclude(Exclusion("inactive", {}), partial(_bare, agent))

    def _rank(self, view: View, chain: OrderChain, question: Question, filters: Filters, search: Search) -> None:
        eligible: list[Candidate] = []
        for agent in self._agents(view.roster):
            exclusion = filters.exclusion(agent)
            if exclusion is not None:
                search.exclude(exclusion, partial(self._candidate, view, agent))
                continue
            search.examined += 1
            eligible.append(self._candidate(view, agent))
        search.ranked = chain.rank(eligible, question)

    def _candidate(self, view: View, agent: Agent) -> Candidate:
        candidate = self.directory.candidate(self.unit, view, agent)
        candidate.preference = self._preference(agent)
        if agent.quota is not None:
            since = period_start(self.world.now, agent.quota_period, ZoneInfo(self.world.zone))
            candidate.received_in_period = self.unit.assignments.count_since(view.roster.label, agent.id, since)
        return candidate

    def _of_item(self, name: str) -> Any:  # noqa: ANN401 - whatever the host keeps there
        """Return a field of the item, or of the customer that a task is for; a mapping of the host's is read too."""
        value = None
        for record in (self.world.record, self.world.customer):
            with suppress(Exception):  # a host's property may raise anything; the order then has nothing to go by
                value = find(record, (name,)) if record is not None else None
            if value is not None:
                return value
        return None

    def _agents(self, roster: Roster) -> Iterable[Agent]:
        for agent_id in sorted(roster.members):
            agent = self.directory.agent(agent_id)
            if agent is not None:
                yield agent

    def _preference(self, agent: Agent) -> Any:  # noqa: ANN401 - an exact number of any kind
        if not self.prefers:
            return 0
        facts = agent_facts(self.unit.loads.find(agent.id, self.world.kind))
        return sum(
            Fraction(prefer.weight) * Fraction(self.world.degree(prefer.term, agent, facts)) for prefer in self.prefers
        )


def _values_reader(world: World, terms: Mapping[int, Term]) -> ValuesReader:
    if not terms:
        return _no_values
    return lambda agent, facts: {place: world.value(term, agent, facts) for place, term in terms.items()}


def _no_values(agent: Agent, facts: Mapping[str, Any]) -> Mapping[int, Any]:  # noqa: ARG001 - the shape of a reader
    return {}


def _same(candidate: Candidate) -> Candidate:
    return candidate


def _bare(agent: Agent) -> Candidate:
    return Candidate(agent_id=agent.id, agent=agent, tie=0)
