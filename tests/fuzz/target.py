"""What is done with any bytes as rules, and what must come of it: rules or located errors, in little time."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from assignkit import RuleError, RuleSet, check, format_rules, run_examples
from assignkit.diagnostics import Severity
from assignkit.language.parser import parse_bytes

MOST_SECONDS = 5.0
MOST_ERRORS = 101
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ITEMS: tuple[dict[str, Any], ...] = (
    {},
    {"id": "1", "tier": "VIP", "province": "Shanghai", "revenue": 6_000_000, "tags": ["a"], "name": "王"},
    {"id": "2", "tier": None, "revenue": float("nan"), "score": Decimal("0.1"), "created_at": NOW, "owner": "li"},
    {
        "id": "3",
        "province": 5,
        "employees": "ten",
        "tags": "a",
        "created_at": date(2026, 1, 1),
        "customer": {"tier": "A"},
    },
)


def one_input(data: bytes) -> None:
    """Do with bytes whatever is done with rules; raises `AssertionError`, or whatever else, for a broken promise."""
    started = time.process_time()
    result = parse_bytes(data)
    assert all(each.location and each.render() for each in result.diagnostics), "an error without a place"
    assert len(result.diagnostics) <= MOST_ERRORS, "too many errors"
    if any(each.code == "AK105" for each in result.diagnostics):
        return
    text = result.file.source.text
    found = check(f"{text}\n")  # without the line break, `x.rules` is a file
    assert all(each.location and each.render() for each in found), "a finding without a place"
    assert all(each.to_dict() for each in found)
    if any(each.severity is Severity.ERROR for each in found):
        _refused(text)
    else:
        _used(text)
    took = time.process_time() - started
    assert took < MOST_SECONDS, f"took {took:.1f} s"


def _refused(text: str) -> None:
    for use in (RuleSet.from_text, format_rules):
        try:
            use(text)
        except RuleError:
            continue
        assert use is format_rules, "rules with errors were taken"


def _used(text: str) -> None:
    rules = RuleSet.from_text(text)
    for language in ("en", "zh"):
        formatted = format_rules(text, language=language)
        assert format_rules(formatted, language=language) == formatted, "formatting is not done after one time"
        again = RuleSet.from_text(formatted, limits=None)
        for kind in rules.schema.kinds:
            for item in ITEMS:
                assert _decided(again, kind, item) == _decided(rules, kind, item), "formatting changed a decision"
    run_examples(rules)


def _decided(rules: RuleSet, kind: str, item: dict[str, Any]) -> list[str]:
    names = [match.rule.name for match in rules.matches(item, kind=kind, now=NOW)]
    explained = rules.explain(item, kind=kind, now=NOW).rule
    assert explained == (names[0] if names else None), "an explanation says otherwise"
    return names
