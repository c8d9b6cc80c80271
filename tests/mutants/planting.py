"""Mutants: bugs that somebody made once, each kept as a small change of the source that a test has to notice."""

from __future__ import annotations

import ast
import importlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("src/assignkit")
FOLDER = Path(__file__).with_name("planted")

PROMISES = {
    1: "one holder, rising fences",
    2: "a late actor changes nothing",
    3: "load is what is held, within the ceiling",
    4: "all of a unit of work, or none",
    5: "turns and shares are fair",
    6: "same key, same answer",
    7: "people's choices stay",
    8: "eligible at the commit",
    9: "what waits drains",
    10: "same input, same bytes",
    11: "an offer ends once",
    12: "no raw errors, bounded retries",
    13: "each change is told, no rollback is",
    14: "history rebuilds the state, tampering shows",
    18: "formatting keeps decisions and comments",
    19: "one recorded version of the rules",
}

# Bugs of real products: each is planted here, or its mutant says what it has to wait for.
KNOWN = (
    "a pointer is read, advanced and written without a lock",
    "count below the cap, then insert",
    "SKIP LOCKED within IN claims everything",
    "the pointer advances by a fixed batch",
    "a claim does not ask whether the item is free",
    "the quota is spent before a check that can abort",
    "automation overwrites a choice by hand",
    "the team as it was before the commit",
    "the rotation starts anew when members change",
    "who joins without a history gets a burst",
    "a decline leaves a single agent with nothing for ever",
    "an expiry overwrites an accept",
    "capacity is checked on one path only",
    "a cap per day in the server's zone",
    "the outbox is read by id above the last",
    "the owner of a locked item is cleared",
)


class AnchorError(AssertionError):
    """The text that a mutant changes is not in the source just once."""


@lru_cache(maxsize=64)  # many mutants are planted in the same files
def _meaning(text: str) -> str:
    return ast.dump(ast.parse(text))


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one file: `find` stands in it exactly once, and becomes `replace`."""

    file: str
    find: str
    replace: str

    @property
    def path(self) -> Path:
        """Where the file is, in a checkout."""
        return PACKAGE / self.file

    def applied(self, text: str) -> str:
        """Return the changed text; `AnchorError` if there is not one place to change, or nothing changes."""
        count = text.count(self.find)
        if count != 1:
            found = "is gone from" if not count else f"stands {count} times in"
            msg = f"the anchor {found} {self.file}:\n{self.find}"
            raise AnchorError(msg)
        changed = text.replace(self.find, self.replace)
        if _meaning(changed) == _meaning(text):
            msg = f"the mutant changes nothing in {self.file}"
            raise AnchorError(msg)
        return changed


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug: which promise it breaks, where, and which tests have to notice.

    One with `until` waits for a module, or a name in one (`assignkit.desk.desk:Desk.claim`): until then there is
    nothing to plant it in, as `bug` says.
    """

    name: str
    promise: int
    bug: str
    edits: tuple[Edit, ...] = ()
    tests: tuple[str, ...] = ()
    known: str | None = None
    until: str | None = None

    @classmethod
    def read(cls, path: Path) -> Mutant:
        """Return the mutant of a file; anything else in it is an error."""
        told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        told["edits"] = tuple(Edit(**edit) for edit in told.pop("edit", ()))
        told["tests"] = tuple(told.get("tests", ()))
        return cls(name=path.stem, **told)

    def texts(self, root: Path) -> dict[Path, str]:
        """Return the changed files with what stands in them now; `AnchorError` where a change does not fit."""
        texts: dict[Path, str] = {}
        for edit in self.edits:
            text = texts.get(edit.path) or (root / edit.path).read_text(encoding="utf-8")
            texts[edit.path] = edit.applied(text)
        return texts

    def is_due(self) -> bool:
        """Return whether the name that the mutant waits for is there."""
        module, _, attributes = (self.until or "").partition(":")
        try:
            found: Any = importlib.import_module(module)
        except ModuleNotFoundError:
            return False
        for attribute in filter(None, attributes.split(".")):
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
        return True


def mutants() -> list[Mutant]:
    """Return all mutants, by promise, then by name."""
    return sorted(map(Mutant.read, FOLDER.glob("*.toml")), key=lambda mutant: (mutant.promise, mutant.name))
