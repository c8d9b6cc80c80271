"""Random agents, rules, items and operations at one desk, against what must always hold; then all of it once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from assignkit import Agent, AssignkitError, Decision, NotEligibleError
from assignkit.model.placement import Placement
from tests.searching import examples
from tests.unit.desk.making import OpenDesk, edit, open_desk

AGENTS = ["a", "b", "c", "d"]
ITEMS = ["1", "2", "3", "4", "5", "6", "7"]
KINDS = ["customers", "tasks"]
LIMITS = {'team "East"': (3, 4), 'team "Senior"': (2, 3)}  # open, per day
SHANGHAI = timedelta(hours=8)
ORDERS = ["round robin", "least loaded", "weighted round robin", "longest idle", "skill match", "random"]
ORDERS += ["lowest agent.load", "highest abs(agent.level - customer.score) then round robin"]

RULES = """
team "Senior" = agents where agent.level >= 2
pool "P"
rule "Spam" when customer.source = "spam"
  reject "spam"
rule "VIP" when customer.tier = "VIP"
  require agent.skills has "law" for 30 minutes
  prefer agent.languages has customer.language
  urgency customer.score
  assign to team "Senior" by {one}
  limit 2 open, 3 per day
  otherwise after 1 hour assign to team "East" by {two}
rule "Cold" when customer.source = "cold"
  hold in pool "P"
rule "Rest" when customer.score is present
  assign to team "East" by {two}
  limit 3 open, 4 per day
rule "With the customer" for tasks when owner.level >= 1
  keep owner
  otherwise continue
rule "Tasks" for tasks
  assign to agents where agent.load < 4 by least loaded
never assign customers where customer.tags has "hard" to agents where agent.level < 2
never assign tasks where task.tags has "hard" to agents where agent.level < 2
"""

capacities = st.none() | st.sampled_from([1, 3, Decimal("2.5")])
agent_facts = st.fixed_dictionaries(
    {
        "teams": st.sampled_from([{"East"}, {"West"}, {"East", "West"}]),
        "level": st.none() | st.integers(0, 3),
        "active": st.sampled_from([True, True, True, False]),
        "skills": st.sampled_from([{}, {"law": 2}]),
        "languages": st.sampled_from([["fr"], []]),
        "weight": st.integers(1, 3),
        "capacity": st.builds(lambda c: {} if c is None else {"customers": c, "tasks": 2}, capacities),
    }
)
item_facts = st.fixed_dictionaries(
    {
        "tags": st.sampled_from([[], [], ["hard"]]),
        "effort": st.sampled_from([1, 1, 2, Decimal("0.5")]),
        "owner": st.sampled_from([None, None, None, "a", "nobody"]),
    }
)
customer_facts = st.fixed_dictionaries(
    {
        "tier": st.sampled_from([None, "VIP", "C"]),
        "score": st.none() | st.integers(0, 9),
        "source": st.sampled_from([None, None, "spam", "cold"]),
        "language": st.sampled_from(["fr", "de"]),
    }
)
Call = Callable[[OpenDesk], Any]


class DeskMachine(RuleBasedStateMachine):
    """Every rule is one call, checked as it is made and kept to be made again."""

    @initialize(
        one=st.sampled_from(ORDERS),
        two=st.sampled_from(ORDERS),
        team=st.lists(agent_facts, min_size=len(AGENTS), max_size=len(AGENTS)),
    )
    def begin(self, one: str, two: str, team: list[dict[str, Any]]) -> None:
        self.text = RULES.format(one=one, two=two)
        self.agents = [Agent(id=id, **facts) for id, facts in zip(AGENTS, team, strict=True)]
        self.desk = open_desk(self.text, self.agents, zone="Asia/Shanghai")
        self.calls: list[Call] = []
        self.told: list[str] = []
        self.fences: dict[tuple[str, str], tuple[int, str | None]] = {}
        self.decisions: list[tuple[Decision, str]] = []

    def call(self, made: Call) -> Any:  # noqa: ANN401 - whatever the call gives
        """Make the call, note what it told, and keep it to be made again."""
        self.calls.append(made)
        result, told = outcome(made, self.desk)
        self.told.append(told)
        return result

    # --- operations

    @rule(kind=st.sampled_from(KINDS), id=st.sampled_from(ITEMS), facts=item_facts, more=customer_facts)
    def assign(self, kind: str, id: str, facts: dict[str, Any], more: dict[str, Any]) -> None:
        item = {"id": id, **facts, **(more if kind == "customers" else {"customer": id})}
        force = more["score"] == 9
        before = self.place(kind, id)
        dry = None if force else self.desk.explain(item, kind=kind)
        decision = self.call(lambda desk: desk.assign(item, kind=kind, force=force))
        if dry is not None:
            assert (dry.outcome, dry.agent_id) == (decision.outcome, decision.agent_id)
        if before is not None and before.taken and not force:
            assert (decision.outcome, decision.reasons) == ("kept", ("held",))
        self.note(decision)

    @rule(kind=st.sampled_from(KINDS), id=st.sampled_from(ITEMS), to=st.sampled_from(AGENTS), late=st.booleans())
    def reassign(self, kind: str, id: str, to: str, late: bool) -> None:
        place = self.place(kind, id)
        fence = place.fence - 1 if late and place is not None else None
        result = self.call(lambda desk: desk.reassign((kind, id), to, actor="x", reason="r", fence=fence))
        if isinstance(result, Decision):
            assert (fence, result.agent_id) == (None, to)
            assert result.outcome == "kept" or not self.guarded(kind, id, to)
        elif place is not None and fence is None:
            assert isinstance(result, NotEligibleError)

    @rule(kind=st.sampled_from(KINDS), id=st.sampled_from(ITEMS), pool=st.sampled_from([None, "P"]))
    def release(self, kind: str, id: str, pool: str | None) -> None:
        self.call(lambda desk: desk.release((kind, id), pool=pool, actor="x", reason="r"))

    @rule(id=st.sampled_from(AGENTS), facts=agent_facts)
    def edit(self, id: str, facts: dict[str, Any]) -> None:
        self.call(lambda desk: edit(desk, id, **facts))

    @rule(minutes=st.sampled_from([1, 29, 31, 200, 1000]))
    def advance(self, minutes: int) -> None:
        self.call(lambda desk: desk.clock.advance(timedelta(minutes=minutes)))

    @rule()
    def tick(self) -> None:
        for decision in self.call(lambda desk: desk.tick()):
            self.note(decision)
        assert self.desk.tick() == []
        for place in self.desk.store.placements.in_state("waiting"):
            why = self.desk.explain((place.kind, place.item_id))
            assert why.outcome == "waiting", str(why)
            assert all(step.winner is None for step in why.steps)

    @precondition(lambda self: self.decisions)
    @rule(number=st.integers(0, 1000))
    def ask_again(self, number: int) -> None:
        decision, told = self.decisions[number % len(self.decisions)]
        assert decision.explain(format="json") == told

    # --- what must always hold

    @invariant()
    def the_books_agree(self) -> None:
        self.desk.store._check()
        for line in self.desk._books.made_with.directory.lines:
            line.standing._check()

    @invariant()
    def loads_stay_below_their_ceilings(self) -> None:
        for id in AGENTS:
            for load in self.desk.store.loads.of_agent(id).values():
                assert load.load >= 0
                assert load.ceiling is None or load.load <= load.ceiling

    @invariant()
    def records_name_who_holds_them(self) -> None:
        for place in self.places():
            assert self.desk.items(place.kind).get(place.item_id).owner == place.agent_id

    @invariant()
    def fences_rise_with_every_change_of_holder(self) -> None:
        for place in self.places():
            key = (place.kind, place.item_id)
            fence, holder = self.fences.get(key, (0, None))
            assert place.fence >= fence
            assert place.fence > fence or place.agent_id == holder
            self.fences[key] = (place.fence, place.agent_id)

    @invariant()
    def limits_are_never_exceeded(self) -> None:
        found = [
            each
            for place in self.places()
            for each in self.desk.store.assignments.of_item(place.kind, place.item_id)
            if each.target in LIMITS
        ]
        days = Counter((str(each.target), each.agent_id, (each.assigned_at + SHANGHAI).date()) for each in found)
        assert all(count <= LIMITS[target][1] for (target, _, _), count in days.items())
        for target, (most, _) in LIMITS.items():
            assert all(self.desk.store.assignments.count_open(target, id) <= most for id in AGENTS)

    def teardown(self) -> None:
        """Make every call again at a new desk: the same bytes."""
        if not hasattr(self, "desk"):
            return
        again = open_desk(self.text, self.agents, zone="Asia/Shanghai")
        assert [outcome(call, again)[1] for call in self.calls] == self.told
        assert again.store.history.since(0, limit=10**6) == self.desk.store.history.since(0, limit=10**6)

    # --- reading

    def note(self, decision: Decision) -> None:
        """Check a decision of the rules, and keep what it told."""
        if decision.outcome == "assigned":
            assert decision.agent_id is not None
            assert self.desk.agents.get(decision.agent_id).active
            assert not self.guarded(decision.kind, decision.item_id, decision.agent_id)
        self.decisions.append((decision, decision.explain(format="json")))

    def guarded(self, kind: str, id: str, agent_id: str) -> bool:
        """Return whether the `never` bars the agent from the item."""
        level = self.desk.agents.get(agent_id).level
        return "hard" in self.desk.items(kind).get(id).tags and (level is None or level < 2)

    def place(self, kind: str, id: str) -> Placement | None:
        return self.desk.store.placements.find(kind, id)

    def places(self) -> list[Placement]:
        found = (self.place(kind, id) for kind in KINDS for id in ITEMS)
        return [place for place in found if place is not None]


def outcome(call: Call, desk: OpenDesk) -> tuple[Any, str]:
    """Return what a call gives and what it told, byte by byte."""
    try:
        result = call(desk)
    except AssignkitError as error:
        return error, f"{type(error).__name__}: {error}"
    decisions = result if isinstance(result, list) else [result] if isinstance(result, Decision) else []
    told = [
        part for each in decisions for part in (each.model_dump_json(), each.explain(), each.explain(format="json"))
    ]
    return result, "\n".join(told)


TestDesk = DeskMachine.TestCase
TestDesk.settings = examples(40, steps=30)
