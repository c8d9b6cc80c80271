"""What links and heads are made of, spelled out: seals that were written years ago have to verify."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from assignkit import Event
from assignkit.proving.chain import NOTHING, Chain, link_of


def happened(number: int, item_id: str) -> Event:
    at = datetime(2026, 11, 21, 12, number, tzinfo=UTC)
    return Event(
        number=number, id=f"customers:{item_id}:{number}", type="assigned", at=at, kind="customers", item_id=item_id
    )


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_link_hangs_on_the_one_before_it() -> None:
    event = happened(1, "c1")
    written = json.dumps(event.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    assert link_of(event, NOTHING) == digest("0" * 64 + written)
    assert link_of(event, digest("before")) == digest(digest("before") + written)


def test_each_item_has_its_own_chain_and_one_head_is_over_all() -> None:
    chain = Chain()
    events = [happened(1, "c1"), happened(2, "c2"), happened(3, "c1")]
    first, second, third = (chain.add(event) for event in events)

    assert (first, second) == (link_of(events[0], NOTHING), link_of(events[1], NOTHING))
    assert third == link_of(events[2], first)
    assert str(chain.head) == f"3:{digest(digest(digest(NOTHING + first) + second) + third)}"


def test_the_bytes_of_an_event_stay_what_they_are() -> None:
    known = "53a441879b50017672f813475b911abd8915045ff981471c96b52705b84f072d"
    assert link_of(happened(1, "c1"), NOTHING) == known
