"""Seals and heads on a schedule: when, for whom, and what happens when something fails."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from assignkit import ConfigurationError, Event
from assignkit.proving.chain import Head, heads
from assignkit.proving.exports import HeadFile
from assignkit.proving.scheduling import Sealing
from assignkit.proving.sealing import Seal, SealFile, events_of
from assignkit.proving.verifying import verify
from tests.unit.desk.making import OpenDesk, east, open_desk

HOUR = timedelta(hours=1)


@pytest.fixture
def desk() -> OpenDesk:
    return open_desk(agents=east("a"))


def work(desk: OpenDesk, items: int) -> None:
    for _ in range(items):
        desk.assign({"id": len(desk.store.history.since(0))})


def head_of(desk: OpenDesk) -> Head:
    return list(heads(events_of(desk.store.history)))[-1]


def test_heads_are_exported_each_hour(desk: OpenDesk, tmp_path: Path) -> None:
    kept, sent = HeadFile(tmp_path / "heads"), list[Head]()
    seals = SealFile(tmp_path / "seals")
    sealing = Sealing(desk.store.history, seals, sinks=[kept, sent.append], every=HOUR, clock=desk.clock)
    assert sealing.tick() == Head()  # nothing has happened yet
    assert list(kept.heads()) == []
    wanted = []
    for minutes in (0, 30, 30, 59, 1, 60):
        work(desk, 2)
        desk.clock.advance(timedelta(minutes=minutes))
        made = sealing.tick()
        wanted += [made] if made is not None else []
    assert [head.number for head in wanted] == [6, 10, 12]
    assert wanted[-1] == head_of(desk)
    assert list(kept.heads()) == sent == wanted
    assert verify(events_of(desk.store.history), seals.seals(), expect=kept.heads()).ok
    desk.clock.advance(HOUR)
    assert sealing.tick() == wanted[-1]
    assert sent == wanted  # nothing new


def test_a_sink_that_fails_gets_the_newest_head_later(
    desk: OpenDesk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    got, mailed = list[Head](), list[Head]()
    broken = True

    def mail(head: Head) -> None:
        if broken:
            msg = "no network"
            raise OSError(msg)
        mailed.append(head)

    sealing = Sealing(desk.store.history, SealFile(tmp_path / "seals"), sinks=[mail, got.append], clock=desk.clock)
    for _ in range(2):
        work(desk, 1)
        sealing.tick()
        desk.clock.advance(HOUR)
    assert (len(mailed), len(got)) == (0, 2)
    assert "could not be exported" in caplog.text
    broken = False
    work(desk, 1)
    sealing.tick()
    assert sealing.tick() is None
    assert (mailed, len(got)) == ([head_of(desk)], 3)


def test_a_history_that_cannot_be_read_is_tried_again(
    desk: OpenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(desk, 3)
    sealing = Sealing(desk.store.history, SealFile(tmp_path / "seals"), clock=desk.clock)
    with monkeypatch.context() as broken:
        broken.setattr(Seal, "to_json", lambda _: 1 / 0)  # after the events were read
        with pytest.raises(ZeroDivisionError):
            sealing.tick()
    assert sealing.tick() == head_of(desk)
    assert verify(events_of(desk.store.history), SealFile(tmp_path / "seals").seals()).sealed == 3


def test_no_time_is_refused(desk: OpenDesk, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="above 0"):
        Sealing(desk.store.history, SealFile(tmp_path / "seals"), every=timedelta())


def test_a_seal_that_was_not_written_to_its_end_is_made_anew(desk: OpenDesk, tmp_path: Path) -> None:
    path = tmp_path / "seals"
    work(desk, 2)
    SealFile(path).seal(desk.store.history)
    whole = path.read_bytes()
    work(desk, 2)
    SealFile(path).seal(desk.store.history)
    for cut in (len(whole) + 1, len(path.read_bytes()) - 1):
        path.write_bytes(path.read_bytes()[:cut])
        assert SealFile(path).seal(desk.store.history) == head_of(desk)
        assert verify(events_of(desk.store.history), SealFile(path).seals()).ok
    assert path.read_bytes().startswith(whole)


def test_two_who_seal_into_one_file_go_on_from_each_other(desk: OpenDesk, tmp_path: Path) -> None:
    one, other = (SealFile(tmp_path / "seals") for _ in range(2))
    for turn in (one, other, other, one, one, other):
        work(desk, 1)
        assert turn.seal(desk.store.history) == head_of(desk)
    assert [len(seal.marks) for seal in one.seals()] == [1] * 6
    (tmp_path / "seals").unlink()
    assert one.seal(desk.store.history) == head_of(desk)
    assert [len(seal.marks) for seal in other.seals()] == [6]


def test_sealing_reads_only_what_happened_since(desk: OpenDesk, tmp_path: Path) -> None:
    class Watched:
        """A history that notes what is asked of it."""

        asked: list[int] = []  # noqa: RUF012 - one test

        def since(self, number: int, *, limit: int = 1000) -> list[Event]:
            self.asked.append(number)
            return desk.store.history.since(number, limit=limit)

    seals, history = SealFile(tmp_path / "seals"), Watched()
    for _ in range(2):
        work(desk, 3)
        seals.seal(history)  # type: ignore[arg-type]  # no more of a history is asked for
    assert history.asked == [0, 0, 3, 3, 6]  # whether there is anything, then page by page


def test_those_who_seal_at_once_write_each_mark_once(desk: OpenDesk, tmp_path: Path) -> None:
    """Each opens the file by itself, as processes would."""
    path, done = tmp_path / "seals", threading.Event()

    def seal_all_the_time() -> None:
        while not done.is_set():
            SealFile(path).seal(desk.store.history)

    threads = [threading.Thread(target=seal_all_the_time) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(60):
        work(desk, 1)
    done.set()
    for thread in threads:
        thread.join()
    SealFile(path).seal(desk.store.history)
    found = verify(events_of(desk.store.history), SealFile(path).seals())
    assert (found.findings, found.sealed, found.unsealed) == ((), 60, 0)
