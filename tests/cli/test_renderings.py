"""Findings as machines read them."""

from __future__ import annotations

import json

from assignkit.diagnostics import Diagnostic, Severity, Source, Span
from assignkit.renderings import to_github, to_json, to_sarif

SOURCE = Source("rules/sales.rules", 'rule "A"\n  whem 50% x')
LOCATED = SOURCE.diagnostic("AK101", "unexpected word, 100%", Span(11, 15), help="did you mean `when`?")
GENERAL = Diagnostic("AK601", Severity.WARNING, "two\nlines")


def test_json_is_a_list_of_findings() -> None:
    assert json.loads(to_json([LOCATED, GENERAL])) == [LOCATED.to_dict(), GENERAL.to_dict()]
    assert json.loads(to_json([])) == []


def test_github_commands_escape_what_would_end_them() -> None:
    first, second = to_github([LOCATED, GENERAL]).splitlines()

    assert first == (
        "::error title=AK101,file=rules/sales.rules,line=2,col=3,endLine=2,endColumn=7"
        "::unexpected word, 100%25; did you mean `when`?"
    )
    assert second == "::warning title=AK601::two%0Alines"


def test_sarif_has_what_the_standard_asks_for() -> None:
    log = json.loads(to_sarif([LOCATED, GENERAL, LOCATED], version="1.2.3"))

    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("assignkit", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["AK101", "AK601"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in {"error", "warning", "note"}
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "rules/sales.rules"
    assert place["region"] == {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 7}
    assert "locations" not in run["results"][1]


def test_sarif_of_nothing_is_a_clean_run() -> None:
    assert json.loads(to_sarif([], version="1"))["runs"][0]["results"] == []
