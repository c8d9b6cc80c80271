"""What matching by a rules file costs, as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assignkit.cli.bootstrap import Read
from assignkit.cli.speech import speak, translated
from assignkit.messages.text import say
from assignkit.rules.costs import Costs, costs_of
from assignkit.rules.naming import kind_told
from assignkit.rules.ruleset import RuleSet


def told_costs(path: str, read: Read) -> str:
    """Return what matching each kind of item by the rules of a file costs, and what no index answers; lines of text."""
    rules = RuleSet.load(Path(path), schema=read.schema)
    return "".join(f"{line}\n" for costs in costs_of(rules) for line in _lines(path, costs))


def _lines(path: str, costs: Costs) -> Iterator[str]:
    rules, how = say("cli.cost_rules", count=costs.rules), "cost_indexed" if costs.indexed else "cost_chained"
    facts = {"kind": kind_told(costs.kind), "rules": rules, "rows": costs.rows, "how": say(f"cli.{how}")}
    yield speak("cost_head", path=path, **facts)
    if costs.indexed:
        fields = tuple(f"{each.field} ({each.named:,})" for each in costs.looked_up)
        yield speak("cost_fields", fields=fields or say("cli.cost_no_fields"))
    if not costs.outside:
        yield speak("cost_nothing_alone")
        return
    if costs.indexed:
        yield speak("cost_tried", conditions=len(costs.outside))
    else:
        yield speak("cost_would_be_tried", chained=costs.chained, conditions=len(costs.outside))
    for each in costs.outside:
        yield f"    {each.file}:{each.line}: {' '.join(each.text.split())}: {translated(each.reason)}"
