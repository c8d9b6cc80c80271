"""Batching: items are decided one in a unit of work, or a chunk of them in one, the plain ones of it together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import Any, Protocol, TypeVar

from assignkit.clock import Clock
from assignkit.desk import assigning
from assignkit.desk.answering import answer_once
from assignkit.desk.assigning import Request
from assignkit.desk.expecting import expect, foreseen_nothing
from assignkit.desk.express import Express
from assignkit.desk.publishing.publishing import Publishing
from assignkit.desk.publishing.rulebooks import Rulebook
from assignkit.desk.publishing.shadowing import Seen, Shadow
from assignkit.desk.receiving import CUSTOMERS, Received, is_looked_up, label_of, receive
from assignkit.desk.session import Session
from assignkit.errors import AssignkitError, BackendError, ConflictError
from assignkit.messages.text import spelled_out
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.repositories.base import Store
from assignkit.rules.plan import Rule

T = TypeVar("T")
O = TypeVar("O")  # noqa: E741 - an outcome

_log = logging.getLogger("assignkit")


@dataclass(slots=True)
class Asked:
    """One item that is to be assigned, as somebody asked for it; `number` is its place in a batch."""

    item: Any
    kind: str | None
    key: str | None
    request: Request
    number: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked for but a decision by the rules."""
        request = self.request
        return self.key is None and not request.force and request.version is None

    @property
    def is_at_hand(self) -> bool:
        """Whether nothing has to be looked up or read to have the item: most are so."""
        return self.kind is None and isinstance(self.item, Customer)


class Run(Protocol):
    """Does something in one unit of work of the desk, by the rules in force or by those of `book`."""

    def __call__(self, act: Callable[[Session], T], *, book: Rulebook | None = None, expecting: bool = False) -> T:
        """Return what `act` gives; `expecting` if it says what it is going to need."""
        ...


class Batches:
    """Decides what was asked for, in units of work of one desk."""

    def __init__(
        self,
        run: Run,
        store: Store,
        publishing: Publishing,
        *,
        clock: Clock,
        kinds: frozenset[str],
        shadows: Callable[[], Sequence[Shadow]],
        lasting: bool = True,
    ) -> None:
        self._run = run
        self._store = store
        self._shared = store.shared
        self._publishing = publishing
        self._clock = clock
        self._kinds = kinds
        self._shadows = shadows
        self._kept: set[str] = set()  # versions whose texts are
        self._lasting = lasting  # whether what is kept stays so: a host may take back parts of its own transaction
        self.goes_short = True  # False takes every item the long way, beside which tests hold the short one

    def one(self, asked: Asked, *, book: Rulebook | None = None) -> Decision:
        """Decide one item in a unit of its own; raises what `Desk.assign` raises."""
        seen: list[tuple[Shadow, Seen]] = []

        def act(session: Session) -> Decision:
            seen.clear()
            with self._begun(session, (asked,)) as express:
                return self._decide(express, asked, seen)

        decision = self._run(act, book=book, expecting=True)
        self._note(decision, seen)
        return decision

    def many(self, chunk: Sequence[Asked], *, book: Rulebook) -> list[Decision]:
        """Decide a chunk in one unit, an item that fails as an `error`; if the unit fails, each item in its own."""
        if len(chunk) > 1:
            try:
                return self._in_one_unit(chunk, partial(self._decide_apart, failed=error_decision), book)
            except Exception:  # noqa: BLE001 - whatever it was, nothing is changed, and it may concern one item alone
                _log.debug("a chunk of %d items is decided item by item", len(chunk), exc_info=True)
        return [self._one_or_error(asked, book) for asked in chunk]

    def together(self, group: Sequence[Asked]) -> list[Decision | Exception]:
        """Decide what several callers asked for in one unit; an item that fails is its error.

        Raises if nothing is kept.
        """
        return self._in_one_unit(group, partial(self._decide_apart, failed=_its_error), None)

    def _one_or_error(self, asked: Asked, book: Rulebook) -> Decision:
        try:
            return self.one(asked, book=book)
        except Exception as error:  # noqa: BLE001 - a host's object may raise anything, and may not stop the batch
            return error_decision(asked, error)

    def _in_one_unit(
        self,
        chunk: Sequence[Asked],
        decide: Callable[[Express, Asked, list[tuple[Shadow, Seen]]], O],
        book: Rulebook | None,
    ) -> list[O]:
        beside: list[list[tuple[Shadow, Seen]]] = []

        def act(session: Session) -> list[O]:
            beside[:] = [[] for _ in chunk]
            with self._begun(session, chunk) as express:
                return [decide(express, asked, seen) for asked, seen in zip(chunk, beside, strict=True)]

        decisions = self._run(act, book=book, expecting=True)
        for decision, seen in zip(decisions, beside, strict=True):
            if isinstance(decision, Decision):
                self._note(decision, seen)
        return decisions

    def _begun(self, session: Session, chunk: Sequence[Asked]) -> Express:
        """Return what decides plain items, when all is locked that deciding the chunk is going to need."""
        if session.rules.version not in self._kept:
            self._publishing.keep(session.unit, session.rules, session.now)
        express = Express.of(session)
        if len(chunk) > 1 or not session.unit.alone:  # else others would wait while it is matched
            express.foresee(asked.item for asked in chunk if asked.kind is None and asked.is_plain)
        if self._shared and len(chunk) == 1 and session.unit.alone and chunk[0].is_at_hand and chunk[0].key is None:
            session.directory.expect(session.unit, (), ((CUSTOMERS, chunk[0].item.id),))
        elif self._shared:
            expect_asked(session, chunk, kinds=self._kinds, foreseen=express.foreseen)
        return express

    def _note(self, decision: Decision, seen: Sequence[tuple[Shadow, Seen]]) -> None:
        """Note what a decision says that is kept now."""
        if decision.rules_version is not None and self._lasting:
            self._kept.add(decision.rules_version)
        for shadow, one in seen:
            shadow.note(one, decision)

    def _decide_apart(
        self,
        express: Express,
        asked: Asked,
        seen: list[tuple[Shadow, Seen]],
        *,
        failed: Callable[[Asked, Exception], O],
    ) -> Decision | O:
        """Decide one item of several, in a part of the unit that is taken back if the item fails."""
        session = express.session
        session.now = self._clock.now().astimezone(UTC)
        try:
            decided = self._decide_shortly(express, asked)
        except (ConflictError, BackendError):
            raise  # somebody else came in between: it concerns the unit, and may go well when all is done again
        except Exception as error:
            if express.broken:
                raise  # others of the batch could not be written
            return failed(asked, error)  # a host's object may raise anything, and may not stop the batch
        if isinstance(decided, Decision):
            return decided
        express.flush()
        session.at(session.now)
        try:
            with self._store.unit():
                return self._decide_at_length(session, asked, decided, seen)
        except (ConflictError, BackendError):
            raise  # as above
        except Exception as error:  # noqa: BLE001 - as above
            session.directory.take_back_notes(session.unit)
            seen.clear()
            return failed(asked, error)

    def _decide(self, express: Express, asked: Asked, seen: list[tuple[Shadow, Seen]]) -> Decision:
        decided = self._decide_shortly(express, asked)
        if isinstance(decided, Decision):
            return decided
        express.flush()
        return self._decide_at_length(express.session, asked, decided, seen)

    def _decide_shortly(self, express: Express, asked: Asked) -> Decision | Received:
        """Return the decision of a plain item; for any other, of which nothing is done, what has been received."""
        received, item = None, asked.item
        if asked.kind is not None or not isinstance(item, Customer):  # `is_at_hand`, without a call for each item
            if is_looked_up(item, kind=asked.kind):
                express.flush()  # it may be one of those that this batch has just decided
            received = self._received(express.session, asked)
            item = received.record
        if self.goes_short and asked.is_plain and not self._shadows():
            decision = express.assign(item, asked.request.actor)
            if decision is not None:
                return decision
        return received if received is not None else self._received(express.session, asked)

    def _received(self, session: Session, asked: Asked) -> Received:
        return receive(asked.item, kind=asked.kind, records=session.unit, kinds=self._kinds)

    def _decide_at_length(
        self, session: Session, asked: Asked, received: Received, seen: list[tuple[Shadow, Seen]]
    ) -> Decision:
        shadows = self._shadows()
        if shadows:
            seen += _looked(shadows, session, received, asked.request)
        if asked.key is None:
            return assigning.assign(session, received, asked.request)
        return _answer_once(session, asked.key, received, asked.request)


def expect_asked(
    session: Session,
    chunk: Sequence[Asked],
    *,
    kinds: frozenset[str],
    foreseen: Callable[[object], Rule | None] = foreseen_nothing,
) -> None:
    """Lock what deciding a chunk on a shared store is going to need, keys before all else; see `expecting.expect`."""
    for key in sorted(asked.key for asked in chunk if asked.key is not None):
        session.unit.idempotency.find("assign", key)
    expect(session, [_received_early(session, asked, kinds) for asked in chunk], foreseen=foreseen)


def _received_early(session: Session, asked: Asked, kinds: frozenset[str]) -> Received | None:
    """Return what was asked for, before it is locked; None where that is to fail when it is decided."""
    try:
        return receive(asked.item, kind=asked.kind, records=session.unit, kinds=kinds)
    except (ConflictError, BackendError):
        raise
    except Exception:  # noqa: BLE001 - a host's object may raise anything
        return None


def _answer_once(session: Session, key: str, received: Received, request: Request) -> Decision:
    arguments = {
        "item": (received.kind, received.item_id, received.told),
        "force": request.force,
        "actor": request.actor,
        "version": request.version,
    }
    return answer_once(
        session.unit,
        "assign",
        key,
        arguments,
        lambda: assigning.assign(session, received, request),
        now=session.now,
    )


def _looked(
    shadows: Sequence[Shadow], session: Session, received: Received, request: Request
) -> list[tuple[Shadow, Seen]]:
    looked = ((shadow, shadow.look(session, received, force=request.force)) for shadow in shadows)
    return [(shadow, seen) for shadow, seen in looked if seen is not None]


def _its_error(asked: Asked, error: Exception) -> Exception:  # noqa: ARG001 - who asked knows what for
    return error


def error_decision(asked: Asked, error: Exception) -> Decision:
    """Return the decision for an item of a batch that failed."""
    message = str(error) if isinstance(error, AssignkitError) else f"{type(error).__name__}: {error}"
    if not isinstance(error, AssignkitError):
        _log.error("item %d of the batch failed", asked.number, exc_info=error)
    settled, identity = label_of(asked.item, kind=asked.kind)
    named = spelled_out(identity) if identity else f"#{asked.number + 1}"
    return Decision(kind=settled, item_id=named, outcome="error", reasons=(spelled_out(message),))
