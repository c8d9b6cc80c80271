"""For pytest: collects `*.rules` files and runs each example in them as a test.

Stands beside the package so that the package is loaded only where there are rules to collect. A project whose rules
need fields of its own says so in its `conftest.py`, by a hook that returns the schema:

    def pytest_assignkit_schema(config, path):
        return Schema(customer=MyCustomer)
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from assignkit.proving.examples import ExampleResult
    from assignkit.rules.ruleset import RuleSet


class Hooks:
    """What a project may say about its rules."""

    @pytest.hookspec(firstresult=True)
    def pytest_assignkit_schema(self, config: pytest.Config, path: Path) -> object:  # noqa: ARG002 - pytest's names
        """Return the `Schema` for the rules at `path`, or None for the built-in fields."""
        return None


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Make the hook known."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the zone and the seed of the desks on which examples run."""
    parser.addini("assignkit_zone", "The time zone in which examples in rules run.", default="UTC")
    parser.addini("assignkit_seed", "The seed with which examples in rules run.", default="")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of rules."""
    if file_path.suffix == ".rules":
        collected: pytest.Collector = RulesFile.from_parent(parent, path=file_path)
        return collected
    return None


class RulesFile(pytest.File):
    """A file of rules: one test that they can be used, and one for each example."""

    def collect(self) -> Iterable[pytest.Item]:
        """Return the tests; rules with errors are one test that fails with them."""
        from assignkit.errors import RuleError  # noqa: PLC0415 - only projects with rules load the library
        from assignkit.proving.examples import run_examples  # noqa: PLC0415
        from assignkit.rules.ruleset import RuleSet  # noqa: PLC0415

        schema: Any = self.config.hook.pytest_assignkit_schema(config=self.config, path=self.path)
        try:
            rules: RuleSet = RuleSet.load(self.path, schema=schema)
        except RuleError as error:
            yield ExampleItem.from_parent(self, name="rules", result=None, problem=str(error))
            return
        zone, seed = self.config.getini("assignkit_zone"), self.config.getini("assignkit_seed")
        for result in run_examples(rules, zone=zone, seed=seed).results:
            yield ExampleItem.from_parent(self, name=result.name, result=result, problem=None)


class ExampleFailedError(Exception):
    """An example did not come out as expected; its text says how."""


class ExampleItem(pytest.Item):
    """One example of a file of rules."""

    def __init__(self, *, result: ExampleResult | None, problem: str | None, **rest: Any) -> None:  # noqa: ANN401
        super().__init__(**rest)
        self._result = result
        self._problem = problem

    def runtest(self) -> None:
        """Raise what went wrong."""
        if self._problem is not None:
            raise ExampleFailedError(self._problem)
        if self._result is not None and not self._result.passed:
            told = f"{self._result.difference()}\n\n{self._result.explanation()}"
            raise ExampleFailedError(told)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Return the difference and the explanation, without a traceback."""
        if isinstance(excinfo.value, ExampleFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the example stands."""
        line = self._result.line - 1 if self._result is not None else None
        return self.path, line, f'example "{self.name}"'
