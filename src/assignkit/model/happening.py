"""Something that happened and is still to be put into words: an event whose facts are worked out when somebody reads.

Most events of a store in memory are never read. What their facts are made of must be immutable, so that reading later
gives what reading at once would have given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from assignkit.model.assignment import Event, EventType
from assignkit.model.building import whole
from assignkit.model.explanation import Explanation
from assignkit.model.frozen import freeze
from assignkit.model.placement import Placement

Facts = Callable[[], Mapping[str, Any]]


class Happening:
    """What became of one item at an instant. `number` is 0 until a history gives it one."""

    __slots__ = ("_actor", "_at", "_event", "_facts", "_placement", "_reason", "_rule", "_type", "id", "number")

    def __init__(
        self,
        what: EventType,
        placement: Placement,
        at: datetime,
        facts: Facts,
        *,
        rule: str | None,
        actor: str | None,
        reason: str | None,
    ) -> None:
        self.number = 0
        self.id = f"{placement.kind}:{placement.item_id}:{placement.revision}"
        self._type: EventType = what
        self._placement = placement
        self._at = at
        self._facts: Facts | None = facts
        self._rule = rule
        self._actor = actor
        self._reason = reason
        self._event: Event | None = None

    @property
    def kind(self) -> str:
        """The kind of the item."""
        return self._placement.kind

    @property
    def item_id(self) -> str:
        """The item's id."""
        return self._placement.item_id

    def __reduce__(self) -> tuple[Callable[[Event], Event], tuple[Event]]:
        return _itself, (self.event(),)  # another process gets it in words

    def __deepcopy__(self, memo: object) -> Happening:
        return self  # nothing of it changes but how it is kept

    def explanation(self) -> Explanation:
        """Return why it happened; see `Event.explanation`."""
        return self.event().explanation()

    def event(self) -> Event:
        """Return it as an event; the same one each time, once there is a number."""
        event = self._event
        if event is None:
            event = self._told()
            if self.number:
                self._event, self._facts = event, None  # what the facts are made of may go now
        return event

    def fields(self) -> dict[str, Any]:
        """Return the event's fields but for its number, for who puts them into words at once: facts are not frozen."""
        placement = self._placement
        return {
            "id": self.id,
            "type": self._type,
            "at": self._at,
            "kind": placement.kind,
            "item_id": placement.item_id,
            "agent_id": placement.agent_id,
            "fence": placement.fence,
            "rule": self._rule,
            "actor": self._actor,
            "reason": self._reason,
            "facts": self._facts() if self._facts is not None else {},
        }

    def _told(self) -> Event:
        fields = self.fields()
        fields["facts"] = freeze(fields["facts"])
        return whole(Event, {"number": self.number, **fields})


def _itself(event: Event) -> Event:
    return event
