"""Best rated: means that are drawn together where ratings are few."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assignkit.errors import ConfigurationError
from assignkit.model.ratings import Ratings
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.best_rated import BestRated
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.registry import build_chain, find_order
from tests.unit.strategies.making import NOON, candidate, ids, question


def rated(name: str, mean: float | None, count: int | None = None, **categories: Any) -> Candidate:  # noqa: ANN401
    return candidate(name, agent={"rating": mean, "rated": count, "ratings": categories})


def about(category: str | None) -> Question:
    return Question("c1", NOON, "seed", question().rotation, category=category)


def test_few_ratings_count_for_less() -> None:
    # all: (4.5·100 + 5·1 + 3·20)/121 = 4.256…; li (450+21.3)/105 = 4.49, new (5+21.3)/6 = 4.38, wang 81.3/25 = 3.25
    agents = [rated("new", 5, 1), rated("li", 4.5, 100), rated("wang", 3, 20)]

    assert ids(build_chain(["best rated"]).rank(agents, question())) == ["li", "new", "wang"]
    assert find_order("best rated").keys(agents, question())[1] == -(450 + 5 * Fraction(515, 121)) / 105  # type: ignore[attr-defined]


def test_who_is_not_rated_stands_at_everybodys_mean() -> None:
    agents = [rated("new", None), rated("good", 5, 3), rated("bad", 1, 3)]

    assert ids(build_chain(["best rated"]).rank(agents, question())) == ["good", "new", "bad"]


def test_without_any_ratings_all_tie() -> None:
    agents = [rated("a", None), rated("b", None)]

    assert find_order("best rated").keys(agents, question()) == [0, 0]


def test_a_mean_of_unknown_weight_counts_as_one_rating() -> None:
    order = BestRated(prior=3)

    assert order.keys([rated("a", 4.5)], question()) == order.keys([rated("a", 4.5, 1)], question())


def test_the_items_category_counts_where_it_is_known() -> None:
    agents = [
        rated("generalist", 4, 50),
        rated("specialist", 3, 50, **{"Size/Large": {"count": 40, "total": 192}}),
        rated("stranger", 4.9, 50, **{"Size/Large": {"count": 0, "total": 0}, "Size/Small": {"count": 9, "total": 9}}),
    ]
    chain = build_chain(["best rated"])

    assert ids(chain.rank(agents, about(None))) == ["stranger", "generalist", "specialist"]
    assert ids(chain.rank(agents, about("Size/Large"))) == ["stranger", "specialist", "generalist"]
    assert ids(chain.rank(agents, about("Size/Small"))) == ["generalist", "specialist", "stranger"]
    told = [chain.describe(one, about("Size/Large"))[0] for one in agents]
    assert told == [
        "rated 4 on average of 50",
        "rated 4.8 on average of 40 in Size/Large",
        "rated 4.9 on average of 50",
    ]


def test_prior_and_weight_can_be_told() -> None:
    agents = [rated("new", 5, 1), rated("li", 4, 100)]

    assert ids(OrderChain([BestRated(prior=3)]).rank(agents, question())) == ["li", "new"]
    assert ids(OrderChain([BestRated(prior=3, prior_ratings=Decimal("0.5"))]).rank(agents, question())) == ["new", "li"]
    for weight in (0, -1, float("nan")):
        with pytest.raises(ConfigurationError, match="positive"):
            BestRated(prior_ratings=weight)


@given(st.lists(st.tuples(st.floats(1, 5), st.integers(1, 50)), min_size=2, max_size=6))
def test_at_equal_weight_the_better_mean_is_first_and_keys_lie_within_the_means(rows: list[tuple[float, int]]) -> None:
    agents = [rated(f"a{number}", mean, count) for number, (mean, count) in enumerate(rows)]
    keys = find_order("best rated").keys(agents, question())
    means = [Fraction(str(mean)) for mean, _ in rows]

    assert all(min(means) <= -key <= max(means) for key in keys)
    for one, (mean, count) in zip(keys, rows, strict=True):
        for other, (other_mean, other_count) in zip(keys, rows, strict=True):
            if count == other_count and mean > other_mean:
                assert one < other


def test_who_is_not_rated_is_told() -> None:
    assert find_order("best rated").describe(rated("li", None), question()) == "not rated"


def test_ratings_add_up_exactly() -> None:
    ratings = Ratings(count=0, total=0).plus(0.1).plus(0.2).plus(Decimal("4.7"))

    assert (ratings.count, ratings.total) == (3, 5)
    with pytest.raises(ValidationError):
        Ratings(count=-1, total=0)
