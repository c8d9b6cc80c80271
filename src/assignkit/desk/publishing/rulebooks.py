"""Which rules decide now: the desk's own, until others are published; each made ready once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from assignkit.desk.deciding.chains import Chains
from assignkit.desk.deciding.directory import Directory
from assignkit.desk.publishing.publications import Turn, turns
from assignkit.errors import ConfigurationError, NotFoundError, RuleError
from assignkit.model.publication import KeptTable, KeptTexts, PublishingAct
from assignkit.repositories.base import Store, Unit
from assignkit.rules.given_texts import Texts
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.table_files import TableFile
from assignkit.rules.version import version_of

_KEPT = 8


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One version of the rules with what a desk needs to decide by it."""

    rules: RuleSet
    chains: Chains
    directory: Directory
    seed: str
    spares: list[Directory] = field(default_factory=list)

    @classmethod
    def of(cls, rules: RuleSet, *, seed: str) -> Rulebook:
        """Make rules ready; `UnknownStrategyError` for an order that nobody registered."""
        chains = Chains(rules)
        chains.check()
        return cls(rules, chains, Directory(rules, seed=seed), seed)

    def borrow(self) -> Directory:
        """Return a directory that no other unit uses, until it is given back; on a store that many share."""
        try:
            return self.spares.pop()
        except IndexError:
            return Directory(self.rules, seed=self.seed)

    def give_back(self, directory: Directory) -> None:
        """Take a directory back, with all that it knows, for the next unit."""
        self.spares.append(directory)


class Loan:
    """The directory that one unit on a shared store uses, and what is to be believed of it when the unit is over.

    A unit that was overtaken is done again, maybe by other rules. What is seen within a host's transaction is for
    nobody else: such a directory is not lasting.
    """

    def __init__(self, *, lasting: bool) -> None:
        self._lasting = lasting
        self._book: Rulebook | None = None
        self._directory: Directory | None = None
        self._doubted = 0

    def of(self, book: Rulebook, store: Store, unit: Unit) -> Directory:
        """Return a directory of the rulebook for this attempt."""
        directory = self._directory
        if directory is not None:
            directory.notes.distrust(self._doubted)  # the attempt before this one was not kept
        if directory is None or book is not self._book:
            self.give_back()
            directory = book.borrow() if self._lasting else Directory(book.rules, seed=book.seed)
        self._book, self._directory = book, directory
        self._doubted = directory.share(store, unit)
        return directory

    def trusting(self) -> Callable[[], None]:
        """Return what is to be called when the unit is kept, however long that takes."""
        directory, doubted = self._directory, self._doubted

        def trust() -> None:
            if directory is not None:
                directory.notes.trust(doubted)

        return trust

    def begin_anew(self) -> None:
        """Let the next unit read everything again, as this one was interrupted."""
        if self._directory is not None:
            self._directory.begin_anew()

    def give_back(self) -> None:
        """Let the next unit have the directory."""
        if self._book is not None and self._directory is not None:
            if self._lasting:
                self._book.give_back(self._directory)
            else:
                self._directory.beside.clear()  # it may hold on to the directory
        self._book = self._directory = None


class Rulebooks:
    """The rulebooks of one desk, and what it knows of the store's log of publishing."""

    def __init__(self, made_with: RuleSet, *, seed: str) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._log: list[PublishingAct] = []
        self._turns: list[Turn] = []
        self.made_with = Rulebook.of(made_with, seed=seed)
        self._ready: dict[str, Rulebook] = {}

    def at(self, unit: Unit, now: datetime) -> Rulebook:
        """Return the rulebook in force at `now`; every desk on one store finds the same published version."""
        with self._lock:
            if not self._log and not unit.publications.since(0):
                return self.made_with  # nobody has published anything
            self._read(unit)
            version = next((turn.version for turn in reversed(self._turns) if turn.begins <= now), None)
            return self.made_with if version is None else self._book(unit, version)

    def log(self, unit: Unit) -> list[PublishingAct]:
        """Return the log of publishing, oldest first."""
        with self._lock:
            self._read(unit)
            return list(self._log)

    def of_version(self, unit: Unit, version: str) -> Rulebook:
        """Return the rulebook of a version; `NotFoundError` if its texts were never kept."""
        with self._lock:
            return self._book(unit, version)

    def make_ready(self, rules: RuleSet) -> None:
        """Keep rules that are at hand ready, as they are; raises as `Rulebook.of` does."""
        with self._lock:
            if rules.version != self.made_with.rules.version:
                self._ready.setdefault(rules.version, Rulebook.of(rules, seed=self._seed))

    def _read(self, unit: Unit) -> None:
        # The last known line comes along: if it has changed, a unit that wrote it was rolled back.
        known = len(self._log)
        fresh = unit.publications.since(max(known - 1, 0))
        if known and fresh[:1] == self._log[-1:]:
            fresh = fresh[1:]
        elif known:
            self._log, fresh = [], unit.publications.since(0)
        if fresh or len(self._log) != known:
            self._log.extend(fresh)
            self._turns = turns(self._log)

    def _book(self, unit: Unit, version: str) -> Rulebook:
        if version == self.made_with.rules.version:
            return self.made_with
        book = self._ready.get(version)
        if book is None:
            book = Rulebook.of(self._reread(unit, version), seed=self._seed)
            while len(self._ready) >= _KEPT:
                del self._ready[next(iter(self._ready))]
            self._ready[version] = book
        return book

    def _reread(self, unit: Unit, version: str) -> RuleSet:
        texts = unit.publications.texts(version)
        if texts is None:
            raise NotFoundError(noun="version of the rules", key=version)
        tables = tuple(TableFile(one.importer, one.written, one.name, one.rows) for one in texts.tables)
        again = Texts(texts.files, from_disk=True, tables=tables)
        if version_of(again, texts.schema) != version:
            msg = f"the texts that the store keeps of rules `{version}` are not those that were published"
            raise ConfigurationError(msg)
        try:
            return self.made_with.rules.of_texts(again)
        except RuleError as error:
            msg = f"the published rules `{version}` do not fit the schema of this desk: {error}"
            raise ConfigurationError(msg) from error


def kept(rules: RuleSet) -> KeptTexts:
    """Return all that a store has to keep of rules, so that they can be read again where their files are not."""
    tables = (KeptTable(one.importer, one.written, one.name, one.rows) for one in rules.texts.tables)
    return KeptTexts(rules.schema.fingerprint, rules.texts.files, tuple(tables))
