"""From a rule to generated tests, and from generated code to functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from types import CodeType
from typing import Any

from assignkit.rules.emission import Emission, Zoned
from assignkit.rules.facts import Facts
from assignkit.rules.plan import Rule
from assignkit.rules.trials import period


def rule_tests(rule: Rule, emission: Emission) -> list[str]:
    """Return the expressions that must all be true for a rule to match; the emission has what they rely on."""
    tests = date_tests(rule, emission)
    if rule.condition is not None:
        tests.append(emission.code(rule.condition, "true"))
    return tests


def date_tests(rule: Rule, emission: Emission) -> list[str]:
    """Return the expressions that must be true for a rule to be active."""
    tests = []
    for which, day in enumerate((rule.active_from, rule.active_until)):
        if day is not None:
            name, now = emission.constant(_end_of_period(rule, which), "bound"), emission.now()
            tests.append(f"({name} is None or {now} {'<' if which else '>='} {name})")
    return tests


def is_dated(rule: Rule) -> bool:
    """Return whether a rule is active for a time only."""
    return rule.active_from is not None or rule.active_until is not None


def function_of(code: CodeType, constants: Mapping[str, Any], zone: tzinfo, **given: Any) -> Callable[..., Any]:  # noqa: ANN401
    """Return the function that code defines; its constants take their values in one zone, `given` names the rest."""
    namespace = {name: each.make(zone) if isinstance(each, Zoned) else each for name, each in constants.items()}
    namespace |= {"__builtins__": {}, **given}
    exec(code, namespace)  # noqa: S102 - generated names and constants only, see emission.py
    function: Callable[..., Any] = namespace["generated"]
    return function


def _end_of_period(rule: Rule, which: int) -> Zoned:
    return Zoned(lambda zone: period(rule, Facts(zone=zone))[which])
