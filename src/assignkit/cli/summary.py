"""What came out, at a glance: by outcome, by agent, by rule, and why the rest has nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from assignkit.cli.decisions import told_reason
from assignkit.cli.speech import speak
from assignkit.messages.text import say
from assignkit.model.agent import Agent
from assignkit.model.decision import Decision

_ROWS = 15  # of one part; the rest is counted
_WITH_AGENT = ("assigned", "kept", "offered")


def show_summary(decisions: Sequence[Decision], agents: Iterable[Agent], *, console: Console | None = None) -> None:
    """Show the summary; on the standard error if no console is given."""
    told = console or Console(stderr=True, highlight=False)
    total = len(decisions)
    table = Table(title=speak("decided", count=total), title_justify="left")
    table.add_column("")
    table.add_column("")
    table.add_column(speak("items"), justify="right")
    table.add_column(speak("share"), justify="right")
    for name, counts in _parts(decisions, agents):
        _add_part(table, name, counts, total)
    told.print(table)
    _tell_errors(decisions, told)


def _parts(decisions: Sequence[Decision], agents: Iterable[Agent]) -> list[tuple[str, Counter[str]]]:
    by_agent = Counter({agent.id: 0 for agent in agents})
    by_agent.update(d.agent_id for d in decisions if d.agent_id and d.outcome in _WITH_AGENT)
    return [
        ("by_outcome", Counter(speak(f"outcome_{d.outcome}") for d in decisions)),
        ("by_agent", by_agent),
        ("by_rule", Counter(d.rule or speak("no_rule") for d in decisions)),
        ("nobody_has_it", Counter(_why_nobody(d) for d in decisions if d.outcome not in _WITH_AGENT)),
    ]


def _why_nobody(decision: Decision) -> str:
    return speak("outcome_reason", outcome=say(f"cli.outcome_{decision.outcome}"), reason=told_reason(decision))


def _add_part(table: Table, name: str, counts: Counter[str], total: int) -> None:
    if not counts:
        return
    table.add_section()
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    for place, (label, count) in enumerate(ordered[:_ROWS]):
        table.add_row("" if place else speak(name), *_cells(label, count, total))
    rest = ordered[_ROWS:]
    if rest:
        low, high = rest[-1][1], rest[0][1]
        told = speak("more_of_each", more=len(rest), low=low)
        if low != high:
            told = speak("more_low_to_high", more=len(rest), low=low, high=high)
        table.add_row("", told, *_cells("", sum(c for _, c in rest), total)[1:])


def _cells(label: str, count: int, total: int) -> tuple[str, str, str]:
    return label.replace("[", "\\["), f"{count:,}", f"{count / total:.1%}" if total else ""


def _tell_errors(decisions: Sequence[Decision], console: Console) -> None:
    failed = [d for d in decisions if d.outcome == "error"]
    for decision in failed[:_ROWS]:
        console.print(f"{decision.item_id}: {told_reason(decision)}", markup=False)
    if len(failed) > _ROWS:
        console.print(speak("more_errors", more=len(failed) - _ROWS), markup=False)
