"""Generated code is made of generated names, a fixed list of ours, and harmless instructions, whatever rules say."""

from __future__ import annotations

import dis
import re
from collections.abc import Iterator
from datetime import UTC
from types import FunctionType
from typing import Any, get_args

import pytest

from assignkit.rules import emission, lookup
from assignkit.rules.compiler import false_of, true_of, value_of
from assignkit.rules.emission import Reading
from assignkit.rules.residues import Residues
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema

TEXT = """
let big = customer.revenue > 0.1 and customer.tier like "V*"
calendar "Office" mon-fri 09:00-12:00
rule "a" active from 2026-01-01 when big and not (customer.tags has any of ("import", "os") or customer.vip) and
  customer.city in ("exec", "eval") and now during calendar "Office" and lower(customer.name) = "globals" and
  customer.score * 2 > min(customer.employees, 5) and customer.created_at older than 5 days and owner.level < 3
  reject "__import__('os')"
rule "b" when customer.name starts with "__" and customer.score between 1 and 5 and customer.vip reject "x"
rule "c" when customer.name ends with "__" and customer.created_at after 2026-01-01 and customer.id != "c" reject "x"
"""
# What generated code calls or looks into by name: parameters, variables, and the few attributes of plain values.
GIVEN = {
    "item", "items", "record", "agent", "owner", "owning", "customer", "now", "agent_facts", "start", "owner_keyed",
    "item_keyed", "found", "kind", "view", "mask", "doubt", "top", "v", "key", "part", "rows", "get", "append",
}  # fmt: skip
ATTRIBUTES = {"get", "append", "tzinfo", "__class__", "startswith", "endswith", "bit_length"}
OURS = {
    "ZONE", "FALLBACK", "WITH_CARE", "VIEW", "NONE", "ALL", "ROWS", "RULE", "ANSWER", "UNSURE", "HIGHEST",
}  # fmt: skip
NUMBERED = re.compile(r"[AEFKLMNSTUXYfv]\d+|nowK\d+")
FORBIDDEN = re.compile(
    r"IMPORT|STORE_(ATTR|GLOBAL|NAME|SUBSCR)|DELETE_(ATTR|GLOBAL|NAME|SUBSCR)|MAKE_|YIELD|LOAD_(BUILD|NAME|CLOSURE)|SETUP_|.*_ASYNC|EXEC"
)


@pytest.fixture(params=[40, -1], ids=["chain", "index"])
def functions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[FunctionType]:
    """Return every function that is generated for the rules, in one of the two ways of matching."""
    monkeypatch.setattr("assignkit.rules.compiler.longest_chain", lambda _: request.param)
    rules = RuleSet.from_text(TEXT, Schema(customer={"vip": bool, "city": (str, "address.__class__")}))
    return list(_generated(rules))


def _generated(rules: RuleSet) -> Iterator[Any]:
    matcher = rules._matchers["customers"]
    for reading in ("entry", "key", "attribute"):
        for resuming in (False, True):
            yield matcher.finder(UTC, reading, resuming=resuming)
    yield matcher._loop(UTC, (1, 2, 3, None))
    index = matcher._index(UTC)
    for reading in get_args(Reading):
        residues = Residues(matcher.rules, index, UTC, reading)
        yield residues._function(residues.rows)
    condition = rules.rules[0].condition
    assert condition is not None
    for make in (true_of, false_of, value_of):
        yield make(condition)


def test_names_are_generated_or_ours(functions: list[FunctionType]) -> None:
    known = {*GIVEN, *ATTRIBUTES, *OURS, *emission._NAMESPACE, *lookup._NAMESPACE}
    for function in functions:
        code = function.__code__
        names = {*code.co_names, *code.co_varnames} - known
        assert [name for name in names if not NUMBERED.fullmatch(name)] == []
        assert not code.co_freevars


def test_no_text_is_in_the_code(functions: list[FunctionType]) -> None:
    for function in functions:
        assert [each for each in function.__code__.co_consts if not isinstance(each, int | bool | None)] == []


def test_instructions_only_read_compare_and_call(functions: list[FunctionType]) -> None:
    for function in functions:
        for instruction in dis.get_instructions(function):
            assert not FORBIDDEN.fullmatch(instruction.opname), instruction
            if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                assert instruction.argval in ATTRIBUTES


def test_there_are_no_builtins(functions: list[FunctionType]) -> None:
    assert all(function.__globals__["__builtins__"] == {} for function in functions)
