"""Which pictures a benchmark's figures make: lines in panels, taken from the rows of its report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    filled = (replace(each, panels=[panel for panel in each.panels if _has_points(panel)]) for each in drawn)
    return [chart for chart in filled if chart.panels]


def _has_points(panel: Panel) -> bool:
    return any(line.points for line in panel.lines)


def _matching(data: Data) -> Chart:
    return Chart(
        name="matching",
        alt="Records matched per second against the number of rules: of other engines, and of programs by hand",
        panels=_beside_others(data["rows"], "records per second"),
    )


def _matching_prepared(data: Data) -> Chart:
    return Chart(
        name="matching-preparing",
        alt="Seconds until a rule book can be matched against the number of rules: of other engines, and by hand",
        panels=_beside_others(data["rows"], "seconds to prepare"),
    )


def _beside_others(rows: Sequence[Data], column: str) -> list[Panel]:
    engines = [row for row in rows if row["engine"] not in _PROGRAMS and not row["engine"].startswith("assignkit,")]
    others = [row for row in rows if row["engine"] in _PROGRAMS or row["engine"].startswith("assignkit")]
    return [
        _panel("Engines", engines, "rules", column, by="engine"),
        _panel("Otherwise given, and by hand", others, "rules", column, by="engine"),
    ]


_PROGRAMS = ("evalidate, raw eval", "evalidate, 50 rules an expression", "if chain by hand", "bitmasks by hand")


def _matching_calls(data: Data) -> Chart:
    calls = data.get("calls", [])
    columns = {"p99, µs": "99 in 100 take less", "p90, µs": "90 in 100", "p50, µs": "half"}
    lines = [_line(label, calls, "rules", name, hue) for hue, (name, label) in enumerate(columns.items())]
    return Chart(
        name="matching-calls",
        alt="Microseconds of one call of match against the number of rules: half, 90 and 99 in 100 take less",
        panels=[Panel(title="One call of match", x="rules", y="µs", lines=lines)],
    )


def _choosing(data: Data) -> Chart:
    return Chart(
        name="choosing",
        alt="Microseconds per choice against the number of agents, one line for each order",
        panels=[
            _panel(title, [row for row in data["rows"] if chosen(row["order"])], "agents", "µs per choice", by="order")
            for title, chosen in _WAYS_OF_CHOOSING.items()
        ],
    )


_WAYS_OF_CHOOSING: Mapping[str, Callable[[str], bool]] = {
    "Agents who stand sorted": lambda order: not order.endswith(("index", "at a desk", "scan")),
    "By the index": lambda order: order.endswith("index"),
    "A whole decision at a desk": lambda order: order.endswith("at a desk"),
    "Everybody ranked": lambda order: order.endswith("scan"),
}


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
