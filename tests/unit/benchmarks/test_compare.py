"""`make bench-compare`: what counts as slower, and what the exit code says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks import compare
from benchmarks.compare import ROOT, Guard, changes, checked_out, told


def rounds(*pairs: tuple[float, float]) -> list[tuple[dict[str, float], dict[str, float]]]:
    return [({"a": before}, {"a": after}) for before, after in pairs]


def test_the_median_of_the_ratios_within_a_round_counts() -> None:
    (change,) = changes(rounds((100, 90), (10, 9), (1000, 5000)))
    assert change.ratio == pytest.approx(0.9)


def test_figures_that_only_one_revision_has_are_left_out() -> None:
    assert [change.name for change in changes([({"a": 1.0, "b": 1.0}, {"a": 2.0, "c": 1.0})])] == ["a"]


def test_seconds_are_turned_round_and_others_engines_are_no_figures_of_ours() -> None:
    guard = Guard(named_by=("way", "size"), column="s", less_is_better=True, ours=("our",))
    rows = [
        {"way": "ours", "size": 5, "s": 4},
        {"way": "theirs", "size": 5, "s": 4},
        {"way": "ours", "size": 6, "s": "–"},
    ]
    assert guard.figures(rows) == {"ours, 5": 0.25}


def test_every_guard_names_a_benchmark() -> None:
    for name in compare.GUARDS:
        assert (ROOT / "benchmarks" / f"{name}.py").exists()


def test_the_worst_stands_first_and_is_named() -> None:
    table = told(changes([({"a": 1.0, "bee": 1.0}, {"a": 1.05, "bee": 0.5})]), tolerance=0.2)
    assert table == "bee  ×0.50  (0.50 to 0.50)  slower\na    ×1.05  (1.05 to 1.05)"


@pytest.mark.parametrize(("after", "code"), [(0.79, 1), (0.81, 0), (2.0, 0)])
def test_the_exit_code_says_whether_anything_fell_beyond_the_tolerance(
    after: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measured: list[Path] = []

    def measure(name: str, checkout: Path) -> dict[str, float]:
        assert name == "deciding"
        measured.append(checkout)
        return {"assign": after if checkout == ROOT else 1.0}

    monkeypatch.setattr(compare, "_measured", measure)
    assert compare.main(["HEAD", "deciding", "--rounds", "3"]) == code
    assert [checkout == ROOT for checkout in measured] == [False, True] * 3  # in turn
    assert ("nothing became slower" in capsys.readouterr().out) == (code == 0)


def test_the_base_is_checked_out_beside_and_nothing_is_left_behind() -> None:
    with checked_out("HEAD") as place:
        assert (place / "src" / "assignkit" / "__init__.py").exists()
    assert not place.exists()
    listed = subprocess.run(["git", "worktree", "list"], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607
    assert str(place) not in listed


def test_a_benchmark_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        compare.main(["HEAD", "nonsense"])
    assert refused.value.code == 2
    assert "nonsense" in capsys.readouterr().err
