"""What every record shares, and what the nouns check."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assignkit.model.agent import Agent
from assignkit.model.contact import Comment, Contact
from assignkit.model.customer import Customer
from assignkit.model.record import SEPARATOR, Item, Record
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team

NOUNS: list[type[Record]] = [Customer, Agent, Task, Team, Pool, Category, Contact, Comment, Item]


def made(noun: type[Record], **fields: Any) -> Any:  # noqa: ANN401 - the noun's own fields are read
    return noun.model_validate({"id": "x", **fields})


# --- identities


@pytest.mark.parametrize("noun", NOUNS)
def test_only_the_id_is_required(noun: type[Record]) -> None:
    assert (made(noun).id, made(noun).version) == ("x", 0)
    with pytest.raises(ValidationError, match="id"):
        noun.model_validate({})


@pytest.mark.parametrize(
    ("id", "kept"), [("a", "a"), (7, "7"), (-7, "-7"), (10**30, str(10**30)), ("007", "007"), (" a ", " a ")]
)
def test_identities_are_kept_as_text(id: object, kept: str) -> None:
    assert made(Customer, id=id).id == kept


@pytest.mark.parametrize("id", ["", "  ", "\t\n", f"a{SEPARATOR}b", None, True, 1.0, ["a"]])
def test_what_is_no_identity_is_refused(id: object) -> None:
    with pytest.raises(ValidationError, match="id"):
        made(Customer, id=id)


def test_identities_of_others_are_checked_too() -> None:
    assert made(Customer, owner=7).owner == "7"
    assert made(Agent, manager=3).manager == "3"
    assert made(Task, customer=1).customer == "1"
    with pytest.raises(ValidationError, match="owner"):
        made(Customer, owner="")


def test_a_version_is_not_negative() -> None:
    with pytest.raises(ValidationError, match="version"):
        made(Customer, version=-1)


# --- immutable, with unknown fields


@pytest.mark.parametrize("noun", NOUNS)
def test_unknown_fields_are_kept(noun: type[Record]) -> None:
    record = made(noun, favourite_colour="red", nested={"list": [1, {"a": 2}]})
    assert record.favourite_colour == "red"
    assert record.model_dump()["nested"] == {"list": [1, {"a": 2}]}
    assert noun.model_validate_json(record.model_dump_json()) == record


@pytest.mark.parametrize("noun", NOUNS)
def test_a_record_cannot_be_changed(noun: type[Record]) -> None:
    record = made(noun, extra=["a"])
    for name in ("id", "version", "extra", "brand_new"):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(record, name, "y")
    with pytest.raises(TypeError):
        record.extra.append("b")


def test_the_fields_of_a_record_cannot_be_changed_within() -> None:
    agent = made(Agent, skills={"excel": 3}, capacity={"customers": 5}, teams={"East"}, languages=["en"])
    with pytest.raises(TypeError):
        agent.skills["word"] = 1
    with pytest.raises(TypeError):
        agent.capacity.clear()
    assert type(agent.teams) is frozenset
    assert type(agent.languages) is tuple
    with pytest.raises(TypeError):
        made(Agent).skills["word"] = 1


def test_a_record_does_not_follow_its_source() -> None:
    source = {"id": "li", "skills": {"excel": 3}, "notes": ["a"]}
    agent: Any = Agent.model_validate(source)
    source["skills"]["excel"] = 9  # type: ignore[index]
    source["notes"].append("b")  # type: ignore[attr-defined]
    assert (agent.skills, agent.notes) == ({"excel": 3}, ["a"])


@pytest.mark.parametrize("noun", NOUNS)
def test_a_record_survives_pickling(noun: type[Record]) -> None:
    record = made(noun, extra={"list": [1]})
    again = pickle.loads(pickle.dumps(record))  # noqa: S301 - our own bytes
    assert (type(again), again) == (noun, record)
    with pytest.raises(TypeError):
        again.extra["list"].append(2)


def test_a_copy_is_checked_and_leaves_the_original() -> None:
    first = made(Agent, capacity={"customers": 5}, colour="red")
    second = first.model_copy(update={"capacity": {"customers": 0.5}, "id": 7})
    assert (second.capacity["customers"], second.id, second.colour) == (Decimal("0.5"), "7", "red")
    assert first.capacity == {"customers": 5}
    with pytest.raises(TypeError):
        second.capacity["tasks"] = 1
    with pytest.raises(ValidationError, match="capacity"):
        first.model_copy(update={"capacity": {"customers": -1}})


def test_a_copy_without_changes_is_the_record() -> None:
    record = made(Customer)
    assert record.model_copy() is record
    assert record.model_copy(deep=True) is record


def test_a_record_at_another_version_differs_in_nothing_else() -> None:
    first = made(Customer, colour="red", tags=["a"])
    second = first.at_version(4)
    assert (first.version, second.version, second.colour) == (0, 4, "red")
    assert second == first.model_copy(update={"version": 4})
    assert second.at_version(4) is second


# --- amounts


@pytest.mark.parametrize(
    ("effort", "kept"),
    [
        (1, 1),
        (2.0, 2),
        (0.1, Decimal("0.1")),
        ("0.25", Decimal("0.25")),
        (Decimal("0.10"), Decimal("0.1")),
        (Decimal("3.00"), 3),
        (2**53 + 1, 2**53 + 1),
        (1e-9, Decimal("1e-9")),
    ],
)
def test_effort_is_kept_exactly(effort: object, kept: int | Decimal) -> None:
    found = made(Item, effort=effort).effort
    assert found == kept
    assert type(found) is type(kept)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_sums_of_effort_are_exact(thousandths: list[int]) -> None:
    total = sum(made(Item, effort=amount / 1000).effort for amount in thousandths)
    assert total == Decimal(sum(thousandths)) / 1000


@pytest.mark.parametrize("effort", [0, -1, -0.5, True, "much", float("nan"), float("inf"), Decimal("NaN"), None, [1]])
def test_what_is_no_effort_is_refused(effort: object) -> None:
    with pytest.raises(ValidationError, match="effort"):
        made(Item, effort=effort)


@pytest.mark.parametrize("value", [0, -1, True, "many", float("inf"), None])
def test_what_is_no_capacity_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match=r"capacity\.customers"):
        made(Agent, capacity={"customers": value})


@pytest.mark.parametrize("value", [0, -1, True, "heavy", float("nan")])
def test_what_is_no_weight_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="weight"):
        made(Agent, weight=value)


def test_capacity_and_weight_are_exact() -> None:
    agent = made(Agent, capacity={"customers": 0.3, "tasks": 8.0}, weight=2.5)
    assert agent.capacity == {"customers": Decimal("0.3"), "tasks": 8}
    assert agent.weight == Decimal("2.5")


@pytest.mark.parametrize("field", ["expected_value", "revenue", "employees", "score"])
def test_numbers_keep_their_type_and_are_no_booleans(field: str) -> None:
    for value in (5, 2.5, Decimal("0.10")):
        kept = getattr(made(Customer, **{field: value}), field)
        assert kept == value
        assert type(kept) is type(value)
    with pytest.raises(ValidationError, match=field):
        made(Customer, **{field: True})


@pytest.mark.parametrize("progress", [-1, 101, True])
def test_progress_is_a_percentage(progress: object) -> None:
    with pytest.raises(ValidationError, match="progress"):
        made(Task, progress=progress)


# --- places and times


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "Europe/Berlin"])
def test_zones_are_known(zone: str) -> None:
    assert made(Agent, zone=zone).zone == zone


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Asia", "/etc/localtime", "a\0b", "x" * 5000])
def test_an_unknown_zone_is_refused_with_an_example(zone: str) -> None:
    with pytest.raises(ValidationError, match=r"(?s)zone.*Asia/Shanghai"):
        made(Agent, zone=zone)


@pytest.mark.parametrize("location", [(91, 0), (-91, 0), (0, 181), (0, -181), (1,), "here"])
def test_a_location_is_on_earth(location: object) -> None:
    with pytest.raises(ValidationError, match="location"):
        made(Customer, location=location)


@pytest.mark.parametrize(
    ("noun", "field"), [(Customer, "created_at"), (Task, "due_at"), (Agent, "hired_at"), (Contact, "next_contact_at")]
)
def test_instants_are_aware(noun: type[Record], field: str) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    assert getattr(made(noun, **{field: at}), field) == at
    with pytest.raises(ValidationError, match=field):
        made(noun, **{field: at.replace(tzinfo=None)})


def test_presence_is_one_of_three() -> None:
    assert made(Agent, presence="away").presence == "away"
    with pytest.raises(ValidationError, match="presence"):
        made(Agent, presence="asleep")
