"""The file of decisions: inert, stable, and there whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignkit.cli.decisions import decisions_csv, inert, write_decisions
from assignkit.cli.writing import CSV, HTML, JUNIT, SVG, Form, check_destination, replace_file
from assignkit.errors import ConfigurationError
from assignkit.model.decision import Decision


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1", '=HYPERLINK("http://x")', "-", "+1-2"],
)
def test_formulas_are_defused(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Li", "-5", "+86138", "-0.5", "a=b", "13800138000", "c-1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert inert(cell) == cell


@given(st.text())
def test_no_text_is_a_formula_after_that(cell: str) -> None:
    safe = inert(cell).strip()

    try:
        float(safe)
    except ValueError:
        assert not safe.startswith(("=", "+", "-", "@"))


def test_rows_stand_in_the_order_of_the_items_with_where_they_are() -> None:
    decisions = [
        Decision(item_id="b", outcome="assigned", agent_id="li", rule='Say "hi"'),
        Decision(item_id="a", outcome="pooled", pool="East", rule="Else"),
        Decision(item_id="c", outcome="waiting", queue='rule "X"', rule="X", reasons=("capacity", "limit")),
        Decision(item_id="d", outcome="rejected", rule="No", reasons=("not a lead, sorry",)),
        Decision(item_id="e", outcome="unmatched", reasons=("no_rule",)),
    ]

    assert decisions_csv(decisions) == (
        "item_id,outcome,agent_id,rule,reason\n"
        'b,assigned,li,"Say ""hi""",\n'
        'a,pooled,,Else,"pool ""East"""\n'
        'c,waiting,,X,"rule ""X""; capacity; limit"\n'
        'd,rejected,,No,"not a lead, sorry"\n'
        "e,unmatched,,,no_rule\n"
    )


def test_an_explanation_can_stand_in_a_column_of_its_own() -> None:
    text = decisions_csv([Decision(item_id="b", outcome="assigned", agent_id="li")], explain=True)

    header, row = csv.reader(io.StringIO(text))
    assert header[-1] == "explanation"
    assert "b was assigned to li" in row[-1]


def test_an_existing_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")
    out.chmod(0o640)

    replace_file(out, b"new")

    assert out.read_bytes() == b"new"
    assert stat.S_IMODE(out.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    usual, out = tmp_path / "usual", tmp_path / "out.csv"
    usual.touch()

    replace_file(out, b"new")

    assert out.stat().st_mode == usual.stat().st_mode


def test_a_link_goes_on_pointing_where_it_did(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("old")
    link.symlink_to(target)

    replace_file(link, b"new")

    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError])
def test_what_fails_on_the_way_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(failure):
        write_decisions(str(out), [Decision(item_id="b", outcome="unmatched")])

    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_device_is_written_to_and_not_replaced() -> None:
    replace_file(Path(os.devnull), b"gone")


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        replace_file(tmp_path / "none" / "out.csv", b"new")
    assert raised.value.filename == str(tmp_path / "none" / "out.csv")

    assert not Path(os.devnull).is_file()


def test_an_impossible_destination_is_refused_before_any_work(tmp_path: Path) -> None:
    rules = tmp_path / "sales.rules"
    rules.touch()

    with pytest.raises(ConfigurationError, match="is a directory: name a file in it"):
        check_destination(str(tmp_path), [])
    with pytest.raises(ConfigurationError, match="there is no directory"):
        check_destination(str(tmp_path / "no" / "out.csv"), [])
    with pytest.raises(ConfigurationError, match="is also read"):
        check_destination(str(tmp_path / "." / "sales.rules"), [str(rules), None, "-"])
    check_destination("-", [str(rules)])
    check_destination(str(tmp_path / "out.csv"), [str(rules), "-", None])
    with pytest.raises(ConfigurationError, match="--html is blank: name a file"):
        check_destination(" ", [], form=HTML, option="--html")
    with pytest.raises(ConfigurationError, match="is a directory: name a file in it"):
        check_destination(f"{tmp_path / 'new.csv'}/", [])
    with pytest.raises(ConfigurationError, match="written for another option"):
        check_destination(str(tmp_path / "new"), [str(tmp_path / "." / "new")])
    with pytest.raises(ConfigurationError, match="name a file"):
        check_destination("-", [], stdout_is_free=False)


@pytest.mark.parametrize(
    ("name", "form", "instead"),
    [
        ("out.xlsx", CSV, "out.csv"),
        ("out.JSON", CSV, "out.csv"),
        ("out.csv", HTML, "out.html"),
        ("out.png", SVG, "out.svg"),
        ("out.json", JUNIT, "out.xml"),
    ],
)
def test_nothing_is_written_under_a_name_that_promises_something_else(
    tmp_path: Path, name: str, form: Form, instead: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"would hold {form.name}, .*{instead}$"):
        check_destination(str(tmp_path / name), [], form=form)
    for other in (instead, "out", "out.txt", "v1.2", "out.PART"):
        check_destination(str(tmp_path / other), [], form=form)


def test_what_is_read_only_stays_as_it_is(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")
    out.chmod(0o444)
    with pytest.raises(ConfigurationError, match="is read-only, and stays as it is"):
        check_destination(str(out), [])
    with pytest.raises(PermissionError, match=re.escape(str(out))):
        replace_file(out, b"new")
    assert out.read_text() == "old"


def test_a_name_may_be_as_long_as_the_disk_allows(tmp_path: Path) -> None:
    out = tmp_path / f"{'公' * 80}.csv"
    replace_file(out, b"new")
    assert out.read_bytes() == b"new"


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="there is no memory among the devices here")  # noqa: S108
def test_a_file_among_the_devices_is_replaced_as_any_other() -> None:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        out = Path(folder) / "out.csv"
        replace_file(out, b"old")
        replace_file(out, b"new")
        assert out.read_bytes() == b"new"


def test_a_stream_that_was_given_open_is_written_to(tmp_path: Path) -> None:
    """As `--out /dev/stdout >> log`, or `--out >(sort)`, which have no name of their own to be replaced."""
    log = tmp_path / "log"
    log.write_text("before\n")
    reading, writing = os.pipe()
    try:
        with log.open("ab") as appended:
            replace_file(Path(f"/dev/fd/{appended.fileno()}"), b"after\n")
        replace_file(Path(f"/dev/fd/{writing}"), b"piped")
        assert os.read(reading, 10) == b"piped"
    finally:
        os.close(reading)
        os.close(writing)
    assert log.read_text() == "before\nafter\n"
