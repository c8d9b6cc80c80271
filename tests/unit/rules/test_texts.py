from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.hashing import stable_hash
from assignkit.rules import texts

letters = st.text("ab\n蓝", max_size=12)
patterns = st.text("ab*?蓝", max_size=8)


@given(letters, patterns)
def test_patterns_match_as_the_regular_expression_does(text: str, pattern: str) -> None:
    regular = "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern)
    assert texts.like(text, pattern) is (re.fullmatch(regular, text, re.DOTALL) is not None)


@pytest.mark.parametrize("pattern", ["*a" * 2000 + "b", "*" + "a?" * 1000 + "b", "?" * 3000 + "*b"])
def test_no_pattern_takes_long(pattern: str) -> None:
    assert texts.like("a" * 100_000, pattern) is False  # hangs for minutes in quadratic time


def test_buckets_are_stable() -> None:
    assert texts.bucket("c1", 10) == stable_hash("", "", "c1") % 10
    assert texts.bucket("c1", 10.0) == texts.bucket("c1", 10)
    assert [texts.bucket("c1", n) for n in (0, -1, 0.5, 2**54, None)] == [None] * 5
    assert texts.bucket(None, 10) is None
    assert isinstance(texts.bucket("\ud800", 10), int)


def test_the_hash_is_the_one_that_is_written_down() -> None:
    assert stable_hash("s", "t", "u") == 201_650_172_208_518_846  # of SHA-256 over s, U+001F, t, U+001F, u


@pytest.mark.parametrize(
    ("values", "item", "expected"),
    [
        (["a"], "a", True), (["b"], "a", False), ([], "a", False), (None, "a", None), (["a"], None, None),
        ({"a": 1}, "a", True), ({"a"}, "a", True), ([["a"], 5], "a", False),
    ],
)  # fmt: skip
def test_has(values: object, item: str | None, expected: bool | None) -> None:
    assert texts.has(values, item) is expected


@pytest.mark.parametrize(
    ("levels", "level", "expected"),
    [
        ({"a": 3}, 3, True), ({"a": 2.9}, 3, False),
        ({"b": 3}, 3, False), ({"a": None}, 3, None), ({"a": True}, 1, None),
        ({"a": 0.1}, 0.1, True), (None, 3, None), ({"a": 3}, None, None),
    ],
)  # fmt: skip
def test_has_at(levels: dict[str, float] | None, level: float | None, expected: bool | None) -> None:
    assert texts.has_at(levels, "a", level) is expected


def test_several_follow_kleene() -> None:
    assert texts.has_any(["a"], ("b", None)) is None
    assert texts.has_any(["a"], ("a", None)) is True
    assert texts.has_any(["a"], ("b",)) is False
    assert texts.has_all(["a"], ("a", None)) is None
    assert texts.has_all(["a"], ("b", None)) is False
    assert texts.has_all(["a", "b"], ("a", "b")) is True
    assert texts.has_any(None, ("a",)) is None
    assert texts.has_any(["a"], ()) is False
    assert texts.has_all(["a"], ()) is True
