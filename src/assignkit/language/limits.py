"""How much a rule file may hold; checked before the work it bounds is done."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on rule files; a file beyond one gets a located error instead of being read.

    `size` is in bytes of UTF-8 per file, `tokens` in words and signs per file, `nesting` in open brackets and prefixes,
    `operands` in members of one chain or list, `rules` in rules written out in a file set, `table_rows` in rows of
    tables read from files, `table_cells` in cells of such a table that differ and are neither plain texts nor plain
    numbers, `expanded_nodes` in syntax nodes per rule once its `let`s are expanded, `errors` in
    diagnostics per file.
    """

    size: int = 128 * 1024
    tokens: int = 50_000
    nesting: int = 64
    operands: int = 1_000
    rules: int = 2_000
    table_rows: int = 1_000_000
    table_cells: int = 25_000
    expanded_nodes: int = 10_000
    errors: int = 100


UNLIMITED = Limits(
    size=sys.maxsize,
    tokens=sys.maxsize,
    operands=sys.maxsize,
    rules=sys.maxsize,
    table_rows=sys.maxsize,
    table_cells=sys.maxsize,
    expanded_nodes=sys.maxsize,
)
"""What `limits=None` stands for: no bound on size, but still on nesting and on the number of errors told."""
