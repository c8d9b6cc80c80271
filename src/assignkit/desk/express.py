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
from assignkit.desk.deciding.directory import Directory
from assignkit.desk.deciding.filtering import Filters
from assignkit.desk.deciding.lines import Line
from assignkit.desk.deciding.rosters import Roster
from assignkit.desk.deciding.world import World
from assignkit.desk.granting import Glanced, Granted, LaneTerms, Walked, varying_with
from assignkit.desk.receiving import CUSTOMERS
from assignkit.desk.session import Session
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.model.grant import new_hand_out
from assignkit.model.placement import AgentLoad, Rotation, Seat, new_rotation
from assignkit.rules.plan import Rule
from assignkit.rules.ruleset import Match
from assignkit.strategies.base import Candidate, new_question
from assignkit.strategies.standing import Standing

_AT_ONCE = timedelta(0)
_NO_TURN = (None, None)
_TWO = 2  # in front: who gets the item, and who is next
_USUAL_EFFORTS = range(1, 101)  # by which grants have terms in common that are worth keeping
_MOST_TERMS = 1_000
_MOST_FILTERS = 10_000


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
    fit: tuple[int | Decimal, datetime, Filters] | None = None  # for the last effort and instant


class Express:
    """Decides plain items within one unit of work; a context manager that writes at its end what is not written yet."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.broken = False  # once what was decided could not be written: the unit cannot be kept
        self._filters: dict[tuple[int, int | Decimal, type], Filters] = {}
        self._foreseen: dict[int, Lane | None] = {}
        self._foreseen_at = session.now
        self._grants: list[Granted] = []
        self._items: set[str] = set()
        self._tracks: dict[int, _Track] = {}
        self._turns: dict[str, _Turns] = {}
        self._loads: dict[str, AgentLoad] = {}
        self._arrived: dict[tuple[str, str], list[datetime]] = {}
        self._counted: dict[tuple[str, str, datetime], int] = {}

    @classmethod
    def of(cls, session: Session) -> Self:
        """Return what decides plain items in this unit: what the unit before has left with the directory, or a new one.

        What is left is there for one unit at a time: a unit within another one gets its own.
        """
        left: Self | None = session.directory.beside.pop(cls, None)
        if left is None:
            return cls(session)
        left.session = session
        return left

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
        match = session.rules.match(item, now=session.now, zone=session.zone)
        return None if match is None else session.chains.lane(match.rule)

    def assign(self, item: object, actor: str | None) -> Decision | None:
        """Return the decision of a plain item, which `flush` is to write; None for any other, which is left alone."""
        if not isinstance(item, Customer) or item.owner is not None:
            return None
        unit, item_id = self.session.unit, item.id
        if item_id in self._items or unit.placements.find(CUSTOMERS, item_id) is not None:
            return None
        if unit.customers.find(item_id) is not None:
            return None
        lane = self.lane_of(item)
        track = self._track(lane) if lane is not None else None
        if track is None:
            return None
        return self._at_a_glance(item, track, actor) or self._along_the_line(item, track, actor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        directory, lasting = self.session.directory, False
        try:
            if kind is None:
                self.flush()
                lasting = directory.keeps_up
        finally:
            if self._loads:  # they are not written, as the unit is not kept
                directory.notes.disbelieve(self._loads)
            if lasting:
                self._leave(directory)
            else:
                self._filters.clear()  # they hold on to this, and nobody should have to wait for the collector
                self._tracks.clear()

    def _leave(self, directory: Directory) -> None:
        """Stay with the directory, for the next unit; of this one nothing is kept."""
        if len(self._filters) > _MOST_FILTERS:
            self._filters.clear()
        self._foreseen.clear()
        del self.session
        directory.beside[type(self)] = self

    def flush(self) -> None:
        """Write what was decided; what it raises concerns the unit, which cannot be kept then."""
        if self._grants:
            taken = {}
            for name, turns in self._turns.items():
                if turns.taken:
                    taken[name] = turns.rotation, tuple(turns.seats.values())
            out = new_hand_out(grants=self._grants, loads=tuple(self._loads.values()), turns=taken)
            self.broken = True
            self.session.unit.hand_out(out, told=self.session.heard)
            self.broken = False
            self._grants = []  # the store keeps the list that it was given
            self._items.clear()
            self._loads.clear()
            self._arrived.clear()
        self._tracks.clear()
        self._turns.clear()
        self._counted.clear()

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
        roster, line = directory.kept_roster(lane.label), directory.lines.at(name, CUSTOMERS)
        if roster is None or line is None:
            return None
        self._turns[name] = turns
        track = self._tracks[lane.rule.position] = _Track(lane, turns, roster, line)
        return track

    def _at_a_glance(self, item: Customer, track: _Track, actor: str | None) -> Decision | None:
        """Decide by the first two in line; None if one of them may not have the item, or there are no two."""
        session, turns, orders = self.session, track.turns, track.lane.chain.orders
        if track.line.view.values is not None:
            return None  # more of them would have to be kept
        before = turns.rotation
        standing = session.directory.stand(track.line, before)
        front = standing.front() if isinstance(standing, Standing) else ()
        if len(front) < _TWO:
            return None
        welcomes = self._filters_for(item, track).welcomes
        winner, other = front
        if not welcomes(winner) or not welcomes(other):
            return None
        turn = None if orders.step is None else orders.step(winner, before)
        after, seat = turn or _NO_TURN
        load, rises = self._laden(winner, item.effort)
        terms = self._terms(track, item.effort, len(front), actor, alike=not rises)
        ceiling = (load.ceiling,) if rises else None
        grant = Glanced(terms, item, session.now, front, ceiling, members=len(track.roster.members), before=before)
        if session.directory.is_shared:  # elsewhere it is spelled when somebody asks
            grant.keep_at_hand((front, before, turn))
        return self._grant(grant, track, winner, load=load, after=after, seat=seat)

    def _along_the_line(self, item: Customer, track: _Track, actor: str | None) -> Decision | None:
        """Decide by going along the line to who may have the item, and to the next; None if nobody may."""
        session, lane, rotation = self.session, track.lane, track.turns.rotation
        chain = lane.chain.orders
        question = new_question(item_id=item.id, now=session.now, seed=session.seed, rotation=rotation)
        search = Search(len(track.roster.members), [], chain=chain, question=question, keep=KEPT_CANDIDATES)
        standing = cast("Standing", session.directory.stand(track.line, rotation))
        walk(session.directory, standing, track.roster, self._filters_for(item, track), search)
        if not search.ranked:
            return None
        winner, after, seat = search.ranked[0], None, None
        turn = search.turn = chain.turn(winner, search.ranked, question)
        if turn is not None:
            after, (seat,) = turn.rotation, turn.seats
        load, rises = self._laden(winner, item.effort)
        alike = not rises and not search.counts
        terms = self._terms(track, item.effort, len(search.ranked), actor, alike=alike)
        grant = Walked(terms, item, session.now, search, (load.ceiling,) if rises else None)
        return self._grant(grant, track, winner, load=load, after=after, seat=seat)

    def _filters_for(self, item: Customer, track: _Track) -> Filters:
        """Return the filters for the item; those that look at no item are made once."""
        session, lane, effort = self.session, track.lane, item.effort
        fit = track.fit
        if fit is not None and fit[0] is effort and fit[1] is session.now:
            return fit[2]
        key = (lane.rule.position, effort, type(effort))
        filters = self._filters.get(key)
        if filters is not None:
            filters.at(session.now)
            track.fit = effort, session.now, filters
            return filters
        world = World(session.rules, CUSTOMERS, item, None, None, session.now, session.zone)
        filters = Filters(self, session.directory, world, lane.demand, effort=effort, placement=None, waited=_AT_ONCE)
        if not filters.reads_item and type(effort) is int:
            self._filters[key] = filters
        return filters

    def _laden(self, winner: Candidate, effort: int | Decimal) -> tuple[AgentLoad, bool]:
        """Return what the winner carries then, and whether that has another ceiling than before."""
        agent_id = winner.agent_id
        before = self._loads.get(agent_id) or self.session.unit.loads.find(agent_id, CUSTOMERS)
        after = laden(before, winner.agent, CUSTOMERS, effort, self.session.now)
        return after, after.ceiling != (None if before is None else before.ceiling)

    def _terms(self, track: _Track, effort: int | Decimal, ranked: int, actor: str | None, *, alike: bool) -> LaneTerms:
        """Return the terms of a grant; those of others if it is `alike`: if its event says no more than theirs."""
        alike = alike and type(effort) is int and (actor is None or type(actor) is str)
        terms = track.lane.terms.get((actor, effort, ranked)) if alike else None
        return terms or self._new_terms(track.lane, effort, ranked, actor, alike=alike)

    def _grant(
        self,
        grant: Granted,
        track: _Track,
        winner: Candidate,
        *,
        load: AgentLoad,
        after: Rotation | None,
        seat: Seat | None,
    ) -> Decision:
        """Return the decision; the winner stands from now on with what came of it."""
        decision, agent_id = grant.decision(), winner.agent_id
        self._grants.append(grant)
        self._items.add(grant.item_id)
        self._loads[agent_id] = load
        share = (grant.terms.target, agent_id)
        arrived = self._arrived.get(share)
        if arrived is None:
            self._arrived[share] = [grant.at]
        else:
            arrived.append(grant.at)
        if after is not None and seat is not None:
            turns = track.turns
            turns.rotation, turns.seats[agent_id], turns.taken = after, seat, True
        self.session.directory.move(track.line, winner, load, seat)
        return decision

    def _new_terms(
        self, lane: Lane, effort: int | Decimal, ranked: int, actor: str | None, *, alike: bool
    ) -> LaneTerms:
        """Return new terms for a grant, kept for others if it is `alike`."""
        session = self.session
        terms = LaneTerms(
            kind=CUSTOMERS,
            rule=lane.rule.name,
            step=lane.step.number,
            target=lane.label,
            rules_version=session.rules.version,
            actor=actor,
            effort=effort,
            varying=varying_with(ranked, turning=lane.chain.orders.rotating) if alike else None,
            lane=lane,
            rules=session.rules,
            zone=session.zone,
            seed=session.seed,
        )
        if alike and effort in _USUAL_EFFORTS:
            if len(lane.terms) >= _MOST_TERMS:  # as many actors
                lane.terms.clear()
            lane.terms[actor, effort, ranked] = terms
        return terms
