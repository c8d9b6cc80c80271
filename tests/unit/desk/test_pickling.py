"""Decisions travel between processes, with their explanations."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

from assignkit import Customer
from tests.unit.desk.making import TO_EAST, OpenDesk, east

Make = Callable[..., OpenDesk]


def test_decisions_are_pickled_with_what_they_explain(make: Make) -> None:
    desk = make(TO_EAST, east("li", capacity={"customers": 1}))
    decisions = [desk.assign(Customer(id=n)) for n in ("c1", "c1", "c2")]
    decisions.append(desk.release("c1", actor="boss", reason="r"))

    assert [decision.outcome for decision in decisions] == ["assigned", "kept", "waiting", "unmatched"]
    for decision in decisions:
        there = pickle.loads(pickle.dumps(decision))  # noqa: S301 - our own bytes
        assert there == decision
        assert there.explain() == decision.explain()
        assert pickle.loads(pickle.dumps(there)).explain() == decision.explain()  # noqa: S301
        assert copy.deepcopy(decision).explain() == decision.explain()
