"""`skill match`: who fits the rule's preferences best."""

from __future__ import annotations

from typing import Any

from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.exact import exact, spell
from assignkit.strategies.least_loaded import LeastLoaded


class SkillMatch(LeastLoaded):
    """The largest sum of weight × degree over the rule's `prefer` clauses, then least loaded."""

    name = "skill match"
    standing = False

    def key(self, candidate: Candidate, question: Question) -> tuple[Any, ...]:
        """Return (−preference, load ratio, idle since, items received)."""
        return (-(exact(candidate.preference) or 0), *super().key(candidate, question))

    def describe(self, candidate: Candidate, question: Question) -> str:
        """Return the preference and the load."""
        return f"preference {spell(candidate.preference)}, {super().describe(candidate, question)}"
