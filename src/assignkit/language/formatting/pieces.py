"""What lines are made of: words and signs, with what the layout must know of them."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, TypeAlias

from assignkit.language.syntax import Node


class Break(IntEnum):
    """Where a line that is too long may be broken: the smaller, the rather."""

    PART = 1
    OR = 2
    AND = 3
    COMMA = 4


class Piece(NamedTuple):
    """A word, sign or literal as it is written.

    `at` is where it began in the source, -1 for what is written anew. `before` says that a line may be broken before
    it. A `joined` piece has no space before it, a `tight` one none behind it. `comment` marks comments, `own` those
    with a line of their own.
    """

    text: str
    at: int = -1
    before: Break | None = None
    joined: bool = False
    tight: bool = False
    comment: bool = False
    own: bool = False

    @property
    def opens(self) -> bool:
        """Whether a bracket is opened."""
        return self.at < 0 and not self.comment and self.text.endswith("(")

    @property
    def closes(self) -> bool:
        """Whether a bracket is closed."""
        return self.text == ")"


Item: TypeAlias = "str | Piece | Break | Node"
"""What a node is written as: texts and pieces, nodes to be written in their turn, and places for a line break."""

COMMA = Piece(",", joined=True)
CLOSE = Piece(")", joined=True)


def listed(items: tuple[Node, ...]) -> list[Item]:
    """Return the items with commas between them."""
    written: list[Item] = []
    for item in items:
        written += [COMMA, Break.COMMA, item] if written else [item]
    return written
