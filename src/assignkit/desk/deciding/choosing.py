"""Choosing one agent for one step: a walk along a standing line where orders allow it, else a ranking of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from assignkit.desk.deciding.chains import RuleChain
from assignkit.desk.deciding.directory import Directory
from assignkit.desk.deciding.filtering import Exclusion, Filters
from assignkit.desk.deciding.item_fields import category_of, field_of
from assignkit.desk.deciding.lines import Kept, ValuesReader, View
from assignkit.desk.deciding.periods import begun
from assignkit.desk.deciding.rosters import Roster
from assignkit.desk.deciding.world import World, agent_facts
from assignkit.model.agent import Agent
from assignkit.model.placement import Rotation
from assignkit.repositories.base import Unit
from assignkit.rules.plan import Prefer
from assignkit.rules.terms import Term
from assignkit.strategies.base import Candidate, Question, Turn, new_question
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.exact import simplest
from assignkit.strategies.place_index import PlaceIndex
from assignkit.strategies.skill_index import SkillIndex
from assignkit.strategies.standing import Standing

KEPT_CANDIDATES = 20  # how many of those looked at a decision keeps in full
_NONE: Mapping[str, int] = MappingProxyType({})
_BEYOND_WINNER = 20  # how far a walk goes on from the winner in search of the next in line


@dataclass(slots=True)
class Search:
    """What looking for an agent found. `examined` says how many members were looked at.

    `excluded` and `ranked` hold the first that were looked at, in that order; `counts` counts all exclusions; `absent`
    are those whom time will bring back.
    """

    members: int
    ranked: list[Candidate]
    excluded: Sequence[tuple[Candidate, Exclusion]] = ()
    counts: Mapping[str, int] = field(default_factory=lambda: _NONE)
    absent: Sequence[Agent] = ()
    examined: int = 0
    chain: OrderChain | None = None
    question: Question | None = None
    turn: Turn | None = None
    chances: Mapping[str, Fraction] | None = None  # of being chosen, where agents are drawn
    keep: int | None = KEPT_CANDIDATES

    @property
    def winner(self) -> Candidate | None:
        """Who was chosen, or None."""
        return self.ranked[0] if self.ranked else None

    @property
    def runner_up(self) -> Candidate | None:
        """Who was next in line, or None if nobody was, or nobody near."""
        return self.ranked[1] if len(self.ranked) > 1 else None

    def exclude(self, exclusion: Exclusion, candidate: Candidate | None) -> None:
        """Note that an agent was looked at and may not have the item; `candidate` is None for one that is not kept."""
        self.examined += 1
        if not isinstance(self.counts, dict):  # most decisions leave nobody out
            self.counts, self.excluded, self.absent = {}, [], []
        self.counts[exclusion.code] = self.counts.get(exclusion.code, 0) + 1
        if exclusion.absent is not None:
            self.absent.append(exclusion.absent)  # type: ignore[attr-defined]  # made a list above
        if candidate is not None:
            self.excluded.append((candidate, exclusion))  # type: ignore[attr-defined]

    @property
    def keeps_more(self) -> bool:
        """Whether one more of those who are excluded is to be kept in full."""
        return self.keep is None or len(self.excluded) < self.keep


@dataclass(slots=True)
class Chooser:
    """Finds the agent for one step. `full` looks at every member, for a dry run."""

    unit: Unit
    directory: Directory
    world: World
    seed: str
    prefers: tuple[Prefer, ...] = ()
    full: bool = False

    def choose(
        self, roster: Roster, rule_chain: RuleChain, rotation: Rotation, item_id: str, filters: Filters
    ) -> Search:
        """Return who of the roster gets the item by this chain of orders, and who was looked at."""
        chain = rule_chain.orders
        question = new_question(item_id=item_id, now=self.world.now, seed=self.seed, rotation=rotation)
        if not chain.standing:
            location, category = field_of(self.world, "location"), category_of(self.world)
            question = replace(question, location=location, category=category)
        keep = None if self.full else KEPT_CANDIDATES
        search = Search(len(roster.members), [], chain=chain, question=question, keep=keep)
        kept = self._kept(roster, rule_chain, question) if self.directory.is_lasting(roster) else None
        if kept is not None:
            walk(self.directory, kept, roster, filters, search, full=self.full)
        else:
            self._rank(self._view(roster, rotation.name, rule_chain), chain, question, filters, search)
        if search.ranked and chain.rotating:
            search.turn = chain.turn(search.ranked[0], search.ranked, question)
        if chain.draws:
            search.chances = chain.chances(search.ranked, question)
        if not self.full and len(search.ranked) > KEPT_CANDIDATES:
            del search.ranked[KEPT_CANDIDATES:]
        return search

    def one_of(
        self,
        roster: Roster,
        rule_chain: RuleChain,
        rotation: Rotation,
        item_id: str,
        filters: Filters,
        *,
        agent_id: str,
    ) -> Search:
        """Return whether one of the roster may have the item, who has been chosen already; it takes no turn."""
        question = new_question(item_id=item_id, now=self.world.now, seed=self.seed, rotation=rotation)
        search = Search(len(roster.members), [], chain=rule_chain.orders, question=question)
        agent = self.directory.agent(agent_id) if agent_id in roster.members else None
        if agent is not None:
            (candidate,) = self._candidates(self._view(roster, rotation.name, rule_chain), [agent])
            exclusion = filters.exclusion(agent)
            if exclusion is not None:
                search.exclude(exclusion, candidate)
            else:
                search.examined = 1
                search.ranked.append(candidate)
        return search

    def single(self, agent: Agent, filters: Filters) -> Search:
        """Return whether one given agent may have the item."""
        search = Search(1, [])
        exclusion = filters.exclusion(agent)
        if exclusion is not None:
            search.exclude(exclusion, _bare(agent))
        else:
            search.examined = 1
            search.ranked.append(_bare(agent))
        return search

    def preference(self, agent: Agent) -> Any:  # noqa: ANN401 - an exact number of any kind
        """Return how well the agent suits the item: the sum of weight × degree over what the rule prefers."""
        if not self.prefers:
            return 0
        facts = agent_facts(self.directory.load(agent.id, self.world.kind))
        return sum(
            Fraction(prefer.weight) * Fraction(self.world.degree(prefer.term, agent, facts)) for prefer in self.prefers
        )

    def _view(self, roster: Roster, name: str, rule_chain: RuleChain) -> View:
        values = _values_reader(self.world, rule_chain.terms)
        return View(roster, name, rule_chain.orders.rotating, self.world.kind, values)

    def _kept(self, roster: Roster, rule_chain: RuleChain, question: Question) -> Iterable[Candidate] | None:
        """Return the members in order without ranking them all, or None if that cannot be had."""
        chain = rule_chain.orders
        wished = None
        if not chain.standing:
            if not chain.kept or not self.directory.keeps_up:
                return None
            wished = self.directory.wishing.wishes(self.prefers, self.world) if chain.indexable else None
            if chain.indexable and wished is None:
                return None
        line = self._line(roster, rule_chain, question.rotation)
        if isinstance(line, PlaceIndex):
            return line.walk(question.location)
        if isinstance(line, SkillIndex) and wished is not None:
            return _with_all(line.walk(wished.wishes), wished.anyway)
        return line if isinstance(line, Standing) else None

    def _line(self, roster: Roster, rule_chain: RuleChain, rotation: Rotation) -> Kept:
        line = self.directory.lines.at(rotation.name, self.world.kind)
        if line is None:
            view = self._view(roster, rotation.name, rule_chain)
            line = self.directory.form_line(self.unit, view, rule_chain.orders)
        return self.directory.stand(line, rotation)

    def _rank(self, view: View, chain: OrderChain, question: Question, filters: Filters, search: Search) -> None:
        looked_at = [(agent, filters.exclusion(agent)) for agent in _agents(self.directory, view.roster)]
        kept: list[Agent] = []
        out = 0
        for agent, exclusion in looked_at:
            out += exclusion is not None
            if exclusion is None or search.keep is None or out <= search.keep:
                kept.append(agent)
        candidates = {each.agent_id: each for each in self._candidates(view, kept)}
        for agent, exclusion in looked_at:
            if exclusion is not None:
                search.exclude(exclusion, candidates.get(agent.id))
        eligible = [candidates[agent.id] for agent, exclusion in looked_at if exclusion is None]
        search.examined += len(eligible)
        if chain.counts_surplus:
            for each in eligible:
                each.surplus = self.directory.wishing.surplus(self.prefers, self.world, each.agent)
        search.ranked = chain.rank(eligible, question)

    def _candidates(self, view: View, agents: list[Agent]) -> list[Candidate]:
        candidates = self.directory.candidates(self.unit, view, agents)
        for candidate in candidates:
            agent = candidate.agent
            candidate.preference = self.preference(agent)
            if agent.quota is not None:
                since = begun(self.world.now, agent.quota_period, self.world.zone)
                count = self.unit.assignments.count_since(view.roster.label, agent.id, since)
                candidate.received_in_period = count
        return candidates


def walk(
    directory: Directory,
    standing: Iterable[Candidate],
    roster: Roster,
    filters: Filters,
    search: Search,
    *,
    full: bool = False,
) -> None:
    """Go along the line to the first who may have the item, and the next after that; with `full` to its end."""
    ranked, may_not, beyond = search.ranked, filters.exclusion, 0
    for candidate in standing:
        exclusion = may_not(candidate.agent)
        if exclusion is not None:
            search.exclude(exclusion, candidate if search.keeps_more else None)
        else:
            search.examined += 1
            ranked.append(candidate)
        if ranked and not full:
            beyond += 1
            if len(ranked) > 1 or beyond > _BEYOND_WINNER:
                return
    # Inactive members do not stand in line; nobody else is left, so they are reasons too.
    _inactive(directory, roster, search)


def _inactive(directory: Directory, roster: Roster, search: Search) -> None:
    if search.examined < search.members:
        for agent in _agents(directory, roster):
            if not agent.active:
                search.exclude(Exclusion("inactive", {}), _bare(agent) if search.keeps_more else None)


def _agents(directory: Directory, roster: Roster) -> Iterable[Agent]:
    for agent_id in sorted(roster.members):
        agent = directory.agent(agent_id)
        if agent is not None:
            yield agent


def _with_all(candidates: Iterable[Candidate], anyway: Fraction) -> Iterable[Candidate]:
    """Add to everybody's preference what every agent has, whoever it is."""
    if not anyway:
        return candidates
    return (replace(each, preference=simplest(Fraction(each.preference) + anyway)) for each in candidates)


def _values_reader(world: World, terms: Mapping[int, Term]) -> ValuesReader | None:
    if not terms:
        return None
    return lambda agent, facts: {place: world.value(term, agent, facts) for place, term in terms.items()}


def _bare(agent: Agent) -> Candidate:
    return Candidate(agent_id=agent.id, agent=agent, tie=0)
