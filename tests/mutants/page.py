"""The list of mutants on the page about them: written by `python -m tests.mutants --page`, never by hand."""

from __future__ import annotations

import re

from tests.mutants.planting import PROMISES, ROOT, Mutant, mutants

PAGE = ROOT / "docs" / "mutants.md"
_LIST = re.compile(r"(?<=<!-- mutants -->\n).*(?=<!-- end of mutants -->)", re.DOTALL)


def written() -> str:
    """Return the page with the list of the mutants that there are now."""
    return _LIST.sub(lambda _: _table(), PAGE.read_text(encoding="utf-8"))


def write_page() -> None:
    """Bring the page up to date."""
    PAGE.write_text(written(), encoding="utf-8")


def _table() -> str:
    rows = ["", "| promise | the planted bug | caught in |", "|---|---|---|"]
    rows += [f"| {one.promise}. {PROMISES[one.promise]} | {_bug(one)} | {_tests(one)} |" for one in mutants()]
    return "\n".join([*rows, "", ""])


def _bug(mutant: Mutant) -> str:
    known = f" ({mutant.known})" if mutant.known else ""
    return f"`{mutant.name}`: {mutant.bug}{known}"


def _tests(mutant: Mutant) -> str:
    if mutant.until is not None:
        return f"nothing to plant before `{mutant.until}` is there"
    return "<br>".join(f"`{test}`" for test in mutant.tests)
