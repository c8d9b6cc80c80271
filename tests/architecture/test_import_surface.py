"""What `import assignkit` brings into a process, and what it offers there."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import assignkit

CORE = {"assignkit", "lark", "pydantic", "sortedcontainers"}
BROUGHT_BY_PYDANTIC = {"annotated_types", "pydantic_core", "typing_extensions", "typing_inspection"}

# lark loads interegular if it happens to be there, as it is for development: hidden, to see what a user sees
NEWLY_LOADED = """
import json, sys
sys.modules["interegular"] = None
before = set(sys.modules)
import assignkit
{afterwards}
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""

WITHOUT_EXTRA = """
import sys
sys.modules["typer"] = sys.modules["rich"] = None
from assignkit.cli.main import main
sys.argv = ["assignkit", "demo"]
main()
"""


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)


def rank_of_kind(name: str) -> int:
    """Constants, then classes, then functions: the order that ruff keeps `__all__` in."""
    if name.isupper() and len(name) > 1:
        return 0
    return 1 if name[0].isupper() else 2


def foreign_after(afterwards: str) -> set[str]:
    """Return which packages of others a process loads with the library, and what it does then."""
    run = run_python(NEWLY_LOADED.format(afterwards=afterwards))
    assert run.returncode == 0, run.stderr
    # the standard library's list of its own names leaves this one out: it ends in the platform
    loaded = {name for name in json.loads(run.stdout) if not name.startswith("_sysconfigdata_")}
    return loaded - sys.stdlib_module_names


def test_importing_the_library_loads_its_core_without_the_language_of_rules() -> None:
    foreign = foreign_after("assert 'assignkit.language.syntax' not in sys.modules")

    assert foreign - BROUGHT_BY_PYDANTIC == CORE - {"lark"}


def test_the_first_text_loads_the_language_and_nothing_else() -> None:
    foreign = foreign_after("""assignkit.RuleSet.from_text('rule "R" reject "no"')""")

    assert foreign - BROUGHT_BY_PYDANTIC == CORE


def test_what_is_loaded_later_is_told_beforehand() -> None:
    run = run_python("import assignkit; print(set(assignkit.__all__) <= set(dir(assignkit)), assignkit.check)")

    assert run.stdout.startswith("True <function check"), run.stderr


def test_a_name_that_is_not_there_is_told_as_any_module_does() -> None:
    with pytest.raises(AttributeError, match="module 'assignkit' has no attribute 'chek'"):
        _ = assignkit.chek  # type: ignore[attr-defined]


def test_every_exported_name_can_be_had() -> None:
    absent = [name for name in assignkit.__all__ if not hasattr(assignkit, name)]

    assert absent == []


def test_exported_names_are_sorted_and_each_stands_once() -> None:
    names = list(assignkit.__all__)

    assert names == sorted(set(names), key=lambda name: (rank_of_kind(name), name))


def test_exported_names_are_documented() -> None:
    exported = [getattr(assignkit, name) for name in assignkit.__all__]
    bare = [item.__name__ for item in exported if callable(item) and not item.__doc__]

    assert bare == []


def test_command_line_without_its_extra_says_what_to_install() -> None:
    run = run_python(WITHOUT_EXTRA)

    assert run.returncode == 2, run.stderr
    assert 'pip install "assignkit[cli]"' in run.stderr
    assert "Traceback" not in run.stderr
