"""Verifying: whether a history is what was sealed; every event that was edited, deleted, moved or added is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assignkit.messages.text import LanguageCode, say
from assignkit.model.assignment import Event
from assignkit.proving.chain import NOTHING, Chain, Head, ItemKey, link_of
from assignkit.proving.sealing import Mark, Seal

Fault = Literal["edited", "deleted", "swapped", "truncated", "added", "out of order", "seal broken", "head unknown"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: with which event, by its number, and what."""

    fault: Fault
    number: int
    message: str

    def __str__(self) -> str:
        return self.told()

    def told(self, language: LanguageCode = "en") -> str:
        """Return it as a line, in `language`."""
        fault = say(f"error.fault_{self.fault.replace(' ', '_')}")
        return say("error.finding", fault=fault, message=self.message).in_language(language)


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of verifying: findings by number, how many events are sealed or not, and the head after the last."""

    findings: tuple[Finding, ...]
    sealed: int
    unsealed: int
    head: Head

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(events: Iterable[Event], seals: Iterable[Seal] = (), *, expect: Iterable[Head] = ()) -> Verification:
    """Return whether events are what `seals` and the heads to `expect` say.

    Every event must have its number, from 1 without gaps, and follow its item's events. With seals each fault names its
    event. A head alone, kept elsewhere, tells that something up to its number is not as it was, also if the seals were
    rewritten with the history. What happened after the last seal or head can be cut off unseen. Where events are read
    from a store while the desk goes on, what happens meanwhile is not sealed yet, and no fault.
    """
    sealed, wanted = list(seals), list(expect)  # before the events: what is sealed meanwhile would be missing otherwise
    found = list(events)
    marks = [mark for one in sealed for mark in one.marks]
    by_number = {event.number: event for event in found}
    head_of, head = _heads(by_number, {one.number for one in wanted})
    findings = [
        *_disorder(found),
        *_seal_faults(sealed),
        *(_against_marks(by_number, marks) if marks else ()),
        *_gaps(by_number, len(marks)),
        *_unknown_heads(head_of, wanted),
    ]
    findings.sort(key=lambda finding: finding.number)
    return Verification(tuple(findings), len(marks), max(len(by_number) - len(marks), 0), head)


def _heads(by_number: dict[int, Event], wanted: set[int]) -> tuple[dict[int, Head], Head]:
    """Return the heads after the events with these numbers, as far as they are there, and the last head."""
    chain = Chain()
    heads = {0: chain.head}
    for number in sorted(by_number):
        chain.add(by_number[number])
        if number in wanted:
            heads[number] = chain.head
    return heads, chain.head


def _disorder(events: Sequence[Event]) -> Iterator[Finding]:
    """Yield the events that stand twice, or before one with a lower number."""
    highest, seen = min((event.number for event in events), default=0), set[int]()
    for event in events:
        if event.number in seen:
            message = say("error.event_twice", number=event.number, event=_label(event))
            yield Finding("added", event.number, message)
        elif event.number < highest:
            message = say("error.event_behind", number=event.number, highest=highest)
            yield Finding("out of order", event.number, message)
        seen.add(event.number)
        highest = max(highest, event.number)


def _seal_faults(seals: Sequence[Seal]) -> Iterator[Finding]:
    """Yield the first place where the seals themselves do not follow from each other."""
    chain = Chain()
    for one in seals:
        for mark in one.marks:
            if mark.number != chain.number + 1:
                message = say("error.sealed_behind", number=mark.number, earlier=chain.number)
                yield Finding("seal broken", mark.number, message)
                return
            chain.take((mark.kind, mark.item_id), mark.number, mark.link)
        if one.head != chain.head:
            message = say("error.seal_head", number=chain.number)
            yield Finding("seal broken", chain.number, message)
            return


def _against_marks(by_number: dict[int, Event], marks: Sequence[Mark]) -> Iterator[Finding]:
    """Compare each event with its mark, behind the link that was sealed before it: so that one fault is one finding."""
    last = max(by_number, default=0)
    links: dict[ItemKey, str] = {}
    swapped = _swaps(by_number, marks)
    if last < len(marks):
        message = say("error.sealed_missing", lost=len(marks) - last, number=last + 1)
        yield Finding("truncated", last + 1, message)
    for mark in marks:
        item = (mark.kind, mark.item_id)
        before, links[item] = links.get(item, NOTHING), mark.link
        event = by_number.get(mark.number)
        if event is None:
            if mark.number < last:
                yield Finding("deleted", mark.number, say("error.event_gone_id", number=mark.number, event=mark.id))
        elif mark.number in swapped:
            if mark.number < swapped[mark.number]:
                message = say("error.events_swapped", number=mark.number, other=swapped[mark.number])
                yield Finding("swapped", mark.number, message)
        elif event.id != mark.id or link_of(event, before) != mark.link:
            yield Finding("edited", mark.number, say("error.event_edited", number=mark.number, event=mark.id))


def _swaps(by_number: dict[int, Event], marks: Sequence[Mark]) -> dict[int, int]:
    """Return the numbers of events that have each other's number."""
    sealed_as = {mark.id: mark.number for mark in marks}
    moved = {
        number: sealed_as[event.id] for number, event in by_number.items() if sealed_as.get(event.id, number) != number
    }
    return {number: other for number, other in moved.items() if moved.get(other) == number}


def _gaps(by_number: dict[int, Event], sealed: int) -> Iterator[Finding]:
    """Yield what no seal is needed to see: missing numbers behind the seals, and ids or numbers that cannot be."""
    last = max(by_number, default=0)
    first_with: dict[str, int] = {}
    for number in range(sealed + 1, last + 1):
        if number not in by_number:
            yield Finding("deleted", number, say("error.event_gone", number=number))
    for number, event in sorted(by_number.items()):
        if number < 1:
            yield Finding("added", number, say("error.impossible_number", number=number, event=_label(event)))
        elif event.id in first_with:
            message = say("error.same_id", number=number, first=first_with[event.id], event=event.id)
            yield Finding("added", number, message)
        first_with.setdefault(event.id, number)


def _unknown_heads(heads: dict[int, Head], expected: Iterable[Head]) -> Iterator[Finding]:
    for wanted in expected:
        found = heads.get(wanted.number)
        if found is None:
            message = say("error.kept_head_absent", number=wanted.number)
            yield Finding("truncated", wanted.number, message)
        elif found != wanted:
            message = say("error.kept_head_differs", number=wanted.number, found=found, wanted=wanted)
            yield Finding("head unknown", wanted.number, message)


def _label(event: Event) -> str:
    return f"{event.type} {event.id}"
