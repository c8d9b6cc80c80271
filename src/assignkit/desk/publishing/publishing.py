"""Publishing: brings rules into force, takes them back, and has a second person look at them first.

Each act is one line in the store's log, in a unit of work; the texts are kept with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel

from assignkit.clock import Clock
from assignkit.desk.answering import answered
from assignkit.desk.membership import absentees, unmanned
from assignkit.desk.persons import same_person
from assignkit.desk.publishing.publications import decided_before, publications
from assignkit.desk.publishing.rulebooks import Rulebooks, kept
from assignkit.desk.said import firmly_said, said_instant
from assignkit.diagnostics import Severity
from assignkit.errors import ConfigurationError, NotFoundError, PublishingError
from assignkit.language.given import refuse_what_is_no_text
from assignkit.model.publication import Act, Publication, PublishingAct
from assignkit.model.shadow import ShadowReport
from assignkit.repositories.base import Store, Unit
from assignkit.rules.given_texts import Texts
from assignkit.rules.ruleset import RuleSet

T = TypeVar("T")

_THE_DESK = "desk"
_WARNINGS_KEPT = 50
_SUGGESTED = 5


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one act sees: the open unit, the time, what was published so far, and which versions have decided."""

    unit: Unit
    now: datetime
    known: list[Publication]
    decided: list[str]

    def newest(self, version: str, *states: str) -> Publication | None:
        """Return the newest publication of a version that is in one of these states."""
        fitting = (one for one in reversed(self.known) if one.version == version and one.state in states)
        return next(fitting, None)


class _Begun(BaseModel):
    """When a shadow was asked for first, as it is kept with the key."""

    at: AwareDatetime


class Publishing:
    """Publishes rules for all desks on one store. With `approvers`, what is published waits for one of them."""

    def __init__(self, store: Store, books: Rulebooks, *, clock: Clock, approvers: Iterable[str] | None) -> None:
        self._store = store
        self._books = books
        self._clock = clock
        self._approvers = None if approvers is None else _persons(approvers)

    def on(self, store: Store) -> Publishing:
        """Return the same on another store."""
        return Publishing(store, self._books, clock=self._clock, approvers=self._approvers)

    def publish(
        self,
        rules: RuleSet | str,
        *,
        actor: str,
        reason: str,
        effective: datetime | None = None,
        key: str | None = None,
    ) -> Publication:
        """Bring rules into force; see `Desk.publish`."""
        actor, reason = firmly_said("actor", actor), firmly_said("reason", reason)
        found = self.understood(rules)
        self._books.make_ready(found)
        wanted = _checked_instant(effective)
        arguments = {"version": found.version, "actor": actor, "reason": reason, "effective": wanted}

        def act(sight: _Sight) -> int:
            if wanted is not None and wanted < sight.now:
                raise PublishingError(version=found.version, attempted="publish", why="`effective` lies in the past")
            already = _already(sight, found.version, wanted)
            return already.number if already is not None else self._append(sight, found, actor, reason, wanted)

        return self._do("publish", key, arguments, act)

    def understood(self, rules: RuleSet | str) -> RuleSet:
        """Return rules, or those of a text, for the kinds of items of this desk; else `ConfigurationError`."""
        ours = self._books.made_with.rules
        if isinstance(rules, RuleSet):
            found = rules
        else:
            found = ours.of_texts(Texts((("<text>", refuse_what_is_no_text(rules)),)))
        if set(found.schema.kinds) != set(ours.schema.kinds):
            msg = "the rules are for other kinds of items than the desk's: use rules with the desk's schema"
            raise ConfigurationError(msg)
        return found

    def approve(self, version: str, *, actor: str, key: str | None = None) -> Publication:
        """Let a publication decide that waits for a second person; see `Desk.approve`."""
        version, actor = _version(version), firmly_said("actor", actor)

        def act(sight: _Sight) -> int:
            waiting = sight.newest(version, "awaiting approval")
            why = self._objection(waiting, actor)
            if waiting is None or why is not None:
                raise PublishingError(version=version, attempted="approve", why=why or _NOTHING_WAITS)
            return _say_of(sight, waiting, "approved", actor)

        return self._do("approve", key, {"version": version, "actor": actor}, act)

    def withdraw(self, version: str, *, actor: str, reason: str, key: str | None = None) -> Publication:
        """Call off a publication that does not decide yet; see `Desk.withdraw`."""
        version = _version(version)
        actor, reason = firmly_said("actor", actor), firmly_said("reason", reason)

        def act(sight: _Sight) -> int:
            pending = sight.newest(version, "awaiting approval", "scheduled")
            if pending is None:
                why = "no publication of it is still to come"
                raise PublishingError(version=version, attempted="withdraw", why=why)
            return _say_of(sight, pending, "withdrawn", actor, reason)

        return self._do("withdraw", key, {"version": version, "actor": actor, "reason": reason}, act)

    def roll_back(self, version: str, *, actor: str, reason: str, key: str | None = None) -> Publication:
        """Bring rules that decided before into force again, at once; see `Desk.rollback`."""
        version = _version(version)
        actor, reason = firmly_said("actor", actor), firmly_said("reason", reason)

        def act(sight: _Sight) -> int:
            if not any(one.version == version for one in sight.known):
                raise NotFoundError(
                    noun="version of the rules", key=version, help=_versions_to_go_back_to(sight, version)
                )
            if version not in sight.decided:
                why = f"it was never in force; {_versions_to_go_back_to(sight, version)}"
                raise PublishingError(version=version, attempted="roll back to", why=why)
            if sight.newest(version, "in force") is not None:
                raise PublishingError(version=version, attempted="roll back to", why="it is in force")
            self._books.of_version(sight.unit, version)
            return _say(sight, "rolled back", version, actor, reason=reason)

        return self._do("rollback", key, {"version": version, "actor": actor, "reason": reason}, act)

    def list(self) -> list[Publication]:
        """Return every publication, oldest first."""
        return self._within(lambda sight: sight.known)

    def begin_shadow(self, rules: RuleSet, *, actor: str | None, key: str | None) -> None:
        """Note that rules are to look on under this key; `IdempotencyError` if it was used for others."""
        arguments = {"version": rules.version, "actor": actor}

        def run(unit: Unit) -> None:
            now = self._clock.now()
            answered(unit, "shadow", key, arguments, lambda: _Begun(at=now), now=now, model=_Begun)

        self._store.transact(run)

    def shadow_report(self, version: str) -> ShadowReport:
        """Return what all desks have seen of rules that looked on; see `Desk.shadow_report`."""
        version = _version(version)
        reports = self._store.publications.shadows(version)
        if not reports:
            raise NotFoundError(noun="report of shadow rules", key=version)
        return ShadowReport.together(reports)

    def rules_of(self, version: str) -> RuleSet:
        """Return the rules of a version; see `Desk.rules_of`."""
        wanted = _version(version)
        return self._within(lambda sight: self._books.of_version(sight.unit, wanted).rules)

    def keep(self, unit: Unit, rules: RuleSet, now: datetime) -> None:
        """Keep rules that were never published, so that the decisions that they make can be read later."""
        if unit.publications.texts(rules.version) is None:
            unit.publications.keep(rules.version, kept(rules))
            made = PublishingAct(act="made", version=rules.version, actor=_THE_DESK, at=now)
            unit.publications.append(made)

    def _append(self, sight: _Sight, rules: RuleSet, actor: str, reason: str, effective: datetime | None) -> int:
        self.keep(sight.unit, self._books.made_with.rules, sight.now)
        sight.unit.publications.keep(rules.version, kept(rules))
        return _say(
            sight,
            "published",
            rules.version,
            actor,
            reason=reason,
            effective=effective,
            needs_approval=self._approvers is not None,
            warnings=_warnings(rules, sight.unit),
        )

    def _objection(self, waiting: Publication | None, actor: str) -> str | None:
        if self._approvers is None:
            return "this desk has no approvers"
        if actor not in self._approvers:
            return f"`{actor}` is not one of the approvers"
        if waiting is not None and same_person(waiting.actor, actor):
            return f"`{actor}` published it: somebody else has to approve"
        return None

    def _do(
        self, operation: str, key: str | None, arguments: Mapping[str, Any], act: Callable[[_Sight], int]
    ) -> Publication:
        def done(sight: _Sight) -> Publication:
            number = act(sight)
            now_known = publications(self._books.log(sight.unit), sight.now)
            return next(one for one in now_known if one.number == number)

        return self._within(
            lambda sight: answered(
                sight.unit, operation, key, arguments, lambda: done(sight), now=sight.now, model=Publication
            )
        )

    def _within(self, act: Callable[[_Sight], T]) -> T:
        def run(unit: Unit) -> T:
            now, log = self._clock.now(), self._books.log(unit)
            return act(_Sight(unit, now, publications(log, now), decided_before(log, now)))

        return self._store.transact(run)


def _already(sight: _Sight, version: str, effective: datetime | None) -> Publication | None:
    """Return the publication that says the same, so that asking twice is asking once."""
    at_once = ("in force", "awaiting approval") if effective is None else ("scheduled", "awaiting approval")
    of_version = (one for one in reversed(sight.known) if one.version == version and one.state in at_once)
    return next((one for one in of_version if one.state == "in force" or one.effective == effective), None)


def _say(
    sight: _Sight,
    act: Act,
    version: str,
    actor: str,
    *,
    reason: str,
    effective: datetime | None = None,
    needs_approval: bool = False,
    warnings: tuple[str, ...] = (),
) -> int:
    line = PublishingAct(
        act=act,
        version=version,
        actor=actor,
        reason=reason,
        at=sight.now,
        effective=effective,
        needs_approval=needs_approval,
        warnings=warnings,
    )
    return sight.unit.publications.append(line).number


def _say_of(sight: _Sight, publication: Publication, act: Act, actor: str, reason: str | None = None) -> int:
    line = PublishingAct(
        act=act, version=publication.version, actor=actor, reason=reason, at=sight.now, of=publication.number
    )
    sight.unit.publications.append(line)
    return publication.number


def _warnings(rules: RuleSet, unit: Unit) -> tuple[str, ...]:
    """Return what `check` warns of, with the agents and teams of the store at hand: one line each."""
    agents = unit.agents.list()
    teams = {team.id for team in unit.teams.list()}
    found = [one for one in rules.diagnostics if one.severity is Severity.WARNING]
    found += [*absentees(rules, agents, teams), *unmanned(rules, agents)]
    return tuple(one.render().partition("\n")[0] for one in found[:_WARNINGS_KEPT])


def _versions_to_go_back_to(sight: _Sight, wanted: str) -> str:
    """Return which version was probably meant, or which ones there are."""
    meant = [one for one in sight.decided if wanted and one.startswith(wanted)]
    if len(meant) == 1:
        return f"did you mean `{meant[0]}`?"
    if not sight.decided:
        return "no version has decided yet"
    newest = ", ".join(f"`{one}`" for one in reversed(sight.decided[-_SUGGESTED:]))
    return f"these decided before, the latest first: {newest}"


def _version(given: object) -> str:
    if not isinstance(given, str):
        msg = f"`version` is a text, the `.version` of rules, not {given!r:.60}"
        raise ConfigurationError(msg)
    return given


def _persons(approvers: object) -> frozenset[str]:
    if isinstance(approvers, str):
        msg = f"approvers are a list of persons, not the text `{approvers}`"
        raise ConfigurationError(msg)
    if not isinstance(approvers, Iterable) or isinstance(approvers, bytes | Mapping):
        msg = f"approvers are a list of persons, not {approvers!r:.60}"
        raise ConfigurationError(msg)
    return frozenset(firmly_said("approvers", one) for one in approvers)


def _checked_instant(effective: object) -> datetime | None:
    return None if effective is None else said_instant("effective", effective)


_NOTHING_WAITS = "no publication of it waits for approval"
