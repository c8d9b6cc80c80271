"""Making models and records without validating: they are what validating would have made."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import pytest

from assignkit.model.building import built, maker_of, whole
from assignkit.model.decision import Decision
from assignkit.model.placement import Placement, new_placement

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLACED = {"kind": "customers", "item_id": "c1", "state": "held", "agent_id": "li", "received_at": NOON, "since": NOON}


def test_a_record_that_is_made_is_the_record() -> None:
    made, said = new_placement(**PLACED), Placement(**PLACED)
    assert (made, hash(made), repr(made), type(made)) == (said, hash(said), repr(said), Placement)
    assert replace(made, fence=2) == replace(said, fence=2)
    assert pickle.loads(pickle.dumps(made)) == said  # noqa: S301 - our own bytes


def test_a_record_that_is_made_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        new_placement(**PLACED).fence = 2  # type: ignore[misc]


def test_what_is_missing_or_unknown_is_refused() -> None:
    make = maker_of(Placement)
    with pytest.raises(TypeError):
        make(kind="customers")
    with pytest.raises(TypeError):
        make(**PLACED, colour="red")


def test_a_whole_model_is_the_one_that_is_built() -> None:
    facts = {"item_id": "c1", "outcome": "assigned", "agent_id": "li"}
    asked = built(Decision, facts)
    made = whole(Decision, dict(asked))
    assert made == asked == Decision.model_validate(facts)
    assert made.model_dump_json() == asked.model_dump_json() == Decision.model_validate(facts).model_dump_json()
    assert made.explain() == asked.explain()
