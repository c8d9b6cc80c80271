"""One rules file, checked against what is known of the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from assignkit.cli.bootstrap import Read
from assignkit.cli.membership import absentees
from assignkit.diagnostics import Diagnostic, has_errors
from assignkit.importing.decoding import STDIN, read_text, refuse_binary
from assignkit.rules.checking import check
from assignkit.rules.codes import UNKNOWN_FIELD
from assignkit.rules.ruleset import RuleSet

_TELL_COLUMNS = "if it is a column of your data, add --customers FILE, --tasks FILE or --schema FILE"


def check_file(path: str, read: Read, *, has_items: bool) -> list[Diagnostic]:
    """Return the findings in the file at `path`; without data, an unknown field may be a column: the help says so."""
    target: str | Path
    if path == STDIN:
        target = read_text(STDIN).text + "\n"  # with a line break, it cannot be taken for a path
    else:
        target = Path(path)
        refuse_binary(target)  # says what is wrong with a path as it is said of all files
    found = check(target, schema=read.schema, agents=[dict(agent) for agent in read.agents] or None)
    if not has_items:
        found = [_with_hint(each) if each.code == UNKNOWN_FIELD else each for each in found]
    if read.agents and not has_errors(found):
        rules = (
            RuleSet.load(target, schema=read.schema)
            if isinstance(target, Path)
            else RuleSet.from_text(target, schema=read.schema)
        )
        found += absentees(rules, read.agents)
    return found


def _with_hint(found: Diagnostic) -> Diagnostic:
    return replace(found, help=f"{found.help}; {_TELL_COLUMNS}" if found.help else _TELL_COLUMNS)
