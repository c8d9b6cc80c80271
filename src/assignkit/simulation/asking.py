"""The picker for every order that has none of its own: it asks the library's own chain; and which picker is whose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from assignkit.desk.deciding.periods import period_start
from assignkit.errors import ConfigurationError
from assignkit.model.placement import Rotation
from assignkit.simulation.arrivals import Arrivals
from assignkit.simulation.picking import (
    NOBODY,
    SCOPE,
    LeastLoadedPicker,
    LongestIdlePicker,
    Picker,
    RandomPicker,
    TwoChoicesPicker,
)
from assignkit.simulation.staffing import Server
from assignkit.simulation.suiting import (
    BestRatedPicker,
    NearestPicker,
    QuotaPicker,
    SkillMatchPicker,
    WeightedBalancePicker,
)
from assignkit.simulation.taking_turns import FairSharePicker, RoundRobinPicker, WeightedRoundRobinPicker
from assignkit.strategies.base import Candidate, Order, Question
from assignkit.strategies.chain import OrderChain
from assignkit.strategies.registry import build_chain


class ChainPicker(Picker):
    """Any other order: the library's own chain, asked about candidates that are kept up to date."""

    def __init__(
        self, servers: Sequence[Server], chain: OrderChain, *, seed: str, start: datetime, arrivals: Arrivals | None
    ) -> None:
        super().__init__(servers, seed=seed, start=start)
        self._chain, self._seed = chain, seed
        self._rotation = Rotation(name=SCOPE)
        self._candidates = [
            Candidate(
                agent_id=server.id,
                agent=server.agent,
                tie=self.tie[number],
                idle_since=server.agent.signed_on_at,
                capacity=None if server.capacity == float("inf") else Decimal(repr(server.capacity)),
                position=number,
            )
            for number, server in enumerate(servers)
        ]
        self._number = {server.id: number for number, server in enumerate(servers)}
        self._standing = chain.stand() if chain.standing else None
        self._asked: tuple[list[Candidate], Question] | None = None
        self._arrivals = arrivals
        self._periods: dict[int, datetime] = {}
        for number in range(len(servers)):
            self._settle(number)

    def pick(self, item: int, now: float, skill: str | None) -> int:
        """Return the first of the chain's ranking who has room and the skill."""
        question = self._question(item, now)
        if self._standing is not None:
            self._standing.raise_floor(self._rotation.level)
            for candidate in self._standing:
                if skill is None or skill in candidate.agent.skills:
                    self._asked = ([candidate], question)
                    return self._number[candidate.agent_id]
            return NOBODY
        eligible = [
            candidate
            for number, candidate in enumerate(self._candidates)
            if self.has_room(number) and (skill is None or skill in candidate.agent.skills)
        ]
        for candidate in eligible:
            candidate.preference = candidate.agent.skills.get(skill, 0) if skill is not None else 0
            self._begin_period(candidate, question.now)
        if not eligible:
            return NOBODY
        ranked = self._chain.rank(eligible, question)
        self._asked = (ranked, question)
        return self._number[ranked[0].agent_id]

    def _question(self, item: int, now: float) -> Question:
        known = self._arrivals.fields_at(item) if self._arrivals is not None else {}
        return Question(
            f"item {item + 1}",
            self._start + timedelta(seconds=now),
            self._seed,
            self._rotation,
            location=known.get("location"),
            category=known.get("category"),
        )

    def _begin_period(self, candidate: Candidate, now: datetime) -> None:
        """Count anew what came in the agent's quota period, if a new one has begun."""
        if candidate.agent.quota is None:
            return
        number = self._number[candidate.agent_id]
        began = period_start(now, candidate.agent.quota_period, ZoneInfo(candidate.agent.zone or "UTC"))
        if self._periods.get(number) != began:
            self._periods[number] = began
            candidate.received_in_period = 0

    def took(self, agent: int, now: float) -> None:
        """Note that the agent got an item, and that the turn passes on."""
        self._candidates[agent].received_in_period += 1
        self.load[agent] += 1
        self.received[agent] += 1
        if self._chain.rotating and self._asked is not None:
            turn = self._chain.turn(self._candidates[agent], *self._asked)
            if turn is not None:
                self._rotation = turn.rotation
                for seat in turn.seats:
                    self._candidates[self._number[seat.agent_id]].seat = seat
        self._touch(agent, now)

    def freed(self, agent: int, now: float) -> None:
        """Note that the agent has finished, or lost, an item."""
        self.load[agent] -= 1
        self._touch(agent, now)

    def came(self, agent: int) -> None:
        """Note that the agent is there."""
        super().came(agent)
        self._settle(agent)

    def left(self, agent: int) -> None:
        """Note that the agent takes nothing for now."""
        super().left(agent)
        self._settle(agent)

    def _touch(self, agent: int, now: float) -> None:
        candidate = self._candidates[agent]
        candidate.load, candidate.received = self.load[agent], self.received[agent]
        candidate.idle_since = self._start + timedelta(seconds=now)
        self._settle(agent)

    def _settle(self, agent: int) -> None:
        if self._standing is None:
            return
        if self.has_room(agent):
            self._standing.put(self._candidates[agent])
        else:
            self._standing.discard(self.servers[agent].id)


_FAST: dict[str, type[Picker]] = {
    "closest skill match": SkillMatchPicker,
    "fair share": FairSharePicker,
    "least loaded": LeastLoadedPicker,
    "longest idle": LongestIdlePicker,
    "priority queue": LeastLoadedPicker,
    "quota": QuotaPicker,
    "random": RandomPicker,
    "round robin": RoundRobinPicker,
    "skill match": SkillMatchPicker,
    "two choices": TwoChoicesPicker,
    "weighted balance": WeightedBalancePicker,
    "weighted round robin": WeightedRoundRobinPicker,
}
_BY_ITEM: dict[str, type[BestRatedPicker | NearestPicker]] = {"best rated": BestRatedPicker, "nearest": NearestPicker}


def build_picker(
    order: str | Order | Sequence[str],
    servers: Sequence[Server],
    *,
    seed: str,
    start: datetime,
    arrivals: Arrivals | None = None,
    fast: bool = True,
) -> Picker:
    """Return the picker of an order: a name (`round robin`, `skill match then least loaded`), names, or an object.

    `arrivals` is where orders find an item's `location` and `category`. Without `fast`, the library's own order is
    asked in any case. Raises `UnknownStrategyError`, `ConfigurationError`.
    """
    if fast and isinstance(order, str) and order in _FAST:
        return _FAST[order](servers, seed=seed, start=start)
    if fast and isinstance(order, str) and order in _BY_ITEM:
        return _BY_ITEM[order](servers, seed=seed, start=start, arrivals=arrivals)
    return ChainPicker(servers, _chain(order), seed=seed, start=start, arrivals=arrivals)


def _chain(order: object) -> OrderChain:
    if isinstance(order, str):
        return build_chain([name.strip() for name in order.split(" then ")])
    if isinstance(order, Sequence) and order and all(isinstance(name, str) for name in order):
        return build_chain(order)
    if isinstance(order, Order):
        return OrderChain([order])
    msg = f"{order!r} is neither a RuleSet nor an order: give a name like `least loaded`, or an object with `key`"
    raise ConfigurationError(msg)
