"""Decisions, explanations, assignments and events as data."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from pydantic import ValidationError

from assignkit.errors import ConfigurationError
from assignkit.model.assignment import Assignment, Event
from assignkit.model.decision import Decision
from assignkit.model.explanation import CandidateView, Explanation, ReadValue, RuleTrial, StepTrial
from assignkit.model.placement import AgentLoad, Placement, Rotation, Seat

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)

DECISION = Decision(
    item_id="c1",
    outcome="assigned",
    agent_id="li",
    rule="Strategic accounts",
    step=1,
    target='team "East"',
    fence=3,
    assignment_id="a1",
    reasons=("held",),
    rules_version="v1",
    at=NOW,
)

EXPLANATION = Explanation(
    kind="customers",
    item_id="c1",
    at=NOW,
    outcome="assigned",
    agent_id="li",
    rule="Strategic accounts",
    step=1,
    rules=(
        RuleTrial(
            rule="Large ones",
            position=1,
            verdict="failed",
            clause="customer.revenue >= 5",
            line=3,
            file="sales.rules",
            values=(ReadValue(field="customer.revenue", value=4), ReadValue(field="customer.tier", missing=True)),
        ),
        RuleTrial(rule="Strategic accounts", position=2, verdict="matched"),
    ),
    steps=(
        StepTrial(
            step=1,
            action='assign to team "East"',
            result="chosen",
            members=3,
            examined=3,
            counts={"capacity": 1},
            candidates=(
                CandidateView(agent_id="li", rank=1, key=("1/5", "0")),
                CandidateView(
                    agent_id="wu",
                    code="capacity",
                    detail={"load": 5, "capacity": 5, "effort": 1},
                    hint="would win: 4",
                ),
            ),
            winner="li",
            runner_up=None,
        ),
    ),
    notes=("no shifts: always on shift",),
    rules_version="v1",
    seed="desk-1",
)


def test_a_decision_survives_json() -> None:
    assert Decision.model_validate_json(DECISION.model_dump_json()) == DECISION
    assert Decision.model_validate(json.loads(DECISION.model_dump_json())) == DECISION


def test_a_decision_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        DECISION.agent_id = "wu"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="outcome"):
        Decision(item_id="c1", outcome="lost")


def test_an_explanation_survives_json() -> None:
    assert Explanation.model_validate_json(EXPLANATION.to_json()) == EXPLANATION


def test_an_explanation_leaves_out_what_is_not_there() -> None:
    told = json.loads(EXPLANATION.to_json())
    assert "pool" not in told
    assert told["steps"][0]["candidates"][1]["hint"] == "would win: 4"


def test_a_decision_tells_the_full_explanation_when_it_has_one() -> None:
    asked: list[int] = []

    def explain() -> Explanation:
        asked.append(1)
        return EXPLANATION

    decision = DECISION.model_copy().explained_by(explain)
    assert asked == []
    assert decision.explanation() is EXPLANATION
    assert decision.explain() == str(EXPLANATION) == EXPLANATION.to_text()
    assert decision.explain(language="zh") == EXPLANATION.to_text(language="zh")
    assert decision.explain(format="json") == EXPLANATION.to_json()


def test_a_decision_that_was_read_back_tells_what_it_knows() -> None:
    why = Decision.model_validate_json(DECISION.model_dump_json()).explanation()
    assert (why.item_id, why.outcome, why.agent_id, why.rule, why.step) == ("c1", "assigned", "li", DECISION.rule, 1)
    assert (why.reasons, why.rules_version, why.at, why.rules) == (("held",), "v1", NOW, ())


def test_an_explanation_comes_as_text_or_json() -> None:
    with pytest.raises(ConfigurationError, match="html"):
        DECISION.explain(format="html")  # type: ignore[arg-type]


def test_a_notebook_shows_text_that_is_inert() -> None:
    decision = Decision(item_id="<script>alert(1)</script>", outcome="unmatched")
    shown = decision._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_an_assignment_survives_json_and_cannot_be_changed() -> None:
    assignment = Assignment(
        id=7, kind="customers", item_id="c1", agent_id="li", fence=1, effort=Decimal("0.10"), assigned_at=NOW
    )
    assert assignment.id == "7"
    assert Assignment.model_validate_json(assignment.model_dump_json()) == assignment
    with pytest.raises(ValidationError, match="frozen"):
        assignment.ended_at = NOW  # type: ignore[misc]


def test_an_event_survives_json() -> None:
    event = Event(
        id="e1",
        type="assigned",
        at=NOW,
        kind="customers",
        item_id="c1",
        facts={"counts": {"capacity": 2}, "key": ["1"]},
    )
    assert Event.model_validate_json(event.model_dump_json()) == event
    with pytest.raises(ValidationError, match="type"):
        Event(id="e1", type="forgotten", at=NOW, kind="customers", item_id="c1")


@pytest.mark.parametrize(
    ("state", "taken"),
    [("free", False), ("held", True), ("offered", True), ("waiting", False), ("pooled", False), ("rejected", False)],
)
def test_what_is_held_or_offered_is_taken(state: str, taken: bool) -> None:
    place = Placement(kind="customers", item_id="c1", state=state, received_at=NOW, since=NOW)  # type: ignore[arg-type]
    assert place.taken is taken


@pytest.mark.parametrize(
    "state",
    [
        Placement(kind="customers", item_id="c1", received_at=NOW, since=NOW),
        AgentLoad(agent_id="li", kind="customers"),
        Seat(agent_id="li", turn=Fraction(1, 3)),
        Rotation(name="East"),
    ],
)
def test_state_cannot_be_changed(state: object) -> None:
    for name in ("fence", "load", "turn", "level"):
        if hasattr(state, name):
            with pytest.raises(FrozenInstanceError):
                setattr(state, name, 9)
