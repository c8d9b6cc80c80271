"""A watched file: published when it changes; a broken one leaves the rules in force and says why."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from assignkit import ConfigurationError, RuleSet
from assignkit.desk.reloading import Reload
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
    ],
    ids=["syntax", "bytes", "order", "gone"],
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
    assert reload.diagnostics
    assert "the rules in force stay" in caplog.text
    assert desk.assign({"id": 1}).agent_id == "a"
    assert watched.check() is None  # told once
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
