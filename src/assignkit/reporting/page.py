"""A comparison as one HTML page that needs nothing else: no network, no scripts. The only user of jinja2."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assignkit.reporting.comparison import ComparisonData
from assignkit.reporting.pictures import pictures

_CAPTIONS = {
    "waits": "The part of items that waited longer than each time; lower is better.",
    "load": "Items that each agent served, on average over the replications.",
    "fairness": "Jain's index of the items per agent so far; 1 is even.",
    "gains": "Items per agent, compared with the first policy.",
}
_SHOWN_AGENTS = 10  # at either end of a list of gains and losses


def page(data: ComparisonData) -> str:
    """Return the whole page; the same data gives the same bytes."""
    shown = {name: Markup(_inline(svg)) for name, svg in pictures(data).items()}  # noqa: S704 - drawn by us

    def shown_gains(policy: str) -> list[tuple[str, float]]:
        gains = data.gains(policy)
        return gains if len(gains) <= 2 * _SHOWN_AGENTS else [*gains[:_SHOWN_AGENTS], *gains[-_SHOWN_AGENTS:]]

    template = _environment().get_template("comparison.html")
    return template.render(data=data, pictures=shown, captions=_CAPTIONS, shown_gains=shown_gains)


def fragment(data: ComparisonData) -> str:
    """Return what a notebook shows: the headline, the measures and the pictures."""
    table = _environment().get_template("measures.html").render(data=data)
    drawn = "".join(f'<div style="max-width:40rem">{_inline(svg)}</div>' for svg in pictures(data).values())
    return f"<p><strong>{Markup.escape(data.headline)}</strong></p>{table}{drawn}"


def _environment() -> Environment:
    loader = PackageLoader("assignkit.reporting")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _inline(svg: str) -> str:
    """Return the drawing without what only a file of its own needs."""
    return svg[svg.index("<svg") :].rstrip()
