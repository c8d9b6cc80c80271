"""Shadowing: what other rules would have decided, beside what was decided. They are asked, and never acted on.

Each desk that looks on keeps its report in the store, as a whole and under a name of its own, every so often: so that
no two wait for each other, and what was lost with a rollback or a failure is there the next time.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

from assignkit.desk.assigning import owner_to_adopt
from assignkit.desk.deciding.directory import Directory
from assignkit.desk.publishing.rulebooks import Rulebook
from assignkit.desk.receiving import Received, effort_of
from assignkit.desk.session import Session
from assignkit.model.decision import Decision
from assignkit.model.shadow import KEPT_DIFFERENCES, Difference, Pair, ShadowReport, ranked
from assignkit.repositories.base import Store
from assignkit.rules.ruleset import RuleSet

_KEEP_AFTER = 100  # items
_KEEP_EVERY = timedelta(seconds=5)

_log = logging.getLogger("assignkit")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the shadow would do with one item; `failed` if it raised."""

    outcome: str = ""
    agent_id: str | None = None
    rule: str | None = None
    where: tuple[str | None, str | None] = (None, None)
    failed: bool = False


class Shadow:
    """Rules that look on. Use it as a context manager, or call `stop`; thread-safe."""

    def __init__(
        self, rules: RuleSet, store: Store, *, seed: str, actor: str | None = None, key: str | None = None
    ) -> None:
        self._book = Rulebook.of(rules, seed=seed)
        self._store = store
        self._seed = seed
        self._actor = actor
        self._name = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._keeping = threading.Lock()
        self._same = self._failed = self._unkept = 0
        self._kept_at: datetime | None = None
        self._moves: Counter[Pair] = Counter()
        self._hands: Counter[Pair] = Counter()
        self._differences: deque[Difference] = deque(maxlen=KEPT_DIFFERENCES)
        self.key = key
        self.stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def version(self) -> str:
        """The version of the rules that look on."""
        return self._book.rules.version

    def stop(self) -> None:
        """Look on no longer; the report stays."""
        self.stopped = True
        self.keep()

    def report(self) -> ShadowReport:
        """Return how the two rule sets compare so far at this desk; `Desk.shadow_report` has those of all desks."""
        with self._lock:
            different = self._moves.total()
            return ShadowReport(
                shadow_version=self.version,
                actors=() if self._actor is None else (self._actor,),
                decided=self._same + different + self._failed,
                same=self._same,
                different=different,
                failed=self._failed,
                moves=ranked(self._moves),
                hands=ranked(self._hands),
                differences=tuple(self._differences),
            )

    def keep(self) -> None:
        """Write the report to the store, once what surrounds the call in this thread is committed."""
        if self._unkept:
            self._store.after_commit(self._keep)

    def look(self, session: Session, received: Received, *, force: bool) -> Seen | None:
        """Return what the shadow would do, before anything is done; None for an item that no rules are run for."""
        try:
            return self._look(session, received, force=force)
        except Exception:  # noqa: BLE001 - whatever the shadow does, it may not disturb a decision
            _log.exception("the shadow rules failed on %s `%s`", received.kind, received.item_id)
            return Seen(failed=True)

    def note(self, seen: Seen, decision: Decision) -> None:
        """Count what was decided beside what the shadow would have, once it is committed."""
        self._store.after_commit(partial(self._note, seen, decision))

    def _note(self, seen: Seen, decision: Decision) -> None:
        acted = (decision.outcome, decision.agent_id, decision.rule, (decision.pool, decision.queue))
        with self._lock:
            self._unkept += 1
            if seen.failed:
                self._failed += 1
            elif acted == (seen.outcome, seen.agent_id, seen.rule, seen.where):
                self._same += 1
            else:
                self._moves[decision.rule, seen.rule] += 1
                self._hands[decision.agent_id, seen.agent_id] += 1
                self._differences.append(_difference(seen, decision, decision.at))
            due = self._unkept >= _KEEP_AFTER or self._is_late(decision.at)
        if due:
            self._keep()

    def _is_late(self, now: datetime | None) -> bool:
        if now is None:
            return False
        if self._kept_at is None:
            self._kept_at = now
        if now - self._kept_at < _KEEP_EVERY:
            return False
        self._kept_at = now
        return True

    def _keep(self) -> None:
        with self._keeping:
            self._unkept = 0
            try:
                self._store.publications.keep_shadow(self._name, self.report())
            except Exception:  # noqa: BLE001 - what was decided stands; the next time writes the whole report again
                self._unkept = 1
                _log.exception("the report of shadow rules %s could not be kept", self.version)

    def _look(self, session: Session, received: Received, *, force: bool) -> Seen | None:
        placement = session.placement(received)
        if placement.taken and not force:
            return None
        if placement.revision == 0 and owner_to_adopt(session, received) is not None and not force:
            return None
        placement = replace(placement, effort=effort_of(received.record))
        beside = self._beside(session)
        verdict = beside.decider().decide(beside.case(received, placement))
        rule = verdict.rule.name if verdict.rule else None
        if placement.taken and verdict.agent is None and verdict.outcome in ("waiting", "unmatched"):
            return Seen("kept", placement.agent_id, rule)
        agent_id = verdict.agent.id if verdict.agent else None
        return Seen(verdict.outcome, agent_id, rule, (verdict.pool, verdict.queue))

    def _beside(self, session: Session) -> Session:
        book = self._book
        lasting = not self._store.shared and self._store.changes(None) is not None
        directory = book.directory if lasting else Directory(book.rules, seed=self._seed)
        directory.refresh(self._store, session.unit)
        return replace(session, rules=book.rules, chains=book.chains, directory=directory)


def _difference(seen: Seen, decision: Decision, at: datetime | None) -> Difference:
    return Difference(
        kind=decision.kind,
        item_id=decision.item_id,
        at=at,
        outcome=decision.outcome,
        agent_id=decision.agent_id,
        rule=decision.rule,
        shadow_outcome=seen.outcome,
        shadow_agent_id=seen.agent_id,
        shadow_rule=seen.rule,
    )
