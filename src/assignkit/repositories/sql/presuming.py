"""An item that passes for new without a question, after many that were: what proves it before the unit is kept."""

from __future__ import annotations

from collections.abc import Callable, Container

from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.statements import Row
from assignkit.repositories.sql.transaction import Question

Ask = Callable[[Question], list[list[Row]]]
Key = tuple[str, str]


class Presumption:
    """What one unit takes for granted: that a question about an item, which nobody asked, gives nothing.

    A unit that is kept has proved it, so that the next one on the session begins with nothing to prove.
    """

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: tuple[Key, Question] | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be proved."""
        return self._open is not None

    def presume(self, key: Key, question: Question) -> None:
        """Take for granted that a question gives nothing, which is about an item: its kind and id."""
        self._open = key, question

    def note_handed_out(self, keys: Container[Key]) -> None:
        """Note that items were handed out, whose rows the database has taken: it knew nothing of them."""
        if self._open is not None and self._open[0] in keys:
            self._open = None

    def prove(self, ask: Ask, but: Container[Key] = ()) -> None:
        """Ask what was taken for granted, but for items that prove themselves; `OvertakenError` if it does not hold.

        It is to be proved until it is: whoever catches the error does not get the unit kept.
        """
        if self._open is None or self._open[0] in but:
            return
        (kind, item_id), question = self._open
        if any(ask(question)):
            raise OvertakenError(what=f"the item {item_id} of {kind}", expected="new", found="known")
        self._open = None
