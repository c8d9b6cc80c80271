"""A comparison as one HTML page that needs nothing else: no network, no scripts. The only user of jinja2."""

from __future__ import annotations

from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assignkit.messages.text import LanguageCode, say, told
from assignkit.reporting.comparison import ComparisonData
from assignkit.reporting.pictures import pictures

_SHOWN_AGENTS = 10  # at either end of a list of gains and losses


def page(data: ComparisonData, language: LanguageCode = "en") -> str:
    """Return the whole page in `language`; the same data gives the same bytes."""
    shown = {name: Markup(_inline(svg)) for name, svg in pictures(data, language).items()}  # noqa: S704 - drawn by us

    def shown_gains(policy: str) -> list[tuple[str, float]]:
        gains = data.gains(policy)
        return gains if len(gains) <= 2 * _SHOWN_AGENTS else [*gains[:_SHOWN_AGENTS], *gains[-_SHOWN_AGENTS:]]

    template = _environment(language).get_template("comparison.html")
    captions = {name: say(f"report.caption_{name}") for name in shown}
    return template.render(data=data, pictures=shown, captions=captions, shown_gains=shown_gains)


def fragment(data: ComparisonData) -> str:
    """Return what a notebook shows: the headline, the measures and the pictures."""
    table = _environment("en").get_template("measures.html").render(data=data)
    drawn = "".join(f'<div style="max-width:40rem">{_inline(svg)}</div>' for svg in pictures(data).values())
    return f"<p><strong>{Markup.escape(data.headline)}</strong></p>{table}{drawn}"


def _environment(language: LanguageCode) -> Environment:
    """Return where templates are: `_(text)` tells a message, and `say(key, …)` one by its key, in `language`."""
    loader = PackageLoader("assignkit.reporting")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.globals["language"] = language
    made.globals["_"] = partial(told, language=language)
    made.globals["say"] = lambda key, **facts: say(f"report.{key}", **facts).in_language(language)
    return made


def _inline(svg: str) -> str:
    """Return the drawing without what only a file of its own needs."""
    return svg[svg.index("<svg") :].rstrip()
