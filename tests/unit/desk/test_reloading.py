"""A watched file: published when it changes; a broken one leaves the rules in force and says why."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assignkit import AssignkitError, BackendError, ConfigurationError, RuleSet
from assignkit.desk.publishing.reloading import Reload
from tests.unit.desk.making import OpenDesk, east, open_desk

A, B = 'rule "A"\n  assign to agent "a"\n', 'rule "B"\n  assign to agent "b"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sales.rules"
    path.write_text(A, encoding="utf-8")
    return path


@pytest.fixture
def desk() -> OpenDesk:
    return open_desk(A, east("a", "b"))


def test_a_changed_file_is_published(desk: OpenDesk, file: Path) -> None:
    watched = desk.reload_from(file, actor="ops")
    assert watched.check() is None
    file.write_text(B, encoding="utf-8")
    reload = watched.check()
    assert reload is not None
    assert reload.publication is not None
    assert (reload.publication.actor, reload.publication.reason) == ("ops", "sales.rules changed")
    assert desk.assign({"id": 1}).agent_id == "b"
    assert watched.check() is None


def test_what_it_imports_is_watched_too(desk: OpenDesk, file: Path) -> None:
    file.write_text('import "more.rules"\n' + A, encoding="utf-8")
    more = file.with_name("more.rules")
    more.write_text("let big = customer.revenue > 1\n", encoding="utf-8")
    watched = desk.reload_from(file)
    watched.check()
    more.write_text(B, encoding="utf-8")
    assert watched.check() is not None
    assert desk.assign({"id": 1}).agent_id == "b"  # what is imported stands first


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("rule rule rule", encoding="utf-8"),
        lambda path: path.write_bytes(b"\xff\xfe\x00"),
        lambda path: path.write_text('rule "A"\n  assign to agent "a" by no such order\n', encoding="utf-8"),
        lambda path: path.unlink(),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: (path.unlink(), path.symlink_to(path)),
        lambda path: path.write_bytes(b"# " + b"x" * 2**20),
        lambda path: path.write_text(B[: len(B) // 2], encoding="utf-8"),
        lambda path: path.write_text('import "gone.rules"\n', encoding="utf-8"),
        lambda path: path.write_text('table "T" from "gone.csv"\n', encoding="utf-8"),
        lambda path: (path.unlink(), path.symlink_to("/dev/zero")),
    ],
    ids=["syntax", "bytes", "order", "gone", "folder", "loop", "huge", "half", "import", "table", "endless"],
)
def test_a_broken_file_leaves_the_rules_in_force(
    desk: OpenDesk, file: Path, spoil: object, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Reload] = []
    watched = desk.reload_from(file, on_reload=heard.append)
    spoil(file)  # type: ignore[operator]
    reload = watched.check()
    assert reload is not None
    assert reload.publication is None
    assert reload.error is not None
    assert reload.diagnostics or "regular file" in str(reload.error)
    assert "the rules in force stay" in caplog.text
    assert desk.assign({"id": 1}).agent_id == "a"
    assert watched.check() is None  # told once
    file.rmdir() if file.is_dir() else file.unlink(missing_ok=True)
    file.write_text(B, encoding="utf-8")
    watched.check()
    assert [one.error is None for one in heard] == [False, True]
    assert desk.assign({"id": 2}).agent_id == "b"


def test_going_back_is_not_undone_by_a_file_that_did_not_change(desk: OpenDesk, file: Path) -> None:
    watched = desk.reload_from(file)
    file.write_text(B, encoding="utf-8")
    watched.check()
    desk.rollback(RuleSet.from_text(A).version, actor="boss", reason="complaints")
    assert watched.check() is None
    assert desk.assign({"id": 1}).agent_id == "a"


def test_a_thread_looks_by_itself(desk: OpenDesk, file: Path) -> None:
    done = threading.Event()
    with desk.reload_from(file, every_seconds=0.01, on_reload=lambda _: done.set()) as watched:
        file.write_text(B, encoding="utf-8")
        assert done.wait(30)
    assert desk.assign({"id": 1}).agent_id == "b"
    assert watched._thread is not None
    assert not watched._thread.is_alive()
    with pytest.raises(ConfigurationError, match="above 0"):
        desk.reload_from(file, every_seconds=0)


def test_a_pipe_is_not_waited_for(desk: OpenDesk, file: Path) -> None:
    watched = desk.reload_from(file)
    file.unlink()
    os.mkfifo(file)
    reload = watched.check()
    assert reload is not None
    assert "no regular file" in str(reload.error)


@pytest.fixture
def somebody_else() -> Iterator[Callable[[], None]]:
    """Lets the rest of a test run as somebody who owns nothing, where the tests run as root."""
    before = os.geteuid()
    yield lambda: os.seteuid(65534) if before == 0 else None
    os.seteuid(before)


def test_a_file_that_may_not_be_read_leaves_the_rules(
    desk: OpenDesk, file: Path, somebody_else: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    watched = desk.reload_from(file)
    file.write_text(B, encoding="utf-8")
    file.chmod(0)
    somebody_else()
    reload = watched.check()
    assert reload is not None
    assert isinstance(reload.error, AssignkitError)
    assert "Permission denied" in caplog.text
    assert desk.assign({"id": 1}).agent_id == "a"


def test_a_file_that_is_put_in_the_place_of_the_old_one_is_seen(desk: OpenDesk, file: Path) -> None:
    watched = desk.reload_from(file)
    new = file.with_suffix(".new")
    new.write_text(B, encoding="utf-8")
    new.replace(file)
    assert watched.check() is not None
    assert desk.assign({"id": 1}).agent_id == "b"


def test_dates_are_not_believed(desk: OpenDesk, file: Path) -> None:
    watched, kept = desk.reload_from(file), file.stat()
    file.write_text(B.replace('"B"', '"A"'), encoding="utf-8")
    os.utime(file, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert (file.stat().st_mtime_ns, file.stat().st_size) == (kept.st_mtime_ns, kept.st_size)
    assert watched.check() is not None
    assert desk.assign({"id": 1}).agent_id == "b"
    os.utime(file)
    assert watched.check() is None


def test_a_file_that_comes_back_as_it_was_does_not_undo_going_back(
    desk: OpenDesk, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "assignkit")
    watched = desk.reload_from(file)
    file.write_text(B, encoding="utf-8")
    watched.check()
    desk.rollback(RuleSet.from_text(A).version, actor="boss", reason="complaints")
    file.unlink()
    assert watched.check() is not None
    file.write_text(B, encoding="utf-8")
    assert watched.check() is None
    assert "sales.rules can be used again" in caplog.text
    assert desk.assign({"id": 1}).agent_id == "a"
    file.unlink()
    assert watched.check() is not None  # and it is told of again


def test_a_thread_waits_until_a_file_is_written_to_its_end(desk: OpenDesk, file: Path) -> None:
    whole = A.replace("A", "A1") + B
    watched = desk.reload_from(file)
    for written in (whole[:10], A.replace("A", "A1"), whole[:-5], whole):  # the second one alone would do
        file.write_text(written, encoding="utf-8")
        assert watched._once(patient=True) is None
    reload = watched._once(patient=True)
    assert reload is not None
    assert reload.publication is not None
    assert reload.publication.version == RuleSet.load(file).version
    assert watched._once(patient=True) is None
    file.write_text("rule", encoding="utf-8")
    assert watched._once(patient=True) is None
    broken = watched._once(patient=True)
    assert broken is not None
    assert broken.diagnostics
    assert watched._once(patient=True) is None


def test_a_store_that_fails_is_asked_again(desk: OpenDesk, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = desk.reload_from(file)
    file.write_text(B, encoding="utf-8")

    def fail(*_: object, **__: object) -> None:
        msg = "the disk is full"
        raise BackendError(msg)

    with monkeypatch.context() as broken:
        broken.setattr(watched, "_publish", fail)
        reload = watched.check()
        assert reload is not None
        assert str(reload.error) == "the disk is full"
        assert watched.check() is None
    assert watched.check() is not None
    assert desk.assign({"id": 1}).agent_id == "b"


def test_files_that_did_not_change_are_not_parsed_again(
    desk: OpenDesk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[object] = []
    of_file = RuleSet.of_file

    def counted(rules: RuleSet, path: str | Path) -> RuleSet:
        parsed.append(path)
        return of_file(rules, path)

    monkeypatch.setattr(RuleSet, "of_file", counted)
    file.write_text('import "more.rules"\ntable "T" from "t.csv"\n' + A, encoding="utf-8")
    more, table = file.with_name("more.rules"), file.with_name("t.csv")
    more.write_text("let big = customer.revenue > 1  # ok: AK301 soon\n", encoding="utf-8")
    table.write_text('customer.revenue,assign to\n1,"agent ""b"""\n', encoding="utf-8")
    watched = desk.reload_from(file)
    assert watched.check() is not None
    for _ in range(5):
        assert watched.check() is None
    assert len(parsed) == 2  # the second time tells how to know
    for path in (file, more, table):
        path.write_text(path.read_text("utf-8").replace("1", "2"), encoding="utf-8")
        changed = path is not file
        assert (watched.check() is not None) is changed
        assert watched.check() is None
    os.truncate(table, 0)
    broken = watched.check()
    assert broken is not None
    assert broken.error is not None
    table.unlink()
    assert watched.check() is not None
