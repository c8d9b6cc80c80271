"""The problem as arrays: whatever a caller hands in, checked and brought to one shape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assignkit.errors import ConfigurationError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_EXACT = 2.0**53  # whole numbers beyond are not exact as doubles
_SLACK = 1e-9  # so that 0.3 holds three times 0.1
_DIMENSIONS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Items × agents. `cost` is to be minimised, inf where forbidden; `effort` is what each pair takes.

    `capacity` has inf for unlimited; `whole` says that all costs are whole numbers.
    """

    cost: Floats
    effort: Floats | None  # None: one unit each, or a single number that `unit` holds
    unit: float
    capacity: Floats
    maximise: bool
    whole: bool

    @property
    def items(self) -> int:
        """How many items there are."""
        return int(self.cost.shape[0])

    @property
    def agents(self) -> int:
        """How many agents there are."""
        return int(self.cost.shape[1])

    def slots(self) -> Indices | None:
        """Return how many items each agent can take, or None where that depends on the items."""
        effort: Any = self.unit
        if self.effort is not None:
            if self.items and not (self.effort == self.effort[0]).all():
                return None
            effort = self.effort[0] if self.items else 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.floor(self.capacity / effort + _SLACK)
        counted = np.where(np.isfinite(room), room, self.items)
        return np.minimum(counted, self.items).astype(np.int64)

    def efforts(self) -> Floats:
        """Return what each pair takes, as a full matrix."""
        return np.full(self.cost.shape, self.unit) if self.effort is None else self.effort

    def fits(self) -> NDArray[np.bool_]:
        """Return which pairs are allowed, and fit into the agent's whole capacity."""
        with_slack = self.capacity * (1 + _SLACK)
        return np.isfinite(self.cost) & (self.efforts() <= with_slack)

    def total(self, agent_of: Indices) -> float:
        """Return what an assignment costs, in the caller's sense: an int where all costs are whole."""
        return self.told(math.fsum(self.cost[np.arange(self.items), agent_of].tolist()))

    def told(self, cost: float) -> float:
        """Return a cost as the caller means it: not negated, whole where costs are."""
        value = -cost if self.maximise else cost
        return round(value) if self.whole and math.isfinite(value) else value + 0.0

    def loosest_bound(self) -> float:
        """Return the sum of each item's best cost."""
        return self.told(math.fsum(self.cost.min(axis=1).tolist())) if self.items else self.told(0.0)


def read_problem(cost: Any, *, effort: Any, capacity: Any, maximise: bool) -> Problem:  # noqa: ANN401 - checked here
    """Return the problem that the arguments of `solve` state; raises `ConfigurationError` for what states none."""
    table = _matrix(cost, "cost", forbidden=-math.inf if maximise else math.inf)
    whole = _check_costs(table, maximise=maximise, integers=getattr(cost, "dtype", table.dtype).kind in "iu")
    if maximise:
        table = -table
    items, agents = table.shape
    unit, efforts = _read_effort(effort, items, agents)
    limits = _read_capacity(capacity, agents)
    if limits is None:
        if efforts is not None:
            msg = "effort says what items take of a capacity: give the agents' capacity too"
            raise ConfigurationError(msg)
        unit, limits = 1.0, np.ones(agents)
    return Problem(table, efforts, unit, limits, maximise, whole)


def _check_costs(table: Floats, *, maximise: bool, integers: bool) -> bool:
    """Return whether all costs are whole numbers; raises `ConfigurationError` for what is no cost."""
    if not table.size:
        return True
    if table.min() >= -_EXACT and table.max() <= _EXACT:  # the usual case, in few passes; false where there is a NaN
        return integers or bool((table == np.rint(table)).all())
    forbidden = -math.inf if maximise else math.inf
    wrong = np.argwhere(np.isnan(table) | (table == -forbidden))
    if len(wrong):
        item, agent = wrong[0]
        kind = "not a number" if np.isnan(table[item, agent]) else str(-forbidden)
        msg = f"cost[{item}][{agent}] is {kind}: expected a number, or None for a pair that is forbidden"
        raise ConfigurationError(msg)
    finite = table[np.isfinite(table)]
    large = np.argwhere(np.isfinite(table) & (np.abs(table) > _EXACT))
    if len(large):
        item, agent = large[0]
        msg = f"cost[{item}][{agent}] is beyond 2**53, where sums are not exact any more: scale the costs down"
        raise ConfigurationError(msg)
    return bool((finite == np.rint(finite)).all())


def _read_effort(effort: Any, items: int, agents: int) -> tuple[float, Floats | None]:  # noqa: ANN401
    if effort is None:
        return 1.0, None
    if np.ndim(_plain(effort)) == 0:
        return float(_amounts([effort], "effort")[0]), None
    if np.ndim(_plain(effort)) == 1:
        each = _amounts(effort, "effort")
        _check_length("effort", len(each), items, "item")
        if len(each) and (each == each[0]).all():
            return float(each[0]), None
        return 1.0, np.repeat(each[:, None], agents, axis=1)
    table = _matrix(effort, "effort", forbidden=math.inf)
    if table.shape != (items, agents):
        msg = f"effort is {_size(table.shape)}, but cost is {items} × {agents}"
        raise ConfigurationError(msg)
    _check_positive("effort", table)
    return 1.0, table


def _read_capacity(capacity: Any, agents: int) -> Floats | None:  # noqa: ANN401
    if capacity is None:
        return None
    if np.ndim(_plain(capacity)) == 0:
        capacity = [capacity] * agents
    limits = np.array([math.inf if one is None else _number(one, "capacity") for one in capacity], dtype=np.float64)
    _check_length("capacity", len(limits), agents, "agent")
    if (limits < 0).any():
        msg = f"capacity[{int(np.argmax(limits < 0))}] is below 0"
        raise ConfigurationError(msg)
    return limits


def _amounts(values: Any, name: str) -> Floats:  # noqa: ANN401
    found = np.array([_number(one, name) for one in values], dtype=np.float64)
    _check_positive(name, found)
    return found


def _check_positive(name: str, found: Floats) -> None:
    if not (found > 0).all():
        msg = f"{name} must be above 0 everywhere, found {found[~(found > 0)].flat[0]:g}"
        raise ConfigurationError(msg)


def _check_length(name: str, found: int, expected: int, noun: str) -> None:
    if found != expected:
        msg = f"{name} has {found} numbers for {expected} {noun}{'' if expected == 1 else 's'}"
        raise ConfigurationError(msg)


def _number(value: Any, name: str) -> float:  # noqa: ANN401
    if isinstance(value, bool | str | bytes):
        msg = f"{name} holds {value!r}: expected a number"
        raise ConfigurationError(msg)
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        msg = f"{name} holds {value!r}: expected a number"
        raise ConfigurationError(msg) from error
    if math.isnan(number):
        msg = f"{name} holds NaN: expected a number"
        raise ConfigurationError(msg)
    return number


def _matrix(values: Any, name: str, *, forbidden: float) -> Floats:  # noqa: ANN401
    """Return a matrix of numbers; None becomes `forbidden`."""
    array = _plain(values)
    if array.ndim == 1 and array.size == 0:
        return np.zeros((0, 0))
    if array.ndim != _DIMENSIONS:
        msg = f"{name} must be a matrix, items × agents: a row for each item, all of the same length"
        raise ConfigurationError(msg)
    if array.dtype.kind in "iuf":
        return array.astype(np.float64, copy=False)
    rows = [[forbidden if one is None else _number(one, name) for one in row] for row in array.tolist()]
    return np.array(rows, dtype=np.float64).reshape(array.shape)


def _plain(values: Any) -> NDArray[Any]:  # noqa: ANN401
    try:
        return np.asarray(values)
    except ValueError:  # ragged
        return np.empty(0, dtype=object).reshape(0, 0, 0)


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
