"""Who is in which target and who stands where: kept up to date from what changes instead of read anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from assignkit.desk.deciding.wishing import Wishing
from assignkit.desk.deciding.world import World, agent_facts, reads_agent_records_only, reads_counts
from assignkit.hashing import stable_hash
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.repositories.base import Seated, Store, Unit
from assignkit.rules.plan import AgentsWhere, Target, TeamTarget
from assignkit.rules.ruleset import RuleSet
from assignkit.strategies.base import Candidate
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.place_index import PlaceIndex
from assignkit.strategies.skill_index import SkillIndex
from assignkit.strategies.standing import Standing

Belongs = Callable[[Agent], int | None]
ValuesReader = Callable[[Agent, Mapping[str, Any]], Mapping[int, Any]]
Loads = Mapping[str, AgentLoad]

Kept = Standing | SkillIndex | PlaceIndex

_NO_IDS: frozenset[str] = frozenset()
_NO_LOADS: Loads = {}
NO_VALUES: Mapping[int, Any] = MappingProxyType({})
_MOST_UNSURE = 100  # units of which nobody said what became of them: with more, all is read anew
_ONE_BY_ONE = 3  # up to so many agents, or seats, are read one by one; more of them together


@dataclass(slots=True)
class View:
    """How one rotation looks at the members of a roster, for one kind of item."""

    roster: Roster
    rotation: str
    rotating: bool
    kind: str
    values: ValuesReader | None


@dataclass(slots=True)
class Line:
    """The members of one roster, standing sorted by one chain of orders, or in an index of what they have or are.

    `seats` are the members' in the rotation, as far as they have any. Who is in `stale` may stand elsewhere by now, and
    is moved there when the line is next looked at.
    """

    view: View
    standing: Kept
    seats: dict[str, Seat] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Roster:
    """The members of one target, each with its position in a listed team (0 elsewhere), and the lines they form."""

    label: str
    belongs: Belongs
    members: dict[str, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def place(self, agent_id: str, agent: Agent | None) -> None:
        """Take the agent in or out, as its record now says."""
        position = self.belongs(agent) if agent is not None else None
        if position is None:
            self.members.pop(agent_id, None)
        else:
            self.members[agent_id] = position


class Directory:
    """Agents, their loads, rosters and standing lines, for one version of the rules. Used by one unit at a time.

    With a store that tracks its changes it lives as long as the desk; otherwise it is made anew for each unit. What a
    unit itself writes is told to it (`note_load`, `note_turn`), so that nothing has to be read back.
    """

    def __init__(self, rules: RuleSet, *, seed: str) -> None:
        self.wishing = Wishing(rules)
        self.beside: dict[object, Any] = {}  # what others keep as long as it lasts, by who they are
        self._rules = rules
        self._seed = seed
        self._cursor: int | None = None
        self._agents: dict[str, Agent] = {}
        self._loads: dict[str, Loads] = {}
        self._rosters: dict[str, Roster] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._lines_of: dict[str, list[Line]] = {}
        self._ties: dict[tuple[str, str], int] = {}
        self._loaded = False
        self._counts_matter = reads_counts(rules)
        self._stirred: set[str] | None = None
        self._touched: set[tuple[str, str]] = set()
        self._noted: set[str] = set()
        self._written: set[str] = set()
        self._doubted: set[str] | None = None
        self._unsure: dict[int, set[str]] = {}
        self._failed: set[str] = set()
        self._store: Store | None = None
        self._sure_of: set[str] | None = None
        self._unit: Unit | None = None
        self._own: Collection[str] = ()  # of whom the last unit noted all that it wrote, if it was kept
        self._late: set[str] = set()  # whose loads and seats have changed since they were read here

    # --- keeping up

    def refresh(self, store: Store, unit: Unit) -> None:
        """Bring everything up to what the unit sees; O(changes) where the store tracks them, else O(agents)."""
        self._written.clear()
        own, self._own = self._own, ()
        changes = store.changes(self._cursor)
        if changes is None or changes.agent_ids is None or not self._loaded or len(self._unsure) > _MOST_UNSURE:
            self._reload(unit)
        else:
            known = changes.of_one_unit and not changes.records and changes.agent_ids.issubset(own)
            changed: Collection[str] = _NO_IDS if known else changes.agent_ids
            if self._unsure or self._failed:
                changed = self._failed.union(changed, *list(self._unsure.values()))
            if changed:
                self._take(unit, changed, changes.records)
        self._failed.clear()
        if changes is not None:
            self._cursor = changes.cursor

    def settle(self, store: Store) -> None:
        """Pass over the changes of a unit that has written nothing but what was noted; for a store of one's own."""
        changes = store.changes(self._cursor)
        if changes is not None and changes.agent_ids is not None and changes.agent_ids <= self._written:
            self._cursor = changes.cursor

    def reread(self, unit: Unit, agent_ids: Collection[str]) -> None:
        """Take over what changed of these agents: the records, the loads or the seats."""
        records = _records(unit, agent_ids)
        for agent_id in agent_ids:
            self._take_record(agent_id, records.get(agent_id))
        self._take_loads_and_seats(unit, agent_ids)

    def note_load(self, load: AgentLoad) -> None:
        """Take over a load that the unit at hand has written."""
        agent_id = load.agent_id
        self._note(agent_id)
        if agent_id in self._late:
            self._catch_up({agent_id})
        before = self._loads.get(agent_id, _NO_LOADS)
        self._put_loads(agent_id, before, {**before, load.kind: load})

    def note_seat(self, rotation: str, seat: Seat) -> None:
        """Take over a seat that the unit at hand has written."""
        agent_id = seat.agent_id
        self._note(agent_id)
        for line in self._lines_of.get(agent_id, ()):
            if line.view.rotating and line.view.rotation == rotation:
                line.seats[agent_id] = seat
                line.stale.add(agent_id)

    def move(self, line: Line, winner: Candidate, load: AgentLoad, seat: Seat | None) -> None:
        """Take over the load, and the seat in the line's rotation, of an agent who was given an item just now."""
        agent_id, kind, since = load.agent_id, load.kind, winner.idle_since
        self._note(agent_id)
        before = self._loads.get(agent_id, _NO_LOADS)
        self._loads[agent_id] = {kind: load} if before.keys() <= {kind} else {**before, kind: load}
        for each in self._lines_of.get(agent_id, ()):
            if seat is not None and each.view.rotation == line.view.rotation:
                each.seats[agent_id] = seat
            if each is not line:
                each.stale.add(agent_id)
        if self._stirred is not None and self._counts_matter:
            self._stirred.add(agent_id)
        now = load.touched_at
        if line.view.values is not None or now is None or (since is not None and now < since):
            line.stale.add(agent_id)  # more of it may be another than these two
            return
        moved = Candidate(
            agent_id,
            winner.agent,
            winner.tie,
            load.load,
            winner.capacity,
            load.received,
            load.touched_at,
            winner.position,
            seat or winner.seat,
            values=NO_VALUES,
        )
        line.standing.put(moved)

    def begin_notes(self) -> None:
        """Begin to keep in mind of whom the unit notes anything, in case that what it does now is taken back."""
        self._noted.clear()

    def take_back_notes(self, unit: Unit) -> None:
        """Read again what was noted since `begin_notes`, because it has been taken back."""
        if self._noted:
            self.reread(unit, tuple(self._noted))
            self._noted.clear()

    def share(self, store: Store, unit: Unit) -> int:
        """Begin a unit on a store that others write to as well; returns what `trust` or `distrust` takes later.

        What was read before the lock of a rotation is no good any more, see `locked`. Of whom anything is noted is read
        again at each `refresh`, until the unit is known to be kept.
        """
        self._store, self._unit, self._sure_of = store, unit, set()
        doubted = self._doubted = set()
        self._unsure[id(doubted)] = doubted
        return id(doubted)

    def trust(self, doubted: int) -> None:
        """Believe what was noted since `share` returned this: its unit was kept."""
        self._own = self._unsure.pop(doubted, ())

    def distrust(self, doubted: int) -> None:
        """Read again, at the next `refresh`, what was noted since `share` returned this: its unit was not kept."""
        self._failed |= self._unsure.pop(doubted, set())

    def disbelieve(self, agent_ids: Collection[str]) -> None:
        """Read again, at the next `refresh`, what was noted of these agents: it was never written."""
        self._failed.update(agent_ids)

    def begin_anew(self) -> None:
        """Read everything again at the next `refresh`: who is interrupted may leave somebody between two places."""
        self._loaded = False

    @property
    def is_shared(self) -> bool:
        """Whether others write to the store as well, so that it is further away than memory."""
        return self._store is not None

    @property
    def is_loaded(self) -> bool:
        """Whether it knows anybody yet."""
        return self._loaded

    def expect(self, unit: Unit, rotations: Collection[str], items: Collection[tuple[str, str]]) -> None:
        """Lock what a unit on a shared store is going to need, in the global order; then look what has changed."""
        unit.expect(rotations=rotations, items=items)
        if self._store is not None and self._sure_of is not None:
            self.refresh(self._store, unit)
            if unit.alone:
                self._sure_of = None  # what was looked at stays as it is
            else:
                self._sure_of.update(rotations)
            self._catch_up_with(set(rotations))

    def is_sure_of(self, rotation: str) -> bool:
        """Return whether what it knows was looked at since the rotation was locked."""
        return self._sure_of is None or rotation in self._sure_of

    def locked(self, unit: Unit, rotation: str) -> None:
        """Look what has changed, unless a rotation that has just been locked was expected."""
        if self._sure_of is not None and rotation not in self._sure_of and self._store is not None:
            self.refresh(self._store, unit)
            self._sure_of.add(rotation)

    def touch(self, kind: str, item_id: str) -> None:
        """Note that an item's record changed, so that it is worth looking at again."""
        self._touched.add((kind, item_id))

    def take_stirred(self) -> frozenset[str] | None:
        """Return the agents who may since the last call have become eligible for something; None: anybody may."""
        if self._late:
            self._catch_up(set(self._late))
        stirred, self._stirred = self._stirred, set()
        return None if stirred is None else frozenset(stirred)

    def take_touched(self) -> frozenset[tuple[str, str]]:
        """Return the items whose records were saved since the last call."""
        touched, self._touched = self._touched, set()
        return frozenset(touched)

    # --- asking

    def agent(self, agent_id: str | None) -> Agent | None:
        """Return the agent's record, or None."""
        return self._agents.get(agent_id) if agent_id is not None else None

    def load(self, agent_id: str, kind: str) -> AgentLoad | None:
        """Return what the agent carries of this kind, or None if there never was anything."""
        if agent_id in self._late:
            self._catch_up(set(self._late))  # who asks of one by name often asks of many
        return self._loads.get(agent_id, _NO_LOADS).get(kind)

    def roster(self, target: Target, world: World) -> Roster:
        """Return the members of a team or of `agents where …`; kept unless the item or time matters."""
        label = target.label
        kept = self._rosters.get(label)
        if kept is not None:
            return kept
        belongs, lasting = self._membership(target, world)
        roster = Roster(label, belongs)
        for agent_id, agent in self._agents.items():
            roster.place(agent_id, agent)
        if lasting:
            self._rosters[label] = roster
        return roster

    def belongs(self, agent: Agent, target: Target, world: World) -> bool:
        """Return whether the agent is a member of a team or of `agents where …`, without asking about anybody else."""
        kept = self._rosters.get(target.label)
        if kept is not None:
            return agent.id in kept.members
        belongs, _ = self._membership(target, world)
        return belongs(agent) is not None

    def kept_roster(self, label: str) -> Roster | None:
        """Return the members of a target that are kept between decisions, once they have been asked for."""
        return self._rosters.get(label)

    def is_lasting(self, roster: Roster) -> bool:
        """Return whether the roster is kept between decisions."""
        return self._rosters.get(roster.label) is roster

    def line_of(self, rotation: str, kind: str) -> Line | None:
        """Return the line of a rotation, for one kind of item, once it has been formed."""
        return self._lines.get((rotation, kind))

    @property
    def keeps_up(self) -> bool:
        """Whether it lasts from one unit to the next; otherwise an index would be made for one decision alone."""
        return self._cursor is not None

    def form_line(self, unit: Unit, view: View, chain: OrderChain) -> None:
        """Let the roster stand sorted from now on, or be looked up, by a chain that can be kept so."""
        members = view.roster.members
        line = Line(view, self._empty(chain), stale=set(members))
        if view.rotating:
            line.seats = {seat.agent_id: seat for seat in unit.rotations.seats(view.rotation)}
        # Known from here on only: where its seats cannot be read, and the unit is done again, nobody would stand in it.
        self._lines[view.rotation, view.kind] = line
        for agent_id in members:
            self._lines_of.setdefault(agent_id, []).append(line)
        view.roster.lines.append(line)

    def kept(self, rotation: Rotation, kind: str) -> Kept:
        """Return the roster standing sorted, or to be looked up, in a line that has been formed."""
        return self.stand(self._lines[rotation.name, kind], rotation)

    def stand(self, line: Line, rotation: Rotation) -> Kept:
        """Return the roster of a line, everybody where it belongs now."""
        standing = line.standing
        standing.raise_floor(rotation.level)
        if self._late and (late := self._late & line.view.roster.members.keys()):
            self._catch_up(late)
        if line.stale:
            for agent_id in line.stale:
                self._stand(line, agent_id)
            line.stale.clear()
        return standing

    def candidates(self, unit: Unit, view: View, agents: Collection[Agent]) -> list[Candidate]:
        """Return the agents as the rotation's orders see them now."""
        if self._late and (late := self._late & {agent.id for agent in agents}):
            self._catch_up(late)
        seats = _seats(unit, view.rotation, [agent.id for agent in agents]) if view.rotating else {}
        return [self._candidate(view, agent, seats.get(agent.id)) for agent in agents]

    # --- inside

    def _empty(self, chain: OrderChain) -> Kept:
        if chain.indexable:
            return chain.index(lambda candidate: self.wishing.traits(candidate.agent))
        return chain.map() if chain.mappable else chain.stand()

    def _note(self, agent_id: str) -> None:
        self._noted.add(agent_id)
        self._written.add(agent_id)
        if self._doubted is not None:
            self._doubted.add(agent_id)

    def _candidate(self, view: View, agent: Agent, seat: Seat | None) -> Candidate:
        agent_id, kind = agent.id, view.kind
        loads = self._loads.get(agent_id, _NO_LOADS)
        load = loads.get(kind)
        return Candidate(
            agent_id,
            agent,
            self._tie(view.rotation, agent_id),
            load.load if load is not None else 0,
            agent.capacity.get(kind),
            load.received if load is not None else 0,
            _latest(agent.signed_on_at, loads),
            view.roster.members.get(agent_id, 0),
            seat,
            values=view.values(agent, agent_facts(load)) if view.values is not None else NO_VALUES,
        )

    def _take_record(self, agent_id: str, after: Agent | None) -> None:
        before = self._agents.get(agent_id)
        if before is after or before == after:
            return
        if after is None:
            del self._agents[agent_id]
        else:
            self._agents[agent_id] = after
        for roster in self._rosters.values():
            was = agent_id in roster.members
            roster.place(agent_id, after)
            if was or agent_id in roster.members:
                for line in roster.lines:
                    line.stale.add(agent_id)
        self._lines_of[agent_id] = [line for line in self._lines.values() if agent_id in line.view.roster.members]
        if self._stirred is not None:
            self._stirred.add(agent_id)

    def _take(self, unit: Unit, changed: Collection[str], records: frozenset[str] | None) -> None:
        """Take over what changed; loads and seats not before somebody asks, where they are further away than memory."""
        if self._store is None or records is None:
            self.reread(unit, changed)
            return
        if records:
            self.reread(unit, records)
        self._late.update(changed)
        self._late -= records

    def _catch_up_with(self, rotations: Collection[str]) -> None:
        """Take over what changed of all who stand in the lines of some rotations, at once."""
        lines = (line for (rotation, _), line in self._lines.items() if rotation in rotations) if self._late else ()
        late = {agent_id for line in lines for agent_id in self._late & line.view.roster.members.keys()}
        if late:
            self._catch_up(late)

    def _catch_up(self, agent_ids: set[str]) -> None:
        if self._unit is not None:
            self._take_loads_and_seats(self._unit, agent_ids)

    def _take_loads_and_seats(self, unit: Unit, agent_ids: Collection[str]) -> None:
        wanted: dict[str, list[str]] = {}
        elsewhere: list[str] = []
        for agent_id in agent_ids:
            lines = self._lines_of.get(agent_id, ())
            rotations = {line.view.rotation for line in lines if line.view.rotating}
            for rotation in rotations:
                wanted.setdefault(rotation, []).append(agent_id)
            if not rotations:
                elsewhere.append(agent_id)
        for seated in unit.seated(wanted) if wanted else ():
            self._take_loads(seated.agent_id, seated.loads)
            self._take_seat(seated)
        for agent_id, loads in unit.loads.of_agents(elsewhere).items() if elsewhere else ():
            self._take_loads(agent_id, loads)
        self._late.difference_update(agent_ids)

    def _take_loads(self, agent_id: str, after: Loads) -> None:
        before = self._loads.get(agent_id)
        if before is None or before != after:
            self._put_loads(agent_id, before, after)
        else:
            self._loads[agent_id] = after

    def _put_loads(self, agent_id: str, before: Loads | None, after: Loads) -> None:
        self._loads[agent_id] = after
        for line in self._lines_of.get(agent_id, ()):
            line.stale.add(agent_id)
        if self._stirred is not None and (self._counts_matter or before is None or _is_less(after, before)):
            self._stirred.add(agent_id)

    def _take_seat(self, seated: Seated) -> None:
        """Take over a seat in the lines of its rotation."""
        agent_id, seat = seated.agent_id, seated.seat
        for line in self._lines_of[agent_id]:
            if line.view.rotating and line.view.rotation == seated.rotation and line.seats.get(agent_id) != seat:
                line.stale.add(agent_id)
                if seat is None:
                    del line.seats[agent_id]
                else:
                    line.seats[agent_id] = seat

    def _tie(self, scope: str, agent_id: str) -> int:
        tie = self._ties.get((scope, agent_id))
        if tie is None:
            tie = self._ties[scope, agent_id] = stable_hash(self._seed, scope, agent_id)
        return tie

    def _membership(self, target: Target, world: World) -> tuple[Belongs, bool]:
        """Return the membership test of a target, and whether it depends on nothing but the agents' records."""
        if isinstance(target, TeamTarget):
            team = self._rules.teams.get(target.name)
            if team is None:
                return (lambda agent: 0 if target.name in agent.teams else None), True
            if team.term is None:
                positions = {agent_id: place for place, agent_id in enumerate(team.members)}
                return (lambda agent: positions.get(agent.id)), True
            term = team.term
        elif isinstance(target, AgentsWhere):
            term = target.term
        else:
            msg = f"{target.label} has no roster"
            raise TypeError(msg)
        holds = world.true_for_agents(term)
        lasting = reads_agent_records_only(term)
        kind = world.kind
        return (lambda agent: 0 if holds(agent, agent_facts(self.load(agent.id, kind))) else None), lasting

    def _reload(self, unit: Unit) -> None:
        agents = {agent.id: agent for agent in unit.agents.list()}
        self._agents, self._loads = agents, dict(unit.loads.of_agents(agents))
        self._late.clear()
        self._rosters.clear()
        self._lines.clear()
        self._lines_of.clear()
        self._stirred = None
        self._loaded = True
        self._unsure = {} if self._doubted is None else {id(self._doubted): self._doubted}

    def _stand(self, line: Line, agent_id: str) -> None:
        agent = self._agents.get(agent_id)
        if agent is None or agent_id not in line.view.roster.members or not agent.active:
            line.standing.discard(agent_id)
        else:
            line.standing.put(self._candidate(line.view, agent, line.seats.get(agent_id)))


def _records(unit: Unit, agent_ids: Collection[str]) -> Mapping[str, Agent | None]:
    if len(agent_ids) <= _ONE_BY_ONE:
        return {agent_id: unit.agents.find(agent_id) for agent_id in agent_ids}
    return {agent.id: agent for agent in unit.agents.list({"id": list(agent_ids)})}


def _seats(unit: Unit, rotation: str, agent_ids: Collection[str]) -> Mapping[str, Seat]:
    if len(agent_ids) <= _ONE_BY_ONE:
        found = (unit.rotations.seat(rotation, agent_id) for agent_id in agent_ids)
        return {seat.agent_id: seat for seat in found if seat is not None}
    return {seat.agent_id: seat for seat in unit.rotations.seats(rotation)}


def _is_less(after: Loads, before: Loads) -> bool:
    """Return whether the agent carries less of anything than before."""
    for kind, load in before.items():
        now = after.get(kind)
        if now is not load and (now.load if now is not None else 0) < load.load:
            return True
    return False


def _latest(first: datetime | None, loads: Loads) -> datetime | None:
    """Return the latest of sign-on, and of the last assignment or release of any kind."""
    latest = first
    for load in loads.values():
        at = load.touched_at
        if at is not None and (latest is None or at > latest):
            latest = at
    return latest
