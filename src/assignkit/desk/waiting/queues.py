"""Looking at what waits: who is next in line, and what puts it there."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from assignkit.desk.session import Session
from assignkit.desk.waiting.agenda import ItemKey
from assignkit.desk.waiting.draining import Queue
from assignkit.model.placement import Placement
from assignkit.model.waiting import Because, WaitingView
from assignkit.strategies.exact import exact, spell
from assignkit.strategies.waiting import QueuePolicy, Serving, WaitingItem


def waiting_line(session: Session, queue: Queue) -> list[WaitingView]:
    """Return everything that waits and is not on offer, the next one first."""
    return list(_views(session, queue))


def place_in_line(session: Session, queue: Queue, item: ItemKey) -> tuple[WaitingView, int] | None:
    """Return the view of one item and how many wait; None if it does not wait, or is on offer."""
    found = next(_views(session, queue, only=item), None)
    return None if found is None else (found, sum(not each.invited for each in _waiting(session)))


def _waiting(session: Session) -> list[Placement]:
    return session.unit.placements.in_state("waiting")


def _views(session: Session, queue: Queue, *, only: ItemKey | None = None) -> Iterator[WaitingView]:
    waiting = [each for each in _waiting(session) if not each.invited]
    placements = {(each.kind, each.item_id): each for each in waiting}
    if only is not None and only not in placements:
        return
    items = [queue.item(session, each) for each in waiting]
    serving = Serving(items, now=session.now, policy=queue.policy, dues=queue.dues)
    for place in range(1, len(items) + 1):
        item = serving.next()
        if item is None:
            return
        key = (item.kind, item.item_id)
        if only in (None, key):
            yield _view(session, item, placements[key], serving, policy=queue.policy, place=place)
        serving.served(item)


def _view(
    session: Session, item: WaitingItem, placement: Placement, serving: Serving, *, policy: QueuePolicy, place: int
) -> WaitingView:
    zone = ZoneInfo(session.zone)
    because: Because = "points"
    if not policy.is_patient(item, session.now):
        because = "patience"
    elif serving.due(item) >= 1:
        because = "share"
    retry = placement.next_retry_at
    return WaitingView(
        place=place,
        kind=item.kind,
        item_id=item.item_id,
        because=because,
        points=spell((exact(item.urgency) or 0) + policy.boost(item, session.now)),
        urgency=spell(exact(item.urgency) or 0),
        waited_seconds=(session.now - item.received_at).total_seconds(),
        category=item.category or None,
        credit_seconds=float(policy.credit_seconds.get(item.category, 0)),
        due=spell(serving.due(item)) if because == "share" else None,
        rule=placement.rule,
        queue=placement.queue,
        received_at=item.received_at.astimezone(zone),
        next_retry_at=retry.astimezone(zone) if retry is not None else None,
    )
