"""Rewrites what examples on pages print: `.venv/bin/python -m tests.docs.refresh`, then read the diff."""

from __future__ import annotations

import re
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from tests.docs.reading import Page, page, pages
from tests.docs.running import Runner, lay_out_sample, titles
from tests.programs import Programs


def refreshed(each: Page, programs: Programs) -> str:
    """Return the text of the page with the output that its blocks have now."""
    lines = each.text.splitlines(keepends=True)
    with tempfile.TemporaryDirectory() as folder:
        lay_out_sample(Path(folder))
        claims = [(block, now) for block, now in Runner(each, Path(folder), programs).claims() if now != block.text]
    for block, now in reversed(claims):
        start = block.line - 1
        lines[start : start + block.text.count("\n")] = [now]
    return "".join(lines)


def with_titles(text: str) -> str:
    """Return the page of diagnostics with the titles that the codes have now."""
    return re.sub(
        r"(^## .*: (AK\d)xx\n(?:(?!##|\|).*\n)*)(?:\|.*\n)*",
        lambda section: f"{section[1]}{titles(section[2])}\n",
        text,
        flags=re.MULTILINE,
    )


def main() -> None:
    """Rewrite what has changed, and say which pages that are."""
    diagnostics = page("docs/reference/diagnostics.md")
    diagnostics.path.write_text(with_titles(diagnostics.text), encoding="utf-8")
    with closing(Programs()) as programs:
        for each in pages():
            text = refreshed(Page(each.path), programs)
            if text != each.text:
                each.path.write_text(text, encoding="utf-8")
                sys.stdout.write(f"{each.name}\n")


if __name__ == "__main__":
    main()
