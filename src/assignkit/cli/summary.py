"""What came out, at a glance: by outcome, by agent, by rule, and why the rest has nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from assignkit.cli.decisions import reason_of
from assignkit.model.agent import Agent
from assignkit.model.decision import Decision

_ROWS = 15  # of one part; the rest is counted
_WITH_AGENT = ("assigned", "kept", "offered")


def show_summary(decisions: Sequence[Decision], agents: Iterable[Agent], *, console: Console | None = None) -> None:
    """Show the summary; on the standard error if no console is given."""
    told = console or Console(stderr=True, highlight=False)
    total = len(decisions)
    table = Table(title=f"{total:,} item{'' if total == 1 else 's'} decided", title_justify="left")
    table.add_column("")
    table.add_column("")
    table.add_column("items", justify="right")
    table.add_column("share", justify="right")
    for name, counts in _parts(decisions, agents):
        _add_part(table, name, counts, total)
    told.print(table)
    _tell_errors(decisions, told)


def _parts(decisions: Sequence[Decision], agents: Iterable[Agent]) -> list[tuple[str, Counter[str]]]:
    by_agent = Counter({agent.id: 0 for agent in agents})
    by_agent.update(d.agent_id for d in decisions if d.agent_id and d.outcome in _WITH_AGENT)
    return [
        ("outcome", Counter(d.outcome for d in decisions)),
        ("agent", by_agent),
        ("rule", Counter(d.rule or "(no rule)" for d in decisions)),
        ("nobody has it", Counter(f"{d.outcome}: {reason_of(d)}" for d in decisions if d.outcome not in _WITH_AGENT)),
    ]


def _add_part(table: Table, name: str, counts: Counter[str], total: int) -> None:
    if not counts:
        return
    table.add_section()
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    for place, (label, count) in enumerate(ordered[:_ROWS]):
        table.add_row("" if place else f"by {name}" if name != "nobody has it" else name, *_cells(label, count, total))
    rest = ordered[_ROWS:]
    if rest:
        low, high = rest[-1][1], rest[0][1]
        span = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        table.add_row("", f"… {len(rest)} more, {span} each", *_cells("", sum(c for _, c in rest), total)[1:])


def _cells(label: str, count: int, total: int) -> tuple[str, str, str]:
    return label.replace("[", "\\["), f"{count:,}", f"{count / total:.1%}" if total else ""


def _tell_errors(decisions: Sequence[Decision], console: Console) -> None:
    failed = [d for d in decisions if d.outcome == "error"]
    for decision in failed[:_ROWS]:
        console.print(f"{decision.item_id}: {reason_of(decision)}", markup=False)
    if len(failed) > _ROWS:
        console.print(f"… and {len(failed) - _ROWS:,} more that could not be decided", markup=False)
