"""What a store in SQL is given comes back the same, to the letter, on every database."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.frozen import freeze
from assignkit.model.placement import AgentLoad, Rotation
from assignkit.model.record import Item
from assignkit.repositories.sql import SqlStore
from assignkit.repositories.sql.instants import instant_of, told_instant
from assignkit.testing.samples import happened, placed
from tests.contracts.conftest import MakeStore

ZONES = st.sampled_from([UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai"), timezone(timedelta(minutes=-90))])
INSTANTS = st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.decimals()
    | st.fractions()
    | ANY_TEXT
    | st.dates()
    | st.times()
    | st.timedeltas()
    | INSTANTS
    | st.datetimes()
    | st.binary(max_size=8)
    | st.uuids()
)
KEYS = ANY_TEXT | st.sampled_from(["$at", "$map", "$order", "$more", "a", "bb", "id"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.frozensets(ANY_TEXT | st.integers() | st.dates(), max_size=3)
        | st.dictionaries(st.integers() | st.dates(), inner, max_size=2)
    ),
    max_leaves=8,
)
RESERVED = {*Customer.model_fields, "model_config"}
UNKNOWN = st.dictionaries(KEYS.filter(lambda key: key not in RESERVED), VALUES, max_size=4)


def shown(value: Any) -> str:  # noqa: ANN401 - any value
    """Return everything about a value: types, zones, signs, digits and the order of keys."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{shown(key)}: {shown(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}[{', '.join(map(shown, value))}]"
    if isinstance(value, frozenset):
        return f"set[{', '.join(sorted(map(shown, value)))}]"
    if isinstance(value, datetime):
        return f"{value.isoformat()} in {value.tzinfo}"
    if isinstance(value, time):
        return value.isoformat()
    return f"{type(value).__name__} {value!r}"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(unknown=UNKNOWN)
def test_unknown_fields_come_back_exactly(make_store: MakeStore, unknown: dict[str, Any]) -> None:
    store = make_store()
    customer = Customer.model_construct(id="c1", name="Ann")
    object.__setattr__(customer, "__pydantic_extra__", {key: freeze(value) for key, value in unknown.items()})
    store.customers.add(customer)
    found = store.customers.get("c1")
    assert shown(found.__pydantic_extra__) == shown(customer.__pydantic_extra__)
    assert list(found.__dict__) == list(Customer.model_fields)


def test_fields_that_hold_models_come_back_as_those(make_store: MakeStore) -> None:
    store = make_store()
    agent = Agent.model_validate(
        {
            "id": "li",
            "leaves": "2026-12-24 to 2026-12-31 cover wu; 2027-02-17",
            "ratings": {"phone": {"count": 3, "total": "13.50"}},
            "capacity": {"tasks": "2.50", "customers": 30},
            "location": (31.2, 121.5),
            "skills": {"negotiation": 4, "english": 2.5},
            "teams": {"East", "Key Accounts"},
            "level": Decimal("4.0"),
        }
    )
    store.agents.add(agent)
    for found in (store.agents.get("li"), *store.agents.list()):
        assert found == agent.at_version(1)
        assert shown(found.model_dump()) == shown(agent.at_version(1).model_dump())
        assert found.model_fields_set == agent.model_fields_set | {"version"}


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    LARGE = 3


def test_members_of_enumerations_come_back_as_their_values(make_store: MakeStore) -> None:
    store = make_store()
    store.items("deals").add(Item.model_validate({"id": "d", "colour": Colour.RED, "size": Size.LARGE}))
    assert store.items("deals").get("d").model_dump(include={"colour", "size"}) == {"colour": "red", "size": 3}


class Deal(Item):
    stage: str = "new"


class Part(BaseModel):
    name: str


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(Deal(id="d1"), id="a model that the store was not told of"),
        pytest.param(Item.model_validate({"id": "d1", "part": Part(name="x")}), id="a model in an unknown field"),
        pytest.param(Item.model_validate({"id": "d1", "what": object()}), id="an object"),
        pytest.param(Item.model_validate({"id": "d1", "number": 1j}), id="a complex number"),
    ],
)
def test_what_cannot_come_back_is_refused(make_store: MakeStore, record: Item) -> None:
    store = make_store()
    with pytest.raises(ConfigurationError, match="d1"):
        store.items("deals").add(record)
    assert store.items("deals").list() == []


def test_a_hosts_own_models_are_kept_when_the_store_is_told(file_url: str) -> None:
    store = SqlStore(file_url, models={"deals": Deal, "agents": Colleague})
    store.migrate()
    store.items("deals").add(Deal(id="d1", stage="won"))
    store.agents.add(Colleague(id="li", desk="7"))
    assert store.items("deals").get("d1") == Deal(id="d1", stage="won", version=1)
    assert store.agents.list() == [Colleague(id="li", desk="7", version=1)]
    store.close()


class Colleague(Agent):
    desk: str


@pytest.mark.parametrize("amount", [Decimal("0.0000001"), Decimal("1e13"), 10**13, Decimal("NaN")])
def test_amounts_that_no_database_keeps_exactly_are_refused(make_store: MakeStore, amount: Decimal) -> None:
    store = make_store()
    with pytest.raises((ConfigurationError, ArithmeticError)):
        store.loads.put(AgentLoad(agent_id="li", kind="tasks", load=amount))
    with pytest.raises(ConfigurationError, match="6 decimals"):
        store.placements.put(placed(effort=amount), expected_fence=None)
    assert store.loads.find("li", "tasks") is None


@given(load=st.decimals(0, 10**12, places=6) | st.integers(0, 10**12))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_loads_are_exact_and_whole_ones_are_integers(make_store: MakeStore, load: Decimal) -> None:
    store = make_store()
    store.loads.put(AgentLoad(agent_id="li", kind="tasks", load=load, ceiling=load))
    found = store.loads.find("li", "tasks")
    assert found is not None
    assert found.load == found.ceiling == load
    assert isinstance(found.load, int) is (load == int(load))


@given(level=st.fractions() | st.integers(-(10**40), 10**40), present=st.none() | st.frozensets(ANY_TEXT))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rotations_are_exact(make_store: MakeStore, level: Fraction, present: frozenset[str] | None) -> None:
    store = make_store()
    store.rotations.put(Rotation(name="East", level=level, present=present))
    assert store.rotations.find("East") == Rotation(name="East", level=level, present=present)


@given(at=INSTANTS, fold=st.booleans())
def test_instants_keep_their_zone_and_their_hour_that_comes_twice(at: datetime, *, fold: bool) -> None:
    at = at.replace(fold=int(fold))
    found = instant_of(told_instant(at))
    assert (found.timestamp(), found.utcoffset(), str(found.tzinfo)) == (at.timestamp(), at.utcoffset(), str(at.tzinfo))


def test_an_instant_of_a_zone_whose_rules_changed_since_stays_the_instant() -> None:
    found = instant_of("2026-07-01T12:00:00+05:00[Europe/Berlin]")
    assert found.astimezone(UTC) == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_facts_of_an_event_keep_the_order_of_their_keys(make_store: MakeStore) -> None:
    store = make_store()
    facts = {"steps": [{"zeta": 1, "a": {"much longer": 1, "b": 2}}], "counts": {}}
    store.history.append(happened("e1", facts=facts))
    assert json.dumps(store.history.since(0)[0].facts) == json.dumps(facts)


VALUES_OF_ALL_KINDS = [date(2026, 1, 2), time(3, 4), UUID(int=7), b"\0", Fraction(1, 3), float("-0.0"), 1e22, "\ud800"]


def test_samples_of_all_kinds_come_back(make_store: MakeStore) -> None:
    store = make_store()
    added = store.items("deals").add(Item.model_validate({"id": "d", "all": VALUES_OF_ALL_KINDS}))
    assert shown(store.items("deals").get("d").model_dump()) == shown(added.model_dump())


def test_awkward_texts_are_kept_when_many_are_written_at_once(make_store: MakeStore) -> None:
    store = make_store()
    ids = sorted(
        ('"', "\\", '\\"', "NULL", "null", "{a,b}", "a,b", "'", "a b", " x ", "a\nb", "100%", "%s", "王芳", "{}")
    )
    told = [Customer(id=id, name=f"{id}{id}", owner=None) for id in ids]
    store.transact(lambda unit: [unit.customers.add(one) for one in told])
    assert [one.name for one in store.customers.list({"id": ids})] == [id + id for id in ids]
    assert [one.id for one in store.customers.list({"id": {*ids, "nobody"}})] == ids
    store.transact(lambda unit: [unit.customers.save(one.at_version(1)) for one in told])
    assert {one.version for one in store.customers.list()} == {2}
    with store.unit() as unit:
        unit.expect(items=[("customers", id) for id in ids])
        assert [one.id for one in unit.customers.list({"id": ids[:3]})] == ids[:3]
