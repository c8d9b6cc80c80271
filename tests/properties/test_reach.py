"""What is said of rules beside each other is true of every record, and over single fields nothing is missed."""

from __future__ import annotations

from itertools import product
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from assignkit.rules.reach import Reached, reached, takes_all
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema
from tests.searching import examples

SCHEMA = Schema(customer={"n": float, "t": str, "b": bool})
RECORDS: list[dict[str, Any]] = [
    {"n": n, "t": t, "b": b}
    for n, t, b in product((None, -1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4), (None, "a", "b", "other"), (None, True, False))
]

numbers = st.sampled_from("0123")
texts = st.sampled_from(['"a"', '"b"'])
tests = st.one_of(
    st.builds("customer.n {} {}".format, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), numbers),
    st.builds("{} < customer.n".format, numbers),
    st.builds("customer.n {} {} and {}".format, st.sampled_from(["between", "not between"]), numbers, numbers),
    st.builds("customer.n {} ({}, {})".format, st.sampled_from(["in", "not in"]), numbers, numbers),
    st.builds("customer.t {} {}".format, st.sampled_from(["=", "!="]), texts),
    st.builds("customer.t {} ({}, {})".format, st.sampled_from(["in", "not in"]), texts, texts),
    st.builds("customer.{} is {}".format, st.sampled_from("ntb"), st.sampled_from(["missing", "present"])),
    st.sampled_from(["customer.b", "customer.b = false", "true", "false"]),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        inner.map("not ({})".format), st.builds("({}) {} ({})".format, inner, st.sampled_from(["and", "or"]), inner)
    ),
    max_leaves=4,
)
OPAQUE = st.one_of(tests, st.sampled_from(["length(customer.t) > 0", "customer.n + 1 > 2", 'customer.t like "a*"']))
rules = st.lists(st.tuples(conditions, st.sampled_from(["reject", "continue"])), min_size=1, max_size=5)


def read(written: list[tuple[str, str]]) -> tuple[RuleSet, Reached, list[set[int]]]:
    """Return the rules, what is said of them, and which records each matches."""
    actions = {"reject": 'reject "x"', "continue": 'assign to team "T" otherwise continue'}
    text = "\n".join(f'rule "{i}" when {condition} {actions[do]}' for i, (condition, do) in enumerate(written))
    rule_set = RuleSet.from_text(text, SCHEMA)
    matched = [
        {i for i, record in enumerate(RECORDS) if any(match.rule is rule for match in rule_set.matches(record))}
        for rule in rule_set.rules
    ]
    return rule_set, reached(rule_set.rules), matched


@examples(80)
@given(rules)
def test_over_single_fields_it_is_decided_exactly(written: list[tuple[str, str]]) -> None:
    rule_set, found, matched = read(written)
    taken: set[int] = set()
    for rule, reach, own in zip(rule_set.rules, found.reaches, matched, strict=True):
        assert reach.decided
        assert reach.never_matches is (not own)
        assert bool(reach.hidden_by) is (bool(own) and own <= taken)
        if reach.hidden_by:
            blockers = [matched[blocker.position - 1] for blocker in reach.hidden_by]
            assert own <= set().union(*blockers)
        if takes_all(rule):
            taken |= own
    assert (found.left is None) is (len(taken) == len(RECORDS))


@examples(80)
@given(st.lists(st.tuples(OPAQUE, st.just("reject")), min_size=1, max_size=5))
def test_what_is_said_is_true_whatever_the_conditions(written: list[tuple[str, str]]) -> None:
    rule_set, found, matched = read(written)
    taken: set[int] = set()
    for reach, own in zip(found.reaches, matched, strict=True):
        if reach.hidden_by or reach.never_matches:
            assert own <= taken
        taken |= own
    if found.left is not None:
        assert len(taken) < len(RECORDS)
    assert len(rule_set.rules) == len(found.reaches)
