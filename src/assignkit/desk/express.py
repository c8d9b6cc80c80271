"""The short way of plain items, which are most: new, nobody's yet, and matched by a rule that has a lane.

The long way is `assigning.assign`, which takes every item: both give the same decisions, explanations and history.
What is decided here is written together, by `flush`, before anything else looks at the books.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self, cast

from assignkit.desk.committing.committing import laden
from assignkit.desk.deciding.chains import Lane
from assignkit.desk.deciding.choosing import KEPT_CANDIDATES, Search, walk
from assignkit.desk.deciding.directory import Line, Roster
from assignkit.desk.deciding.filtering import Filters
from assignkit.desk.deciding.world import World
from assignkit.desk.granting import Granted, LaneTerms, varying_with
from assignkit.desk.receiving import CUSTOMERS, Received
from assignkit.desk.session import Session
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.model.grant import HandOut
from assignkit.model.placement import AgentLoad, Rotation, Seat, new_rotation
from assignkit.rules.plan import Rule
from assignkit.rules.ruleset import Match
from assignkit.strategies.base import Candidate, new_question
from assignkit.strategies.standing import Standing

_AT_ONCE = timedelta(0)
_USUAL_EFFORTS = range(1, 101)  # by which grants have terms in common that are worth keeping
_MOST_TERMS = 1_000


@dataclass(slots=True)
class _Turns:
    """A rotation that turns are taken in: as it is now, and the seats that changed since it was written."""

    rotation: Rotation
    seats: dict[str, Seat] = field(default_factory=dict)
    taken: bool = False


@dataclass(slots=True)
class _Track:
    """A lane with all that is looked up for it until the next `flush`."""

    lane: Lane
    turns: _Turns
    roster: Roster
    line: Line


class Express:
    """Decides plain items within one unit of work; a context manager that writes at its end what is not written yet."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._filters: dict[tuple[int, int | Decimal, type], Filters] = {}
        self._foreseen: dict[int, Lane | None] = {}
        self._foreseen_at = session.now
        self.broken = False  # once what was decided could not be written: the unit cannot be kept
        self._grants: list[Granted] = []
        self._forget()

    def foresee(self, items: Iterable[object]) -> None:
        """Match plain items together, which is quicker than one by one; whoever calls keeps them meanwhile."""
        session = self.session
        plain = [item for item in items if isinstance(item, Customer) and item.owner is None]
        try:
            matches = session.rules.match_many(plain, now=session.now, zone=session.zone)
        except Exception:  # noqa: BLE001 - it is raised again, and told, when the item is decided
            return
        self._foreseen_at = session.now
        self._foreseen = {id(item): self._lane(match) for item, match in zip(plain, matches, strict=True)}

    def foreseen(self, item: object) -> Rule | None:
        """Return the rule that matches an item, if that was foreseen, and if the rule is a lane's."""
        lane = self._foreseen.get(id(item))
        return None if lane is None else lane.rule

    def lane_of(self, item: Customer) -> Lane | None:
        """Return the lane of the rule that matches a plain item; None where it is not of a lane."""
        session, known = self.session, self._foreseen
        if id(item) in known and (self._foreseen_at is session.now or not session.rules.reads_now(CUSTOMERS)):
            return known[id(item)]
        return self._lane(session.rules.match(item, now=session.now, zone=session.zone))

    def assign(self, received: Received, actor: str | None) -> Decision | None:
        """Return the decision of a plain item, which `flush` is to write; None for any other, which is left alone."""
        item = received.record
        if not received.given or not isinstance(item, Customer) or item.owner is not None:
            return None
        unit, item_id = self.session.unit, item.id
        if item_id in self._items or unit.placements.find(CUSTOMERS, item_id) is not None:
            return None
        if unit.customers.find(item_id) is not None:
            return None
        lane = self.lane_of(item)
        track = self._track(lane) if lane is not None else None
        search = self._search(item, track) if track is not None else None
        return None if track is None or search is None else self._grant(item, track, search, actor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self.flush()
        finally:  # what is left is not written, as the unit is not kept
            self.session.directory.disbelieve(self._loads)
            self._filters.clear()  # they hold on to this, and nobody should have to wait for the collector

    def flush(self) -> None:
        """Write what was decided; what it raises concerns the unit, which cannot be kept then."""
        if self._grants:
            turns = {
                name: (turns.rotation, tuple(turns.seats.values()))
                for name, turns in self._turns.items()
                if turns.taken
            }
            out = HandOut(self._grants, tuple(self._loads.values()), turns)
            self.broken = True
            self.session.unit.hand_out(out, told=self.session.heard)
            self.broken = False
        self._forget()

    # --- what counts before it is written: `filtering.Counts`

    def count_open(self, target: str, agent_id: str) -> int:
        """Return how many items the agent holds through `target`."""
        count = self.session.unit.assignments.count_open(target, agent_id)
        return count + len(self._arrived.get((target, agent_id), ()))

    def count_since(self, target: str, agent_id: str, since: datetime) -> int:
        """Return how many items came to the agent through `target` at `since` or later."""
        key = (target, agent_id, since)
        count = self._counted.get(key)
        if count is None:
            count = self._counted[key] = self.session.unit.assignments.count_since(target, agent_id, since)
        arrived = self._arrived.get((target, agent_id))
        return count if arrived is None else count + sum([at >= since for at in arrived])

    # --- inside

    def _forget(self) -> None:
        self._grants = []  # the store keeps the list that it was given
        self._items: set[str] = set()
        self._tracks: dict[int, _Track] = {}
        self._turns: dict[str, _Turns] = {}
        self._loads: dict[str, AgentLoad] = {}
        self._arrived: dict[tuple[str, str], list[datetime]] = {}
        self._counted: dict[tuple[str, str, datetime], int] = {}

    def _lane(self, match: Match | None) -> Lane | None:
        return self.session.chains.lane(match.rule) if match is not None else None

    def _track(self, lane: Lane) -> _Track | None:
        """Return what is looked up for the lane; None where nobody stands in line yet."""
        track = self._tracks.get(lane.rule.position)
        if track is not None:
            return track
        session, name = self.session, lane.rotation
        directory, turns = session.directory, self._turns.get(name)
        if turns is None:
            rotation = session.unit.rotations.find(name)  # which locks it
            if not directory.is_sure_of(name):
                self.flush()  # what is read anew has to have it
                directory.locked(session.unit, name)
            turns = _Turns(rotation or new_rotation(name=name))
        roster, line = directory.kept_roster(lane.label), directory.line_of(name, CUSTOMERS)
        if roster is None or line is None:
            return None
        self._turns[name] = turns
        track = self._tracks[lane.rule.position] = _Track(lane, turns, roster, line)
        return track

    def _search(self, item: Customer, track: _Track) -> Search | None:
        """Return who is first in line, and who next; None if nobody may have the item."""
        session, lane, rotation = self.session, track.lane, track.turns.rotation
        chain = lane.chain.orders
        question = new_question(item_id=item.id, now=session.now, seed=session.seed, rotation=rotation)
        standing = cast("Standing", session.directory.stand(track.line, rotation))
        filters, members = self._filters_for(item, lane), len(track.roster.members)
        front = standing.front()
        if len(front) > 1 and filters.exclusion(front[0].agent) is filters.exclusion(front[1].agent) is None:
            search = Search(members, list(front), chain=chain, question=question, examined=2)
        else:
            search = Search(members, [], chain=chain, question=question, keep=KEPT_CANDIDATES)
            walk(session.directory, standing, track.roster, filters, search)
        if not search.ranked:
            return None
        if chain.rotating:
            search.turn = chain.turn(search.ranked[0], search.ranked, question)
            if search.turn is not None and search.turn.rotation.present is not None:
                return None
        return search

    def _filters_for(self, item: Customer, lane: Lane) -> Filters:
        """Return the filters for the item; those that look at no item are made once."""
        session = self.session
        key = (lane.rule.position, item.effort, type(item.effort))
        filters = self._filters.get(key)
        if filters is not None:
            filters.at(session.now)
            return filters
        world = World(session.rules, CUSTOMERS, item, None, None, session.now, session.zone)
        filters = Filters(
            self, session.directory, world, lane.demand, effort=item.effort, placement=None, waited=_AT_ONCE
        )
        if not filters.reads_item and type(item.effort) is int:
            self._filters[key] = filters
        return filters

    def _grant(self, item: Customer, track: _Track, search: Search, actor: str | None) -> Decision:
        session, winner = self.session, search.ranked[0]
        now, agent_id = session.now, winner.agent_id
        before = self._loads.get(agent_id) or session.unit.loads.find(agent_id, CUSTOMERS)
        after = laden(before, winner.agent, CUSTOMERS, item.effort, now)
        rises = after.ceiling != (None if before is None else before.ceiling)
        alike = not rises and not search.counts and type(item.effort) is int and (actor is None or type(actor) is str)
        terms = track.lane.terms.get((actor, item.effort, len(search.ranked))) if alike else None
        if terms is None:
            terms = self._new_terms(track.lane, item.effort, search, actor, alike=alike)
        grant = Granted(terms, item, now, search, (after.ceiling,) if rises else None)
        decision = grant.decision()
        self._grants.append(grant)
        self._items.add(item.id)
        self._loads[agent_id] = after
        self._arrived.setdefault((terms.target, agent_id), []).append(now)
        self._move(track, winner, after, search)
        return decision

    def _move(self, track: _Track, winner: Candidate, load: AgentLoad, search: Search) -> None:
        """Let the winner stand where it belongs now."""
        seat = None
        if search.turn is not None:
            (seat,) = search.turn.seats
            track.turns.rotation, track.turns.seats[seat.agent_id], track.turns.taken = search.turn.rotation, seat, True
        self.session.directory.move(track.line, winner, load, seat)

    def _new_terms(
        self, lane: Lane, effort: int | Decimal, search: Search, actor: str | None, *, alike: bool
    ) -> LaneTerms:
        """Return new terms for a grant; kept for others if it is `alike`: if its event says no more than theirs."""
        session = self.session
        terms = LaneTerms(
            kind=CUSTOMERS,
            rule=lane.rule.name,
            step=lane.step.number,
            target=lane.label,
            rules_version=session.rules.version,
            actor=actor,
            effort=effort,
            varying=varying_with(len(search.ranked), turning=search.turn is not None) if alike else None,
            lane=lane,
            rules=session.rules,
            zone=session.zone,
            seed=session.seed,
        )
        if alike and effort in _USUAL_EFFORTS:
            if len(lane.terms) >= _MOST_TERMS:  # as many actors
                lane.terms.clear()
            lane.terms[actor, effort, len(search.ranked)] = terms
        return terms
