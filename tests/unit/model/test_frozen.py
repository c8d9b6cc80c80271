"""Frozen containers are like the real ones, and only refuse to be changed."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from assignkit.model.frozen import FrozenDict, FrozenList, freeze

LIST_CHANGES: dict[str, Callable[[Any], object]] = {
    "append": lambda x: x.append(1),
    "extend": lambda x: x.extend([1]),
    "insert": lambda x: x.insert(0, 1),
    "remove": lambda x: x.remove(1),
    "pop": lambda x: x.pop(),
    "clear": lambda x: x.clear(),
    "sort": lambda x: x.sort(key=str),
    "reverse": lambda x: x.reverse(),
    "set": lambda x: x.__setitem__(0, 1),
    "set a slice": lambda x: x.__setitem__(slice(0, 1), []),
    "delete": lambda x: x.__delitem__(0),
    "add in place": lambda x: x.__iadd__([1]),
    "multiply in place": lambda x: x.__imul__(2),
}
DICT_CHANGES: dict[str, Callable[[Any], object]] = {
    "update": lambda x: x.update(b=1),
    "setdefault": lambda x: x.setdefault("b", 1),
    "pop": lambda x: x.pop("a"),
    "popitem": lambda x: x.popitem(),
    "clear": lambda x: x.clear(),
    "set": lambda x: x.__setitem__("a", 2),
    "delete": lambda x: x.__delitem__("a"),
    "or in place": lambda x: x.__ior__({"b": 1}),
}

json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


class Point(NamedTuple):
    x: Any
    y: Any


class Loose(BaseModel):
    tags: list[str]


class Tight(BaseModel):
    model_config = ConfigDict(frozen=True)
    tags: tuple[str, ...]


@pytest.mark.parametrize("change", LIST_CHANGES)
def test_a_list_refuses_every_change(change: str) -> None:
    frozen = FrozenList([3, 1, 2])
    with pytest.raises(TypeError, match="model_copy"):
        LIST_CHANGES[change](frozen)
    assert frozen == [3, 1, 2]


@pytest.mark.parametrize("change", DICT_CHANGES)
def test_a_dict_refuses_every_change(change: str) -> None:
    frozen = FrozenDict(a=1)
    with pytest.raises(TypeError, match="model_copy"):
        DICT_CHANGES[change](frozen)
    assert frozen == {"a": 1}


@pytest.mark.parametrize("kind", [(list, FrozenList), (dict, FrozenDict)])
def test_no_way_of_changing_is_forgotten(kind: tuple[type, type]) -> None:
    plain, frozen = kind
    reading = {"copy", "count", "index", "get", "items", "keys", "values", "fromkeys"}
    public = {name for name in dir(plain) if not name.startswith("_")} - reading
    special = {
        name for name in ("__setitem__", "__delitem__", "__iadd__", "__imul__", "__ior__") if hasattr(plain, name)
    }
    assert {name for name in public | special if getattr(frozen, name) is getattr(plain, name)} == set()


@given(json_data)
def test_frozen_data_is_like_the_plain(data: object) -> None:
    frozen = freeze(data)
    assert frozen == data
    assert json.dumps(frozen) == json.dumps(data)
    assert repr(frozen) == repr(data)


@given(json_data)
def test_frozen_data_survives_pickling_and_is_its_own_copy(data: object) -> None:
    frozen = freeze(data)
    again = pickle.loads(pickle.dumps(frozen))  # noqa: S301 - our own bytes
    assert again == frozen
    assert type(again) is type(frozen)
    assert copy.copy(frozen) is frozen
    assert copy.deepcopy(frozen) is frozen


@given(json_data)
def test_nothing_within_can_be_changed(data: object) -> None:
    waiting = [freeze(data)]
    while waiting:
        value = waiting.pop()
        assert not isinstance(value, (list, dict, set)) or isinstance(value, (FrozenList, FrozenDict))
        waiting.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else [])


def test_freezing_what_is_frozen_gives_itself() -> None:
    frozen = freeze({"a": [1, {"b": {2}}]})
    assert freeze(frozen) is frozen


def test_what_was_frozen_does_not_follow_its_source() -> None:
    source: dict[str, Any] = {"a": [1], "b": {"c": {2}}}
    frozen = freeze(source)
    source["a"].append(2)
    source["b"]["c"].add(3)
    assert frozen == {"a": [1], "b": {"c": {2}}}


def test_tuples_are_frozen_within_and_keep_their_type() -> None:
    frozen = freeze((Point([1], {"a": [2]}), [3]))
    assert type(frozen) is tuple
    assert type(frozen[0]) is Point
    assert [type(part) for part in (frozen[0].x, frozen[0].y, frozen[0].y["a"], frozen[1])] == [
        FrozenList,
        FrozenDict,
        FrozenList,
        FrozenList,
    ]


def test_sets_become_frozen_sets() -> None:
    frozen = freeze({1, 2})
    assert type(frozen) is frozenset
    assert frozen == {1, 2}


@pytest.mark.parametrize(
    "value",
    [1, 1.5, "a", b"a", None, True, Decimal("0.10"), datetime(2026, 1, 1, tzinfo=UTC), timedelta(1), Tight(tags=())],
)
def test_what_cannot_change_is_passed_through(value: object) -> None:
    assert freeze(value) is value


def test_other_objects_are_copied_once() -> None:
    loose = Loose(tags=["a"])
    frozen = freeze([loose])
    loose.tags.append("b")
    assert frozen[0].tags == ["a"]


def test_a_frozen_container_can_be_copied_into_a_plain_one() -> None:
    assert [*FrozenList([1]), 2] == [1, 2]
    assert {**FrozenDict(a=1), "b": 2} == {"a": 1, "b": 2}
    assert FrozenDict(a=1) | {"b": 2} == {"a": 1, "b": 2}
    with pytest.raises(TypeError):
        hash(FrozenList([1]))
