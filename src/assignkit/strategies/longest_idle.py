"""`longest idle`: who has waited longest since sign-on, assignment or release."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from assignkit.strategies.base import BaseOrder, Candidate, Question

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EVER_IDLE = float("-inf")  # compares exactly with any integer


def instant_key(at: datetime) -> int:
    """Return an aware instant as microseconds since 1970: exact, and the same in every zone."""
    return (at - _EPOCH) // _MICROSECOND


def idle_key(candidate: Candidate) -> tuple[float, int]:
    """Return (idle since, items received); an agent without any such instant counts as idle for ever."""
    since = candidate.idle_since
    return (_EVER_IDLE if since is None else instant_key(since), candidate.received)


class LongestIdle(BaseOrder):
    """The latest of sign-on, assignment and release, the earliest first; at the same instant, fewer received first."""

    name = "longest idle"
    standing = True

    def key(self, candidate: Candidate, question: Question) -> tuple[float, int]:  # noqa: ARG002
        """Return (idle since in microseconds, items received)."""
        return idle_key(candidate)

    def describe(self, candidate: Candidate, question: Question) -> str:  # noqa: ARG002
        """Return since when the agent is idle."""
        since = candidate.idle_since
        return "never busy" if since is None else f"idle since {since.isoformat(timespec='seconds')}"
