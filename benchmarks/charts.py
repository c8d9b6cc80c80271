"""Which pictures a benchmark's figures make: lines in panels, taken from the rows of its report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]  # a report, as its JSON has it
Points = list[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: those of the same `hue` have the same colour, those of the same `dash` the same strokes."""

    label: str
    points: Points
    hue: int
    dash: int = 0


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Lines over the same axes; both are logarithmic, but for `plain_y`."""

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    plain_y: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One picture, `NAME.svg`; `alt` says in words what is to be seen."""

    name: str
    alt: str
    panels: Sequence[Panel]


def charts_of(data: Data) -> list[Chart]:
    """Return the pictures of a report; none for a benchmark whose table says it all."""
    drawn = [make(data) for make in _CHARTS.get(data["name"], ())]
    return [chart for chart in drawn if any(line.points for panel in chart.panels for line in panel.lines)]


def _matching(data: Data) -> Chart:
    return Chart(
        name="matching",
        alt="Records matched per second against the number of rules, one line for each engine",
        panels=[_panel("Records matched per second", data["rows"], "rules", "records per second", by="engine")],
    )


def _matching_prepared(data: Data) -> Chart:
    return Chart(
        name="matching-preparing",
        alt="Seconds until a rule book can be matched against the number of rules, one line for each engine",
        panels=[_panel("Until the first match", data["rows"], "rules", "seconds to prepare", by="engine")],
    )


def _matching_calls(data: Data) -> Chart:
    calls = data.get("calls", [])
    columns = ("p50, µs", "p90, µs", "p99, µs")
    lines = [_line(name.partition(",")[0], calls, "rules", name, hue) for hue, name in enumerate(columns)]
    return Chart(
        name="matching-calls",
        alt="Microseconds of one call of match against the number of rules: half, 90 and 99 in 100 take less",
        panels=[Panel(title="One call of match", x="rules", y="µs", lines=lines)],
    )


def _choosing(data: Data) -> Chart:
    return Chart(
        name="choosing",
        alt="Microseconds per choice against the number of agents, one line for each order",
        panels=[_panel("One choice", data["rows"], "agents", "µs per choice", by="order")],
    )


def _starting(data: Data) -> Chart:
    growth = data.get("growth", [])
    return Chart(
        name="starting",
        alt="Seconds from text to the first match, and megabytes, against the number of rules",
        panels=[
            _panel("From text to the first match", growth, "rules", "seconds"),
            Panel(
                title="Memory",
                x="rules",
                y="MB",
                lines=[
                    _line("the process at its peak", growth, "rules", "MB", 0),
                    _line("kept for the rules", growth, "rules", "MB kept", 1),
                ],
            ),
        ],
    )


def _store_rates(data: Data) -> Chart:
    return Chart(
        name="stores-rates",
        alt="Decisions per second against the number of clients: ours, the floor and the one-trip floor",
        panels=[
            Panel(title=title, x="clients", y="decisions/s", lines=[*_rate_lines(rows)])
            for title, rows in _store_parts(data)
        ],
    )


def _store_latency(data: Data) -> Chart:
    return Chart(
        name="stores-latency",
        alt="Milliseconds of one call against the number of clients, half and 99 in 100 of ours and of the floor",
        panels=[
            Panel(title=f"{title}, one rotation", x="clients", y="ms per call", lines=[*_latency_lines(rows)])
            for title, rows in _store_parts(data)
        ],
    )


def _store_parts(data: Data) -> Iterable[tuple[str, list[Data]]]:
    for database in ("SQLite", "PostgreSQL"):
        for batch, told in ((1, "one at a time"), (100, "batches of 100")):
            yield (
                f"{database}, {told}",
                [
                    row
                    for row in data["rows"]
                    if (row["database"], row["batch"], row["besides"]) == (database, batch, "")
                ],
            )


def _rate_lines(rows: Sequence[Data]) -> Iterable[Line]:
    for hue, (column, label) in enumerate(_CONTENDERS.items()):
        for dash, rotations in enumerate((1, 64)):
            told = f"{label}, {rotations} rotation{'s' * (rotations > 1)}"
            line = _line(told, [row for row in rows if row["rotations"] == rotations], "clients", column, hue, dash)
            if line.points:
                yield line


def _latency_lines(rows: Sequence[Data]) -> Iterable[Line]:
    single = [row for row in rows if row["rotations"] == 1]
    for number, (column, label) in enumerate(_LATENCIES.items()):
        yield _line(label, single, "clients", column, number // 2, number % 2)


_CONTENDERS = {"ours, decisions/s": "ours", "floor": "floor", "one-trip floor": "one-trip floor"}
_LATENCIES = {
    "ours p50, ms": "ours, half are faster",
    "ours p99, ms": "ours, 99 in 100 are faster",
    "floor p50, ms": "floor, half are faster",
    "floor p99, ms": "floor, 99 in 100 are faster",
}


def _panel(title: str, rows: Sequence[Data], x: str, y: str, *, by: str | None = None) -> Panel:
    if by is None:
        return Panel(title=title, x=x, y=y, lines=[_line("", rows, x, y, 0)])
    names = list(dict.fromkeys(row[by] for row in rows))
    parted = ([row for row in rows if row[by] == name] for name in names)
    return Panel(title=title, x=x, y=y, lines=[_line(names[hue], part, x, y, hue) for hue, part in enumerate(parted)])


def _line(label: str, rows: Sequence[Data], x: str, y: str, hue: int, dash: int = 0) -> Line:  # noqa: PLR0917
    points = [(float(row[x]), float(row[y])) for row in rows if isinstance(row.get(y), int | float)]
    return Line(label=label, points=sorted(points), hue=hue, dash=dash)


_CHARTS: Mapping[str, Sequence[Callable[[Data], Chart]]] = {
    "choosing": (_choosing,),
    "matching": (_matching, _matching_prepared, _matching_calls),
    "starting": (_starting,),
    "stores": (_store_rates, _store_latency),
}
