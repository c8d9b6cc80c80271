"""Drawing charts as SVG: the same figures give the same bytes."""

from __future__ import annotations

import io
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

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
_WIDTH, _HEIGHT = 5.9, 3.6
_ACROSS = 2
_LEGEND_ROW = 0.22  # inches
_THOUSAND, _MILLION = 1_000, 1_000_000
_FEW_PLACES = 4
_NARROW = 200  # from the lowest to the highest; then the axis says more than powers of ten


def svg(chart: Chart) -> str:
    """Return the picture as SVG text."""
    across = min(len(chart.panels), _ACROSS)
    down = -(-len(chart.panels) // _ACROSS)
    labels = [[line.label for line in panel.lines if line.label] for panel in chart.panels]
    names = max((set(of_panel) for of_panel in labels), key=len)
    alike = all(names.issuperset(of_panel) for of_panel in labels)
    columns = 3 if alike and across > 1 else 2
    legend = -(-max(map(len, labels)) // columns) * (1 if alike else down)
    with rc_context(_SETTINGS):
        width = _WIDTH * across if across > 1 else _WIDTH * 1.4
        figure = Figure(figsize=(width, _HEIGHT * down + _LEGEND_ROW * legend), layout="constrained")
        places = list(figure.subplots(down, across, squeeze=False).flat)
        for axes, panel in zip(places, chart.panels, strict=False):
            _draw(axes, panel)
            if not alike:
                axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=columns, fontsize="small")
        for spare in places[len(chart.panels) :]:
            spare.remove()
        if alike and any(labels):
            most = max(places[: len(chart.panels)], key=lambda axes: len(axes.get_legend_handles_labels()[1]))
            figure.legend(*most.get_legend_handles_labels(), loc="outside lower center", ncols=columns)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _draw(axes: Axes, panel: Panel) -> None:
    for line in panel.lines:
        axes.plot([x for x, _ in line.points], [y for _, y in line.points], **_look(line))
    axes.set(title=panel.title, xlabel=panel.x, ylabel=panel.y, xscale="log")
    if not panel.plain_y:
        axes.set_yscale("log")
    places = sorted({x for line in panel.lines for x, _ in line.points})
    if len(places) <= _FEW_PLACES:
        axes.set_xticks(places)
    low, high = axes.get_ylim()
    if not panel.plain_y and high < low * _NARROW:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))  # powers of ten would be one or two
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
