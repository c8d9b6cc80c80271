"""`assign_many(optimise=True)`: agents for all items at once, through the same pipeline, never worse than in turn."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from assignkit import (
    Agent,
    AsyncDesk,
    ConfigurationError,
    Decision,
    Desk,
    IdempotencyError,
    ManualClock,
    MissingExtraError,
    Optimiser,
    RuleSet,
    Schema,
)
from assignkit.desk.together.posing import BatchProblem, Pair, Plan
from assignkit.repositories.sql import SqlStore
from tests.unit.desk.every_store import OpenStore, open_store  # noqa: F401 - a fixture
from tests.unit.desk.making import NOON, OpenDesk, east, holders, load, state_of

SCHEMA = Schema(agent={"languages": list[str]}, customer={"language": str})
BY_LANGUAGE = """
rule "East"
  prefer agent.languages has customer.language weight 5
  assign to team "East" by {order}
  {more}
"""
Make = Callable[..., OpenDesk]


def by_language(order: str = "least loaded", more: str = "") -> str:
    return BY_LANGUAGE.format(order=order, more=more)


def speaker(id: str, *languages: str, customers: int | None = None) -> Agent:
    capacity = {} if customers is None else {"customers": customers}
    return Agent(id=id, teams={"East"}, languages=list(languages), capacity=capacity)


def speaking(*languages: str) -> list[dict[str, Any]]:
    return [{"id": f"c{number}", "language": one} for number, one in enumerate(languages)]


TWO = [speaker("anna", "de", "en", customers=1), speaker("bo", "en", customers=1)]


@pytest.mark.parametrize("order", ["skill match", "least loaded", "round robin", "random", "nearest", "fair share"])
def test_preferences_decide_whatever_the_order_of_the_rule_is(make: Make, order: str) -> None:
    desk = make(by_language(order), TWO, schema=SCHEMA)
    items = [{**item, "location": (50, 8)} for item in speaking("en", "de")]
    decisions = desk.assign_many(items, optimise=True)
    assert holders(decisions) == ["bo", "anna"]
    assert decisions.report is not None
    assert decisions.report.preference == 10


def test_waiting_for_the_batch_keeps_the_only_speaker_for_who_needs_her(make: Make) -> None:
    in_turn = make(by_language("skill match"), TWO, schema=SCHEMA)
    together = make(by_language("skill match"), TWO, schema=SCHEMA)
    assert holders(in_turn.assign_many(speaking("en", "de")))[0] == "anna"
    decisions = together.assign_many(speaking("en", "de"), optimise=True)
    assert holders(decisions) == ["bo", "anna"]
    report = decisions.report
    assert report is not None
    assert (report.preference, report.greedy_preference, report.gained_preference) == (10, 5, 5)
    assert (report.placed, report.gained_items, report.optimal, report.planned) == (2, 0, True, True)
    assert report.to_rows()[0] == {
        "kind": "customers",
        "item_id": "c0",
        "agent_id": "bo",
        "fit": 5.0,
        "greedy_agent_id": "anna",
        "greedy_fit": 5.0,
    }


@pytest.mark.parametrize("key", [None, "monday"])
def test_it_is_committed_as_any_decision_on_every_store(open_store: OpenStore, key: str | None) -> None:  # noqa: F811
    store = open_store()
    rules = RuleSet.from_text(by_language(), SCHEMA)
    desk = Desk(rules, store, clock=ManualClock(NOON), seed="test")
    for agent in TWO:
        desk.agents.add(agent)
    told: list[str] = []
    desk.subscribe(lambda event: told.append(event.type))
    decisions = desk.assign_many(speaking("en", "de", "de"), optimise=True, key=key)
    assert holders(decisions) == ["bo", "anna", None]
    assert [decision.outcome for decision in decisions] == ["assigned", "assigned", "waiting"]  # who came first
    assert [decision.rule for decision in decisions] == ["East"] * 3
    assert [decision.fence for decision in decisions] == [1, 1, 0]
    assert sorted(told) == ["assigned", "assigned", "waiting"]
    assert [event.type for event in desk.history("c1")] == ["assigned"]
    assert desk.customers.get("c1").owner == "anna"
    again = Desk(rules, open_store(), clock=ManualClock(NOON), seed="test")
    assert again.assign("c0").outcome == "kept"
    assert store.loads.find("anna", "customers").load == 1  # type: ignore[union-attr]
    for why in (decisions[1].explain(), desk.history("c1")[0].explain()):
        assert "chosen by an optimal batch of 3: fit 5, score of all 8, gap 0" in why
    assert "由整批优化选出，共 3 项：匹配度 5，总分 8，差距 0" in desk.history("c1")[0].explain(language="zh")
    if key is not None:
        assert holders(again.assign_many(speaking("en", "de", "de"), optimise=True, key=key)) == ["bo", "anna", None]
        assert again.assign_many(speaking("en", "de", "zh"), optimise=True, key=key)[2].outcome == "error"
        with pytest.raises(IdempotencyError):
            again.assign(speaking("en")[0], key=f"{key}:0")


def test_decisions_go_on_after_a_batch_as_if_nothing_had_been_tried_out(make: Make) -> None:
    desk, other = (make(by_language("round robin"), [*east("a", "b", "c")], schema=SCHEMA) for _ in range(2))
    batch = speaking("en", "en", "en")
    assert holders(desk.assign_many(batch, optimise=True)) == holders(other.assign_many(batch))
    single = [{"id": f"s{number}"} for number in range(7)]
    assert holders(desk.assign(one) for one in single) == holders(other.assign(one) for one in single)
    assert state_of(desk.store) == state_of(other.store)


def test_what_a_plan_gives_takes_no_turn(make: Make) -> None:
    agents = [speaker("a", "en"), speaker("b"), speaker("c")]
    desk = make(by_language("round robin"), agents, schema=SCHEMA)
    decisions = desk.assign_many(speaking("en", "en", "en"), optimise=Optimiser(fairness=0))
    assert holders(decisions) == ["a"] * 3
    assert sorted(holders(desk.assign({"id": f"s{number}"}) for number in range(3)), key=str) == ["a", "b", "c"]


def test_who_carries_more_already_gets_less(make: Make) -> None:
    desk = make('rule "East" assign to team "East" by random', [*east("a", "b", capacity={"customers": 10})])
    for number in range(4):
        desk.reassign(desk.assign({"id": f"before{number}"}).item_id, "a", actor="li", reason="hers")
    decisions = desk.assign_many([{"id": f"c{number}"} for number in range(4)], optimise=True)
    assert holders(decisions) == ["b"] * 4


def test_fairness_says_what_spreading_is_worth(make: Make) -> None:
    agents = [speaker("a", "en", customers=20), speaker("b", customers=20)]
    held = {}
    for fairness in (0, 1, 1000):
        desk = make(by_language(), agents, schema=SCHEMA)
        desk.assign_many(speaking(*["en"] * 10), optimise=Optimiser(fairness=fairness))
        held[fairness] = load(desk, "a")
    assert held == {0: 10, 1: 10, 1000: 5}


def test_efforts_fill_capacities_and_the_largest_number_of_items_finds_room(make: Make) -> None:
    agents = [speaker("a", customers=4), speaker("b", customers=3)]
    desk = make(by_language(), agents, schema=SCHEMA)
    efforts = [2, 1, 3, 1]
    items = [{"id": f"c{number}", "effort": effort} for number, effort in enumerate(efforts)]
    decisions = desk.assign_many(items, optimise=True)
    assert decisions.report is not None
    assert decisions.report.placed == 4
    assert decisions.report.gained_items == 4 - decisions.report.greedy_placed
    assert (load(desk, "a"), load(desk, "b")) == (4, 3)


def test_limits_are_kept_and_counted_with_what_came_before(make: Make) -> None:
    text = (
        by_language(more="limit 3 per day")
        + 'rule "VIP"\n  priority 1\n  when customer.tier = "VIP"\n  prefer agent.languages has customer.language\n'
        + '  assign to team "East" by least loaded\n  limit 2 per day'
    )
    desk = make(text, [speaker("a", "en"), speaker("b")], schema=SCHEMA)
    assert desk.assign({"id": "before", "language": "en"}).agent_id in ("a", "b")
    first = desk.history("before")[-1].agent_id
    items = speaking("en", "en", "en") + [{"id": f"v{number}", "language": "en", "tier": "VIP"} for number in range(3)]
    decisions = desk.assign_many(items, optimise=Optimiser(fairness=0))
    counts = {agent: holders(decisions).count(agent) + (agent == first) for agent in ("a", "b")}
    assert counts == {"a": 3, "b": 3}
    vips = {agent: holders(decisions[3:]).count(agent) + (agent == first) for agent in ("a", "b")}
    assert max(vips.values()) <= 2
    assert holders(decisions).count(None) == 1
    assert all("optimal batch" in decision.explain() for decision in decisions if decision.agent_id is not None)


def test_a_later_step_is_taken_only_where_the_first_is_full(make: Make) -> None:
    text = """
rule "East"
  prefer agent.level weight 3
  assign to team "East" by least loaded
  otherwise assign to team "West" by least loaded
  otherwise hold in pool "Public"
"""
    agents = [
        *east("e1", "e2", capacity={"customers": 1}),
        Agent(id="w", teams={"West"}, capacity={"customers": 1}, level=1),
    ]
    few = make(text, agents).assign_many([{"id": "c1"}, {"id": "c2"}], optimise=Optimiser(fairness=0))
    assert sorted(map(str, holders(few))) == ["e1", "e2"]  # although `w` is preferred
    assert few.report is not None
    assert few.report.optimal
    desk = make(text, agents)
    decisions = desk.assign_many([{"id": f"c{number}"} for number in range(4)], optimise=True)
    assert sorted(map(str, holders(decisions))) == ["None", "e1", "e2", "w"]
    assert [decision.pool for decision in decisions if decision.agent_id is None] == ["Public"]
    assert {decision.step for decision in decisions if decision.agent_id == "w"} == {2}


def test_a_guard_and_a_requirement_hold_for_the_whole_batch(make: Make) -> None:
    text = """
rule "East"
  require agent.level >= 2
  prefer agent.level
  assign to team "East" by least loaded
never assign customers where customer.tier = "VIP" to agents where agent.level < 3
"""
    desk = make(text, [*east("low", level=1), *east("mid", level=2), *east("top", level=3)])
    items = [{"id": f"c{number}", "tier": "VIP" if number % 2 else None} for number in range(6)]
    decisions = desk.assign_many(items, optimise=Optimiser(fairness=50))
    assert "low" not in holders(decisions)
    assert {decisions[number].agent_id for number in (1, 3, 5)} == {"top"}


def test_a_requirement_on_the_load_is_read_again_at_commit(make: Make) -> None:
    text = 'rule "East"\n  require agent.open < 2\n  prefer agent.level\n  assign to team "East" by least loaded'
    desk = make(text, [*east("a", level=1), *east("b", level=0)])
    decisions = desk.assign_many([{"id": f"c{number}"} for number in range(5)], optimise=Optimiser(fairness=0))
    assert sorted(map(str, holders(decisions))) == ["None", "a", "a", "b", "b"]
    assert decisions.report is not None
    assert decisions.report.placed == decisions.report.greedy_placed == 4


def test_what_is_held_pooled_kept_or_wrong_is_decided_as_ever_and_first(make: Make) -> None:
    text = """
rule "Owners" when customer.tier = "VIP" keep owner
rule "Public" when customer.tier = "C" hold in pool "Public"
rule "East" assign to team "East" by least loaded
"""
    desk = make(text, [*east("a", "b", capacity={"customers": 2})])
    desk.assign({"id": "held", "owner": "a"})
    items = [
        {"id": "new"},
        "held",
        {"id": "mine", "owner": "b"},
        {"id": "pooled", "tier": "C"},
        {"id": "unowned", "tier": "VIP"},
        "nobody knows it",
        {"id": "new too"},
        {"id": "too many"},
    ]
    decisions = desk.assign_many(items, optimise=True)
    outcomes = [decision.outcome for decision in decisions]
    assert outcomes == ["assigned", "kept", "kept", "pooled", "waiting", "error", "assigned", "waiting"]
    assert sorted(holders([decisions[0], decisions[6]])) == ["a", "b"]  # type: ignore[type-var]
    assert decisions.report is not None
    assert decisions.report.items == 3


@pytest.mark.parametrize("better", ["a", "b"])
def test_what_one_after_the_other_gave_in_room_that_an_owner_takes_is_measured_as_it_was(
    make: Make, better: str
) -> None:
    speakers = [speaker("a", "de", customers=1), speaker("b", "en", customers=5)]
    agents = [agent.model_copy(update={"level": level}) for level, agent in enumerate(speakers)]
    desk = make(by_language("lowest agent.level"), agents, schema=SCHEMA)
    items = [{"id": "c0", "language": "de" if better == "a" else "en"}, {"id": "c1", "owner": "a"}]

    decisions = desk.assign_many(items, optimise=True)

    report = decisions.report
    assert report is not None
    assert report.to_rows()[0]["greedy_agent_id"] == "a"
    assert (report.late, report.greedy_late) == (0, 0)
    if better == "a":  # she is over her capacity in turn: c1 was hers in any case
        assert holders(decisions) == ["a", "a"]
        assert (report.planned, report.gained_score, report.greedy_preference) == (False, 0, 5)
    else:
        assert holders(decisions) == ["b", "a"]
        assert (report.planned, report.preference, report.greedy_preference) == (True, 5, 0)
        assert report.greedy_crowding == 2  # her load of 2, of 1
        assert report.gained_score == pytest.approx(5 - 0.2 + 2)


def test_a_later_step_than_one_after_the_other_found_counts_as_later(make: Make) -> None:
    rules = """
rule "Steps"
  prefer agent.languages has customer.language weight 5
  assign to agents where agent.id = "a"
  otherwise assign to agents where agent.id = "b"
"""
    desk = make(rules, [speaker("a", customers=1), speaker("b", "de")], schema=SCHEMA)

    report = desk.assign_many([{"id": "c0", "language": "de"}, {"id": "c1", "owner": "a"}], optimise=True).report

    assert report is not None
    assert (report.planned, report.late, report.greedy_late, report.gained_steps) == (False, 0, 0, 0)
    assert desk.customers.get("c0").owner == "a"


def test_an_item_twice_has_one_holder(make: Make) -> None:
    desk = make(by_language(), TWO, schema=SCHEMA)
    decisions = desk.assign_many([*speaking("en"), *speaking("en")], optimise=True)
    assert {decision.outcome for decision in decisions} == {"assigned", "kept"}
    assert len(set(holders(decisions))) == 1


def test_offers_tasks_and_named_agents_go_through_a_batch(make: Make) -> None:
    text = """
rule "Calls" for tasks
  prefer agent.level
  assign to team "East" by least loaded
  accept within 5 minutes
rule "Hers" for customers
  assign to agent "a"
"""
    desk = make(text, [*east("a", level=1, capacity={"tasks": 1}), *east("b", level=0)])
    decisions = desk.assign_many([("tasks", {"id": "t1"}), ("tasks", {"id": "t2"}), {"id": "c1"}], optimise=True)
    assert [decision.outcome for decision in decisions] == ["offered", "offered", "assigned"]
    assert sorted(holders(decisions)) == ["a", "a", "b"]  # type: ignore[type-var]
    assert desk.accept(decisions[0].offer_id or "", decisions[0].fence or 0).outcome == "assigned"


def test_progress_is_told_once_all_is_committed(make: Make) -> None:
    desk = make(by_language(), TWO, schema=SCHEMA)
    told: list[tuple[int, int]] = []
    desk.assign_many(speaking("en", "de"), optimise=True, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    empty = desk.assign_many([], optimise=True)
    assert empty == []
    assert empty.report is not None
    assert empty.report.items == 0
    assert desk.assign_many([]).report is None


def test_the_same_batch_has_the_same_decisions_and_explanations(make: Make) -> None:
    agents = [speaker(f"a{number}", "en", "de" if number % 2 else "zh", customers=3) for number in range(6)]
    batch = speaking(*["en", "de", "zh", "fr"] * 5)
    told = []
    for order in (agents, agents[::-1]):
        desk = make(by_language(), order, schema=SCHEMA)
        told.append([decision.explain(format="json") for decision in desk.assign_many(batch, optimise=True)])
    assert told[0] == told[1]


class Obstinate:
    """A solver of a host's, that says what it was told to."""

    fairness = 1.0

    def __init__(self, choose: Callable[[BatchProblem], Sequence[Pair | None]]) -> None:
        self.choose = choose

    def plan(self, problem: BatchProblem) -> Plan:
        return Plan(list(self.choose(problem)), bound=1e6, method="by heart")


def test_a_plan_that_is_no_better_is_not_carried_out(make: Make) -> None:
    desk = make(by_language(), TWO, schema=SCHEMA)
    worse = Obstinate(lambda problem: [None] * len(problem.efforts))
    decisions = desk.assign_many(speaking("en", "de"), optimise=worse)
    assert None not in holders(decisions)
    assert decisions.report is not None
    assert (decisions.report.planned, decisions.report.method) == (False, "one after the other")
    assert decisions.report.gap > 0
    assert not decisions.report.optimal
    assert "optimal batch" not in decisions[0].explain()


def test_a_plan_that_breaks_what_it_was_told_is_taken_back(make: Make) -> None:
    desk = make(by_language(), TWO, schema=SCHEMA)
    greedy = make(by_language(), TWO, schema=SCHEMA)

    def all_to_anna(problem: BatchProblem) -> Sequence[Pair | None]:
        assert {pair.agent_id for pair in problem.pairs} == {"anna", "bo"}
        best = {pair.item: pair for pair in problem.pairs if pair.agent_id == "anna"}
        return [best[item] for item in range(len(problem.efforts))]

    decisions = desk.assign_many(speaking("en", "de", "en"), optimise=Obstinate(all_to_anna))
    expected = greedy.assign_many(speaking("en", "de", "en"))
    assert decisions.report is not None
    assert decisions.report.placed == 2
    assert decisions.report.score >= decisions.report.greedy_score
    assert sorted(map(str, holders(decisions))) == sorted(map(str, holders(expected)))


def test_force_and_optimise_do_not_go_together(make: Make) -> None:
    desk = make(by_language(), TWO, schema=SCHEMA)
    with pytest.raises(ConfigurationError, match="item by item"):
        desk.assign_many(speaking("en"), optimise=True, force=True)
    with pytest.raises(ConfigurationError, match="fairness"):
        Optimiser(fairness=-1)
    with pytest.raises(ConfigurationError, match="time_limit"):
        Optimiser(time_limit=0)


def test_without_the_extra_nothing_is_decided_and_the_error_says_what_to_install(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make(by_language(), TWO, schema=SCHEMA)
    monkeypatch.delitem(sys.modules, "assignkit.optimise.programme", raising=False)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(MissingExtraError, match="optimize"):
        desk.assign_many(speaking("en", "de"), optimise=True)
    assert desk.history("c0") == []


def test_a_host_says_who_solves(make: Make) -> None:
    desk = make(by_language(), TWO, schema=SCHEMA)
    decisions: list[Decision] = desk.assign_many(speaking("en", "de"), optimise=Optimiser(time_limit=30))
    assert holders(decisions) == ["bo", "anna"]


def test_a_batch_is_a_part_of_a_hosts_transaction(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    with closing(SqlStore(engine)) as store:
        store.migrate()
        desk = Desk(RuleSet.from_text(by_language(), SCHEMA), store, clock=ManualClock(NOON), seed="test")
        for agent in TWO:
            desk.agents.add(agent)
        with suppress(KeyError), engine.begin() as connection:
            joined = desk.within(connection).assign_many(speaking("en", "de"), optimise=True)
            assert holders(joined) == ["bo", "anna"]
            raise KeyError
        assert desk.history("c0") == []
        with engine.begin() as connection:
            desk.within(connection).assign_many(speaking("en", "de"), optimise=True)
        assert desk.customers.get("c1").owner == "anna"
    engine.dispose()


def test_what_changes_while_the_solver_thinks_is_seen_at_the_commit(make: Make) -> None:
    desk = make(by_language(), TWO, schema=SCHEMA)

    class Slow:
        fairness = 0.0

        def plan(self, problem: BatchProblem) -> Plan:
            desk.assign({"id": "rival", "language": "de"})
            return Optimiser(fairness=0).plan(problem)

    decisions = desk.assign_many(speaking("en", "de"), optimise=Slow())
    assert [load(desk, agent) for agent in ("anna", "bo")] == [1, 1]
    assert holders(decisions).count(None) == 1
    assert decisions.report is not None
    assert (decisions.report.items, decisions.report.placed, decisions.report.planned) == (2, 1, False)


def test_it_can_be_awaited() -> None:
    async def batch() -> list[str | None]:
        async with AsyncDesk(RuleSet.from_text(by_language(), SCHEMA), clock=ManualClock(NOON), seed="test") as desk:
            for agent in TWO:
                desk.desk.agents.add(agent)
            return holders(await desk.assign_many(speaking("en", "de"), optimise=True))

    assert asyncio.run(batch()) == ["bo", "anna"]
