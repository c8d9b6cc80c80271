"""One rules file, checked against what is known of the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from assignkit.cli.bootstrap import Read
from assignkit.diagnostics import Diagnostic
from assignkit.importing.decoding import STDIN, read_text
from assignkit.rules.ruleset import check

_UNKNOWN_FIELD = "AK203"
_TELL_COLUMNS = "if it is a column of your data, add --customers FILE, --tasks FILE or --schema FILE"


def check_file(path: str, read: Read, *, has_items: bool) -> Iterator[Diagnostic]:
    """Yield the findings in the file at `path`; without data, an unknown field may be a column: the help says so."""
    source = read_text(path)
    target: str | Path = source.text if path == STDIN else Path(path)
    for found in check(target, schema=read.schema, agents=read.agents or None):
        if found.code == _UNKNOWN_FIELD and not has_items:
            told = f"{found.help}; {_TELL_COLUMNS}" if found.help else _TELL_COLUMNS
            yield replace(found, help=told)
        else:
            yield found
