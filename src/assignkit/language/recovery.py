"""Where to read on after an error: at the next line that begins with a word the surrounding text can continue with."""

from __future__ import annotations

from collections.abc import Sequence

from assignkit.language.automaton import Automaton
from assignkit.language.tokens import WORD, Token
from assignkit.language.vocabulary import END, LINE_TERMINALS, ROW_START, readings_of


def resumption(token: Token, stack: Sequence[int], automaton: Automaton) -> int | None:
    """Return how many states to keep so that reading goes on at `token`, or None when it cannot go on there.

    Clauses and statements that are complete stay on the stack; what was begun and cannot be continued goes.
    """
    for terminal in _line_terminals(token):
        depth = automaton.depth_accepting(stack, terminal)
        if depth is not None and not _would_be_taken_for_header(terminal, depth, stack, automaton):
            return depth
    return None


def _line_terminals(token: Token) -> tuple[str, ...]:
    if token.type in {END, ROW_START}:
        return (token.type,)
    if not token.begins_line:
        return ()
    if token.type in LINE_TERMINALS:
        return (token.type,)
    readings = readings_of(token.value) if token.type == WORD else ()
    return tuple(reading[0] for reading in readings if reading[0] in LINE_TERMINALS)


def _would_be_taken_for_header(terminal: str, depth: int, stack: Sequence[int], automaton: Automaton) -> bool:
    """Return whether a row would stand in for a header that had an error, so that all its cells would seem wrong."""
    return terminal == ROW_START and depth < len(stack) and automaton.begins(stack[depth - 1], "header")
