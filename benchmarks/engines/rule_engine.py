"""rule-engine (Python): one rule after the other."""

from __future__ import annotations

from engines.spelling import Match, Rules, joined


def prepare(rules: Rules) -> Match:
    """Return what tries the rules in turn."""
    import rule_engine as engine  # noqa: PLC0415

    made = [engine.Rule(joined(rule, true="true", false="false")) for rule in rules]
    return lambda records: [next((i for i, rule in enumerate(made) if rule.matches(r)), -1) for r in records]
