"""Items on record: rows with an arrival and a service time, whatever else they have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say
from assignkit.simulation.arrivals import Arrivals, ItemClass

_OWN = ("arrival", "service", "id", "priority", "skill", "patience", "wait_credit", "fields")
_PAIR, _TRIPLE = 2, 3


def read_rows(rows: Iterable[Any]) -> tuple[Arrivals, datetime | None]:
    """Return the items sorted by arrival, and the first instant if arrivals are instants."""
    if not isinstance(rows, Iterable):
        msg = f"items on record are rows, and a {type(rows).__name__} has none"
        raise ConfigurationError(msg)
    found = [_as_mapping(row, number) for number, row in enumerate(rows, start=1)]
    times, first = _seconds([row["arrival"] for row in found])
    order = sorted(range(len(found)), key=lambda place: (times[place], place))
    services = [_number(row["service"], "service", number) for number, row in enumerate(found, start=1)]
    classes: dict[tuple[float, str | None, float], int] = {}
    class_of = [classes.setdefault(_class_key(row, number), len(classes)) for number, row in enumerate(found, start=1)]
    patience = [_number(row.get("patience", math.inf), "patience", n) for n, row in enumerate(found, start=1)]
    fields = [{**row.get("fields", {}), **{k: v for k, v in row.items() if k not in _OWN}} for row in found]
    ids = [str(row["id"]) for row in found if row.get("id") is not None]
    kinds = [ItemClass(priority=p, skill=s, wait_credit=c) for p, s, c in classes] or [ItemClass()]
    return (
        Arrivals(
            [times[place] for place in order],
            [services[place] for place in order],
            tuple(kinds),
            [class_of[place] for place in order] if len(kinds) > 1 else None,
            [patience[place] for place in order] if any(math.isfinite(one) for one in patience) else None,
            [_with_own(found[place], fields[place]) for place in order],
            [ids[place] for place in order] if len(ids) == len(found) else None,
        ),
        first,
    )


def _with_own(row: Mapping[str, Any], fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields with the priority, which rules may read as well."""
    return {"priority": row["priority"], **fields} if row.get("priority") is not None else fields


def _as_mapping(row: Any, number: int) -> Mapping[str, Any]:  # noqa: ANN401 - a caller's own rows
    if isinstance(row, Mapping):
        for name in ("arrival", "service"):
            if row.get(name) is None:
                msg = say("error.row_lacks", row=number, name=name)
                raise ConfigurationError(msg)
        return row
    if isinstance(row, tuple | list) and len(row) in (_PAIR, _TRIPLE):
        return {"arrival": row[0], "service": row[1], "fields": row[2] if len(row) == _TRIPLE else {}}
    msg = say("error.row_shape", row=number)
    raise ConfigurationError(msg)


def _seconds(arrivals: list[Any]) -> tuple[list[float], datetime | None]:
    if not any(isinstance(one, datetime) for one in arrivals):
        return [_number(one, "arrival", number) for number, one in enumerate(arrivals, start=1)], None
    for number, one in enumerate(arrivals, start=1):
        if not isinstance(one, datetime) or one.tzinfo is None:
            msg = say("error.row_mixed", row=number, found=repr(one))
            raise ConfigurationError(msg)
    first = min(arrivals)
    return [(one - first).total_seconds() for one in arrivals], first


def _class_key(row: Mapping[str, Any], number: int) -> tuple[float, str | None, float]:
    priority = _number(row.get("priority") or 0, "priority", number, lowest=-math.inf)
    credit = _number(row.get("wait_credit") or 0, "wait_credit", number)
    skill = row.get("skill")
    return priority, None if skill is None else str(skill), credit


def _number(value: Any, name: str, number: int, *, lowest: float = 0.0) -> float:  # noqa: ANN401
    if isinstance(value, bool | str) or value is None:
        msg = say("error.row_no_number", row=number, name=name, value=repr(value))
        raise ConfigurationError(msg)
    try:
        found = float(value)
    except (TypeError, ValueError) as error:
        msg = say("error.row_no_number", row=number, name=name, value=repr(value))
        raise ConfigurationError(msg) from error
    if math.isnan(found) or found < lowest or (math.isinf(found) and name != "patience"):
        msg = say("error.row_out_of_range", row=number, name=name, value=repr(value))
        raise ConfigurationError(msg)
    return found
