"""The plain data of a comparison of policies, and what a person reads in it first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from assignkit.diagnostics import columns
from assignkit.messages.text import LanguageCode, Text, say, told
from assignkit.reporting.intervals import Interval

Better = Literal["low", "high"] | None
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One line of the comparison: a mean with its interval per policy.

    `differences` are paired, from the first policy, which has none. `style` says how numbers are written.
    """

    name: str
    label: str
    style: Literal["seconds", "part", "index", "number"]
    better: Better
    values: Mapping[str, Interval]
    differences: Mapping[str, Interval]

    def spell(self, value: float) -> str:
        """Return a number as people read it."""
        if math.isnan(value):
            return "–"
        if self.style == "seconds":
            return spell_seconds(value)
        if self.style == "part":
            return f"{value:.1%}"
        return f"{value:.3f}" if self.style == "index" else f"{value:,.1f}"

    def spell_change(self, value: float) -> str:
        """Return a difference as people read it: of parts, in percentage points."""
        return say("report.points", points=value * 100) if self.style == "part" else self.spell(value)

    def half_width(self, policy: str) -> str:
        """Return half the width of a policy's interval, or nothing where it cannot be told or is too small to show."""
        half = self.values[policy].half_width
        return "" if math.isnan(half) or self.spell(half) == self.spell(0) else self.spell(half)

    def told(self, policy: str) -> str:
        """Return a policy's mean, and its half width where there is one."""
        half = self.half_width(policy)
        return self.spell(self.values[policy].mean) + (f" ± {half}" if half else "")

    def verdict(self, policy: str) -> Literal["better", "worse", "different", "same", ""]:
        """Return how a policy compares with the first: `same` where no difference shows, nothing after one run."""
        difference = self.differences.get(policy)
        if difference is None or math.isnan(difference.half_width):
            return ""
        if not difference.excludes(0):
            return "same"
        if self.better is None:
            return "different"
        return "better" if (difference.mean < 0) == (self.better == "low") else "worse"


_HARDLY_LESS = 0.01  # of all items: whoever serves so much less than another has shorter waits for that alone


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonData:
    """Everything that a comparison shows. The first policy is the one that the others are compared with.

    `waits` are (seconds, part that waited longer); `counts` are mean items per agent; `fairness` are (items so far,
    Jain's index); `about` are circumstances in words.
    """

    policies: Sequence[str]
    measures: Sequence[Measure]
    waits: Mapping[str, Points]
    counts: Mapping[str, Mapping[str, float]]
    fairness: Mapping[str, Points]
    about: Mapping[str, str] = field(default_factory=dict)
    title: str = field(default_factory=lambda: say("report.policies_compared"))

    def measure(self, name: str) -> Measure:
        """Return one measure by its name."""
        return next(measure for measure in self.measures if measure.name == name)

    @property
    def repeated(self) -> bool:
        """Whether there was more than one run of each policy, so that chance can be told from difference."""
        return not math.isnan(self.measure("jain").values[self.policies[0]].half_width)

    @property
    def headline(self) -> str:
        """What a manager wants to know first: who waits least, by how much, and whether that is sure."""
        return str(self.told_headline)

    @property
    def told_headline(self) -> Text:
        """The headline as a message, which can be told in other languages."""
        told = self._about_waits()
        served = next((measure for measure in self.measures if measure.name == "served"), None)
        praised = told.facts.get("best", told.facts.get("first"))
        if served is None or not isinstance(praised, str):
            return told
        most = max(self.policies, key=lambda policy: served.values[policy].mean)
        part, whole = (served.values[policy].mean for policy in (praised, most))
        if whole - part < _HARDLY_LESS:
            return told
        return say("report.serves_less", told=told, best=praised, part=part, most=most, whole=whole)

    def _about_waits(self) -> Text:
        waits = self.measure("mean_wait")
        known = [policy for policy in self.policies if not math.isnan(waits.values[policy].mean)]
        if not known:
            return say("report.nobody_served")
        first = self.policies[0]
        best = min(known, key=lambda policy: waits.values[policy].mean)
        before, after = waits.values[first].mean, waits.values[best].mean
        wait = waits.spell(after)
        if len(known) > 1 and all(waits.values[policy].mean == after for policy in known):
            return say("report.all_the_same" if self.repeated else "report.all_the_same_once", wait=wait)
        if not self.repeated:
            less = 1 - after / before if before else 0.0
            key = "report.on_record" if best == first else "report.on_record_less"
            return say(key, best=best, wait=wait, less=less, first=first)
        if best == first:
            return say(f"report.{self._sure_of_first(waits)}", first=first, wait=wait)
        if waits.verdict(best) != "better":
            return say("report.none_is_better", first=first, wait=waits.told(first))
        saved = waits.differences[best]
        span = {"low": waits.spell(-saved.high), "high": waits.spell(-saved.low)}
        return say("report.is_better", best=best, wait=wait, less=1 - after / before, first=first, **span)

    def _sure_of_first(self, waits: Measure) -> str:
        """Return how to tell that the first policy has the shortest waits."""
        rivals = [waits.verdict(policy) for policy in self.policies[1:]]
        if not rivals:
            return "first_is_best"
        return "first_is_surely_best" if all(each == "worse" for each in rivals) else "first_may_be_best"

    def gains(self, policy: str) -> list[tuple[str, float]]:
        """Return each agent's items under a policy minus those under the first, who gains most first."""
        first = self.counts[self.policies[0]]
        agents = {**first, **self.counts[policy]}
        changes = [(agent, self.counts[policy].get(agent, 0) - first.get(agent, 0)) for agent in agents]
        return sorted(changes, key=lambda change: (-change[1], change[0]))

    def to_rows(self) -> list[dict[str, object]]:
        """Return one row per policy and measure: mean, interval, difference from the first, verdict."""
        rows: list[dict[str, object]] = []
        for policy in self.policies:
            for measure in self.measures:
                value, difference = measure.values[policy], measure.differences.get(policy)
                rows.append(
                    {
                        "policy": policy,
                        "measure": measure.name,
                        "mean": value.mean,
                        "low": value.low,
                        "high": value.high,
                        "difference": difference.mean if difference else None,
                        "difference_low": difference.low if difference else None,
                        "difference_high": difference.high if difference else None,
                        "verdict": measure.verdict(policy),
                    }
                )
        return rows

    def to_text(self, *, language: LanguageCode = "en") -> str:
        """Return the measures as a table in plain text, a column per policy; `*` marks a difference that is sure."""
        rows = [["", *self.policies]]
        for measure in self.measures:
            sure = [
                " *" if measure.verdict(policy) in ("better", "worse", "different") else "" for policy in self.policies
            ]
            label = told(measure.label, language)
            rows.append([label, *(measure.told(p) + mark for p, mark in zip(self.policies, sure, strict=True))])
        widths = [max(columns(row[place]) for row in rows) for place in range(len(rows[0]))]
        lines = ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]
        if len(self.policies) > 1 and self.repeated:
            lines += ["", say("report.beyond_chance", policy=self.policies[0]).in_language(language)]
        return "\n".join(lines)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - columns(cell))


def spell_seconds(seconds: float) -> str:
    """Return a time as people read it.

    >>> spell_seconds(0.25), spell_seconds(20), spell_seconds(130), spell_seconds(7200), spell_seconds(260_000)
    ('0.25 s', '20 s', '2.2 min', '2 h', '3 d')
    """
    size = abs(seconds)
    for limit, divisor, unit in ((100, 1, "s"), (6_000, 60, "min"), (172_800, 3_600, "h")):
        if size < limit:
            shown = f"{seconds / divisor:.2f}" if unit == "s" and size < 1 else f"{seconds / divisor:.1f}"
            return f"{shown.removesuffix('.00').removesuffix('.0')} {unit}"
    return f"{f'{seconds / 86_400:.1f}'.removesuffix('.0')} d"
