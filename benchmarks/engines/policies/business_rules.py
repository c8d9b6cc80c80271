"""business-rules for which rule matches, and `min()` for who gets the record."""

from __future__ import annotations

from collections.abc import Callable

from engines import business_rules
from engines.policies.by_turns import least_loaded
from engines.policies.workload import Workload


def prepare(workload: Workload) -> Callable[[], list[str]]:
    """Return what decides all records."""
    decide: Callable[[], list[str]] = least_loaded(workload, business_rules.prepare(workload.rules))
    return decide
