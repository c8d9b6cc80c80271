"""The fuzz target, on a few inputs of each kind; `python -m tests.fuzz` searches for longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import target
from tests.fuzz.__main__ import main
from tests.fuzz.mutating import Mutations, corpus


def test_mutations_give_rules_or_located_errors() -> None:
    mutations = Mutations(20261122)
    for _ in range(150):
        target.one_input(mutations.next())


def test_mutations_repeat() -> None:
    first, second = Mutations(1), Mutations(1)
    inputs = [first.next() for _ in range(20)]
    assert inputs == [second.next() for _ in range(20)]
    assert len(set(inputs)) > 15
    assert len(corpus()) > 80


@pytest.mark.parametrize(
    ("name", "broken"),
    [("MOST_SECONDS", -1.0), ("MOST_ERRORS", -1), ("_decided", lambda *_: [object()]), ("_used", lambda _: 1 / 0)],
)
def test_a_finding_is_kept_and_can_be_played_again(
    name: str, broken: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(target, name, broken)
    monkeypatch.setattr("sys.argv", ["fuzz", "--plain", "--seconds", "60"])
    assert main() == 1
    played = capsys.readouterr().out.split("--play ")[-1].strip()
    monkeypatch.setattr("sys.argv", ["fuzz", "--play", played])
    assert main() == 1
    monkeypatch.undo()
    monkeypatch.setattr("sys.argv", ["fuzz", "--play", played])
    assert main() == 0
    Path(played).unlink()
