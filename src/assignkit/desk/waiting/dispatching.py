"""Two-sided dispatch: waiting items meet agents who became free, and what time makes due is done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from assignkit.desk.by_hand import offers
from assignkit.desk.committing.committing import Why
from assignkit.desk.deciding.world import reads_clock
from assignkit.desk.receiving import CUSTOMERS
from assignkit.desk.session import Session
from assignkit.desk.waiting.agenda import Agenda, ItemKey
from assignkit.desk.waiting.draining import Line, Queue
from assignkit.desk.waiting.pulling import is_free, may_have, room
from assignkit.errors import AssignkitError
from assignkit.model.decision import Decision
from assignkit.model.placement import Placement

Run = Callable[[Callable[[Session], Any]], Any]
Retry = Callable[[ItemKey], Decision]

_log = logging.getLogger("assignkit")
_SOMEBODY_ELSE = frozenset(("held", "pending"))
_READ_AHEAD = 256  # how many records of waiting items are read at once, at most
_PULLED = 100  # how many waiting items are tried for one freed agent at once; the next tick looks at all


@dataclass(frozen=True, slots=True)
class Plan:
    """What one tick has to look at: items in line, which of them whatever happens, and for which agents the others."""

    line: Line
    certain: frozenset[ItemKey]
    stirred: frozenset[str] | None


@dataclass(slots=True)
class News:
    """What happened since the last plan: who may have become free (None: anybody), and which items changed.

    It is kept until the plan is, as the unit that looks at it may be done again.
    """

    stirred: frozenset[str] | None = frozenset()
    items: frozenset[ItemKey] = frozenset()
    customers_moved: bool = False

    def take(self, session: Session) -> None:
        """Take over what the directory has noted."""
        stirred = session.directory.take_stirred()
        self.stirred = None if stirred is None or self.stirred is None else self.stirred | stirred
        self.items |= session.directory.take_touched()
        self.customers_moved |= any(kind == CUSTOMERS for kind, _ in self.items)


class Dispatcher:
    """Does what is due at one desk. Each item has a unit of work of its own, so that a poisoned one stops nobody."""

    def __init__(self, queue: Queue, *, tracked: bool) -> None:
        self._queue = queue
        self._tracked = tracked
        self._agenda = Agenda()
        self._failed: set[ItemKey] = set()
        self._news = News()
        self._finished = ""  # the version of the rules by which the last tick came to its end

    def tick(self, run: Run, retry: Retry) -> list[Decision]:
        """End offers that ran out or were recalled, then try what waits and may now find somebody."""
        ended, version = run(self._ended)
        if self._finished != version:
            self._news.stirred = None
        self._finished = ""
        changed = list(_end_offers(ended, run))
        plan: Plan = run(self._plan)
        self._news, self._failed = News(), set()
        hopeful = Hopeful(plan.stirred)
        while (placement := plan.line.next()) is not None:
            item = (placement.kind, placement.item_id)
            if item in plan.certain or run(partial(hopeful.for_item, placement)):
                decision = self._retried(item, retry)
                if decision is not None:
                    plan.line.left(placement, agent_id=decision.agent_id)
                    changed.append(decision)
        self._finished = version
        return changed

    def pull(self, agent_id: str, run: Run, retry: Retry) -> Decision | None:
        """Give an agent who became free the best waiting item that it may have; returns what it got, or None.

        Items that it may have, and that somebody else is to have before it, come to those on the way.
        """
        tried: set[ItemKey] = set()
        while len(tried) < _PULLED:
            found = run(partial(self._best_for, agent_id, tried))
            if found is None:
                return None
            line, placement = found
            item = (placement.kind, placement.item_id)
            tried.add(item)
            decision = self._retried(item, retry)
            if decision is not None:
                line.left(placement, agent_id=decision.agent_id)
                if decision.agent_id == agent_id:
                    return decision
        return None

    def _best_for(self, agent_id: str, tried: set[ItemKey], session: Session) -> tuple[Line, Placement] | None:
        """Return the first waiting item in line that the agent is eligible for, and the line."""
        agent = session.directory.agent(agent_id)
        if agent is None or not is_free(session, agent):
            return None
        waiting = [each for each in session.unit.placements.in_state("waiting") if not each.invited]
        reads_ahead = session.directory.is_shared
        if reads_ahead and self._queue.policy.has_classes:
            _read_ahead(session, waiting)
        rooms = {kind: room(session, agent, kind) for kind in {each.kind for each in waiting}}
        fitting: list[Placement] = []
        beside: list[Placement] = []
        for each in waiting:
            has = rooms[each.kind]
            fits = (has is None or each.effort <= has) and (each.kind, each.item_id) not in tried
            (fitting if fits else beside).append(each)
        line = self._queue.line(session, fitting, beside=beside)
        together = 1
        while some := list(islice(iter(line.next, None), together)):
            if reads_ahead:
                _read_ahead(session, some)
                together = min(together * 4, _READ_AHEAD)
            for placement in some:
                if may_have(session, agent, placement):
                    return line, placement
        return None

    def _ended(self, session: Session) -> tuple[list[Placement], str]:
        """Return the offers that are over (by time, or their agent is gone), and the rules' version."""
        if not self._tracked:
            self._agenda = Agenda()
        self._news.take(session)
        self._news.customers_moved |= self._agenda.refresh(session.unit)
        stirred = self._news.stirred
        placements = session.unit.placements
        over = [found for item in self._agenda.due(session.now) if (found := placements.find(*item)) is not None]
        if stirred is None:
            recalled = [each for each in placements.in_state("offered") if not _active(session, each.agent_id)]
        else:
            gone = [agent_id for agent_id in stirred if not _active(session, agent_id)]
            recalled = sorted((each for one in gone for each in placements.of_agent(one)), key=_longest_first)
        ended = {(each.kind, each.item_id): each for each in (*over, *recalled) if each.offer_until is not None}
        return list(ended.values()), session.rules.version

    def _plan(self, session: Session) -> Plan:
        news = self._news
        news.take(session)
        news.customers_moved |= self._agenda.refresh(session.unit) or not self._tracked
        who = news.stirred
        certain = {*self._agenda.due(session.now), *news.items, *self._failed}
        kinds = _unforeseen(session, customers_moved=news.customers_moved)
        placements = session.unit.placements
        if who is None or who or kinds:
            waiting = [each for each in placements.in_state("waiting") if not each.invited]
            certain |= {(each.kind, each.item_id) for each in waiting if each.kind in kinds}
            return Plan(self._queue.line(session, waiting), frozenset(certain), who)
        found = (placements.find(*item) for item in sorted(certain))
        due = [each for each in found if each is not None and each.state == "waiting" and not each.invited]
        return Plan(self._queue.line(session, due, beside=self._others(session, due)), frozenset(certain), who)

    def _others(self, session: Session, due: list[Placement]) -> Iterable[Placement]:
        """Return what waits beside those that are due, where it matters to classes with a share of what is served."""
        if not due or not self._queue.policy.shares:
            return ()
        keys = {(each.kind, each.item_id) for each in due}
        waiting = session.unit.placements.in_state("waiting")
        return [each for each in waiting if (each.kind, each.item_id) not in keys and not each.invited]

    def _retried(self, item: ItemKey, retry: Retry) -> Decision | None:
        """Return what became of a waiting item that was tried again, if anything did."""
        decision = retry(item)
        if decision.outcome == "error":
            _log.warning("%s `%s` cannot be tried again: %s", *item, "; ".join(decision.reasons))
            self._failed.add(item)
            return None
        faster = _SOMEBODY_ELSE.intersection(decision.reasons)
        return None if decision.outcome == "waiting" or faster else decision


def _read_ahead(session: Session, placements: Iterable[Placement]) -> None:
    """Have the unit read the records of waiting items together, instead of one by one."""
    by_kind: dict[str, list[str]] = {}
    for placement in placements:
        by_kind.setdefault(placement.kind, []).append(placement.item_id)
    for kind, ids in by_kind.items():
        if len(ids) > 1:
            with suppress(AssignkitError):  # one of them cannot be read: that shows when it is looked at
                session.unit.items(kind).list({"id": ids})


def _longest_first(placement: Placement) -> tuple[datetime, str, str]:
    """Return what placements in one state are sorted by, as a store sorts them."""
    return placement.since, placement.kind, placement.item_id


def _end_offers(ended: Iterable[Placement], run: Run) -> Iterator[Decision]:
    for placement in ended:
        item = (placement.kind, placement.item_id)
        try:
            decision = run(partial(_end, item))
        except AssignkitError as error:
            _log.warning("the offer of %s `%s` cannot be ended: %s", *item, error)
            continue
        if decision is not None:
            yield decision


class Hopeful:
    """Agents who became free and have room left; None stands for anybody. Those without room are passed over."""

    def __init__(self, agent_ids: frozenset[str] | None) -> None:
        self._agent_ids = agent_ids
        self._with_room: dict[str, set[str]] = {}

    def for_item(self, placement: Placement, session: Session) -> bool:
        """Return whether one of the agents may have room for the item."""
        if self._agent_ids is None:
            return True
        kind = placement.kind
        hopeful = self._with_room.setdefault(kind, set(self._agent_ids))
        for agent_id in sorted(hopeful):
            agent = session.directory.agent(agent_id)
            left = room(session, agent, kind) if agent is not None and agent.active else 0
            if left is None or left >= placement.effort:
                return True
            if left <= 0:
                hopeful.discard(agent_id)
        return False


def _end(item: ItemKey, session: Session) -> Decision | None:
    """End the offer of the item, if it is over and nobody else ended it meanwhile."""
    placement = session.unit.placements.find(*item)
    if placement is None or placement.offer_until is None:
        return None
    if placement.offer_until <= session.now:
        return offers.over(session, placement, "expired", Why(origin="rule", rule=placement.rule))
    if placement.agent_id is not None and not _active(session, placement.agent_id):
        why = Why(origin="rule", rule=placement.rule, reason=f"{placement.agent_id} is not active any more")
        return offers.over(session, placement, "rescinded", why)
    return None


def _active(session: Session, agent_id: str | None) -> bool:
    agent = session.directory.agent(agent_id)
    return agent is not None and agent.active


def _unforeseen(session: Session, *, customers_moved: bool) -> frozenset[str]:
    """Return the kinds of which any waiting item may find somebody for a reason that no due list knows."""
    rules = session.rules
    return frozenset(
        kind
        for kind in rules.schema.kinds
        if rules.trial_order(kind) and (reads_clock(rules, kind) or (customers_moved and kind != CUSTOMERS))
    )
