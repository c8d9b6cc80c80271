"""`compare`: paired differences, the table, the pictures and the page."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from html import escape
from pathlib import Path

import pytest

from assignkit.errors import ConfigurationError
from assignkit.model.agent import Agent
from assignkit.rules.ruleset import RuleSet
from assignkit.simulation import Comparison, ItemClass, Workload, compare

AGENTS = [Agent(id=name) for name in ("李 娜", "wang", "<b>ma</b>")]
POLICIES = {"random": "random", "least loaded": "least loaded"}


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(POLICIES, AGENTS, Workload.poisson(2.4, 1, arrivals=1_500), seed=5, replications=5)


def test_differences_are_paired_and_told(comparison: Comparison) -> None:
    difference = comparison.difference("least loaded", "random")
    alone = comparison.interval("random", "mean_wait")
    assert difference.high < 0
    assert difference.half_width < alone.half_width * 1.5
    assert comparison.data.measure("mean_wait").verdict("least loaded") == "better"
    assert comparison.data.measure("mean_wait").verdict("random") == ""
    assert comparison.data.headline.startswith("“least loaded” has the shortest waits")


def test_the_same_policy_twice_shows_no_difference() -> None:
    twins = compare({"one": "random", "other": "random"}, AGENTS, Workload.poisson(2, 1, arrivals=200), seed=1)
    assert all(row["verdict"] in ("", "same") for row in twins.to_rows())
    assert twins.data.headline.startswith("Waits are the same under all policies: ")


def test_the_best_may_be_the_first() -> None:
    policies = dict(reversed(POLICIES.items()))
    found = compare(policies, AGENTS, Workload.poisson(2.4, 1, arrivals=800), seed=5, replications=4)
    assert "no other does as well" in found.data.headline
    assert found.data.measure("jain").better == "high"


def test_the_table_has_a_line_per_measure(comparison: Comparison) -> None:
    lines = comparison.table().splitlines()
    assert lines[0].split() == ["random", "least", "loaded"]
    assert [line for line in lines if line.startswith("mean wait")][0].endswith("*")  # noqa: RUF015 - all is shown
    assert not any(line.startswith(("served", "gave up", "skill")) for line in lines)  # nothing to tell
    assert str(comparison).startswith(comparison.data.headline)


def test_what_matters_only_at_times_is_shown_at_times() -> None:
    workload = Workload.poisson(4, 1, arrivals=300, mean_patience=1, classes=[ItemClass(skill="zh")])
    agents = [Agent(id="a", skills={"zh": 1}), Agent(id="b", skills={"zh": 5})]
    found = compare({"match": "skill match", "load": "least loaded"}, agents, workload, seed=1, replications=2)
    assert {"served", "abandonment", "match_quality"} <= {measure.name for measure in found.data.measures}


def test_a_workload_on_record_is_run_once() -> None:
    rules = RuleSet.from_text('rule "all" assign to agents where agent.active = true by round robin')
    rows = [(second, 2.5) for second in range(20)]
    found = compare({"rules": rules, "order": "least loaded"}, AGENTS, Workload.from_rows(rows), seed=1)
    assert found.data.measure("mean_wait").differences["order"].mean <= 0
    assert found.data.measure("mean_wait").verdict("order") == ""
    assert "One run says nothing of chance" in found.data.headline
    assert "beyond chance" not in found.table() + found.to_html()
    assert found.data.about["items"] == "20"


def test_whoever_waits_less_because_others_are_turned_away_is_not_praised_for_it() -> None:
    few = RuleSet.from_text(
        'rule "some" when customer.score > 8 assign to agents where agent.active = true\nrule "no" reject "x"'
    )
    rows = [(second / 10, 2.5, {"score": second % 10}) for second in range(200)]
    found = compare({"few": few, "all": "round robin"}, AGENTS, Workload.from_rows(rows), seed=1)
    assert found.data.headline.startswith("On this record “few” has the shortest waits")
    assert "But “few” serves 10.0%, “all” 100.0%: " in found.data.headline
    assert "但“few”只处理了 10.0%" in found.data.told_headline.in_language("zh")


def test_nobody_served_is_said() -> None:
    rules = RuleSet.from_text('rule "all" reject "closed"')
    found = compare({"closed": rules}, AGENTS, Workload.from_rows([(0, 1)]), seed=1)
    assert found.data.headline == "Nobody was served under any policy."
    assert "–" in found.table()
    found.to_html()


def test_pictures_are_drawings_with_the_same_bytes_each_time(comparison: Comparison, tmp_path: Path) -> None:
    svg = comparison.plot(tmp_path / "all.svg")
    assert svg == comparison.plot() == (tmp_path / "all.svg").read_text(encoding="utf-8")
    assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314 - drawn by us
    assert "李 娜" in svg
    assert not re.search(r"20\d\d-\d\d-\d\d", svg)


def test_the_page_needs_nothing_else_and_escapes_what_it_shows(comparison: Comparison, tmp_path: Path) -> None:
    page = comparison.to_html(tmp_path / "report.html")
    assert page == comparison.to_html()
    assert page.count("<svg") == 4
    assert "&lt;b&gt;ma&lt;/b&gt;" in page
    assert "<b>ma</b>" not in page
    assert 'name="viewport"' in page
    assert comparison.data.headline in page
    assert not re.findall(r"""(?:src|href)=["']https?:|<script|<link|@import|url\(["']?http""", page)


def test_the_page_and_the_pictures_speak_chinese_to_their_last_word(comparison: Comparison, tmp_path: Path) -> None:
    page = comparison.to_html(tmp_path / "report.html", language="zh")
    shown = re.sub(r"<style.*?</style>|<metadata.*?</metadata>|<[^>]*>", " ", page, flags=re.DOTALL)
    names = {*comparison.data.policies, *comparison.data.counts[comparison.data.policies[0]]}
    for name in sorted(map(str, names), key=len, reverse=True):
        shown = shown.replace(escape(name), " ")
    assert '<html lang="zh">' in page
    assert "方案对比" in shown
    assert set(re.findall(r"[A-Za-z]{2,}", shown)) <= {"Jain", "min", "nbsp"}
    assert "有多均等" in comparison.plot(language="zh")


def test_a_notebook_shows_the_measures_and_the_pictures(comparison: Comparison) -> None:
    shown = comparison._repr_html_()
    assert "<table>" in shown
    assert shown.count("<svg") == 4


def test_without_the_extra_it_says_what_to_install() -> None:
    code = """
import sys
sys.modules["matplotlib"] = sys.modules["jinja2"] = None
from assignkit.errors import MissingExtraError
from assignkit.simulation import Workload, compare
found = compare({"a": "random", "b": "random"}, 2, Workload.poisson(1, 1, arrivals=20), seed=1, replications=2)
assert found._repr_html_().startswith("<pre>")
for show in (found.to_html, found.plot):
    try:
        show()
    except MissingExtraError as error:
        assert error.extra == "report"
    else:
        raise SystemExit("nothing was said")
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0


def test_progress_counts_runs() -> None:
    told: list[tuple[int, int]] = []
    compare(
        POLICIES,
        2,
        Workload.poisson(1, 1, arrivals=10),
        seed=1,
        replications=3,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(number, 6) for number in range(1, 7)]


def test_nothing_to_compare_is_refused() -> None:
    for policies, replications in (({}, 3), (POLICIES, 0)):
        with pytest.raises(ConfigurationError):
            compare(policies, 2, Workload.poisson(1, 1), seed=1, replications=replications)
