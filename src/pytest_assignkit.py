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
    from assignkit.diagnostics import Source
    from assignkit.language.syntax import ExampleStatement
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
    """A file of rules: one test for each example, or one that the rules can be used if there is none."""

    def collect(self) -> Iterable[pytest.Item]:
        """Return the tests; rules with errors are one test that fails with them."""
        from assignkit.errors import AssignkitError  # noqa: PLC0415 - only projects with rules load the library
        from assignkit.proving.examples import examples_of  # noqa: PLC0415
        from assignkit.rules.ruleset import RuleSet  # noqa: PLC0415

        schema: Any = self.config.hook.pytest_assignkit_schema(config=self.config, path=self.path)
        try:
            rules = RuleSet.load(_near(self.path), schema=schema)
        except AssignkitError as error:
            yield RulesItem.from_parent(self, name="rules", problem=str(error))
            return
        examples = list(examples_of(rules))
        if not examples:
            yield RulesItem.from_parent(self, name="rules", problem=None)
        for source, example in examples:
            yield ExampleItem.from_parent(self, name=example.name.value, rules=rules, source=source, example=example)


def _near(path: Path) -> Path:
    """Return a path as it is told from where pytest runs."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


class RulesFailedError(Exception):
    """Rules have errors, or an example did not come out as expected; its text says how."""


class RulesItem(pytest.Item):
    """Whether a file of rules can be used."""

    def __init__(self, *, problem: str | None = None, **rest: Any) -> None:  # noqa: ANN401
        super().__init__(**rest)
        self._problem = problem

    def runtest(self) -> None:
        """Raise what is wrong."""
        if self._problem is not None:
            raise RulesFailedError(self._problem)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Return what is wrong, without a traceback."""
        if isinstance(excinfo.value, RulesFailedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the rules stand."""
        return self.path, 0, f"rules of {self.path.name}"


class ExampleItem(RulesItem):
    """One example of a file of rules, or of one that it imports."""

    def __init__(self, *, rules: RuleSet, source: Source, example: ExampleStatement, **rest: Any) -> None:  # noqa: ANN401
        super().__init__(**rest)
        self._rules, self._source, self._example = rules, source, example
        self._line = source.locate(example.span).line

    def runtest(self) -> None:
        """Run the example; raise how it differs from what is expected, and why."""
        from assignkit.proving.examples import run_example  # noqa: PLC0415

        zone, seed = self.config.getini("assignkit_zone"), self.config.getini("assignkit_seed")
        result = run_example(self._rules, self._source, self._example, zone=zone, seed=seed)
        if not result.passed:
            head = f"{self._source.name}:{self._line}: not as expected"
            raise RulesFailedError("\n\n".join([f"{head}\n{result.difference()}", result.explanation()]).rstrip())

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the example stands."""
        return Path(self._source.name), self._line - 1, f'example "{self.name}"'
