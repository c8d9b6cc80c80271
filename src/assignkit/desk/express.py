"""The short way of plain items, which are most: new, nobody's yet, and matched by a rule that has a lane.

The long way is `assigning.assign`, which takes every item: both give the same decisions, explanations and history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from assignkit.desk.committing.committing import Why
from assignkit.desk.deciding.chains import Lane
from assignkit.desk.deciding.choosing import KEPT_CANDIDATES, Search, walk
from assignkit.desk.deciding.deciding import Attempt, Case, Verdict
from assignkit.desk.deciding.explaining import Said, Told, explain_verdict
from assignkit.desk.deciding.filtering import Filters
from assignkit.desk.deciding.world import World
from assignkit.desk.receiving import CUSTOMERS, Received
from assignkit.desk.session import Session
from assignkit.model.building import whole
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.model.explanation import Explanation
from assignkit.model.placement import new_rotation
from assignkit.rules.ruleset import RuleSet
from assignkit.strategies.base import new_question

_AT_ONCE = timedelta(0)
_NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class Account:
    """What a plain decision was made of, for whoever asks why."""

    rules: RuleSet
    item: Customer
    lane: Lane
    search: Search
    at: datetime
    zone: str
    seed: str

    def __call__(self) -> Explanation:
        """Return the explanation."""
        return explain_verdict(self.verdict(), seed=self.seed)

    def __reduce__(self) -> tuple[type[Told], tuple[Explanation]]:
        return Told, (self(),)

    def facts(self) -> Mapping[str, Any]:
        """Return what the history keeps."""
        return Said((self._attempt(),), self.zone, self.rules.version, None)()

    def verdict(self) -> Verdict:
        """Return what the long way would have come to."""
        lane, item = self.lane, self.item
        world = World(self.rules, CUSTOMERS, item, None, None, self.at, self.zone)
        return Verdict(
            Case(item.id, world, item.effort, None, self.at),
            "assigned",
            rule=lane.rule,
            step=lane.step,
            agent=self.search.ranked[0].agent,
            target=lane.label,
            attempts=[self._attempt()],
        )

    def _attempt(self) -> Attempt:
        return Attempt(self.lane.rule, self.lane.step, "chosen", search=self.search, target=self.lane.label)


class Express:
    """Decides plain items within one unit of work."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._version = session.rules.version
        self._filters: dict[tuple[str, int, int | Decimal], Filters] = {}
        self._at: datetime | None = None

    def assign(self, received: Received, actor: str | None) -> Decision | None:
        """Return the decision of a plain item, once it is written; None for any other, of which nothing is changed."""
        item = received.record
        if not received.given or not isinstance(item, Customer) or item.owner is not None:
            return None
        session = self.session
        unit, item_id = session.unit, item.id
        if unit.placements.find(CUSTOMERS, item_id) is not None or unit.customers.find(item_id) is not None:
            return None
        match = session.rules.match(item, now=session.now, zone=session.zone)
        lane = session.chains.lane(match.rule) if match is not None else None
        if lane is None:
            return None
        search = self._choose(item, lane)
        return None if search is None else self._give(item, lane, search, actor)

    def _choose(self, item: Customer, lane: Lane) -> Search | None:
        session = self.session
        unit, directory, name = session.unit, session.directory, lane.rotation
        rotation = unit.rotations.find(name) or new_rotation(name=name)
        directory.locked(unit, name)
        roster = directory.kept_roster(lane.label)
        if roster is None or not directory.has_line(name, CUSTOMERS):
            return None
        chain = lane.chain.orders
        question = new_question(item_id=item.id, now=session.now, seed=session.seed, rotation=rotation)
        search = Search(len(roster.members), [], chain=chain, question=question, keep=KEPT_CANDIDATES)
        walk(directory, directory.line(rotation, CUSTOMERS), roster, self._filters_for(item, lane), search)
        ranked = search.ranked
        if not ranked:
            return None
        if chain.rotating:
            search.turn = chain.turn(ranked[0], ranked, question)
        return search

    def _filters_for(self, item: Customer, lane: Lane) -> Filters:
        """Return the filters for the item; those that look at no item are made once for all of an instant."""
        session = self.session
        if self._at is not session.now:
            self._at = session.now
            self._filters.clear()
        key = (lane.rotation, lane.rule.position, item.effort)
        filters = self._filters.get(key)
        if filters is None:
            world = World(session.rules, CUSTOMERS, item, None, None, session.now, session.zone)
            filters = Filters(
                session.unit,
                session.directory,
                world,
                lane.demand,
                effort=item.effort,
                placement=None,
                waited=_AT_ONCE,
            )
            if not filters.reads_item:
                self._filters[key] = filters
        return filters

    def _give(self, item: Customer, lane: Lane, search: Search, actor: str | None) -> Decision:
        session, committer = self.session, self.session.committer
        now, agent = session.now, search.ranked[0].agent
        account = Account(session.rules, item, lane, search, now, session.zone, session.seed)
        why = Why(
            origin="rule",
            rule=lane.rule.name,
            step=lane.step.number,
            target=lane.label,
            rules_version=self._version,
            actor=actor,
        )
        after = committer.give_new(CUSTOMERS, item, agent, why, turn=search.turn)
        committer.record("assigned", after, facts=_NOTHING, why=why, verdict=account.facts)
        session.unit.customers.add(item.handed_to(agent.id))
        return whole(
            Decision,
            {
                "kind": CUSTOMERS,
                "item_id": item.id,
                "outcome": "assigned",
                "agent_id": agent.id,
                "rule": lane.rule.name,
                "step": lane.step.number,
                "target": lane.label,
                "fence": 1,
                "assignment_id": after.assignment_id,
                "offer_id": None,
                "until": None,
                "pool": None,
                "queue": None,
                "next_retry_at": None,
                "reasons": (),
                "rules_version": self._version,
                "at": now,
            },
            {"_explainer": account},
        )
