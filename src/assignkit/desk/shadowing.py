"""Shadowing: what other rules would have decided, beside what was decided. They are asked, and never acted on."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from assignkit.desk.assigning import owner_to_adopt
from assignkit.desk.receiving import Received, effort_of
from assignkit.desk.rulebooks import Rulebook
from assignkit.desk.session import Session
from assignkit.model.decision import Decision
from assignkit.repositories.base import Store
from assignkit.rules.ruleset import RuleSet

_KEPT = 1000

_log = logging.getLogger("assignkit")


class Difference(BaseModel):
    """One item that the two rule sets decided differently: what was done, and what the shadow would have done."""

    model_config = ConfigDict(frozen=True)

    kind: str
    item_id: str
    at: AwareDatetime | None
    outcome: str
    agent_id: str | None
    rule: str | None
    shadow_outcome: str
    shadow_agent_id: str | None
    shadow_rule: str | None


class ShadowReport(BaseModel):
    """How two rule sets compare so far: `decided` = `same` + `different` + `failed`.

    `differences` are the newest thousand, oldest first. `moves` counts all differences by (rule, rule of the shadow).
    An item on which the shadow raised an error counts as `failed`; the log says why.
    """

    model_config = ConfigDict(frozen=True)

    shadow_version: str
    decided: int
    same: int
    different: int
    failed: int
    moves: tuple[tuple[str | None, str | None, int], ...]
    differences: tuple[Difference, ...]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the differences as one flat row each."""
        return [difference.model_dump(mode="json") for difference in self.differences]


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

    def __init__(self, rules: RuleSet, store: Store, *, seed: str) -> None:
        self._book = Rulebook.of(rules, seed=seed)
        self._store = store
        self._seed = seed
        self._lock = threading.Lock()
        self._same = self._failed = 0
        self._moves: Counter[tuple[str | None, str | None]] = Counter()
        self._differences: deque[Difference] = deque(maxlen=_KEPT)
        self.stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Look on no longer; the report stays."""
        self.stopped = True

    def report(self) -> ShadowReport:
        """Return how the two rule sets compare so far."""
        with self._lock:
            different = self._moves.total()
            moves = sorted(self._moves.items(), key=lambda move: (-move[1], str(move[0])))
            return ShadowReport(
                shadow_version=self._book.rules.version,
                decided=self._same + different + self._failed,
                same=self._same,
                different=different,
                failed=self._failed,
                moves=tuple((before, after, count) for (before, after), count in moves),
                differences=tuple(self._differences),
            )

    def look(self, session: Session, received: Received, *, force: bool) -> Seen | None:
        """Return what the shadow would do, before anything is done; None for an item that no rules are run for."""
        try:
            return self._look(session, received, force=force)
        except Exception:  # noqa: BLE001 - whatever the shadow does, it may not disturb a decision
            _log.exception("the shadow rules failed on %s `%s`", received.kind, received.item_id)
            return Seen(failed=True)

    def note(self, seen: Seen, decision: Decision) -> None:
        """Count what was decided beside what the shadow would have; called when it is committed."""
        acted = (decision.outcome, decision.agent_id, decision.rule, (decision.pool, decision.queue))
        with self._lock:
            if seen.failed:
                self._failed += 1
            elif acted == (seen.outcome, seen.agent_id, seen.rule, seen.where):
                self._same += 1
            else:
                self._moves[decision.rule, seen.rule] += 1
                self._differences.append(_difference(seen, decision, decision.at))

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
        tracked = self._store.changes(None) is not None
        directory = book.directory if tracked else Rulebook.of(book.rules, seed=self._seed).directory
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
