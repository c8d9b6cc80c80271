"""Reloading: a file whose rules are published when it changes. What cannot be used leaves the old rules in force."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from assignkit.desk.rulebooks import Rulebook
from assignkit.diagnostics import Diagnostic
from assignkit.errors import AssignkitError, ConfigurationError, RuleError
from assignkit.model.publication import Publication
from assignkit.rules.ruleset import RuleSet

_log = logging.getLogger("assignkit")


@dataclass(frozen=True, slots=True)
class Reload:
    """What came of a file that changed: the publication, or why there is none and the old rules stay."""

    publication: Publication | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    error: AssignkitError | None = None


OnReload = Callable[[Reload], None]


class Publishes(Protocol):
    """Brings rules into force; `Desk.publish` is one."""

    def __call__(self, rules: RuleSet, *, actor: str, reason: str) -> Publication:
        """Publish rules."""
        ...


class WatchedRules:
    """One file, and the files that it imports. `check` looks once; `stop` ends the looking of `every_seconds`."""

    def __init__(
        self, path: Path, *, like: RuleSet, publish: Publishes, actor: str, on_reload: OnReload | None = None
    ) -> None:
        self._path = path
        self._like = like
        self._publish = publish
        self._actor = actor
        self._on_reload = on_reload
        self._seen: object = like.version
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def check(self) -> Reload | None:
        """Publish the file's rules if they changed since the last look; None if they did not.

        A file that cannot be used is told of once, until it changes again; it never raises for what is in the file.
        """
        with self._lock:
            reload = self._look()
        if reload is not None and self._on_reload is not None:
            self._on_reload(reload)
        return reload

    def start(self, every_seconds: float) -> None:
        """Look every so many seconds, in a thread of its own that does not keep the process alive."""
        if every_seconds <= 0:
            msg = f"`every_seconds` is above 0, got {every_seconds}"
            raise ConfigurationError(msg)
        self._thread = threading.Thread(target=self._go_on, args=(every_seconds,), name="assignkit-rules", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns when a look that has begun is over."""
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _look(self) -> Reload | None:
        try:
            rules = self._like.of_file(self._path)
            Rulebook.of(rules, seed="")
        except AssignkitError as error:
            return self._broken(error)
        if rules.version == self._seen:
            return None
        try:
            publication = self._publish(rules, actor=self._actor, reason=f"{self._path.name} changed")
        except AssignkitError as error:
            return self._broken(error)
        self._seen = rules.version
        return Reload(publication)

    def _broken(self, error: AssignkitError) -> Reload | None:
        told = str(error)
        if told == self._seen:
            return None
        self._seen = told
        _log.error("%s cannot be used, the rules in force stay: %s", self._path.name, told)
        return Reload(diagnostics=error.diagnostics if isinstance(error, RuleError) else (), error=error)

    def _go_on(self, every_seconds: float) -> None:
        while not self._stopped.wait(every_seconds):
            try:
                self.check()
            except Exception:  # noqa: BLE001 - the next look may fare better
                _log.exception("looking at %s failed", self._path.name)
