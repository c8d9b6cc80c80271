"""The machinery tells mutants that were caught from those that were not, and says so where it cannot tell."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants import __main__ as command
from tests.mutants.mirror import Mirror
from tests.mutants.operators import Sample
from tests.mutants.planting import ROOT, AnchorError, Edit, Mutant

SOURCE = "def larger(a: int, b: int) -> int:\n    return a if a > b else b\n"
TESTS = {
    "tests/test_larger.py": "from assignkit.larger import larger\n\n\ndef test_it():\n    assert larger(1, 2) == 2\n",
    "tests/test_endless.py": "import time\n\n\ndef test_it():\n    time.sleep(60)\n",
}


class Small(Mirror):
    """A copy of a checkout that holds one module."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        files = {"src/assignkit/__init__.py": "", "src/assignkit/larger.py": SOURCE, **TESTS}
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n")
        (folder / "tests/mutants").mkdir()
        for name in ("in_mirror.py", "planting.py"):
            shutil.copy(Path(__file__).with_name(name), folder / "tests/mutants" / name)


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Small]:
    """Where a bug can be planted; it has to be gone in the end."""
    made = Small(tmp_path)
    yield made
    assert (tmp_path / "src/assignkit/larger.py").read_text(encoding="utf-8") == SOURCE


def mutant(find: str, replace: str) -> Mutant:
    return Mutant("one", 1, "a bug", (Edit("larger.py", find, replace),), ("tests/test_larger.py",))


def test_a_mutant_is_caught_by_the_test_that_fails(mirror: Mirror) -> None:
    outcome = command.ask(mutant("a > b", "a < b"), mirror)

    assert (outcome.caught_by, outcome.trouble) == ("tests/test_larger.py::test_it", None)


def test_a_mutant_survives_where_all_tests_pass(mirror: Mirror) -> None:
    outcome = command.ask(mutant("a > b", "a >= b"), mirror)

    assert (outcome.caught_by, outcome.trouble) == (None, None)


def test_what_cannot_be_imported_is_not_caught_but_trouble(mirror: Mirror) -> None:
    outcome = command.ask(mutant("def larger", "def smaller"), mirror)

    assert outcome.caught_by is None
    assert outcome.trouble is not None


def test_what_does_not_end_is_trouble(mirror: Mirror) -> None:
    outcome = mirror.run(["tests/test_endless.py"], seconds=0.2)

    assert outcome.trouble == "not done after 0.2 seconds"


@pytest.mark.parametrize(("find", "replace"), [("a < b", "a > b"), ("a", "b"), ("a > b", "(a) > b")])
def test_an_anchor_that_does_not_fit_is_told(find: str, replace: str) -> None:
    with pytest.raises(AnchorError, match=r"larger\.py"):
        Edit("larger.py", find, replace).applied(SOURCE)


def test_a_mutant_that_waits_is_due_when_its_name_is_there() -> None:
    def waiting(until: str) -> Mutant:
        return Mutant("one", 1, "not there yet", until=until)

    assert not waiting("assignkit.desk.nowhere").is_due()
    assert not waiting("assignkit.desk.desk:Desk.nothing").is_due()
    assert waiting("assignkit.desk.desk").is_due()
    assert waiting("assignkit.desk.desk:Desk.assign").is_due()
    assert command.ask(waiting("assignkit.desk.desk:Desk.assign"), Mirror.__new__(Mirror)).trouble is not None


def test_every_operator_is_changed_alone(tmp_path: Path) -> None:
    module = tmp_path / "src/assignkit/some.py"
    module.parent.mkdir(parents=True)
    module.write_text("def f(a: int = 1 + 1) -> bool:\n    return a < 3 and a in (max(a, b), c - d)\n")

    flips = Sample("some.py", ()).all_flips(tmp_path)

    assert [flip.change for flip in flips] == [
        "a < 3 and a in (max(a, b), c - d) -> a < 3 or a in (max(a, b), c - d)",
        "a < 3 -> a <= 3",
        "a < 3 -> a >= 3",
        "a in (max(a, b), c - d) -> a not in (max(a, b), c - d)",
        "3 -> 4",
        "max(a, b) -> min(a, b)",
        "c - d -> c + d",
    ]
    texts = {text for flip in flips for text in flip.texts.values()}
    assert len(texts) == len(flips)
    assert all(ast.parse(text) for text in texts)


def test_a_name_that_no_mutant_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["nobody"]) == 1
    assert "no mutant nobody" in capsys.readouterr().out


def test_all_of_a_checkout_that_tests_need_is_copied() -> None:
    from tests.mutants.mirror import COPIED  # noqa: PLC0415 - beside what it is about

    assert all((ROOT / name).exists() for name in COPIED)
