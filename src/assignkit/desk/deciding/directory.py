"""Who is in which target and who stands where: kept up to date from what changes instead of read anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from assignkit.desk.deciding.candidates import NO_VALUES, Candidates
from assignkit.desk.deciding.lines import Kept, Line, Lines, View
from assignkit.desk.deciding.notes import Notes
from assignkit.desk.deciding.rosters import Roster, membership
from assignkit.desk.deciding.wishing import Wishing
from assignkit.desk.deciding.world import World, reads_counts
from assignkit.model.agent import Agent
from assignkit.model.placement import AgentLoad, Rotation, Seat
from assignkit.repositories.base import Store, Unit
from assignkit.rules.plan import Target
from assignkit.rules.ruleset import RuleSet
from assignkit.strategies.base import Candidate
from assignkit.strategies.chain import OrderChain

Loads = Mapping[str, AgentLoad]

_NO_LOADS: Loads = {}
_ONE_BY_ONE = 3  # up to so many agents, or seats, are read one by one; more of them together


class Directory:
    """Agents, their loads, rosters and standing lines, for one version of the rules. Used by one unit at a time.

    With a store that tracks its changes it lives as long as the desk; otherwise it is made anew for each unit. What a
    unit itself writes is told to it (`note_load`, `note_seat`, `move`), so that nothing has to be read back.
    """

    def __init__(self, rules: RuleSet, *, seed: str) -> None:
        self.wishing = Wishing(rules)
        self.beside: dict[object, Any] = {}  # what others keep as long as it lasts, by who they are
        self.notes = Notes()
        self.lines = Lines()
        self._rules = rules
        self._candidates = Candidates(seed)
        self._agents: dict[str, Agent] = {}
        self._loads: dict[str, Loads] = {}
        self._rosters: dict[str, Roster] = {}
        self._loaded = False
        self._counts_matter = reads_counts(rules)
        self._stirred: set[str] | None = None
        self._touched: set[tuple[str, str]] = set()
        self._store: Store | None = None
        self._sure_of: set[str] | None = None
        self._unit: Unit | None = None
        self._late: set[str] = set()  # whose loads and seats have changed since they were read here

    # --- keeping up

    def refresh(self, store: Store, unit: Unit) -> None:
        """Bring everything up to what the unit sees; O(changes) where the store tracks them, else O(agents)."""
        changes = store.changes(self.notes.cursor)
        changed = self.notes.outdated(changes)
        if changes is None or changed is None or not self._loaded:
            self._reload(unit)
        elif changed:
            self._take(unit, changed, changes.records)
        self.notes.caught_up(changes)

    def reread(self, unit: Unit, agent_ids: Collection[str]) -> None:
        """Take over what changed of these agents: the records, the loads or the seats."""
        records = _records(unit, agent_ids)
        for agent_id in agent_ids:
            self._take_record(agent_id, records.get(agent_id))
        self._take_loads_and_seats(unit, agent_ids)

    def note_load(self, load: AgentLoad) -> None:
        """Take over a load that the unit at hand has written."""
        agent_id = load.agent_id
        self.notes.note(agent_id)
        if agent_id in self._late:
            self._catch_up({agent_id})
        before = self._loads.get(agent_id, _NO_LOADS)
        self._put_loads(agent_id, before, {**before, load.kind: load})

    def note_seat(self, rotation: str, seat: Seat) -> None:
        """Take over a seat that the unit at hand has written."""
        self.notes.note(seat.agent_id)
        self.lines.put_seat(rotation, seat)

    def move(self, line: Line, winner: Candidate, load: AgentLoad, seat: Seat | None) -> None:
        """Take over the load, and the seat in the line's rotation, of an agent who was given an item just now."""
        agent_id, kind, since = load.agent_id, load.kind, winner.idle_since
        self.notes.note(agent_id)
        before = self._loads.get(agent_id, _NO_LOADS)
        self._loads[agent_id] = {kind: load} if before.keys() <= {kind} else {**before, kind: load}
        self.lines.move(line, agent_id, seat)
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

    def take_back_notes(self, unit: Unit) -> None:
        """Read again what was noted since `notes.begin`, because it has been taken back."""
        noted = self.notes.since_begin
        if noted:
            self.reread(unit, noted)
            self.notes.begin()

    def share(self, store: Store, unit: Unit) -> int:
        """Begin a unit on a store that others write to as well; returns what `Notes.trust` or `distrust` takes later.

        What was read before the lock of a rotation is no good any more, see `locked`.
        """
        self._store, self._unit, self._sure_of = store, unit, set()
        return self.notes.share()

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
        belongs, lasting = membership(self._rules, target, world, self.load)
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
        belongs, _ = membership(self._rules, target, world, self.load)
        return belongs(agent) is not None

    def kept_roster(self, label: str) -> Roster | None:
        """Return the members of a target that are kept between decisions, once they have been asked for."""
        return self._rosters.get(label)

    def is_lasting(self, roster: Roster) -> bool:
        """Return whether the roster is kept between decisions."""
        return self._rosters.get(roster.label) is roster

    @property
    def keeps_up(self) -> bool:
        """Whether it lasts from one unit to the next; otherwise an index would be made for one decision alone."""
        return self.notes.cursor is not None

    def form_line(self, unit: Unit, view: View, chain: OrderChain) -> Line:
        """Return a new line: the roster stands sorted there from now on, or is looked up, by a chain that is kept."""
        line = Line(view, self._empty(chain))
        if view.rotating:
            line.seats = {seat.agent_id: seat for seat in unit.rotations.seats(view.rotation)}
        # Known from here on only: where its seats cannot be read, and the unit is done again, nobody would stand in it.
        self.lines.form(line)
        return line

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
        of, loads = self._candidates.of, self._loads
        return [of(view, agent, loads.get(agent.id, _NO_LOADS), seats.get(agent.id)) for agent in agents]

    # --- inside

    def _empty(self, chain: OrderChain) -> Kept:
        if chain.indexable:
            return chain.index(lambda candidate: self.wishing.traits(candidate.agent))
        return chain.map() if chain.mappable else chain.stand()

    def _take_record(self, agent_id: str, after: Agent | None) -> None:
        before = self._agents.get(agent_id)
        if before is after or before == after:
            return
        if after is None:
            del self._agents[agent_id]
        else:
            self._agents[agent_id] = after
        for roster in self._rosters.values():
            roster.place(agent_id, after)
        self.lines.follow(agent_id)
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
        late = self.lines.members_at(rotations, self._late) if self._late else ()
        if late:
            self._catch_up(late)

    def _catch_up(self, agent_ids: set[str]) -> None:
        if self._unit is not None:
            self._take_loads_and_seats(self._unit, agent_ids)

    def _take_loads_and_seats(self, unit: Unit, agent_ids: Collection[str]) -> None:
        wanted: dict[str, list[str]] = {}
        elsewhere: list[str] = []
        for agent_id in agent_ids:
            rotations = self.lines.rotations_of(agent_id)
            for rotation in rotations:
                wanted.setdefault(rotation, []).append(agent_id)
            if not rotations:
                elsewhere.append(agent_id)
        for seated in unit.seated(wanted) if wanted else ():
            self._take_loads(seated.agent_id, seated.loads)
            self.lines.take_seat(seated)
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
        self.lines.stir(agent_id)
        if self._stirred is not None and (self._counts_matter or before is None or _is_less(after, before)):
            self._stirred.add(agent_id)

    def _reload(self, unit: Unit) -> None:
        agents = {agent.id: agent for agent in unit.agents.list()}
        self._agents, self._loads = agents, dict(unit.loads.of_agents(agents))
        self._late.clear()
        self._rosters.clear()
        self.lines.clear()
        self._stirred = None
        self._loaded = True
        self.notes.begin_anew()

    def _stand(self, line: Line, agent_id: str) -> None:
        agent = self._agents.get(agent_id)
        if agent is None or agent_id not in line.view.roster.members or not agent.active:
            line.standing.discard(agent_id)
        else:
            loads = self._loads.get(agent_id, _NO_LOADS)
            line.standing.put(self._candidates.of(line.view, agent, loads, line.seats.get(agent_id)))


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
