"""`compare`: several policies on the same items, several times, with intervals for what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from assignkit.errors import ConfigurationError, MissingExtraError
from assignkit.messages.text import LanguageCode, say
from assignkit.model.agent import Agent
from assignkit.reporting.comparison import Better, ComparisonData, Measure, spell_seconds
from assignkit.reporting.extras import report_extra
from assignkit.reporting.fairness import jain
from assignkit.reporting.intervals import Interval, difference_interval, mean_interval
from assignkit.simulation.alike import Progress
from assignkit.simulation.run import Run
from assignkit.simulation.simulating import Policy, simulate
from assignkit.simulation.staffing import AgentsLike, read_agents
from assignkit.simulation.workload import Workload

TARGET_SECONDS = 20.0
_CURVE = 120  # points that a curve needs to look smooth


@dataclass(frozen=True, slots=True)
class _Line:
    """One measure: how it is called, how it is written, and how it is read off a run."""

    name: str
    label: str
    style: Any
    better: Better
    of: Callable[[Run], float]


@dataclass(frozen=True)
class Comparison:
    """What a comparison found: `data` is everything that is shown, `runs` the first replication of each policy."""

    data: ComparisonData
    runs: Mapping[str, Run]
    samples: Mapping[str, Mapping[str, Sequence[float]]]

    def interval(self, policy: str, measure: str) -> Interval:
        """Return the mean of a measure under a policy, with its interval; `KeyError` for an unknown policy."""
        return self.data.measure(measure).values[policy]

    def difference(self, one: str, other: str, measure: str = "mean_wait") -> Interval:
        """Return a measure under `one` minus that under `other`, paired item for item, with its interval."""
        return difference_interval(self.samples[one][measure], self.samples[other][measure])

    def table(self) -> str:
        """Return the measures as a plain text table: a line per measure, a column per policy."""
        return self.data.to_text()

    def to_rows(self) -> list[dict[str, object]]:
        """Return one row per policy and measure."""
        return self.data.to_rows()

    def to_html(self, path: str | Path | None = None, *, language: LanguageCode = "en") -> str:
        """Return the report as one self-contained page in `language`, and write it to `path` if that is given.

        Raises `MissingExtraError` without the extra `report`.
        """
        with report_extra():
            from assignkit.reporting.page import page  # noqa: PLC0415 - the extra may be missing
        text = page(self.data, language)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def plot(self, path: str | Path | None = None, *, language: LanguageCode = "en") -> str:
        """Return all pictures as one SVG, and write it to `path` if given: waits, load, fairness, gains and losses.

        Raises `MissingExtraError` without the extra `report`.
        """
        with report_extra():
            from assignkit.reporting.pictures import poster  # noqa: PLC0415 - the extra may be missing
        text = poster(self.data, language)
        if path is not None:
            Path(path).write_text(text, encoding="utf-8")
        return text

    def __str__(self) -> str:
        return self.told()

    def told(self, language: LanguageCode = "en") -> str:
        """Return what was found first, and the table, in `language`."""
        return f"{self.data.told_headline.in_language(language)}\n\n{self.data.to_text(language=language)}"

    def _repr_html_(self) -> str:
        try:
            with report_extra():
                from assignkit.reporting.page import fragment  # noqa: PLC0415 - the extra may be missing
        except MissingExtraError:
            return f"<pre>{escape(str(self))}</pre>"
        return fragment(self.data)


def compare(
    policies: Mapping[str, Policy],
    agents: AgentsLike,
    workload: Workload,
    *,
    seed: int | str,
    until: float | None = None,
    replications: int = 10,
    warm_up: float = 0.0,
    kind: str | None = None,
    target_seconds: float = TARGET_SECONDS,
    confidence: float = 0.95,
    title: str | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Return how the policies do on the same items: `{name: rules or order}`, the first being what others are held to.

    Each replication draws new items and gives them to every policy (common random numbers), so that differences show
    with far fewer runs; intervals are Student's, over the replications. A workload on record has just one. The other
    arguments are those of `simulate`; `target_seconds` is the wait that the service level is about. `progress` is
    called with (runs done, all runs). Raises as `simulate`.
    """
    if not policies or replications < 1:
        msg = "a comparison needs at least one policy and one replication"
        raise ConfigurationError(msg)
    people = read_agents(agents)
    rounds = 1 if workload.rows is not None else replications
    lines = _lines(target_seconds)
    samples: dict[str, dict[str, list[float]]] = {name: {line.name: [] for line in lines} for name in policies}
    counts: dict[str, dict[str, float]] = {
        name: dict.fromkeys((agent.id for agent in people), 0.0) for name in policies
    }
    runs: dict[str, Run] = {}
    for replication in range(rounds):
        for place, (name, policy) in enumerate(policies.items()):
            run = simulate(
                policy, people, workload, seed=seed, until=until, warm_up=warm_up, replication=replication, kind=kind
            )
            runs.setdefault(name, run)
            for line in lines:
                samples[name][line.name].append(line.of(run))
            for agent, count in run.counts.items():
                counts[name][agent] += count / rounds
            if progress is not None:
                progress(replication * len(policies) + place + 1, rounds * len(policies))
    about = _about(runs, people, seed=seed, rounds=rounds, warm_up=warm_up)
    data = ComparisonData(
        policies=tuple(policies),
        measures=[measure for line in lines if (measure := _measure(line, samples, confidence)) is not None],
        waits={name: _wait_curve(run) for name, run in runs.items()},
        counts=counts,
        fairness={name: _fairness_curve(run) for name, run in runs.items()},
        about=about,
        title=title or say("report.policies_compared"),
    )
    return Comparison(data, runs, samples)


def _line(name: str, style: Any, better: Any, of: Callable[[Run], float], **facts: object) -> _Line:  # noqa: ANN401
    return _Line(name, say(f"report.{name}", **facts), style, better, of)


def _lines(target_seconds: float) -> list[_Line]:
    return [
        _line("mean_wait", "seconds", "low", lambda run: run.mean_wait),
        _line("p90_wait", "seconds", "low", lambda run: run.summary.p90),
        _line("probability_of_wait", "part", "low", lambda run: run.probability_of_wait),
        _line(
            "service_level",
            "part",
            "high",
            lambda run: run.service_level(target_seconds),
            target=spell_seconds(target_seconds),
        ),
        _line(
            "served",
            "part",
            "high",
            lambda run: len(run.served) / len(run.counted) if run.counted else 0,
        ),
        _line("abandonment", "part", "low", lambda run: run.abandonment),
        _line("match_quality", "number", "high", lambda run: run.match_quality),
        _line("utilisation", "part", None, lambda run: run.utilisation),
        _line("jain", "index", "high", lambda run: run.jain),
        _line("gini", "index", "low", lambda run: run.gini),
    ]


_SHOWN_ONLY_IF_NOT = {"served": 1.0, "abandonment": 0.0}


def _measure(line: _Line, samples: Mapping[str, Mapping[str, list[float]]], confidence: float) -> Measure | None:
    """Return one line of the comparison, or None where it has nothing to tell."""
    found = {name: values[line.name] for name, values in samples.items()}
    usual = _SHOWN_ONLY_IF_NOT.get(line.name)
    seen = [value for values in found.values() for value in values]
    if line.name != "mean_wait" and (all(value != value for value in seen) or all(value == usual for value in seen)):  # noqa: PLR0124 - NaN
        return None
    first = next(iter(found))
    return Measure(
        name=line.name,
        label=line.label,
        style=line.style,
        better=line.better,
        values={name: mean_interval(values, confidence=confidence) for name, values in found.items()},
        differences={
            name: difference_interval(values, found[first], confidence=confidence)
            for name, values in found.items()
            if name != first
        },
    )


def _wait_curve(run: Run) -> list[tuple[float, float]]:
    """Return (seconds, part that waited longer) up to the wait that one in a hundred exceeds."""
    waits = sorted(run.waits)
    if not waits:
        return [(0.0, 0.0)]
    shown = max(1, round(len(waits) * 0.99))
    step = max(shown // _CURVE, 1)
    points = [(waits[place], 1 - (place + 1) / len(waits)) for place in range(0, shown, step)]
    zero = run.summary.probability
    return [(0.0, zero), *((x, y) for x, y in points if x > 0)]


def _fairness_curve(run: Run) -> list[tuple[float, float]]:
    """Return (items so far, Jain's index of the counts so far)."""
    found = [0] * len(run.agents)
    step = max(len(run.served) // _CURVE, 1)
    points = []
    for number, item in enumerate(run.served, start=1):
        found[run.trace.agent_of[item]] += 1
        if number % step == 0:
            points.append((float(number), jain(found)))
    return points


def _about(
    runs: Mapping[str, Run], people: Sequence[Agent], *, seed: int | str, rounds: int, warm_up: float
) -> dict[str, str]:
    run = next(iter(runs.values()))
    items = say(
        "report.about_items" if rounds == 1 else "report.about_items_again", items=len(run.arrivals), rounds=rounds
    )
    return {
        say("report.items"): items,
        say("report.agents"): f"{len(people):,}",
        say("report.warm_up"): say("report.not_counted", seconds=warm_up) if warm_up else say("report.none"),
        say("report.seed"): str(seed),
        say("report.method"): say("report.same_items"),
    }
