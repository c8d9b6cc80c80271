"""Diagnostics for machines: JSON, GitHub annotations, and SARIF 2.1.0 for code scanning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from assignkit.diagnostics import Diagnostic, Severity
from assignkit.messages.text import LanguageCode

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_GITHUB_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def to_json(diagnostics: Iterable[Diagnostic], *, language: LanguageCode = "en") -> str:
    """Return a JSON list with one object per finding, as `Diagnostic.to_dict` has it."""
    return json.dumps([each.to_dict(language=language) for each in diagnostics], ensure_ascii=False, indent=2)


def to_github(diagnostics: Iterable[Diagnostic], *, language: LanguageCode = "en") -> str:
    """Return one workflow command per line, which GitHub shows beside the changed lines."""
    return "\n".join(_github_command(found, language) for found in diagnostics)


def _github_command(found: Diagnostic, language: LanguageCode) -> str:
    place = found.location
    facts = {"title": found.code}
    if place:
        facts |= {"file": place.file, "line": str(place.line), "col": str(place.column)}
        facts |= {"endLine": str(place.end_line)}
        if place.end_line == place.line:
            facts |= {"endColumn": str(place.end_column)}
    told = ",".join(f"{name}={_escaped_property(value)}" for name, value in facts.items())
    text = _SEPARATOR[language].join(_sentences(found, language))
    return f"::{_GITHUB_LEVEL[found.severity]} {told}::{_escaped(text)}"


def _sentences(found: Diagnostic, language: LanguageCode) -> list[str]:
    return [found.message_in(language), *([found.help_in(language) or ""] if found.help else [])]


_SEPARATOR: dict[LanguageCode, str] = {"en": "; ", "zh": "；"}


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def to_sarif(diagnostics: Sequence[Diagnostic], *, version: str, language: LanguageCode = "en") -> str:
    """Return a SARIF 2.1.0 log with one run; `version` is that of the tool."""
    codes = sorted({found.code for found in diagnostics})
    driver = {"name": "assignkit", "version": version, "rules": [{"id": code} for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(found, codes.index(found.code), language) for found in diagnostics],
    }
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _result(found: Diagnostic, rule_index: int, language: LanguageCode) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": found.code,
        "ruleIndex": rule_index,
        "level": str(found.severity),
        "message": {"text": "\n".join(_sentences(found, language))},
    }
    place = found.location
    if place:
        region = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
        artifact = {"uri": place.file.replace("\\", "/")}
        result["locations"] = [{"physicalLocation": {"artifactLocation": artifact, "region": region}}]
    return result
