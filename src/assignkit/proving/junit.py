"""The outcome of examples as JUnit XML, which build servers show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from assignkit.proving.examples import ExampleResult

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(results: Iterable[ExampleResult]) -> str:
    """Return a JUnit XML report with one test case per example, and one suite per file."""
    files: dict[str, list[ExampleResult]] = {}
    for each in results:
        files.setdefault(each.file, []).append(each)
    suites = "".join(_suite(file, found) for file, found in files.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="assignkit">\n{suites}</testsuites>\n'


def _suite(file: str, results: list[ExampleResult]) -> str:
    failures = sum(not each.passed and each.error is None for each in results)
    errors = sum(each.error is not None for each in results)
    cases = "".join(map(_case, results))
    counts = f'tests="{len(results)}" failures="{failures}" errors="{errors}"'
    return f"  <testsuite name={_attribute(file)} {counts}>\n{cases}  </testsuite>\n"


def _case(result: ExampleResult) -> str:
    place = f'classname={_attribute(result.file)} file={_attribute(result.file)} line="{result.line}"'
    head = f"    <testcase name={_attribute(result.name)} {place}"
    if result.passed:
        return f"{head}/>\n"
    kind = "failure" if result.error is None else "error"
    message = result.error or "not as expected"
    body = _text(f"{result.difference()}\n\n{result.explanation()}")
    return f"{head}>\n      <{kind} message={_attribute(message)}>{body}</{kind}>\n    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_NOT_IN_XML.sub("\ufffd", text))


def _text(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", text))
