"""Orders by name: ours, a host's, and unknown ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from assignkit.errors import ConfigurationError, UnknownStrategyError
from assignkit.strategies import registry
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.registry import BUILT_IN, build_chain, find_order, register_order
from tests.unit.strategies.making import candidate, ids, question


@pytest.fixture(autouse=True)
def _no_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_hosted", {})


class Alphabetical:
    """An order as a host writes it."""

    def key(self, candidate: Candidate, question: Question) -> Any:  # noqa: ANN401, ARG002
        return candidate.agent_id


def test_every_built_in_order_can_be_found_under_its_name() -> None:
    assert list(BUILT_IN) == sorted(BUILT_IN)
    assert {find_order(name).name for name in BUILT_IN} == set(BUILT_IN)
    assert set(BUILT_IN) == {
        "best rated",
        "closest skill match",
        "fair share",
        "highest",
        "least loaded",
        "longest idle",
        "lowest",
        "nearest",
        "priority queue",
        "quota",
        "random",
        "round robin",
        "skill match",
        "two choices",
        "weighted balance",
        "weighted round robin",
    }


def test_a_registered_order_sorts() -> None:
    assert register_order("by name")(Alphabetical) is Alphabetical
    agents = [candidate("wang"), candidate("chen"), candidate("li")]

    chain = build_chain(["by name"])

    assert ids(chain.rank(agents, question())) == ["chen", "li", "wang"]
    assert chain.name == "by name"


def test_the_same_class_may_be_registered_again() -> None:
    def cell() -> type:
        class Mine(Alphabetical):
            pass

        return Mine

    register_order("by name")(cell())
    again = register_order("by name")(cell())

    assert registry._hosted["by name"] is again


def test_another_class_may_not_take_a_name() -> None:
    register_order("by name")(Alphabetical)

    with pytest.raises(ConfigurationError, match=r"registered already, by .*Alphabetical"):
        register_order("by name")(type("Other", (Alphabetical,), {}))


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_librarys_names_are_not_for_hosts(name: str) -> None:
    with pytest.raises(ConfigurationError, match="order of the library"):
        register_order(name)(Alphabetical)


def test_an_order_needs_a_name_and_a_key() -> None:
    with pytest.raises(ConfigurationError, match="needs a name"):
        register_order(" ")(Alphabetical)
    with pytest.raises(ConfigurationError, match="needs a method `key"):
        register_order("empty")(type("Empty", (), {}))


def test_an_order_that_cannot_be_made_is_named() -> None:
    class Demanding(Alphabetical):
        def __init__(self, what: str) -> None: ...

    register_order("demanding")(Demanding)

    with pytest.raises(ConfigurationError, match="`demanding` cannot be made"):
        find_order("demanding")


@pytest.mark.parametrize(
    ("name", "suggestion"), [("least loded", "least loaded"), ("by nam", "by name"), ("xyz", None)]
)
def test_an_unknown_order_is_answered_with_the_nearest_name(name: str, suggestion: str | None) -> None:
    register_order("by name")(Alphabetical)

    with pytest.raises(UnknownStrategyError) as caught:
        build_chain([name])
    assert (caught.value.name, caught.value.suggestion) == (name, suggestion)


@dataclass
class Term:
    """What a parsed `by` clause looks like."""

    name: str


def test_a_chain_is_built_from_terms_too_and_is_round_robin_without_any() -> None:
    assert build_chain([Term("skill match"), Term("longest idle")]).name == "skill match then longest idle"
    assert build_chain([]).name == "round robin"
    assert build_chain([]).standing


def test_lowest_stands_if_it_reads_the_agent_only() -> None:
    assert build_chain(["least loaded", "lowest"], agent_only=[1]).standing
    assert not build_chain(["least loaded", "lowest"], agent_only=[0]).standing


def test_priority_queue_leaves_the_agents_to_the_orders_beside_it() -> None:
    agents = [candidate("busy", load=9, idle_minutes=9), candidate("free", load=0, idle_minutes=1)]

    assert ids(build_chain(["priority queue"]).rank(agents, question())) == ["free", "busy"]
    chain = build_chain(["priority queue", "longest idle"])
    assert ids(chain.rank(agents, question())) == ["busy", "free"]
    assert chain.name == "priority queue then longest idle"


def test_places_count_all_terms_also_beside_priority_queue() -> None:
    agents = [candidate("a", values={1: 2}), candidate("b", values={1: 1})]

    assert ids(build_chain(["priority queue", "lowest"]).rank(agents, question())) == ["b", "a"]
