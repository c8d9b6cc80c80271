"""The texts that a rule set is made of, before anything is read in them."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from assignkit.diagnostics import Diagnostic
from assignkit.errors import ConfigurationError
from assignkit.rules.table_files import TableFile


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a rule set, each with its name; imported ones stand before those that import them.

    `problems` are what is wrong with the imports. From a text without a file nothing can be imported.
    """

    files: tuple[tuple[str, str], ...]
    problems: tuple[Diagnostic, ...] = ()
    from_disk: bool = False
    tables: tuple[TableFile, ...] = ()


def file_at(path: object) -> Path:
    """Return the path to a file; raises `ConfigurationError` for what is none."""
    if isinstance(path, str | PathLike):
        return Path(path)
    msg = f"a file is given by its path, not by {type(path).__name__}"
    raise ConfigurationError(msg)
