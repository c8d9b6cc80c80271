"""What the tables of the grammar's automaton allow: which token could come next, without reading it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from assignkit.language.vocabulary import END, TERMINALS, Reading

States = Mapping[int, Mapping[str, tuple[Any, Any]]]


class Automaton:
    """Answers questions about stacks of states; never changes the stack it is asked about."""

    def __init__(self, states: States, end_state: int) -> None:
        self._states = states
        self._end_state = end_state

    def after(self, stack: Sequence[int], reading: Reading) -> list[int] | None:
        """Return the stack once all terminals of `reading` were read, or None where one of them cannot stand."""
        copy = list(stack)
        return copy if all(self._shift(copy, terminal) for terminal in reading) else None

    def accepts(self, stack: Sequence[int], terminal: str) -> bool:
        """Return whether `terminal` can come next."""
        return terminal in self._states[stack[-1]] and self.after(stack, (terminal,)) is not None

    def acceptable(self, stack: Sequence[int]) -> frozenset[str]:
        """Return the terminals that can come next."""
        return frozenset(t for t in (*TERMINALS, END) if self.accepts(stack, t))

    def depth_accepting(self, stack: Sequence[int], terminal: str) -> int | None:
        """Return how many states to keep so that `terminal` can come next: the most that will do, or None."""
        return next((n for n in range(len(stack), 0, -1) if self.accepts(stack[:n], terminal)), None)

    def begins(self, state: int, rule: str) -> bool:
        """Return whether `rule` of the grammar is still to come in `state`."""
        return rule in self._states[state]

    def spread(self, stack: Sequence[int], readings: Iterable[Reading]) -> Reading | None:
        """Return the first of the readings that can come next."""
        return next((reading for reading in readings if self.after(stack, reading) is not None), None)

    def _shift(self, stack: list[int], terminal: str) -> bool:
        while True:
            if terminal == END and stack[-1] == self._end_state:
                return True
            action = self._states[stack[-1]].get(terminal)
            if action is None:
                return False
            target = action[1]
            if isinstance(target, int):
                stack.append(target)
                return True
            if target.expansion:
                del stack[-len(target.expansion) :]
            stack.append(self._states[stack[-1]][target.origin.name][1])
