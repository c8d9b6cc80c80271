"""Reloading: a file whose rules are published when it changes. What cannot be used leaves the old rules in force.

Files are told apart by what is in them and in what they import, never by dates, which a copy may keep.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from assignkit.desk.publishing.rulebooks import Rulebook
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
    """One file, and the files that it imports. `check` looks once; `stop` ends the looking of `every_seconds`.

    Whoever calls `check` says that the file is whole. The thread of `every_seconds` cannot know: it acts on what two
    looks in a row have seen, so that a file in the middle of being written is neither published nor complained of.
    """

    def __init__(
        self, path: Path, *, like: RuleSet, publish: Publishes, actor: str, on_reload: OnReload | None = None
    ) -> None:
        self._path = path
        self._like = like
        self._publish = publish
        self._actor = actor
        self._on_reload = on_reload
        self._published = like.version
        self._told: str | None = None
        self._glimpsed: str | None = None
        self._last: tuple[RuleSet, bytes | None] | None = None
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

        A file that cannot be used is told of once, until it changes again; it never raises for what is in the file, or
        for what has become of it.
        """
        return self._once(patient=False)

    def start(self, every_seconds: float) -> None:
        """Look every so many seconds, in a thread of its own that does not keep the process alive."""
        given: object = every_seconds
        if not isinstance(given, int | float) or not 0 < given <= threading.TIMEOUT_MAX:
            msg = f"`every_seconds` is a number of seconds above 0, not {every_seconds!r:.60}"
            raise ConfigurationError(msg)
        self._thread = threading.Thread(target=self._go_on, args=(every_seconds,), name="assignkit-rules", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more; returns when a look that has begun is over."""
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _once(self, *, patient: bool) -> Reload | None:
        with self._lock:
            reload = self._look(patient=patient)
        if reload is not None and self._on_reload is not None:
            self._on_reload(reload)
        return reload

    def _look(self, *, patient: bool) -> Reload | None:
        found = self._read()
        if patient and self._is_new(str(found) if isinstance(found, AssignkitError) else found.version):
            return None
        if isinstance(found, AssignkitError):
            return self._broken(found)
        if found.version == self._published:
            if self._told is not None:
                _log.info("%s can be used again", self._path.name)
            self._told = None
            return None
        try:
            publication = self._publish(found, actor=self._actor, reason=f"{self._path.name} changed")
        except AssignkitError as error:
            return self._broken(error)
        self._published, self._told = found.version, None
        _log.info("%s changed, rules %s are published: %s", self._path.name, found.version, publication.state)
        return Reload(publication)

    def _read(self) -> RuleSet | AssignkitError:
        """Return the rules, ready to decide, or why they cannot be used; unchanged files are not parsed again."""
        before, digest = None, None
        if self._last is not None:
            before, known = self._last
            digest = _digest(before)  # taken before the files are read: what changes meanwhile is seen the next time
            if digest is not None and digest == known:
                return before
        self._last = None
        found = self._parsed()
        if isinstance(found, RuleSet):
            same_files = before is not None and _names(before) == _names(found)
            self._last = found, digest if same_files else None
        return found

    def _parsed(self) -> RuleSet | AssignkitError:
        try:
            if self._path.exists() and not self._path.is_file() and not self._path.is_dir():
                msg = f"{self._path.name} is no regular file"
                return ConfigurationError(msg)  # reading it might never end
            rules = self._like.of_file(self._path)
            Rulebook.of(rules, seed="")
        except AssignkitError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever a file system can raise
            return ConfigurationError(f"{self._path.name} cannot be read: {type(error).__name__}: {error}")
        return rules

    def _is_new(self, seen: str) -> bool:
        """Return whether the look before saw something else."""
        before, self._glimpsed = self._glimpsed, seen
        return before != seen

    def _broken(self, error: AssignkitError) -> Reload | None:
        told = str(error)
        if told == self._told:
            return None
        self._told = told
        _log.error("%s cannot be used, the rules in force stay: %s", self._path.name, told)
        return Reload(diagnostics=error.diagnostics if isinstance(error, RuleError) else (), error=error)

    def _go_on(self, every_seconds: float) -> None:
        while not self._stopped.wait(every_seconds):
            try:
                self._once(patient=True)
            except Exception:  # noqa: BLE001 - the next look may fare better
                _log.exception("looking at %s failed", self._path.name)


def _names(rules: RuleSet) -> tuple[str, ...]:
    """Return the files that rules were read from."""
    return (*(name for name, _ in rules.texts.files), *(table.name for table in rules.texts.tables))


def _digest(rules: RuleSet) -> bytes | None:
    """Return a hash of what stands now in the files that rules were read from; None if one cannot be read."""
    total = hashlib.sha256()
    try:
        for path in map(Path, _names(rules)):
            if not path.is_file():
                return None
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
    except (OSError, ValueError):
        return None
    return total.digest()
