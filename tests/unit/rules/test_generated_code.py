"""Generated code is made of generated names, a fixed list of ours, and harmless instructions, whatever rules say."""

from __future__ import annotations

import dis
import re
from collections.abc import Iterator
from datetime import UTC
from types import FunctionType
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings

from assignkit.rules import lookup, namespace
from assignkit.rules.compiler import false_of, true_of, value_of
from assignkit.rules.emission import Reading
from assignkit.rules.residues import Residues
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema
from tests.properties import test_rules_compiled as compiled

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
# All that generated code may do: read, compare, compute, call, jump, and keep values in variables of its own.
ALLOWED = re.compile(
    r"BINARY_(OP|SUBSCR)|BUILD_(LIST|TUPLE)|CACHE|CALL|CHECK_EXC_MATCH|COMPARE_OP|CONTAINS_OP|COPY|END_FOR|EXTENDED_ARG"
    r"|(FOR|GET)_ITER|IS_OP|JUMP_(BACKWARD(_NO_INTERRUPT)?|FORWARD)|JUMP_IF_(FALSE|TRUE)_OR_POP|LOAD_(ATTR|CONST|GLOBAL|METHOD|SMALL_INT)"
    r"|(LOAD|STORE)_FAST(_\w+)?|NOP|NOT_TAKEN|POP_(EXCEPT|ITER|TOP)|POP_JUMP_(BACKWARD_|FORWARD_)?IF_\w+|PRECALL"
    r"|PUSH_(EXC_INFO|NULL)|RERAISE|RESUME|RETURN_(CONST|VALUE)|SWAP|TO_BOOL|UNARY_(NEGATIVE|NOT)"
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
    yield matcher._loop(UTC, (*rules.rules, None))
    index = matcher._index(UTC)
    for reading in get_args(Reading):
        residues = Residues(matcher.rules, index, UTC, reading)
        yield residues._function(residues.rows)
    condition = rules.rules[0].condition
    assert condition is not None
    for make in (true_of, false_of, value_of):
        yield make(condition)


def test_names_are_generated_or_ours(functions: list[FunctionType]) -> None:
    for function in functions:
        check_names(function)


def test_no_text_is_in_the_code(functions: list[FunctionType]) -> None:
    for function in functions:
        check_constants(function)


def test_instructions_only_read_compare_and_call(functions: list[FunctionType]) -> None:
    for function in functions:
        check_instructions(function)


def test_there_are_no_builtins(functions: list[FunctionType]) -> None:
    assert all(function.__globals__["__builtins__"] == {} for function in functions)


@pytest.mark.parametrize("longest", [40, -1], ids=["chain", "index"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=compiled.rules)
def test_code_for_any_rules_is_harmless(
    longest: int, written: list[tuple[int, str, str | None, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assignkit.rules.compiler.longest_chain", lambda _: longest)
    conditions = [condition for _, _, condition, _ in written if condition] or ["customer.n > 1"]
    text = "\n".join(f'rule "{number}" when {each} reject "x"' for number, each in enumerate(conditions))
    rules = RuleSet.from_text(compiled.PREAMBLE + text, compiled.SCHEMA)
    for function in _generated(rules):
        check(function)


@pytest.mark.parametrize(
    "text",
    ["import os", "x.y = 1", "global z\n z = 1", "del item", "x = lambda: 1", "yield 1", "x[0] = 1", "class C: pass",
     "x = item.__class__.__mro__", "x = 'text'", "x = secret"],
)  # fmt: skip
def test_what_is_not_harmless_would_be_seen(text: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"def generated(item):\n {text}\n return 1", namespace)  # noqa: S102 - our own texts
    with pytest.raises(AssertionError):
        check(namespace["generated"])


def check(function: FunctionType) -> None:
    check_names(function)
    check_constants(function)
    check_instructions(function)


def check_names(function: FunctionType) -> None:
    code = function.__code__
    known = {*GIVEN, *ATTRIBUTES, *OURS, *namespace.NAMESPACE, *lookup._NAMESPACE}
    names = {*code.co_names, *code.co_varnames} - known
    assert [name for name in names if not NUMBERED.fullmatch(name)] == []
    assert not code.co_freevars


def check_constants(function: FunctionType) -> None:
    assert [each for each in function.__code__.co_consts if not isinstance(each, int | bool | None)] == []


def check_instructions(function: FunctionType) -> None:
    for instruction in dis.get_instructions(function):
        assert ALLOWED.fullmatch(instruction.opname), instruction
        if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            assert instruction.argval in ATTRIBUTES
