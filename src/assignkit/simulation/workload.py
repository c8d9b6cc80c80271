"""Workloads: what arrives when, and how much work it is. The same seed gives the same items to every policy."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from numbers import Real
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.simulation.arrivals import Arrivals, ItemClass
from assignkit.simulation.recorded import read_rows
from assignkit.simulation.services import Service

DEFAULT_ARRIVALS = 100_000  # of an endless stream, where neither a number nor an end is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A stream of items; make one with `poisson`, `varying` or `from_rows`.

    `rates` are (from second, arrivals per second), repeated every `period` seconds if that is given. `rows` are items
    on record, which come as they came. `start` is the instant that second 0 stands for, where shifts and rules ask.
    """

    rates: tuple[tuple[float, float], ...] = ()
    period: float | None = None
    service: Service | None = None
    classes: tuple[ItemClass, ...] = (ItemClass(),)
    mean_patience: float | None = None
    count: int | None = None
    rows: Arrivals | None = None
    start: datetime | None = None

    @classmethod
    def poisson(
        cls,
        rate: float,
        mean_service: float,
        *,
        service: str | Service = "exponential",
        cv: float = 1.0,
        classes: Iterable[ItemClass] = (),
        mean_patience: float | None = None,
        arrivals: int | None = None,
        start: datetime | None = None,
    ) -> Workload:
        """Return arrivals that come independently, `rate` per second on average, with `mean_service` seconds of work.

        `service` is `exponential`, `fixed`, `lognormal` (with `cv`), or a `Service`, whose own mean then counts.
        `classes` mixes several sorts of items. With `mean_patience` items leave whose service does not begin within an
        exponential time. `arrivals` is how many come, if `until` does not say; 100,000 otherwise.
        """
        return cls.varying(
            [(0, rate)],
            mean_service,
            service=service,
            cv=cv,
            classes=classes,
            mean_patience=mean_patience,
            arrivals=arrivals,
            start=start,
        )

    @classmethod
    def varying(
        cls,
        rates: Sequence[tuple[float, float]],
        mean_service: float,
        *,
        period: float | None = None,
        service: str | Service = "exponential",
        cv: float = 1.0,
        classes: Iterable[ItemClass] = (),
        mean_patience: float | None = None,
        arrivals: int | None = None,
        start: datetime | None = None,
    ) -> Workload:
        """Return Poisson arrivals whose rate changes: `rates` are (from second, per second), the first from 0.

        With `period` the pattern repeats, such as every 86,400 seconds; otherwise the last rate stays. The rest is as
        for `poisson`. Drawn by inverting the expected number of arrivals, so that a change of rate keeps all draws.
        """
        drawn = service if isinstance(service, Service) else Service.named(service, mean_service, cv=cv)
        mixed = tuple(classes) or (ItemClass(),)
        _check_rates(rates, period)
        _check_classes(mixed)
        for patience in (mean_patience, *(one.mean_patience for one in mixed)):
            if patience is not None and not patience > 0:
                msg = f"patience is above 0 seconds, not {patience!r}"
                raise ConfigurationError(msg)
        return cls(
            rates=tuple((float(at), float(rate)) for at, rate in rates),
            period=period,
            service=drawn,
            classes=mixed,
            mean_patience=mean_patience,
            count=arrivals,
            start=start,
        )

    @classmethod
    def from_rows(cls, rows: Iterable[Any], *, start: datetime | None = None) -> Workload:
        """Return items as they came: each row a mapping with `arrival` and `service`, or (arrival, service[, fields]).

        `arrival` is in seconds, or an instant (all of one kind); `service` in seconds. Rows may also have `id`,
        `priority`, `skill`, `patience` and `wait_credit`; everything else is a field that rules can read. They are
        sorted by arrival. Raises `ConfigurationError`, naming the row.
        """
        found, first = read_rows(rows)
        return cls(rows=found, classes=found.classes, start=start or first)

    def draw(self, *, seed: object, until: float | None = None, replication: int = 0) -> Arrivals:
        """Return the items of one run that arrive before `until`; each aspect has random numbers of its own."""
        if self.rows is not None:
            return self._until(self.rows, until)
        if self.service is None:
            msg = "a workload is made by Workload.poisson, Workload.varying or Workload.from_rows"
            raise ConfigurationError(msg)
        dice = {name: random.Random(f"{seed}/{replication}/{name}") for name in _ASPECTS}  # noqa: S311 - no secret
        times = self._times(dice["arrivals"], until)
        services = self.service.draw(dice["service"], len(times))
        class_of = self._class_of(dice["classes"], len(times))
        patience = self._patience(dice["patience"], len(times), class_of)
        if class_of is not None:
            factors = [(one.mean_service or self.service.mean) / self.service.mean for one in self.classes]
            services = [service * factors[of] for service, of in zip(services, class_of, strict=True)]
        elif self.classes[0].mean_service is not None:
            factor = self.classes[0].mean_service / self.service.mean
            services = [service * factor for service in services]
        return Arrivals(times, services, self.classes, class_of, patience)

    def _until(self, rows: Arrivals, until: float | None) -> Arrivals:
        if until is None or not rows.times or rows.times[-1] < until:
            return rows
        end = next(place for place, time in enumerate(rows.times) if time >= until)
        return Arrivals(
            rows.times[:end],
            rows.services[:end],
            rows.classes,
            None if rows.class_of is None else rows.class_of[:end],
            None if rows.patience is None else rows.patience[:end],
            None if rows.fields is None else rows.fields[:end],
            None if rows.ids is None else rows.ids[:end],
        )

    def _times(self, dice: random.Random, until: float | None) -> list[float]:
        count = self.count if self.count is not None or until is not None else DEFAULT_ARRIVALS
        if len(self.rates) > 1 or self.period is not None:
            return self._varying_times(dice, count, until)
        log, rnd, mean = math.log, dice.random, -1 / self.rates[0][1]
        if count is not None:
            times = list(accumulate(mean * log(1.0 - rnd()) for _ in range(count)))
            return times if until is None else times[: _before(times, until)]
        times, now, end = [], mean * log(1.0 - rnd()), until or 0.0
        while now < end:
            times.append(now)
            now += mean * log(1.0 - rnd())
        return times

    def _varying_times(self, dice: random.Random, count: int | None, until: float | None) -> list[float]:
        clock = _RateClock(self.rates, self.period)
        times: list[float] = []
        work = 0.0
        while count is None or len(times) < count:
            work -= math.log(1.0 - dice.random())
            at = clock.when(work)
            if at is None or (until is not None and at >= until):
                break
            times.append(at)
        return times

    def _class_of(self, dice: random.Random, count: int) -> list[int] | None:
        if len(self.classes) == 1:
            return None
        return dice.choices(range(len(self.classes)), weights=[one.share for one in self.classes], k=count)

    def _patience(self, dice: random.Random, count: int, class_of: Sequence[int] | None) -> list[float] | None:
        means = [one.mean_patience or self.mean_patience for one in self.classes]
        if not any(means):
            return None
        draws = [-math.log(1.0 - dice.random()) for _ in range(count)]
        each = [means[of] for of in class_of] if class_of is not None else [means[0]] * count
        return [math.inf if mean is None else draw * mean for draw, mean in zip(draws, each, strict=True)]


_ASPECTS = ("arrivals", "service", "classes", "patience")


class _RateClock:
    """Says when so many arrivals are expected, of a rate that is constant between changes."""

    def __init__(self, rates: Sequence[tuple[float, float]], period: float | None) -> None:
        self._starts = [at for at, _ in rates]
        self._rates = [rate for _, rate in rates]
        self._period = period
        spans = [after - before for before, after in zip(self._starts, self._starts[1:], strict=False)]
        last = period - self._starts[-1] if period is not None else math.inf
        parts = [span * rate for span, rate in zip([*spans, last], self._rates, strict=True) if rate]
        self._before = list(accumulate((s * r for s, r in zip(spans, self._rates, strict=False)), initial=0.0))
        self._whole = math.fsum(parts) if period is not None else math.inf

    def when(self, expected: float) -> float | None:
        """Return the second by which `expected` arrivals are expected, None for never."""
        rounds, rest = divmod(expected, self._whole) if self._period is not None else (0.0, expected)
        place = bisect_right(self._before, rest) - 1
        while self._rates[place] == 0:  # nothing arrives here: the time is when it begins again
            place += 1
            if place == len(self._rates):
                if self._period is None:
                    return None
                return (rounds + 1) * self._period + self.when_first()
        offset = self._starts[place] + max(rest - self._before[place], 0.0) / self._rates[place]
        return rounds * (self._period or 0.0) + offset

    def when_first(self) -> float:
        """Return where in a period something can first arrive."""
        return next(at for at, rate in zip(self._starts, self._rates, strict=True) if rate)


def _before(times: Sequence[float], until: float) -> int:
    return next((place for place, time in enumerate(times) if time >= until), len(times))


def _check_rates(rates: Sequence[tuple[float, float]], period: float | None) -> None:
    if not all(isinstance(one, Real) for pair in rates for one in pair):
        msg = f"rates and the seconds from which they hold are numbers, not {list(rates)!r}"
        raise ConfigurationError(msg)
    starts = [at for at, _ in rates]
    if not rates or starts[0] != 0 or starts != sorted(set(starts)):
        msg = "rates begin at second 0 and follow each other: [(0, 0.5), (3600, 1.0)]"
        raise ConfigurationError(msg)
    if not all(0 <= rate < math.inf for _, rate in rates) or not any(rate for _, rate in rates):
        msg = "rates are finite numbers of arrivals per second, and one of them is above 0"
        raise ConfigurationError(msg)
    if period is not None and not starts[-1] < period < math.inf:
        msg = f"the period must be longer than {starts[-1]:g} seconds, where the last rate begins"
        raise ConfigurationError(msg)


def _check_classes(classes: Iterable[ItemClass]) -> None:
    total = 0.0
    for one in classes:
        if not 0 <= one.share < math.inf or (one.mean_service is not None and not one.mean_service > 0):
            msg = f"class `{one.name}`: a share is not below 0, a service time is above it"
            raise ConfigurationError(msg)
        total += one.share
    if not total:
        msg = "the shares of all classes are 0"
        raise ConfigurationError(msg)
