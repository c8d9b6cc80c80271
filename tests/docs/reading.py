"""Reads the documentation: pages, their fenced blocks, tables, links and headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^ {0,3}(`{3,})([^\n`]*)\n(.*?)^ {0,3}\1 *$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_ROW = re.compile(r"^\|(.+)\|\s*$", re.MULTILINE)
_CELLS = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the words behind it, its text, and the line on which the text begins."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int

    def options(self, name: str) -> list[str]:
        """Return the values of `name=value` words, in order."""
        return [word.partition("=")[2] for word in self.words if word.startswith(f"{name}=")]


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(_blocks(self.text))

    @cached_property
    def prose(self) -> str:
        """Return the text without its blocks."""
        return _FENCE.sub("", self.text)

    @property
    def links(self) -> list[str]:
        return _LINK.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        return {anchor_of(heading) for heading in _HEADING.findall(self.prose)}

    def tables(self) -> Iterator[tuple[list[str], list[list[str]]]]:
        """Yield the header and the rows of each table."""
        for part in re.split(r"\n(?!\|)", self.prose):
            rows = [_cells(row) for row in _ROW.findall(part)]
            if len(rows) > 2:  # a header, a line, and something below
                yield rows[0], rows[2:]


def _blocks(text: str) -> Iterator[Block]:
    for fence in _FENCE.finditer(text):
        language, *words = fence[2].split() or [""]
        yield Block(language, tuple(words), fence[3], text.count("\n", 0, fence.start(3)) + 1)


def _cells(row: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _CELLS.split(row)]


def anchor_of(heading: str) -> str:
    """Return the anchor that GitHub and MyST give a heading."""
    plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return plain.replace(" ", "-")


def pages() -> list[Page]:
    """Return the pages that people write: the READMEs and `docs`, without decisions and generated figures."""
    written = [
        path
        for path in sorted(DOCS.rglob("*.md"))
        if path.relative_to(DOCS).parts[0] not in {"_build", "adr", "benchmarks"}
    ]
    return [Page(path) for path in (ROOT / "README.md", ROOT / "README.zh-CN.md", *written)]


def page(name: str) -> Page:
    """Return the page of this name, as `docs/reference/language.md`."""
    return Page(ROOT / name)
