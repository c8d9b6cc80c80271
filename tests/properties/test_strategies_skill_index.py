"""The skill index and its naive twin: walking it by wishes gives what ranking everybody by preference gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from assignkit.errors import ConfigurationError
from assignkit.strategies.base import Candidate
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.exact import exact
from assignkit.strategies.longest_idle import LongestIdle
from assignkit.strategies.registry import build_chain
from assignkit.strategies.skill_index import SkillIndex, Wish
from assignkit.strategies.skill_match import SkillMatch
from tests.searching import examples
from tests.unit.strategies.making import candidate, dice, ids, question

NAMES = [f"agent {number}" for number in range(14)]
TRAITS = ["negotiation", "english", "finance", "retail"]

levels = st.sampled_from([0, 1, 2, 3, 5, 0.5, Decimal("2.0"), -1])
people = st.builds(
    candidate,
    st.sampled_from(NAMES),
    tie=st.integers(0, 2),
    load=st.integers(0, 3),
    capacity=st.sampled_from([None, 3, 10]),
    idle_minutes=st.none() | st.integers(0, 2),
    agent=st.fixed_dictionaries({"skills": st.dictionaries(st.sampled_from(TRAITS), levels, max_size=4)}),
)
weights = st.sampled_from([1, 2, 5, 0.1, Decimal("0.3"), Fraction(1, 3)])
a_wish = st.builds(Wish, st.sampled_from([*TRAITS, "nobody has it"]), weights) | st.builds(
    Wish.at, st.sampled_from(TRAITS), st.sampled_from([1, 2, 3, 0.5, 7]), weights
)


def skills(one: Candidate) -> Mapping[Any, Any]:
    return one.agent.skills


def fitted(one: Candidate, wishes: Sequence[Wish], penalty: int = 1) -> Candidate:
    """Return the candidate as a scan of all wishes sees it."""
    has = {trait: exact(level) for trait, level in one.agent.skills.items()}
    met = [(Fraction(exact(wish.weight) or 0), wish, has[wish.trait]) for wish in wishes if wish.trait in has]
    preference = sum((weight * Fraction(wish.degree(level)) for weight, wish, level in met), Fraction(0))
    surplus = sum((weight * Fraction(wish.surplus(level)) for weight, wish, level in met if wish.surplus), Fraction(0))
    return replace(one, preference=preference, surplus=surplus if penalty else 0)


class IndexAndRanking(RuleBasedStateMachine):
    """Agents come, learn, get loads and go; wishes change with every item."""

    @initialize(penalty=st.sampled_from([0, 1, Decimal("0.5")]), longer=st.booleans())
    def open(self, penalty: int, longer: bool) -> None:
        orders: list[Any] = [SkillMatch(overqualification=penalty), *([LongestIdle()] if longer else [])]
        self.penalty = penalty
        self.chain = OrderChain(orders)
        self.index: SkillIndex = self.chain.index(skills)
        self.members: dict[str, Candidate] = {}

    @rule(one=people)
    def put(self, one: Candidate) -> None:
        self.index.put(one)
        self.members[one.agent_id] = one

    @rule(agent_id=st.sampled_from(NAMES))
    def discard(self, agent_id: str) -> None:
        self.index.discard(agent_id)
        self.members.pop(agent_id, None)

    @precondition(lambda self: self.members)
    @rule(wishes=st.lists(a_wish, max_size=4))
    def choose(self, wishes: list[Wish]) -> None:
        ranked = self.chain.rank([fitted(one, wishes, self.penalty) for one in self.members.values()], question())
        walked = list(self.index.walk(wishes))

        assert ids(walked) == ids(ranked)
        assert [(one.preference, one.surplus) for one in walked] == [(one.preference, one.surplus) for one in ranked]
        assert self.chain.describe(walked[0], question()) == self.chain.describe(ranked[0], question())
        winner = self.members[walked[0].agent_id]
        self.put(replace(winner, load=winner.load + 1))

    @invariant()
    def is_in_order(self) -> None:
        if hasattr(self, "index"):
            self.index._check()
            assert len(self.index) == len(self.members)
            assert all((name in self.index) == (name in self.members) for name in NAMES)


TestIndexAndRanking = IndexAndRanking.TestCase
TestIndexAndRanking.settings = examples(70, steps=30)


@examples(80)
@given(st.lists(people, max_size=14, unique_by=lambda one: one.agent_id), st.lists(a_wish, max_size=4))
def test_a_walk_is_the_ranking_of_everybody(crowd: list[Candidate], wishes: list[Wish]) -> None:
    for penalty in (0, 2):
        chain = OrderChain([SkillMatch(overqualification=penalty)])
        index = chain.index(skills)
        for one in crowd:
            index.put(one)

        ranked = chain.rank([fitted(one, wishes, penalty) for one in crowd], question())
        assert ids(index.walk(wishes)) == ids(ranked)


def crowd_of(size: int) -> list[Candidate]:
    rng = dice(5)
    return [
        candidate(
            f"agent {number}",
            load=rng.randint(0, 20),
            capacity=30,
            agent={"skills": {trait: rng.randint(1, 5) for trait in TRAITS if rng.random() < 0.4}},
        )
        for number in range(size)
    ]


class Counting:
    """Traits that count how often an agent is scored."""

    def __init__(self, index: SkillIndex) -> None:
        self.scored = 0
        real = index._key

        def key(*args: Any) -> Any:  # noqa: ANN401 - as the method that it stands in for
            self.scored += 1
            return real(*args)

        index._key = key  # type: ignore[method-assign]


def test_the_first_agents_are_found_without_looking_at_everybody() -> None:
    index = build_chain(["skill match"]).index(skills)
    for one in crowd_of(4000):
        index.put(one)
    counting = Counting(index)
    wishes = [Wish.at("negotiation", 3, 5), Wish("english", 2), Wish.at("finance", 2)]

    assert len(list(islice(index.walk(wishes), 3))) == 3
    assert counting.scored < 200


def test_who_has_nothing_that_is_wished_comes_last_by_load() -> None:
    index = build_chain(["skill match"]).index(skills)
    for name, load, has in (("a", 3, {}), ("b", 1, {"retail": 5}), ("c", 9, {"english": 1}), ("d", 2, {"english": 0})):
        index.put(candidate(name, load=load, capacity=10, agent={"skills": has}))

    assert ids(index.walk([Wish.at("english", 3)])) == ["c", "b", "d", "a"]
    assert ids(index.walk([Wish("english")])) == ["d", "c", "b", "a"]
    assert ids(index.walk([])) == ["b", "d", "a", "c"]


def test_of_equals_the_least_overqualified_come_first_if_asked() -> None:
    crowd = [
        candidate("master", load=0, capacity=10, agent={"skills": {"english": 9}}),
        candidate("enough", load=5, capacity=10, agent={"skills": {"english": 3}}),
        candidate("a bit more", load=0, capacity=10, agent={"skills": {"english": 4}}),
    ]
    for penalty, order in ((0, ["a bit more", "master", "enough"]), (0.1, ["enough", "a bit more", "master"])):
        index = OrderChain([SkillMatch(overqualification=penalty)]).index(skills)
        for one in crowd:
            index.put(one)
        walked = list(index.walk([Wish.at("english", 3, 2)]))
        assert sorted(ids(walked)) == sorted(order)
        assert ids(walked)[0 if penalty else -1] == "enough"
    told = OrderChain([SkillMatch(overqualification=1)]).describe(walked[-1], question())
    assert told == ("preference 2, 4 beyond, 0 of 10 units",)


@pytest.mark.parametrize("weight", [0, -1, float("nan")])
def test_a_wish_has_a_weight_above_zero(weight: float) -> None:
    index = build_chain(["skill match"]).index(skills)

    with pytest.raises(ConfigurationError, match="above 0"):
        list(index.walk([Wish("english", weight)]))


@pytest.mark.parametrize("wanted", [0, -1, float("inf")])
def test_a_level_that_is_wanted_is_above_zero(wanted: float) -> None:
    with pytest.raises(ConfigurationError, match="above 0"):
        Wish.at("english", wanted)


@pytest.mark.parametrize("penalty", [-1, float("nan")])
def test_an_overqualification_is_not_negative(penalty: float) -> None:
    with pytest.raises(ConfigurationError, match="overqualification"):
        SkillMatch(overqualification=penalty)


@pytest.mark.parametrize(
    ("orders", "indexable"),
    [
        (["skill match"], True),
        (["skill match", "longest idle", "least loaded"], True),
        (["skill match", "round robin"], False),
        (["skill match", "random"], False),
        (["least loaded"], False),
        (["least loaded", "skill match"], False),
    ],
)
def test_which_chains_can_be_indexed(orders: list[str], indexable: bool) -> None:
    chain = build_chain(orders)

    assert chain.indexable is indexable
    if not indexable:
        with pytest.raises(ConfigurationError, match="does not begin with `skill match`"):
            chain.index(skills)
