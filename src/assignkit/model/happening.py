"""Something that happened and is still to be put into words: an event whose facts are worked out when somebody reads.

Most events of a store in memory are never read. What their facts are made of must be immutable, so that reading later
gives what reading at once would have given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Self

from assignkit.model.assignment import Event, EventType
from assignkit.model.building import whole
from assignkit.model.explanation import Explanation
from assignkit.model.frozen import freeze
from assignkit.model.placement import Placement

Facts = Callable[[], Mapping[str, Any]]


class Happening:
    """What became of one item at an instant. `number` is 0 until a history gives it one.

    No abstract base class: stores ask of every value whether it is one, which such classes answer ten times as slowly.
    """

    __slots__ = ("_event", "id", "item_id", "kind", "number")

    def __init__(self, id: str, kind: str, item_id: str) -> None:
        self.number = 0
        self.id = id
        self.kind = kind
        self.item_id = item_id
        self._event: Event | None = None

    def __reduce__(self) -> tuple[Callable[[Any], object], tuple[Any]]:
        return _itself, (self.event(),)  # another process gets it in words

    def __deepcopy__(self, memo: object) -> Self:
        return self  # nothing of it changes but how it is kept

    def fields(self) -> dict[str, Any]:
        """Return the event's fields but for its number, for who puts them into words at once: facts are not frozen."""
        raise NotImplementedError

    def let_go(self) -> None:
        """Forget what the fields are made of: they are in words."""
        raise NotImplementedError

    def explanation(self) -> Explanation:
        """Return why it happened; see `Event.explanation`."""
        return self.event().explanation()

    def event(self) -> Event:
        """Return it as an event; the same one each time, once there is a number."""
        event = self._event
        if event is None:
            fields = self.fields()
            fields["facts"] = freeze(fields["facts"])
            event = whole(Event, {"number": self.number, **fields})
            if self.number:
                self._event = event
                self.let_go()
        return event


class Move(Happening):
    """An item came to be at a placement."""

    __slots__ = ("_actor", "_at", "_facts", "_placement", "_reason", "_rule", "_type")

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
        kind, item_id = placement.kind, placement.item_id
        super().__init__(f"{kind}:{item_id}:{placement.revision}", kind, item_id)
        self._type: EventType = what
        self._placement = placement
        self._at = at
        self._facts: Facts | None = facts
        self._rule = rule
        self._actor = actor
        self._reason = reason

    def fields(self) -> dict[str, Any]:
        """Return the event's fields; see `Happening.fields`."""
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

    def let_go(self) -> None:
        """Forget what the facts are made of."""
        self._facts = None


def _itself(event: Event) -> Event:
    return event
