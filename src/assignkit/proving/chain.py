"""The hash chain over a history: one chain per item, and one number-by-number head over all of their links.

Nothing of it is computed while items are decided. A link is SHA-256 over the item's previous link and the event; the
head after event n is SHA-256 over the head after n − 1 and the link of event n. So one head, written down where the
history's owner cannot reach it, fixes every event up to its number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say
from assignkit.model.assignment import Event

ItemKey = tuple[str, str]

NOTHING = "0" * 64  # what stands before the first link and the first head
_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")
_SHOWN = 80  # characters of what is no head


@dataclass(frozen=True, slots=True)
class Head:
    """The head after event `number`; as text `number:digest`, for people to write down."""

    number: int = 0
    digest: str = NOTHING

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"

    @classmethod
    def of(cls, text: str) -> Head:
        """Return the head that a text says; `ConfigurationError` if it says none."""
        found = _HEAD.fullmatch(text.strip())
        if found is None:
            msg = say("error.no_head", text=text.strip()[:_SHOWN])
            raise ConfigurationError(msg)
        return cls(int(found[1]), found[2])


@dataclass(slots=True)
class Chain:
    """The state of the chain after some events: the head over all, and the last link of each item."""

    number: int = 0
    digest: str = NOTHING
    links: dict[ItemKey, str] = field(default_factory=dict)

    @property
    def head(self) -> Head:
        """The head over all events so far."""
        return Head(self.number, self.digest)

    def add(self, event: Event) -> str:
        """Take in the next event, and return its link."""
        link = link_of(event, self.links.get((event.kind, event.item_id), NOTHING))
        self.take((event.kind, event.item_id), event.number, link)
        return link

    def take(self, item: ItemKey, number: int, link: str) -> None:
        """Take in the link of the next event."""
        self.links[item] = link
        self.number, self.digest = number, _digest(self.digest + link)


def link_of(event: Event, before: str) -> str:
    """Return the link of an event behind the item's link `before`."""
    return _digest(before + canonical(event))


def canonical(event: Event) -> str:
    """Return an event as JSON with sorted keys and without spaces: the same text for the same event, everywhere."""
    told = event.model_dump(mode="json", warnings=False)  # one that was tampered with may hold anything
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def heads(events: Iterable[Event], *, every: int | None = None) -> Iterator[Head]:
    """Yield the head after every so many events, and the last one; just the last one without `every`."""
    chain = Chain()
    count = 0
    for count, event in enumerate(events, start=1):
        chain.add(event)
        if every is not None and count % every == 0:
            yield chain.head
    if every is None or count % every or not count:
        yield chain.head


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
