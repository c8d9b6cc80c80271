"""What whoever answers for the rules says to a desk: which rules decide, since when, and which look on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from assignkit.desk.publishing.onlookers import Onlookers
from assignkit.desk.publishing.publishing import Publishing
from assignkit.desk.publishing.reloading import OnReload, WatchedRules
from assignkit.desk.publishing.rulebooks import Rulebooks
from assignkit.desk.publishing.shadowing import Shadow
from assignkit.desk.said import firmly_said, refuse_what_cannot_be_called, said
from assignkit.errors import ConfigurationError
from assignkit.model.publication import Publication
from assignkit.model.shadow import ShadowReport
from assignkit.repositories.base import Store
from assignkit.rules.ruleset import RuleSet


class Governing:
    """The part of a desk that whoever answers for the rules talks to."""

    _store: Store
    _seed: str
    _books: Rulebooks
    _publishing: Publishing
    _onlookers: Onlookers

    def publish(
        self,
        rules: RuleSet | str,
        *,
        actor: str,
        reason: str,
        effective: datetime | None = None,
        key: str | None = None,
    ) -> Publication:
        """Bring rules (or their text) into force for every desk on this store, at once or from `effective` on.

        A batch that runs goes on by the rules that it began with. With `approvers` they wait for `approve`. Asking for
        what is in force, or on its way, changes nothing. `RuleError` for a text with errors, `ConfigurationError` for
        rules with other kinds of items, `PublishingError` for an instant in the past. What `check` warns of, teams that
        are not there among it, stands in the publication's `warnings`.
        """
        return self._publishing.publish(rules, actor=actor, reason=reason, effective=effective, key=key)

    def approve(self, version: str, *, actor: str, key: str | None = None) -> Publication:
        """Let published rules decide that wait for a second person, from now or from their `effective` on.

        `PublishingError` if nothing of the version waits, or `actor` is no approver, or the one who published, however
        the name is written.
        """
        return self._publishing.approve(version, actor=actor, key=key)

    def withdraw(self, version: str, *, actor: str, reason: str, key: str | None = None) -> Publication:
        """Call off a publication that waits or is scheduled; `PublishingError` if there is none."""
        return self._publishing.withdraw(version, actor=actor, reason=reason, key=key)

    def rollback(self, version: str, *, actor: str, reason: str, key: str | None = None) -> Publication:
        """Bring a version that decided before into force again, at once, without another approval.

        `NotFoundError` for an unknown version, `PublishingError` for one that never was in force, or that is.
        """
        return self._publishing.roll_back(version, actor=actor, reason=reason, key=key)

    def publications(self) -> list[Publication]:
        """Return what was published, oldest first: who, why, when, and what became of it.

        Rules that a desk was made with, and that decided something, are among them as `made`.
        """
        return self._publishing.list()

    def rules_of(self, version: str) -> RuleSet:
        """Return the rules that a decision names by `version`; `NotFoundError` if they were never kept."""
        return self._publishing.rules_of(version)

    def shadow(self, rules: RuleSet | str, *, actor: str | None = None, key: str | None = None) -> Shadow:
        """Let other rules (or their text) look on: each item is decided by both, and only the rules in force act.

        The differences stand in the `report()` of what is returned, until its `stop()` and after; the store keeps them,
        see `shadow_report`. Asking again with the `key` of a shadow that looks on returns that one.
        """
        found = self._publishing.understood(rules)
        actor, key = said("actor", actor), said("key", key)
        self._publishing.begin_shadow(found, actor=actor, key=key)
        return self._onlookers.add(Shadow(found, self._store, seed=self._seed, actor=actor, key=key))

    def shadow_report(self, version: str) -> ShadowReport:
        """Return what all desks on this store, running or not, have seen of rules of this version that looked on.

        Other desks keep what they saw after a hundred items, some seconds, a `tick` or a `stop`. `NotFoundError` if
        none has seen anything.
        """
        self._onlookers.keep()
        return self._publishing.shadow_report(version)

    def reload_from(
        self,
        path: str | Path,
        *,
        actor: str = "file",
        every_seconds: float | None = None,
        on_reload: OnReload | None = None,
    ) -> WatchedRules:
        """Publish a file's rules whenever they change: at each `check()` of what is returned, or every so many seconds.

        A file that cannot be used leaves the rules in force and tells its diagnostics, to `on_reload` and the log.
        """
        where: object = path
        if not isinstance(where, str | Path) or not str(where).strip():
            msg = f"`path` is where the rules are, a text or a Path, not {path!r:.60}"
            raise ConfigurationError(msg)
        if on_reload is not None:
            refuse_what_cannot_be_called("on_reload", on_reload)
        watched = WatchedRules(
            Path(path),
            like=self._books.made_with.rules,
            publish=self.publish,
            actor=firmly_said("actor", actor),
            on_reload=on_reload,
        )
        if every_seconds is not None:
            watched.start(every_seconds)
        return watched
