"""Pictures of benchmarks: which they are, and that the same figures give the same bytes."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.charts import charts_of
from benchmarks.drawing import svg
from benchmarks.report import Report

ENGINES = Report(
    name="matching",
    about="Two engines.",
    columns=["rules", "engine", "records per second"],
    rows=[[10, "ours", 1000], [100, "ours", 900], [10, "theirs", 500], [100, "theirs", 50]],
    target="none",
)


def test_each_engine_has_a_line_through_its_figures() -> None:
    (chart,) = charts_of(ENGINES.data())
    (panel,) = chart.panels
    assert {line.label: line.points for line in panel.lines} == {
        "ours": [(10, 1000), (100, 900)],
        "theirs": [(10, 500), (100, 50)],
    }


def test_a_cell_without_a_figure_is_no_point() -> None:
    report = Report(
        name="choosing",
        about="",
        columns=["order", "agents", "µs per choice"],
        rows=[["a", 1, "–"], ["a", 2, 3.0]],
        target="",
    )
    assert charts_of(report.data())[0].panels[0].lines[0].points == [(2, 3.0)]


def test_the_same_figures_give_the_same_bytes_without_a_date() -> None:
    (chart,) = charts_of(ENGINES.data())
    once, again = svg(chart), svg(chart)
    assert once == again
    assert "<dc:date>" not in once
    ET.fromstring(once)  # noqa: S314 - our own


def test_the_page_shows_the_pictures_that_are_written_beside_it(tmp_path: Path) -> None:
    ENGINES.write(tmp_path)
    assert (tmp_path / "matching.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert "](matching.svg)" in (tmp_path / "matching.md").read_text(encoding="utf-8")


def test_a_report_that_is_read_again_gives_the_same_page_with_the_circumstances_of_then(tmp_path: Path) -> None:
    ENGINES.write(tmp_path / "once")
    Report.read(tmp_path / "once" / "matching.json").write(tmp_path / "again")
    for written in (tmp_path / "once").iterdir():
        assert (tmp_path / "again" / written.name).read_bytes() == written.read_bytes()


def test_panels_with_other_lines_have_legends_of_their_own() -> None:
    report = replace(ENGINES, rows=[*ENGINES.rows, [10, "if chain by hand", 2000]])
    (chart,) = charts_of(report.data())
    assert [[line.label for line in panel.lines] for panel in chart.panels] == [
        ["ours", "theirs"],
        ["if chain by hand"],
    ]
    assert all(f">{label}<" in svg(chart) for label in ("ours", "theirs", "if chain by hand"))


@pytest.mark.parametrize("page", sorted(Path("docs/benchmarks").glob("*.json")), ids=lambda path: path.stem)
def test_every_published_report_has_its_pictures(page: Path) -> None:
    written = page.with_suffix(".md").read_text(encoding="utf-8")
    for chart in charts_of(json.loads(page.read_text(encoding="utf-8"))):
        assert f"![{chart.alt}]({chart.name}.svg)" in written
        assert (page.parent / f"{chart.name}.svg").exists()
