"""The notebooks in examples/ run from the first cell to the last, and hold no output that could be out of date."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.docs.reading import ROOT

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def run(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Run the code cells in one namespace; `shown` gets the value that each one shows at its end."""
    namespace: dict[str, Any] = {"__name__": "notebook", "shown": []}
    for cell in cells:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, cell["id"], "exec"), namespace)  # noqa: S102 - our own example
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), cell["id"], "eval"), namespace)  # noqa: S307
                namespace["shown"].append(value)
    return namespace


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["compare"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_output(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in notebook["cells"])
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


def test_the_comparison_runs_and_shows_itself() -> None:
    notebook = json.loads((ROOT / "examples" / "compare.ipynb").read_text(encoding="utf-8"))
    comparison, difference, detail, waits, ruled = run(notebook["cells"])["shown"]
    html = comparison._repr_html_()
    assert html.count("<svg") == 4
    assert "skill match" in html
    assert difference.low <= difference.mean <= difference.high
    assert "mean wait" in repr(detail)
    assert waits["zh, urgent"] < waits["zh, plain"]
    assert ruled.rules == {"Tickets": 150}
