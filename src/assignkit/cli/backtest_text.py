"""A backtest as a person reads it, and as a table of items."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

from assignkit.cli.decisions import inert
from assignkit.cli.speech import speak
from assignkit.diagnostics import columns
from assignkit.messages.text import has, say
from assignkit.reporting.off_policy import OffPolicy
from assignkit.simulation import Backtest

_AGENTS = 20  # of a list; those who gain and those who lose most


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
    fairness = found.fairness
    against = f"against_{found.against.removeprefix('the ')}"
    known = say(f"cli.{against}") if has(f"cli.{against}") else found.against
    yield speak("replayed", items=count, against=known)
    rows = {
        "row_moved": (f"{len(found.moved):,}", f"{found.moved_part:.1%}"),
        "row_unassigned": (f"{len(found.unassigned):,}", f"{found.unassigned_part:.1%}"),
        "row_win_rate": (_rate(found.win_rate), speak("win_rate_means")),
        "row_jain": (f"{fairness['jain_recorded']:.3f}", speak("jain_becomes", after=fairness["jain_replayed"])),
    }
    width = max(columns(speak(name)) for name in rows)
    for name, (figure, told) in rows.items():
        yield f"{_padded(speak(name), width)}  {figure:>7}  {told}"
    if found.reasons:
        yield ""
        yield speak("why_moved")
        for code, number in found.reasons.items():
            yield f"  {number:>7,}  {speak(f'moved_{code}') if has(f'cli.moved_{code}') else code}"


def _agents(found: Backtest) -> Iterator[str]:
    changes = found.agents
    shown = changes if len(changes) <= 2 * _AGENTS else [*changes[:_AGENTS], *changes[-_AGENTS:]]
    width = max((columns(change.agent_id) for change in shown), default=5)
    heads = ("column_agent", "column_recorded", "column_replayed", "column_change", "column_kept", "row_win_rate")
    first, *others = map(speak, heads)
    ahead = [_ahead(word, at) for word, at in zip(others, (8, 8, 6, 4, 8), strict=True)]
    yield "  ".join([_padded(first, width), *ahead])
    for place, change in enumerate(shown):
        if len(shown) < len(changes) and place == _AGENTS:
            yield speak("more_agents", more=len(changes) - len(shown))
        yield (
            f"{_padded(change.agent_id, width)}  {change.recorded:>8,}  {change.replayed:>8,}  {change.change:>+6,}  "
            f"{change.kept:>4,}  {_rate(change.win_rate):>8}"
        )


def _rules(found: Backtest) -> Iterator[str]:
    width = max((columns(change.rule or speak("no_rule")) for change in found.rules), default=4)
    first, *others = map(speak, ("column_rule", "column_items", "column_moved", "row_win_rate"))
    yield "  ".join([_padded(first, width), *(_ahead(word, at) for word, at in zip(others, (7, 6, 8), strict=True))])
    for change in found.rules:
        dead = f"  {speak('decides_nothing')}" if not change.items else ""
        name = change.rule or speak("no_rule")
        yield f"{_padded(name, width)}  {change.items:>7,}  {change.moved:>6,}  {_rate(change.win_rate):>8}{dead}"


def _estimates(estimate: OffPolicy) -> Iterator[str]:
    yield speak("worth")
    for one in (estimate.recorded, *estimate.estimates):
        span = "" if math.isnan(one.low) else f"  {speak('worth_span', low=one.low, high=one.high)}"
        value = "–" if math.isnan(one.value) else f"{one.value:.4f}"
        yield f"  {one.name:<9} {value}{span}"
    for warning in estimate.warnings:
        yield speak("worth_but", warning=warning)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _ahead(text: str, width: int) -> str:
    return " " * (width - columns(text)) + text


def _rate(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4f}"
