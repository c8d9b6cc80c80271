from __future__ import annotations

import enum
import pickle
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypedDict

import pytest
from pydantic import AwareDatetime, BaseModel

from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.task import Task
from assignkit.rules.builtin_fields import AGENT_FIELDS, CUSTOMER_FIELDS, TASK_FIELDS
from assignkit.rules.field_types import Field, ValueType
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Plan(enum.Enum):
    FREE = "free"
    PRO = "pro"


def customer_type(annotation: object) -> ValueType:
    spec = Schema(customer={"x": annotation}).items["customers"].find("x")
    assert spec is not None
    return spec.type


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (str, ValueType.TEXT),
        (bool, ValueType.BOOLEAN),
        (int, ValueType.NUMBER),
        (float, ValueType.NUMBER),
        (Decimal, ValueType.NUMBER),
        (int | float | Decimal | None, ValueType.NUMBER),
        (date, ValueType.DATE),
        (datetime, ValueType.INSTANT),
        (AwareDatetime, ValueType.INSTANT),
        (Annotated[str | None, "note"], ValueType.TEXT),
        (list[str], ValueType.TEXTS),
        (tuple[str, ...], ValueType.TEXTS),
        (set[str], ValueType.TEXTS),
        (frozenset[Plan], ValueType.TEXTS),
        (dict[str, float], ValueType.LEVELS),
        (dict[str, int], ValueType.LEVELS),
        (tuple[float, float], ValueType.LOCATION),
        (Plan, ValueType.TEXT),
        (Level, ValueType.NUMBER),
        (Literal["a", "b"] | None, ValueType.TEXT),
        (Literal[1, 2], ValueType.NUMBER),
        (type(None), ValueType.ANY),
    ],
)
def test_python_types_stand_for_types_of_rules(annotation: object, expected: ValueType) -> None:
    assert customer_type(annotation) is expected


@pytest.mark.parametrize(
    "annotation", [object, list[int], dict[int, str], str | int, bytes, list, Literal["a", 1], Customer]
)
def test_other_types_in_a_mapping_are_refused_by_name(annotation: object) -> None:
    with pytest.raises(ConfigurationError, match=r"customer\.strange"):
        Schema(customer={"strange": annotation})


def test_fields_of_a_model_that_rules_cannot_use_are_told_when_used() -> None:
    class Lead(BaseModel):
        score: float
        raw: dict[str, Any]

    schema = Schema(customer=Lead)
    RuleSet.from_text('rule "a" when customer.score > 5 reject "x"', schema)
    with pytest.raises(Exception, match=r"rules cannot use `customer\.raw`: its type is dict\[str, typing\.Any\]"):
        RuleSet.from_text('rule "a" when customer.raw = 5 reject "x"', schema)


def test_entries_add_to_the_built_in_fields_and_replace_those_of_the_same_name() -> None:
    customers = Schema(customer={"vip": bool, "tier": int}).items["customers"]
    assert customers.fields["vip"].type is ValueType.BOOLEAN
    assert customers.fields["province"].type is ValueType.TEXT
    assert customers.fields["tier"].type is ValueType.NUMBER
    assert customers.find("等级") is customers.fields["tier"]


def test_models_dataclasses_and_typed_dicts_are_the_same_to_a_schema() -> None:
    class Model(BaseModel):
        vip: bool

    @dataclass
    class Data:
        vip: bool

    class Typed(TypedDict):
        vip: bool

    expected = Schema(customer={"vip": bool})
    assert Schema(customer=Model) == Schema(customer=Data) == Schema(customer=Typed) == expected


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="must be a pydantic model"):
        Schema(customer=5)


@pytest.mark.parametrize(
    ("key", "root", "plural"),
    [
        ("deal", "deal", "deals"),
        ("deals", "deal", "deals"),
        ("company", "company", "companies"),
        ("companies", "company", "companies"),
        ("box", "box", "boxes"),
        ("person", "person", "people"),
        ("people", "person", "people"),
        ("key", "key", "keys"),
    ],
)
def test_kinds_of_the_host_have_a_singular_and_a_plural(key: str, root: str, plural: str) -> None:
    record = Schema(**{key: {"amount": float}}).items[plural]
    assert (record.root, record.plural) == (root, plural)
    rules = RuleSet.from_text(
        f'rule "a" for {plural} when {root}.amount > 5 reject "x"', Schema(**{key: {"amount": float}})
    )
    assert rules.match({"amount": 6}, kind=plural) is not None


@pytest.mark.parametrize("key", ["owner", "agents", "customers"])
def test_words_with_a_meaning_of_their_own_are_no_kinds(key: str) -> None:
    with pytest.raises(ConfigurationError):
        Schema(**{key: {"amount": float}})


def test_a_path_leads_to_the_value() -> None:
    schema = Schema(customer={"province": (str, "address.province"), "grade": Field(type=str, aliases=("评级",))})
    rules = RuleSet.from_text('rule "a" when customer.省份 = "S" and customer.评级 = "A" reject "x"', schema)
    assert rules.match({"address": {"province": "S"}, "grade": "A"}) is not None
    assert rules.match({"province": "S", "grade": "A"}) is None
    assert rules.match({"address": None, "grade": "A"}) is None


def test_an_alias_of_two_fields_and_an_unknown_zone_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="alias of both"):
        Schema(customer={"x": Field(type=str, aliases=("省份",))})
    with pytest.raises(ConfigurationError, match="no time zone"):
        Schema(customer={"x": Field(type=datetime, zone="Mars/Base")})
    with pytest.raises(ConfigurationError, match="empty part"):
        Schema(customer={"x": (str, "a..b")})


def test_schemas_are_immutable_and_survive_pickling() -> None:
    schema = Schema(customer={"plan": Plan}, deal={"amount": float})
    copy = pickle.loads(pickle.dumps(schema))  # noqa: S301 - our own bytes
    assert copy == schema
    assert copy.fingerprint == schema.fingerprint
    with pytest.raises(AttributeError):
        schema.agent = schema.items["customers"]  # type: ignore[misc]
    with pytest.raises(TypeError):
        schema.items["x"] = schema.agent  # type: ignore[index]


def test_the_fingerprint_tells_contents_apart_and_not_their_order() -> None:
    one = Schema(customer={"a": str, "b": int})
    assert one.fingerprint == Schema(customer={"b": int, "a": str}).fingerprint
    assert one.fingerprint != Schema(customer={"a": str, "b": float, "c": int}).fingerprint
    assert one.fingerprint != Schema(customer={"a": str, "b": bool}).fingerprint
    assert one.fingerprint != Schema(task={"a": str, "b": int}).fingerprint


def test_the_built_in_fields_are_those_of_the_models() -> None:
    for model, fields in ((Customer, CUSTOMER_FIELDS), (Task, TASK_FIELDS), (Agent, AGENT_FIELDS)):
        own = {each.name for each in fields if not each.derived}
        assert own == set(model.model_fields) - {"version", "shifts", "leaves", "ratings"}
        described = Schema(customer=model).items["customers"]
        for each in fields:
            if not each.derived:
                assert described.fields[each.name].type is each.type, each.name
                assert described.fields[each.name].values == each.values, each.name


# --- from rows


def test_columns_give_types() -> None:
    rows = [
        {
            "id": 1,
            "seats": None,
            "plan": "a",
            "tags": ["x"],
            "lv": {"a": 1},
            "at": (1.0, 2.0),
            "gone": None,
            "odd": [1],
        },
        {"id": 2, "seats": 3, "plan": None, "on": date(2026, 1, 1), "ok": True, "nan": float("nan")},
    ]
    fields = Schema.infer(customers=rows, agents=[{"region": "N"}]).items["customers"]
    found = {name: fields.fields[name].type for name in ("seats", "plan", "lv", "at", "gone", "on", "ok", "nan")}
    assert list(found.values()) == [
        ValueType.NUMBER, ValueType.TEXT, ValueType.LEVELS, ValueType.LOCATION, ValueType.ANY, ValueType.DATE,
        ValueType.BOOLEAN, ValueType.ANY,
    ]  # fmt: skip
    assert fields.fields["id"].type is ValueType.TEXT
    assert "odd" in fields.unusable


def test_columns_replace_built_in_fields_where_they_say_something() -> None:
    fields = Schema.infer(customers=[{"size": 5, "tier": None}]).items["customers"].fields
    assert fields["size"].type is ValueType.NUMBER
    assert fields["tier"].type is ValueType.TEXT


def test_a_column_of_several_types_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="column `plan` of customers holds both texts and numbers"):
        Schema.infer(customers=[{"plan": "a"}, {"plan": 5}])


def test_an_empty_column_fits_everything_and_is_always_missing() -> None:
    schema = Schema.infer(customers=[{"gone": None}])
    for condition in (
        "customer.gone > 5",
        'customer.gone = "a"',
        'customer.gone has "a"',
        "customer.gone older than 5 days",
    ):
        rules = RuleSet.from_text(
            f'rule "a" when {condition} reject "x" rule "b" when not ({condition}) reject "x"', schema
        )
        at = {"now": datetime.fromisoformat("2026-01-01T00:00Z")}
        assert rules.match({"gone": 7}, **at) is None  # type: ignore[arg-type]
    assert RuleSet.from_text('rule "a" when customer.gone is missing reject "x"', schema).match({"gone": 7}) is not None


@pytest.mark.parametrize("given", [[], {}, ([1],), [str]], ids=repr)
def test_what_is_no_type_is_told(given: object) -> None:
    with pytest.raises(ConfigurationError, match=r"field `customer\.x`: rules cannot use values of the type"):
        Schema(customer={"x": given})
