"""Every example in the documentation runs, and prints what the page says.

Where wording changed on purpose: `.venv/bin/python -m tests.docs.refresh`, then read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from assignkit import check
from tests.docs.reading import Block, Page, pages
from tests.docs.refresh import refreshed, with_titles
from tests.docs.running import Runner, lay_out_sample, same
from tests.programs import Programs

# What a page shows is often a part of a file: definitions that a part does not use, items that it does not take, …
OF_WHOLE_FILES = {"AK309", "AK310", "AK311", "AK312", "AK313", "AK315"}


@pytest.mark.parametrize(
    ("said", "printed", "equal"),
    [
        ("a\nb", "a  \nb\n\n", True),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a\n…\nd", "a\nd", True),
        ("a\n…", "a\nb", True),
        ("a", "a\nb", False),
        ("a\n…\nd", "a\nb", False),
        ("a …", "a b", False),
    ],
)
def test_what_is_printed_is_compared_line_by_line(said: str, printed: str, equal: bool) -> None:
    assert same(said, printed) is equal


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_examples_run_and_print_what_the_page_says(page: Page, tmp_path: Path, programs: Programs) -> None:
    """Python blocks share a namespace; `text output`, `text diagnostics` and consoles say what is printed."""
    lay_out_sample(tmp_path)

    for block, printed in Runner(page, tmp_path, programs).claims():
        assert block.text == printed, f"line {block.line} of {page.name}"


def rule_blocks() -> list[ParameterSet]:
    return [
        pytest.param(block, id=f"{page.name}:{block.line}")
        for page in pages()
        for block in page.blocks
        if block.language == "rules"
    ]


@pytest.mark.parametrize("block", rule_blocks())
def test_rules_are_right_or_wrong_as_the_page_says(block: Block) -> None:
    """Rules are right unless the block says `error=CODE`; `warning=CODE` and `note=CODE` are expected likewise."""
    told = [(str(found.severity), found.code) for found in check(block.text) if found.code not in OF_WHOLE_FILES]
    said = [(severity, code) for severity in ("error", "warning", "note") for code in block.options(severity)]

    assert sorted(set(told)) == sorted(said), "\n".join(found.render() for found in check(block.text))


# --- that a page that went wrong would be noticed, and mended

WRONG = """
```python
print("one")
2 + 2
```
```text output
three
```
```rules
rule "A" assign to owners
```
```text diagnostics
nothing
```
```console
$ assignkit assign my.rules --agents agents.csv # exit 2
done
```
"""


def a_page(folder: Path, text: str) -> Page:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return Page(path)


def test_wrong_output_is_seen_and_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: Programs
) -> None:
    monkeypatch.setattr("tests.docs.reading.ROOT", tmp_path)
    page = a_page(tmp_path, WRONG)

    mended = refreshed(page, programs)

    assert "```text output\none\n4\n```" in mended
    assert "error[AK1" in mended
    assert "exit 2\nassignkit: say what to assign" in mended
    assert refreshed(a_page(tmp_path, mended), programs) == mended


def test_code_that_fails_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: Programs) -> None:
    monkeypatch.setattr("tests.docs.reading.ROOT", tmp_path)

    with pytest.raises(ZeroDivisionError):
        list(Runner(a_page(tmp_path, "```python\n1 / 0\n```\n"), tmp_path, programs).claims())
    page = a_page(tmp_path, "```console\n$ assignkit assign r --agents a\n```\n")
    with pytest.raises(AssertionError, match="say what to assign"):
        list(Runner(page, tmp_path, programs).claims())


def test_titles_are_written_below_their_heading() -> None:
    text = with_titles(
        "# Page\n\n## Form: AK1xx\n\nErrors.\n\n| code | title |\n|---|---|\n| AK999 | old |\n\n## Next\n"
    )

    assert text.startswith("# Page\n\n## Form: AK1xx\n\nErrors.\n\n| code | title |\n|---|---|\n| AK101 | ")
    assert "AK999" not in text
    assert text.endswith("|\n\n## Next\n")
