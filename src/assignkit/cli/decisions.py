"""Decisions as a CSV file: inert in spreadsheets, the same bytes each time, written whole or not at all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from assignkit.cli.speech import spoken
from assignkit.cli.streams import write_data
from assignkit.cli.writing import STDOUT, replace_file
from assignkit.model.decision import Decision
from assignkit.model.wording import queue_text, reasons_text

COLUMNS = ("item_id", "outcome", "agent_id", "rule", "reason")

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")  # full-width twins too
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def write_decisions(out: str, decisions: Sequence[Decision], *, explain: bool = False) -> None:
    """Write one row per decision, in order: UTF-8, lines ending in LF; `explain` adds a column that says why."""
    data = decisions_csv(decisions, explain=explain).encode("utf-8", "surrogatepass")
    if out == STDOUT:
        write_data(data)
        return
    replace_file(Path(out), data)


def decisions_csv(decisions: Iterable[Decision], *, explain: bool = False) -> str:
    """Return the decisions as CSV text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, "explanation") if explain else COLUMNS)
    for decision in decisions:
        cells = (decision.item_id, decision.outcome, decision.agent_id, decision.rule, reason_of(decision))
        writer.writerow(
            [inert(cell or "") for cell in (*cells, *((decision.explain(language=spoken()),) if explain else ()))]
        )
    return text.getvalue()


def reason_of(decision: Decision) -> str:
    """Return in a few words why the item is where it is, or where that is."""
    place = f'pool "{decision.pool}"' if decision.pool else decision.queue
    return "; ".join(filter(None, (place, *decision.reasons)))


def told_reason(decision: Decision) -> str:
    """Return the reason as a person reads it: in Chinese in words, in English as in the file."""
    if spoken() == "en":
        return reason_of(decision)
    words = [reasons_text(decision.reasons, language=spoken())] if decision.reasons else []
    place = (
        [f"公海“{decision.pool}”"]
        if decision.pool
        else [queue_text(decision.queue, language=spoken())]
        if decision.queue
        else []
    )
    return "；".join([*place, *words])


def inert(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula.

    >>> inert("=1+1"), inert("-5"), inert("Li")
    ("'=1+1", '-5', 'Li')
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
