"""Drawing charts as SVG: the same figures give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.charts import Chart, Line, Panel

_COLOURS = (  # tell apart without seeing red and green
    "#1f5fa8",
    "#d1661d",
    "#2c8a57",
    "#8a4fa3",
    "#a3303f",
    "#5b6770",
    "#b8860b",
    "#17899c",
    "#c2579b",
    "#6b8e23",
    "#7a5230",
    "#3d3d8f",
    "#8c8c8c",
)
_DASHES = ("-", "--")
_MARKS = "os^Dv*Pp"
_SETTINGS: Any = {
    "svg.hashsalt": "assignkit",
    "svg.fonttype": "none",  # text stays text
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e6ea",
    "axes.axisbelow": True,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "legend.frameon": False,
}
_WIDTH, _HEIGHT = 5.2, 3.5
_ACROSS = 2
_LEGEND_ROW = 0.22  # inches
_THOUSAND, _MILLION = 1_000, 1_000_000
_FEW_PLACES = 4


def svg(chart: Chart) -> str:
    """Return the picture as SVG text."""
    across = min(len(chart.panels), _ACROSS)
    down = -(-len(chart.panels) // _ACROSS)
    labelled = _labelled(chart.panels)
    columns = 3 if across > 1 else 2
    legend = _LEGEND_ROW * -(-len(labelled) // columns)
    with rc_context(_SETTINGS):
        width = _WIDTH * across if across > 1 else _WIDTH * 1.4
        figure = Figure(figsize=(width, _HEIGHT * down + legend), layout="constrained")
        for axes, panel in zip(figure.subplots(down, across, squeeze=False).flat, chart.panels, strict=False):
            _draw(axes, panel)
        if labelled:
            handles, labels = figure.axes[labelled[0][0]].get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=columns)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _labelled(panels: Sequence[Panel]) -> list[tuple[int, str]]:
    """Return the labels of the panel that has most, each with the number of that panel."""
    most = max(range(len(panels)), key=lambda number: sum(bool(line.label) for line in panels[number].lines))
    return [(most, line.label) for line in panels[most].lines if line.label]


def _draw(axes: Axes, panel: Panel) -> None:
    for line in panel.lines:
        axes.plot([x for x, _ in line.points], [y for _, y in line.points], **_look(line))
    axes.set(title=panel.title, xlabel=panel.x, ylabel=panel.y, xscale="log")
    if not panel.plain_y:
        axes.set_yscale("log")
    places = sorted({x for line in panel.lines for x, _ in line.points})
    if len(places) <= _FEW_PLACES:
        axes.set_xticks(places)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(_number))
        axis.set_minor_formatter(NullFormatter())


def _look(line: Line) -> dict[str, Any]:
    return {
        "color": _COLOURS[line.hue % len(_COLOURS)],
        "linestyle": _DASHES[line.dash % len(_DASHES)],
        "marker": _MARKS[line.hue % len(_MARKS)],
        "markersize": 4,
        "linewidth": 1.8,
        "label": line.label or None,
    }


def _number(value: float, _: object) -> str:
    if value >= _MILLION:
        return f"{value / _MILLION:g} m"
    return f"{value:,.0f}" if value >= _THOUSAND else f"{value:g}"
