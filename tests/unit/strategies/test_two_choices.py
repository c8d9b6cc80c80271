"""Two choices: drawn by hash, then the less loaded of the two."""

from __future__ import annotations

from dataclasses import replace

from assignkit.strategies.base import Candidate
from assignkit.strategies.registry import build_chain, find_order
from tests.unit.strategies.making import candidate, ids, question


def first(crowd: list[Candidate], item_id: str, order: str = "two choices") -> str:
    return build_chain([order]).rank(crowd, question(item_id=item_id))[0].agent_id


def test_the_less_loaded_of_the_first_two_drawn_is_chosen() -> None:
    crowd = [candidate(f"a{number}", load=number, capacity=100) for number in range(8)]
    for number in range(50):
        asked = question(item_id=f"c{number}")
        drawn = build_chain(["random"]).rank(crowd, asked)
        ranked = build_chain(["two choices"]).rank(crowd, asked)

        assert ranked[0].load == min(one.load for one in drawn[:2])
        assert {*ids(ranked[:2])} == {*ids(drawn[:2])}
        assert ids(ranked[2:]) == ids(drawn[2:])


def test_the_draw_repeats_and_depends_on_the_item_and_the_seed() -> None:
    crowd = [candidate(f"a{number}") for number in range(20)]
    chosen = [first(crowd, f"c{number}") for number in range(40)]

    assert chosen == [first(crowd[::-1], f"c{number}") for number in range(40)]
    assert len(set(chosen)) > 10
    other = build_chain(["two choices"]).rank(crowd, question(seed="other", item_id="c0"))
    assert ids(other) != ids(build_chain(["two choices"]).rank(crowd, question(item_id="c0")))


def test_few_candidates_are_no_trouble() -> None:
    li, wang = candidate("li", load=3), candidate("wang", load=1)

    assert build_chain(["two choices"]).rank([], question()) == []
    assert first([li], "c1") == "li"
    assert all(first([li, wang], f"c{number}") == "wang" for number in range(20))


def test_loads_stay_far_more_even_than_by_chance() -> None:
    def spread(order: str) -> int | float:
        crowd = {f"a{number}": candidate(f"a{number}", capacity=1000) for number in range(40)}
        for number in range(2000):
            winner = crowd[first(list(crowd.values()), f"c{number}", order)]
            crowd[winner.agent_id] = replace(winner, load=winner.load + 1)
        return max(one.load for one in crowd.values()) - 2000 // 40

    assert spread("two choices") <= 4
    assert spread("random") >= 10


def test_the_draw_and_the_load_are_told() -> None:
    li = candidate("li", load=3, capacity=10)
    drew = find_order("random").describe(li, question())

    assert find_order("two choices").describe(li, question()) == f"{drew}, 3 of 10 units"
