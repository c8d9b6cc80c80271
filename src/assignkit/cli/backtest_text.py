"""A backtest as a person reads it, and as a table of items."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

from assignkit.cli.decisions import inert
from assignkit.reporting.off_policy import OffPolicy
from assignkit.simulation import Backtest

_AGENTS = 20  # of a list; those who gain and those who lose most
_REASONS = {
    "ranked lower": "others came first",
    "not_member": "not in the team that the rule assigns to",
    "no_rule": "no rule matches the item",
    "require": "does not meet what the rule requires",
    "guard": "a `never` forbids it",
    "capacity": "full",
    "limit": "over a limit",
    "inactive": "not active",
    "off_shift": "off shift",
    "on_leave": "on leave",
}


def as_text(found: Backtest) -> str:
    """Return the findings as text."""
    return "\n".join([*_heading(found), "", *_agents(found), "", *_rules(found), "", *_estimates(found.estimate())])


def as_csv(found: Backtest) -> str:
    """Return a row per item."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    rows = found.to_rows()
    writer.writerow(rows[0] if rows else ("item_id", "recorded", "replayed"))
    for row in rows:
        writer.writerow([inert("" if cell is None else str(cell)) for cell in row.values()])
    return text.getvalue()


def _heading(found: Backtest) -> Iterator[str]:
    count = len(found.replayed)
    yield f"{count:,} items replayed, against {found.against}"
    yield f"moved       {len(found.moved):>7,}  {found.moved_part:.1%}"
    yield f"unassigned  {len(found.unassigned):>7,}  {found.unassigned_part:.1%}"
    yield f"win rate    {_rate(found.win_rate):>7}  won / (won + lost), on record"
    fairness = found.fairness
    yield f"Jain        {fairness['jain_recorded']:>7.3f}  becomes {fairness['jain_replayed']:.3f}; all agents counted"
    if found.reasons:
        yield ""
        yield "why they are not where they were"
        for code, number in found.reasons.items():
            yield f"  {number:>7,}  {_REASONS.get(code, code)}"


def _agents(found: Backtest) -> Iterator[str]:
    changes = found.agents
    shown = changes if len(changes) <= 2 * _AGENTS else [*changes[:_AGENTS], *changes[-_AGENTS:]]
    width = max((len(change.agent_id) for change in shown), default=5)
    yield f"{'agent':<{width}}  recorded  replayed  change  kept  win rate"
    for place, change in enumerate(shown):
        if len(shown) < len(changes) and place == _AGENTS:
            yield f"… {len(changes) - len(shown)} more"
        yield (
            f"{change.agent_id:<{width}}  {change.recorded:>8,}  {change.replayed:>8,}  {change.change:>+6,}  "
            f"{change.kept:>4,}  {_rate(change.win_rate):>8}"
        )


def _rules(found: Backtest) -> Iterator[str]:
    width = max((len(change.rule or "(no rule)") for change in found.rules), default=4)
    yield f"{'rule':<{width}}    items   moved  win rate"
    for change in found.rules:
        dead = "  decides nothing" if not change.items else ""
        name = change.rule or "(no rule)"
        yield f"{name:<{width}}  {change.items:>7,}  {change.moved:>6,}  {_rate(change.win_rate):>8}{dead}"


def _estimates(estimate: OffPolicy) -> Iterator[str]:
    yield "what the rules would have been worth, per item with an outcome"
    for one in (estimate.recorded, *estimate.estimates):
        span = "" if math.isnan(one.low) else f"  ({one.low:.4f} to {one.high:.4f})"
        value = "–" if math.isnan(one.value) else f"{one.value:.4f}"
        yield f"  {one.name:<9} {value}{span}"
    for warning in estimate.warnings:
        yield f"  but: {warning}"


def _rate(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4f}"
