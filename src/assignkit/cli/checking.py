"""One rules file, checked against what is known of the data."""

from __future__ import annotations

from pathlib import Path

from assignkit.cli.bootstrap import Read, with_hints
from assignkit.desk.membership import absentees
from assignkit.diagnostics import Diagnostic, has_errors
from assignkit.importing.decoding import is_read_once, read_text, refuse_binary
from assignkit.rules.checking import check
from assignkit.rules.ruleset import RuleSet


def check_file(path: str, read: Read) -> list[Diagnostic]:
    """Return the findings in the file at `path`, and whom its rules name that the file of agents does not have."""
    target: str | Path
    if is_read_once(path):
        target = read_text(path).text + "\n"  # with a line break, it cannot be taken for a path
    else:
        target = Path(path)
        refuse_binary(target)  # says what is wrong with a path as it is said of all files
    found = check(target, schema=read.schema, agents=[dict(agent) for agent in read.agents] or None)
    found = with_hints(found, read)
    if read.agents and not has_errors(found):
        rules = (
            RuleSet.load(target, schema=read.schema)
            if isinstance(target, Path)
            else RuleSet.from_text(target, schema=read.schema)
        )
        found += absentees(rules, read.agents)
    return found
