"""Pictures of a comparison as SVG: the same data gives the same bytes. The only user of matplotlib."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assignkit.reporting.comparison import ComparisonData

_COLOURS = ("#1f5fa8", "#d1661d", "#2c8a57", "#8a4fa3", "#a3303f", "#5b6770")  # tell apart without seeing red and green
_DASHES = ("-", "--", "-.", ":")
_SETTINGS: Any = {
    "svg.hashsalt": "assignkit",
    "svg.fonttype": "none",  # text stays text: readable in any script, and searchable
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e6ea",
    "axes.axisbelow": True,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "legend.frameon": False,
}
_WIDTH, _HEIGHT = 6.4, 3.6
_MOST_AGENTS = 24  # that can be told apart in a bar chart on a phone

Draw = Callable[[Axes, ComparisonData], None]


def draw_waits(axes: Axes, data: ComparisonData) -> None:
    """Draw the part of items that waited longer than a time."""
    divisor, unit = _unit(max(points[-1][0] for points in data.waits.values()))
    for policy, colour, dash in _styled(data.policies):
        points = data.waits[policy]
        axes.plot([x / divisor for x, _ in points], [y for _, y in points], dash, color=colour, label=policy, lw=2)
    axes.set_title("Who waits longer than …")
    axes.set_xlabel(unit)
    axes.set_ylim(0, None)
    axes.set_xlim(0, None)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.legend()


def draw_load(axes: Axes, data: ComparisonData) -> None:
    """Draw how many items each agent got under each policy, the most loaded under the first policy first."""
    first = data.counts[data.policies[0]]
    agents = sorted(first, key=lambda agent: (-first[agent], agent))[:_MOST_AGENTS]
    width = 0.8 / len(data.policies)
    for number, (policy, colour, _) in enumerate(_styled(data.policies)):
        places = [place + (number - (len(data.policies) - 1) / 2) * width for place in range(len(agents))]
        heights = [data.counts[policy].get(agent, 0) for agent in agents]
        axes.bar(places, heights, width, color=colour, label=policy)
    more = len(first) - len(agents)
    axes.set_title("Items per agent" + (f" (the first {len(agents)} of {len(first)})" if more else ""))
    _name_agents(axes, agents)
    axes.margins(y=0.28)
    axes.legend(loc="upper center", ncols=3)


def draw_fairness(axes: Axes, data: ComparisonData) -> None:
    """Draw how even the shares were, from the first item to the last."""
    for policy, colour, dash in _styled(data.policies):
        points = data.fairness[policy]
        axes.plot([x for x, _ in points], [y for _, y in points], dash, color=colour, label=policy, lw=2)
    axes.set_title("How even: Jain's index so far")
    axes.set_xlabel("items")
    least = min((y for points in data.fairness.values() for _, y in points), default=0.0)
    axes.set_ylim(max(0.0, least - 0.4 * (1 - least) - 0.01), 1.005)
    axes.legend(loc="lower right")


def draw_gains(axes: Axes, data: ComparisonData) -> None:
    """Draw who gets more and who less than under the first policy."""
    others = data.policies[1:]
    agents = [agent for agent, _ in data.gains(others[-1])][:_MOST_AGENTS] if others else []
    width = 0.8 / max(len(others), 1)
    for number, (policy, colour, _) in enumerate(list(_styled(data.policies))[1:]):
        gains = dict(data.gains(policy))
        places = [place + (number - (len(others) - 1) / 2) * width for place in range(len(agents))]
        axes.bar(places, [gains[agent] for agent in agents], width, color=colour, label=policy)
    axes.axhline(0, color="#39424e", lw=1)
    axes.set_title(f"Who gains and who loses against {data.policies[0]}")
    axes.set_ylabel("items")
    _name_agents(axes, agents)
    if others:
        axes.margins(y=0.28)
        axes.legend(loc="upper center", ncols=3)


_PANELS: tuple[tuple[str, Draw], ...] = (
    ("waits", draw_waits),
    ("load", draw_load),
    ("fairness", draw_fairness),
    ("gains", draw_gains),
)


def pictures(data: ComparisonData) -> dict[str, str]:
    """Return each picture as SVG text, by name."""
    shown = _PANELS if len(data.policies) > 1 else _PANELS[:-1]
    return {name: _single(draw, data) for name, draw in shown}


def poster(data: ComparisonData) -> str:
    """Return all pictures together as one SVG text."""
    with _style():
        figure = Figure(figsize=(2 * _WIDTH, 2 * _HEIGHT), layout="constrained")
        for (_, draw), axes in zip(_PANELS, figure.subplots(2, 2).flat, strict=True):
            draw(axes, data)
        return _svg(figure)


def _single(draw: Draw, data: ComparisonData) -> str:
    with _style():
        figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
        draw(figure.subplots(), data)
        return _svg(figure)


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    with warnings.catch_warnings():
        # The reader's own fonts draw the text: that ours lacks a script only makes its width a guess.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


@contextmanager
def _style() -> Iterator[None]:
    with rc_context(_SETTINGS):
        yield


def _styled(policies: Sequence[str]) -> list[tuple[str, str, str]]:
    return list(zip(policies, cycle(_COLOURS), cycle(_DASHES), strict=False))


def _unit(seconds: float) -> tuple[float, str]:
    """Return the unit in which times up to so many seconds are easy to read."""
    for limit, divisor, unit in ((180, 1, "seconds"), (10_800, 60, "minutes"), (259_200, 3_600, "hours")):
        if seconds < limit:
            return divisor, unit
    return 86_400, "days"


def _name_agents(axes: Axes, agents: Sequence[str]) -> None:
    crowded = len(agents) > 6 or any(len(agent) > 8 for agent in agents)  # noqa: PLR2004 - what fits side by side
    axes.set_xticks(range(len(agents)), agents, rotation=60 if crowded else 0, ha="right" if crowded else "center")
    axes.grid(visible=False, axis="x")
