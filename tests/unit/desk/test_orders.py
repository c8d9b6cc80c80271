"""Every order, asked through the desk; chains; and turns that rules share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from assignkit import Agent, Candidate, Customer, Desk, Question, RuleSet, Task, register_order
from tests.unit.desk.making import NOON, TO_EAST, OpenDesk, east, edit, holders

Make = Callable[..., OpenDesk]


def by(order: str) -> str:
    return f'rule "r"\n  assign to team "East" by {order}'


def give(desk: OpenDesk, count: int, name: str = "c") -> list[str | None]:
    return holders(desk.assign(Customer(id=f"{name}{n}")) for n in range(count))


def test_round_robin_goes_round(make: Make) -> None:
    chosen = give(make(TO_EAST, east("a", "b", "c")), 9)
    assert chosen[:3] * 3 == chosen
    assert set(chosen) == {"a", "b", "c"}


def test_rules_that_share_target_and_order_share_turns(make: Make) -> None:
    rules = """
    rule "VIP" when customer.tier = "VIP"
      assign to team "East"
    rule "Tasks" for tasks
      assign to team "East" by round robin
    rule "Rest"
      assign to team "East"
    """
    desk = make(rules, east("a", "b", "c"))
    first = desk.assign(Customer(id=1, tier="VIP")).agent_id
    second = desk.assign(Task(id=2)).agent_id
    third = desk.assign(Customer(id=3)).agent_id
    assert {first, second, third} == {"a", "b", "c"}
    assert desk.assign(Customer(id=4, tier="VIP")).agent_id == first
    assert [rotation.name for rotation in desk.store.rotations.list()] == ['team "East" by round robin']


def test_a_skip_costs_no_turn_and_nobody_catches_up(make: Make) -> None:
    desk = make(TO_EAST, east("a", "b", "c"))
    order = give(desk, 3)
    absent, *others = order
    edit(desk, str(absent), active=False)
    assert give(desk, 6, "d") == others * 3
    edit(desk, str(absent), active=True)
    assert Counter(give(desk, 9, "e")) == {"a": 3, "b": 3, "c": 3}


def test_a_newcomer_joins_where_the_round_stands(make: Make) -> None:
    desk = make(TO_EAST, east("a", "b"))
    give(desk, 10)
    desk.agents.add(*east("z"))
    assert Counter(give(desk, 6, "d")) == {"a": 2, "b": 2, "z": 2}


def test_weighted_round_robin_shares_by_weight(make: Make) -> None:
    desk = make(by("weighted round robin"), [*east("a", weight=5), *east("b", "c")])
    assert Counter(give(desk, 14)) == {"a": 10, "b": 2, "c": 2}


def test_least_loaded_fills_by_share_of_capacity(make: Make) -> None:
    desk = make(by("least loaded"), [*east("a", capacity={"customers": 10}), *east("b", capacity={"customers": 20})])
    assert Counter(give(desk, 30)) == {"a": 10, "b": 20}
    assert give(desk, 1, "d") == [None]
    desk.release("c0", actor="boss", reason="r")
    assert desk.store.placements.in_state("waiting") == []


def test_weighted_balance_fills_by_weight_and_capacity(make: Make) -> None:
    desk = make(
        by("weighted balance"),
        east("a", weight=3, capacity={"customers": 100}) + east("b", capacity={"customers": 100}),
    )
    assert Counter(give(desk, 40)) == {"a": 30, "b": 10}


def test_longest_idle_goes_to_who_was_busy_longest_ago(make: Make) -> None:
    late = NOON - timedelta(minutes=5)
    desk = make(
        by("longest idle"),
        [*east("a", signed_on_at=late), *east("b", signed_on_at=NOON - timedelta(hours=1)), *east("c")],
    )
    chosen = []
    for number in range(4):
        chosen.append(desk.assign(Customer(id=number)).agent_id)
        desk.clock.advance(timedelta(minutes=1))
    assert chosen == ["c", "b", "a", "c"]
    desk.release(1, actor="boss", reason="r")  # a release is work too
    assert give(desk, 2, "d") == ["a", "c"]


def test_skill_match_sums_what_is_preferred(make: Make) -> None:
    rules = """
    rule "r"
      prefer agent.skills has "law" at 4 weight 3
      prefer agent.languages has customer.language weight 2
      assign to team "East" by skill match
    """
    agents = [*east("a", skills={"law": 2}), *east("b", languages=["fr"]), *east("c", skills={"law": 4})]
    desk = make(rules, agents)
    why = desk.explain(Customer(id="c1", language="fr")).steps[0]
    assert [view.agent_id for view in why.candidates] == ["c", "b", "a"]
    assert desk.assign(Customer(id="c1", language="fr")).agent_id == "c"
    assert desk.explain(Customer(id="c2")).steps[0].candidates[-1].agent_id == "b"


def test_random_is_settled_by_seed_item_and_agent(make: Make) -> None:
    one = give(make(by("random"), east("a", "b", "c"), seed="x"), 60)
    assert one == give(make(by("random"), reversed(east("a", "b", "c")), seed="x"), 60)
    assert one != give(make(by("random"), east("a", "b", "c"), seed="y"), 60)
    assert min(Counter(one).values()) > 8


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("lowest agent.level", ["a", "b", "c"]),
        ("highest agent.level", ["b", "a", "c"]),
        ("highest agent.rating", ["c", "b", "a"]),
        ("lowest abs(agent.level - customer.score)", ["b", "a", "c"]),
        ("highest agent.level then lowest agent.rating", ["b", "a", "c"]),
    ],
)
def test_lowest_and_highest_by_any_expression_missing_last(make: Make, order: str, expected: list[str]) -> None:
    agents = [*east("a", level=1, rating=1), *east("b", level=5, rating=2), *east("c", rating=3)]
    desk = make(by(order), agents)
    views = desk.explain(Customer(id="c1", score=4)).steps[0].candidates
    assert [view.agent_id for view in views] == expected
    assert desk.assign(Customer(id="c1", score=4)).agent_id == expected[0]


def test_lowest_received_evens_out_what_was_received(make: Make) -> None:
    desk = make(by("lowest agent.received"), east("a"))
    give(desk, 5)
    desk.agents.add(*east("b"))
    assert give(desk, 5, "d") == ["b"] * 5


def test_an_expression_of_the_load_follows_the_load(make: Make) -> None:
    desk = make(by("lowest agent.load then longest idle"), east("a", "b"))
    desk.assign(Customer(id="big", effort=5))
    assert len(set(give(desk, 5))) == 1
    assert len(set(give(desk, 2, "d"))) == 2


def test_an_expression_of_the_item_is_read_anew_each_time(make: Make) -> None:
    desk = make(by("lowest abs(agent.level - customer.score)"), [*east("a", level=1), *east("b", level=9)])
    chosen = [desk.assign(Customer(id=n, score=score)).agent_id for n, score in enumerate((0, 10, 2, 8))]
    assert chosen == ["a", "b", "a", "b"]


def test_an_edit_moves_an_agent_in_line(make: Make) -> None:
    desk = make(by("highest agent.level"), [*east("a", level=1), *east("b", level=2)])
    assert give(desk, 1) == ["b"]
    edit(desk, "a", level=3)
    assert give(desk, 1, "d") == ["a"]


def test_a_chain_takes_turns_among_those_who_tie(make: Make) -> None:
    desk = make(by("highest agent.level then round robin"), [*east("a", "b", level=2), *east("c", level=1)])
    chosen = give(desk, 6)
    assert chosen == chosen[:2] * 3
    assert set(chosen) == {"a", "b"}


def test_a_split_is_stable_and_keeps_its_shares(make: Make) -> None:
    rules = 'rule "r"\n  split 70% team "A", 25% team "B", 5% agent "c"'
    agents = [Agent(id="a", teams={"A"}), Agent(id="b", teams={"B"}), Agent(id="c")]
    desk = make(rules, agents)
    decisions = desk.assign_many({"id": n} for n in range(10_000))
    counts = Counter(holders(decisions))
    for agent_id, share in (("a", 7000), ("b", 2500), ("c", 500)):
        assert abs(counts[agent_id] - share) < 150  # more than three standard deviations
    other = make(rules, agents)
    assert holders(other.assign_many({"id": n} for n in range(500, 0, -1))) == holders(decisions[500:0:-1])


def test_a_part_of_a_split_that_is_full_is_not_made_up_by_another(make: Make) -> None:
    rules = 'rule "r"\n  split 50% team "A", 50% team "B"\n  otherwise hold in pool "P"\npool "P"'
    desk = make(rules, [Agent(id="a", teams={"A"})])
    decisions = desk.assign_many({"id": n} for n in range(200))
    assert {decision.outcome for decision in decisions} == {"assigned", "pooled"}
    assert {d.agent_id for d in decisions} == {"a", None}


def test_a_registered_order_needs_no_further_word_to_the_rules() -> None:
    @register_order("by the length of names")
    class ByLength:
        def key(self, candidate: Candidate, question: Question) -> int:  # noqa: ARG002 - what an order is asked with
            return len(candidate.agent.name or "")

    rules = RuleSet.from_text('rule "R"\n  assign to team "T" by "by the length of names"\n')
    desk = Desk(rules)
    desk.agents.add(Agent(id="a", name="Alexandra", teams={"T"}))
    desk.agents.add(Agent(id="b", name="Bo", teams={"T"}))

    assert desk.assign(Customer(id="c")).agent_id == "b"
