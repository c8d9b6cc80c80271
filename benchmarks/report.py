"""What a benchmark found: a table with its circumstances, as JSON and as Markdown, with pictures."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.charts import charts_of
from benchmarks.drawing import svg

Cell = str | int | float


@dataclass(frozen=True, kw_only=True)
class Report:
    """One benchmark's result: `rows` under `columns`, what was promised, and what the figures depend on.

    `packages` names the distributions whose versions matter.
    """

    name: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    target: str
    findings: Sequence[str] = ()
    seed: int | None = None
    packages: Sequence[str] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    measured: Mapping[str, str] = field(default_factory=dict)  # the circumstances, where they are not those of now

    @classmethod
    def read(cls, path: Path) -> Report:
        """Return the report that was written as JSON, with the circumstances of then."""
        data = json.loads(path.read_text(encoding="utf-8"))
        rows, measured = data.pop("rows"), data.pop("circumstances")
        told = {name: data.pop(name) for name in ("name", "about", "target", "findings")}
        columns = list(rows[0])
        return cls(**told, columns=columns, rows=[list(row.values()) for row in rows], details=data, measured=measured)

    def circumstances(self) -> Mapping[str, str]:
        """Return the machine and how busy it was, the versions, the seed, and how to repeat the measurement."""
        return self.measured or {
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
            "load": f"{os.getloadavg()[2]:.1f} processes wanted to run, on average in the last quarter of an hour",
            "python": f"{platform.python_implementation()} {platform.python_version()}",
            "packages": ", ".join(f"{name} {version(name)}" for name in ("assignkit", *self.packages)),
            "seed": "none" if self.seed is None else str(self.seed),
            "repeat": f"make bench ARGS={self.name}",
        }

    def to_json(self) -> str:
        """Return everything as JSON text, one row an object."""
        return json.dumps(self.data(), indent=2, ensure_ascii=False) + "\n"

    def data(self) -> dict[str, Any]:
        """Return everything, one row a mapping by column."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {
            "name": self.name,
            "about": self.about,
            "target": self.target,
            "findings": list(self.findings),
            "circumstances": dict(self.circumstances()),
            "rows": rows,
            **self.details,
        }

    def to_markdown(self) -> str:
        """Return a page: what was measured, the table, the findings, the circumstances."""
        lines = ["---", "orphan: true", "---", ""]  # Sphinx builds the page, whether or not another one lists it
        lines += [f"# {self.name.replace('_', ' ').capitalize()}", "", self.about, "", f"**Target:** {self.target}", ""]
        lines += [line for chart in charts_of(self.data()) for line in (f"![{chart.alt}]({chart.name}.svg)", "")]
        lines += [f"| {' | '.join(self.columns)} |", f"|{'---|' * len(self.columns)}"]
        lines += [f"| {' | '.join(_shown(cell) for cell in row)} |" for row in self.rows]
        lines += ["", *(f"- {finding}" for finding in self.findings)]
        lines += ["", *(f"- {key}: {value}" for key, value in self.circumstances().items())]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """Write `NAME.json` and `NAME.md` into the folder, and its pictures beside them."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.json").write_text(self.to_json(), encoding="utf-8")
        (folder / f"{self.name}.md").write_text(self.to_markdown(), encoding="utf-8")
        for chart in charts_of(self.data()):
            (folder / f"{chart.name}.svg").write_text(svg(chart), encoding="utf-8")


def _shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
