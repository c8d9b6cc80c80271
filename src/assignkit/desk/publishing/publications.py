"""What the log of publishing amounts to: which publication decides when, and what has become of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from assignkit.model.publication import Publication, PublicationState, PublishingAct


class Turn(NamedTuple):
    """From when on a publication decides, until the next one does."""

    begins: datetime
    number: int
    version: str


@dataclass(slots=True)
class _Course:
    """One publication, and what was said of it later."""

    act: PublishingAct
    approved: PublishingAct | None = None
    withdrawn: PublishingAct | None = None

    @property
    def begins(self) -> datetime | None:
        """From when on it decides; None if it is not to."""
        if self.act.act == "made" or self.withdrawn is not None:
            return None
        asked = self.act.effective or self.act.at
        if not self.act.needs_approval:
            return asked
        return max(asked, self.approved.at) if self.approved is not None else None


def turns(log: Sequence[PublishingAct]) -> list[Turn]:
    """Return the publications that decide or are to, in the order in which they do."""
    courses = ((course, course.begins) for course in _courses(log).values())
    return sorted(
        Turn(begins, course.act.number, course.act.version) for course, begins in courses if begins is not None
    )


def publications(log: Sequence[PublishingAct], now: datetime) -> list[Publication]:
    """Return what was published, oldest first, with what has become of it by `now`."""
    begun = [turn.number for turn in turns(log) if turn.begins <= now]
    current = begun[-1] if begun else None
    return [_told(course, now, current) for course in _courses(log).values()]


def decided_before(log: Sequence[PublishingAct], now: datetime) -> list[str]:
    """Return the versions that have been in force by `now`, the latest last.

    Rules that a desk was made with decided if nothing was in force yet when they were kept.
    """
    begun = [turn for turn in turns(log) if turn.begins <= now]
    first = begun[0] if begun else None
    made = [act.version for act in log if act.act == "made" and (first is None or _preceded(act, first))]
    return list(dict.fromkeys((*made, *(turn.version for turn in begun))))


def _preceded(made: PublishingAct, first: Turn) -> bool:
    return (made.at, made.number) < (first.begins, first.number)


def _courses(log: Sequence[PublishingAct]) -> Mapping[int, _Course]:
    courses: dict[int, _Course] = {}
    for act in log:
        course = courses.get(act.of) if act.of is not None else None
        if course is None:
            courses[act.number] = _Course(act)
        elif act.act == "withdrawn":
            course.withdrawn = course.withdrawn or act
        else:
            course.approved = course.approved or act
    return courses


def _told(course: _Course, now: datetime, current: int | None) -> Publication:
    act, approved, withdrawn = course.act, course.approved, course.withdrawn
    return Publication.model_validate(
        {
            "number": act.number,
            "version": act.version,
            "act": act.act,
            "state": _state(course, now, current),
            "actor": act.actor,
            "reason": act.reason,
            "at": act.at,
            "effective": act.effective,
            "approved_by": approved.actor if approved else None,
            "approved_at": approved.at if approved else None,
            "withdrawn_by": withdrawn.actor if withdrawn else None,
            "in_force_at": course.begins,
            "warnings": act.warnings,
        }
    )


def _state(course: _Course, now: datetime, current: int | None) -> PublicationState:
    begins = course.begins
    if course.withdrawn is not None:
        return "withdrawn"
    if course.act.act == "made":
        return "kept"
    if begins is None:
        return "awaiting approval"
    if begins > now:
        return "scheduled"
    return "in force" if course.act.number == current else "superseded"
