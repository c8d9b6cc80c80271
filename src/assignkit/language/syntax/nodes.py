"""What all nodes of the syntax tree have: where they were written."""

from __future__ import annotations

from dataclasses import dataclass, field

from assignkit.diagnostics import Span

NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything that was written; `span` is where."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)
