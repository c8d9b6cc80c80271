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

from assignkit.messages.text import LanguageCode, say
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
_UPRIGHT = 8  # agents whose bars stand side by side
_ROW = 0.24  # inches for an agent whose bars lie

Draw = Callable[[Axes, ComparisonData, LanguageCode], None]


def draw_waits(axes: Axes, data: ComparisonData, language: LanguageCode) -> None:
    """Draw the part of items that waited longer than a time."""
    divisor, unit = _unit(max(points[-1][0] for points in data.waits.values()))
    for policy, colour, dash in _styled(data.policies):
        points = data.waits[policy]
        axes.plot([x / divisor for x, _ in points], [y for _, y in points], dash, color=colour, label=policy, lw=2)
    axes.set_title(say("report.picture_waits").in_language(language))
    axes.set_xlabel(say(f"report.{unit}").in_language(language))
    axes.set_ylim(0, None)
    axes.set_xlim(0, None)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.legend()


def draw_load(axes: Axes, data: ComparisonData, language: LanguageCode) -> None:
    """Draw how many items each agent got under each policy, the most loaded under the first policy first."""
    first = data.counts[data.policies[0]]
    agents = sorted(first, key=lambda agent: (-first[agent], agent))[:_MOST_AGENTS]
    more = len(first) - len(agents)
    title = say("report.picture_load_first" if more else "report.picture_load", shown=len(agents), agents=len(first))
    axes.set_title(title.in_language(language))
    series = [(p, colour, [data.counts[p].get(a, 0) for a in agents]) for p, colour, _ in _styled(data.policies)]
    _bars(axes, agents, series)


def draw_fairness(axes: Axes, data: ComparisonData, language: LanguageCode) -> None:
    """Draw how even the shares were, from the first item to the last."""
    for policy, colour, dash in _styled(data.policies):
        points = data.fairness[policy]
        axes.plot([x for x, _ in points], [y for _, y in points], dash, color=colour, label=policy, lw=2)
    axes.set_title(say("report.picture_fairness").in_language(language))
    axes.set_xlabel(say("report.items").in_language(language))
    least = min((y for points in data.fairness.values() for _, y in points), default=0.0)
    axes.set_ylim(max(0.0, least - 0.4 * (1 - least) - 0.01), 1.005)
    axes.legend(loc="lower right")


def draw_gains(axes: Axes, data: ComparisonData, language: LanguageCode) -> None:
    """Draw who gets more and who less than under the first policy."""
    others = _styled(data.policies)[1:]
    ranked = [agent for agent, _ in data.gains(others[-1][0])] if others else []
    half = _MOST_AGENTS // 2
    agents = ranked if len(ranked) <= _MOST_AGENTS else [*ranked[:half], *ranked[-half:]]
    axes.set_title(say("report.picture_gains", first=data.policies[0]).in_language(language))
    gains = {policy: dict(data.gains(policy)) for policy, _, _ in others}
    _bars(axes, agents, [(policy, colour, [gains[policy][a] for a in agents]) for policy, colour, _ in others])


_PANELS: tuple[tuple[str, Draw], ...] = (
    ("waits", draw_waits),
    ("fairness", draw_fairness),
    ("load", draw_load),
    ("gains", draw_gains),
)


def pictures(data: ComparisonData, language: LanguageCode = "en") -> dict[str, str]:
    """Return each picture as SVG text, by name."""
    shown = _PANELS if len(data.policies) > 1 else _PANELS[:-1]
    return {name: _single(draw, data, language) for name, draw in shown}


def poster(data: ComparisonData, language: LanguageCode = "en") -> str:
    """Return all pictures together as one SVG text."""
    with _style():
        figure = Figure(figsize=(2 * _WIDTH, _HEIGHT + _tall(data)), layout="constrained")
        for (_, draw), axes in zip(
            _PANELS, figure.subplots(2, 2, height_ratios=(_HEIGHT, _tall(data))).flat, strict=True
        ):
            draw(axes, data, language)
        return _svg(figure)


def _single(draw: Draw, data: ComparisonData, language: LanguageCode) -> str:
    with _style():
        height = _tall(data) if draw in (draw_load, draw_gains) else _HEIGHT
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        draw(figure.subplots(), data, language)
        return _svg(figure)


def _tall(data: ComparisonData) -> float:
    """Return the height of a picture with a row or a column for each agent."""
    agents = min(len(data.counts[data.policies[0]]), _MOST_AGENTS)
    return _HEIGHT if agents <= _UPRIGHT else max(_HEIGHT, 1.5 + agents * _ROW)


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


def _bars(axes: Axes, agents: Sequence[str], series: Sequence[tuple[str, str, Sequence[float]]]) -> None:
    """Draw a group of bars for each agent: side by side for few, else lying below each other, so that names fit."""
    lying = len(agents) > _UPRIGHT
    width = 0.8 / max(len(series), 1)
    for number, (policy, colour, values) in enumerate(series):
        offset = (number - (len(series) - 1) / 2) * width
        places = [place + offset for place in range(len(agents))]
        if lying:
            axes.barh(places, values, width, color=colour, label=policy)
        else:
            axes.bar(places, values, width, color=colour, label=policy)
    _name_agents(axes, agents, lying=lying)
    if series:
        axes.margins(x=0.06 if lying else 0.02, y=0.14 if lying else 0.28)
        axes.legend(loc="upper center", ncols=3)


def _name_agents(axes: Axes, agents: Sequence[str], *, lying: bool) -> None:
    if lying:
        axes.axvline(0, color="#39424e", lw=1)
        axes.set_yticks(range(len(agents)), agents)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        return
    axes.axhline(0, color="#39424e", lw=1)
    long = any(len(agent) > 8 for agent in agents)  # noqa: PLR2004 - what fits side by side
    axes.set_xticks(range(len(agents)), agents, rotation=60 if long else 0, ha="right" if long else "center")
    axes.grid(visible=False, axis="x")
