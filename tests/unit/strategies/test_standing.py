"""The standing: what it keeps, and what it does not notice."""

from __future__ import annotations

from assignkit.model.placement import Seat
from assignkit.strategies.registry import build_chain
from tests.unit.strategies.making import candidate, ids


def test_a_candidate_moves_when_it_is_put_again_and_not_before() -> None:
    standing = build_chain(["least loaded"]).stand()
    li, wang = candidate("li", load=1), candidate("wang", load=2)
    standing.put(li)
    standing.put(wang)
    assert ids(standing) == ["li", "wang"]

    li.load = 3
    assert ids(standing) == ["li", "wang"]
    standing._check()

    standing.put(li)
    assert ids(standing) == ["wang", "li"]
    assert len(standing) == 2


def test_the_walk_gives_the_candidate_put_last() -> None:
    standing = build_chain(["longest idle"]).stand()
    standing.put(candidate("li", load=1))
    standing.put(candidate("li", load=2))

    assert [one.load for one in standing] == [2]


def test_discarding_a_stranger_changes_nothing() -> None:
    standing = build_chain(["round robin"]).stand()
    standing.put(candidate("li"))
    standing.discard("wang")

    assert "li" in standing
    assert "wang" not in standing
    assert len(standing) == 1


def test_a_rising_floor_lets_those_below_wait_for_their_last_turn() -> None:
    standing = build_chain(["round robin"]).stand()
    for agent_id, turn, last in [("a", 1, 9), ("b", 2, 8), ("c", 3, 7), ("d", 5, 6)]:
        standing.put(candidate(agent_id, seat=Seat(agent_id=agent_id, turn=turn, last=last)))
    assert ids(standing) == ["a", "b", "c", "d"]

    standing.raise_floor(3)
    assert ids(standing) == ["c", "b", "a", "d"]

    standing.raise_floor(2)  # put back by hand
    assert ids(standing) == ["b", "a", "c", "d"]
    standing._check()
