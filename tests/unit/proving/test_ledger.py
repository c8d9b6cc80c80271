"""A sealed history of a thousand events: every edit, deletion, swap and truncation of one row is detected and named."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from assignkit import ConfigurationError, Event
from assignkit.proving import chain as chain_module
from assignkit.proving.chain import NOTHING, Chain, Head, canonical, heads
from assignkit.proving.sealing import Seal, SealFile, seal_events
from assignkit.proving.verifying import Verification, verify
from tests.searching import sampled
from tests.unit.desk.making import OpenDesk, east, open_desk

EVENTS = 1000
SEAMS = (0, 299, 300, 301, EVENTS - 1)  # the seals are made of the events up to these
EACH = 13  # shares no factor with the 7 kinds of edits and the 4 events of an item, so that each kind is tried


def busy_desk(events: int) -> OpenDesk:
    """Return a desk with so many events, a few for each item."""
    desk = open_desk(agents=east("a", "b", "c"))
    for number in range(events):
        item, doing = str(number // 4), number % 4
        if doing == 0:
            desk.assign({"id": item})
        elif doing in (1, 3):
            desk.release(item, actor="boss", reason="why")
        else:
            desk.clock.advance(timedelta(minutes=1))
            desk.reassign(item, "b", actor="boss", reason="why")
    return desk


@functools.cache
def log() -> tuple[Event, ...]:
    return tuple(busy_desk(EVENTS).store.history.since(0, limit=EVENTS))


@functools.cache
def seals() -> tuple[Seal, ...]:
    """Return the seals of the log, made in three pieces."""
    going_on = Chain()
    return tuple(seal_events(log()[start:end], going_on) for start, end in ((0, 300), (300, 301), (301, EVENTS)))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write each event as JSON once only: a thousand verifications look at the same ones."""
    written: dict[int, str] = {}
    kept: list[Event] = []

    def quick(event: Event) -> str:
        if id(event) not in written:
            kept.append(event)  # so that no other event gets its id
            written[id(event)] = canonical(event)
        return written[id(event)]

    monkeypatch.setattr(chain_module, "canonical", quick)


def places_to_spoil() -> list[int]:
    """Return the rows to be spoilt: a sample, or each of them in `make soak`."""
    return sampled(range(EVENTS), each=EACH, always=(near for seam in SEAMS for near in (seam - 1, seam, seam + 1)))


def told(events: Sequence[Event]) -> list[tuple[str, int]]:
    return [(finding.fault, finding.number) for finding in verify(events, seals()).findings]


def edited(event: Event) -> Event:
    """Return the event with one of its facts changed, each time another one."""
    change: dict[str, object] = [
        {"agent_id": "x"},
        {"reason": "another"},
        {"at": event.at + timedelta(microseconds=1)},
        {"type": "kept"},
        {"fence": (event.fence or 0) + 1},
        {"facts": {**event.facts, "more": 1}},
        {"item_id": f"{event.item_id}0"},
    ][event.number % 7]
    return event.model_copy(update=change)


# --- every single row


def test_what_is_as_it_was_sealed_is_in_order() -> None:
    found = verify(log(), seals(), expect=[one.head for one in seals()])
    assert found == Verification((), EVENTS, 0, seals()[-1].head)
    assert found.ok


def test_every_edit_is_named() -> None:
    for place in places_to_spoil():
        assert told([*log()[:place], edited(log()[place]), *log()[place + 1 :]]) == [("edited", place + 1)]


def test_every_deletion_is_named() -> None:
    for place in places_to_spoil()[:-1]:
        assert told([*log()[:place], *log()[place + 1 :]]) == [("deleted", place + 1)]


def test_every_truncation_is_named() -> None:
    for place in places_to_spoil():
        assert told(log()[:place]) == [("truncated", place + 1)]


def test_every_swap_is_named() -> None:
    for place in places_to_spoil():
        other = (place * 7 + 1) % EVENTS
        if other == place:
            continue
        low, high = sorted((place, other))
        swapped = list(log())
        swapped[low] = log()[high].model_copy(update={"number": low + 1})
        swapped[high] = log()[low].model_copy(update={"number": high + 1})
        assert told(swapped) == [("swapped", low + 1)]


def test_rows_in_another_order_are_named() -> None:
    for place in range(0, EVENTS - 1, 50):
        rows = list(log())
        rows[place : place + 2] = rows[place + 1], rows[place]
        assert told(rows) == [("out of order", place + 1)]


# --- what else can happen


def test_an_event_that_stands_twice_is_named() -> None:
    assert told([*log(), log()[5]]) == [("added", 6)]


def test_an_event_with_a_number_that_cannot_be_is_named() -> None:
    strange = log()[5].model_copy(update={"number": -1, "id": "customers:new:1"})
    assert told([strange, *log()]) == [("added", -1)]


def test_an_event_with_a_used_id_behind_the_seals_is_named() -> None:
    copied = log()[5].model_copy(update={"number": EVENTS + 1})
    assert told([*log(), copied]) == [("added", EVENTS + 1)]


def test_a_message_says_which_event_it_was() -> None:
    (finding,) = verify([*log()[:6], *log()[7:]], seals()).findings
    assert str(finding) == "deleted: event 7 is gone: customers:1:3"


def test_rewritten_seals_are_seen_from_a_head_that_was_kept() -> None:
    """Who can change the history and the seals can do so without a trace, but not past a head that is elsewhere."""
    kept = seals()[0].head
    rows = [edited(log()[0]), *log()[1:]]
    forged = [seal_events(rows, Chain())]
    assert verify(rows, forged).ok
    (finding,) = verify(rows, forged, expect=[kept]).findings
    assert (finding.fault, finding.number) == ("head unknown", 300)
    (finding,) = verify(rows[:299], [seal_events(rows[:299], Chain())], expect=[kept]).findings
    assert (finding.fault, finding.number) == ("truncated", 300)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: [made[0], made[2]],
        lambda made: made[1:],
        lambda made: [Seal(made[0].head, made[0].marks[:-1]), *made[1:]],
        lambda made: [Seal(Head(300, NOTHING), made[0].marks), *made[1:]],
    ],
    ids=["a seal is gone", "the first is gone", "a mark is gone", "a head was changed"],
)
def test_broken_seals_are_seen(spoil: Callable[[list[Seal]], list[Seal]]) -> None:
    found = verify(log(), spoil(list(seals())))
    assert "seal broken" in [finding.fault for finding in found.findings]


def test_without_seals_gaps_are_seen() -> None:
    found = verify([*log()[:5], *log()[6:]])
    assert [(finding.fault, finding.number) for finding in found.findings] == [("deleted", 6)]
    assert found.unsealed == EVENTS - 1


# --- heads


def test_a_head_depends_on_every_event_and_not_on_when_it_was_sealed() -> None:
    (last,) = heads(log())
    assert last == seals()[-1].head
    assert [head.number for head in heads(log()[:10], every=4)] == [4, 8, 10]
    assert [head.number for head in heads(log()[:8], every=4)] == [4, 8]
    assert list(heads([])) == [Head()]
    (other,) = heads([edited(log()[0]), *log()[1:]])
    assert other != last


def test_a_head_is_written_down_and_read() -> None:
    (head,) = heads(log()[:3])
    assert Head.of(f" {head}\n") == head
    with pytest.raises(ConfigurationError, match="64 hex digits"):
        Head.of("3:abc")


def test_an_event_reads_the_same_from_a_file() -> None:
    for event in log()[:8]:
        assert canonical(Event.model_validate_json(event.model_dump_json())) == canonical(event)


# --- the file


def test_sealing_goes_on_where_it_stopped(tmp_path: Path) -> None:
    desk, file = busy_desk(10), SealFile(tmp_path / "seals.jsonl")
    first = file.seal(desk.store.history)
    assert file.seal(desk.store.history) == first  # nothing new, nothing written
    desk.assign({"id": "new"})
    desk.reassign("0", "c", actor="boss", reason="why")
    second = SealFile(tmp_path / "seals.jsonl").seal(desk.store.history)
    assert [len(one.marks) for one in file.seals()] == [10, 2]
    events = desk.store.history.since(0)
    assert verify(events, file.seals(), expect=[first, second]).ok
    assert list(heads(events)) == [second]


def test_nothing_is_sealed_at_an_empty_desk(tmp_path: Path) -> None:
    file = SealFile(tmp_path / "seals.jsonl")
    assert file.seal(open_desk().store.history) == Head()
    assert not (tmp_path / "seals.jsonl").exists()


@pytest.mark.parametrize("line", ["{", "[]", '{"head": "1:2", "marks": []}', '{"head": 1, "marks": [[1]]}'])
def test_a_line_that_is_no_seal_is_told(tmp_path: Path, line: str) -> None:
    path = tmp_path / "seals.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError):
        list(SealFile(path).seals())
