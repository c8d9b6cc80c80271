"""What matching by a rules file costs, as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assignkit.cli.bootstrap import Read
from assignkit.rules.costs import Costs, costs_of
from assignkit.rules.ruleset import RuleSet


def told_costs(path: str, read: Read) -> str:
    """Return what matching each kind of item by the rules of a file costs, and what no index answers; lines of text."""
    rules = RuleSet.load(Path(path), schema=read.schema)
    return "".join(f"{line}\n" for costs in costs_of(rules) for line in _lines(path, costs))


def _lines(path: str, costs: Costs) -> Iterator[str]:
    rules = "1 rule" if costs.rules == 1 else f"{costs.rules:,} rules"
    how = "looked up in an index" if costs.indexed else "tried one after the other, which is faster for so few"
    yield f"{path}: {costs.kind}: {rules} ({costs.rows:,} alternatives), {how}"
    if costs.indexed:
        fields = ", ".join(f"{each.field} ({each.named:,})" for each in costs.looked_up)
        yield f"  by their value, with how many values, keys or boundaries the rules name: {fields or 'none'}"
    if not costs.outside:
        yield "  no condition has to be tried by itself"
        return
    when = "tried" if costs.indexed else f"with more than {costs.chained} rules, tried"
    yield f"  {when} one by one where the rest of the rule holds: {len(costs.outside):,}"
    for each in costs.outside:
        yield f"    {each.file}:{each.line}: {' '.join(each.text.split())}: {each.reason}"
