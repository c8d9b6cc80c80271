"""Rule files on disk, and what they import: only files beside or below the first one, each once."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from assignkit.diagnostics import Diagnostic, Severity, Source
from assignkit.errors import ConfigurationError, RuleSyntaxError
from assignkit.language.limits import Limits
from assignkit.language.parser import parse_bytes
from assignkit.language.syntax import ImportStatement, TableStatement, TextLiteral
from assignkit.messages.text import say
from assignkit.opening import open_to_read
from assignkit.rules import codes
from assignkit.rules.given_texts import Texts
from assignkit.rules.table_files import Rows, TableFile, read_table


def load_texts(path: Path, limits: Limits) -> Texts:
    """Return the texts of a file and of all that it imports.

    Raises `RuleSyntaxError` when the file itself cannot be read; what is wrong with imports is told in `problems`.
    """
    loading = _Loading(path.parent, limits)
    data = _read(path, limits)
    if not isinstance(data, bytes):
        raise RuleSyntaxError(diagnostics=[_unreadable(str(path), data)])
    loading.add(path, str(path), data)
    return Texts(tuple(loading.files), tuple(loading.problems), from_disk=True, tables=tuple(loading.tables))


def _unreadable(name: str, why: str) -> Diagnostic:
    return Diagnostic(codes.UNREADABLE, Severity.ERROR, say("meaning.cannot_be_read", name=name, why=why))


def _read(path: Path, limits: Limits) -> bytes | str:
    """Return the bytes of a file, or why it cannot be read; of one that is too large, one byte more than is allowed."""
    try:
        with open_to_read(path) as file:
            return file.read(limits.size + 1 if limits.size < sys.maxsize else -1)
    except FileNotFoundError:
        return say("meaning.no_such_file")
    except IsADirectoryError:
        return say("meaning.is_a_directory")
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)


def _read_error(error: OSError | ConfigurationError) -> str:
    if isinstance(error, FileNotFoundError):
        return say("meaning.no_such_file")
    if isinstance(error, ConfigurationError):
        return error.message
    return error.strerror or str(error)


@dataclass(slots=True)
class _Loading:
    base: Path
    limits: Limits
    files: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    tables: list[TableFile] = field(default_factory=list)
    _open: list[Path] = field(default_factory=list)
    _done: set[Path] = field(default_factory=set)
    _tables: dict[Path, Rows | str] = field(default_factory=dict)
    _taken: int = 0  # rows of tables

    def add(self, path: Path, name: str, data: bytes) -> None:
        """Add a file and, before it, what it imports."""
        result = parse_bytes(data, name, self.limits)
        real = path.resolve()
        self._open.append(real)
        for statement in result.file.statements:
            if isinstance(statement, ImportStatement):
                self._follow(path, result.file.source, statement.path)
            elif isinstance(statement, TableStatement) and statement.path is not None:
                self._read_table(path, result.file.source, statement.path)
        self._open.pop()
        self._done.add(real)
        if len(data) <= self.limits.size and _is_decoded(data):
            self.files.append((name, result.file.source.text))
        else:
            self.problems.extend(result.diagnostics)

    def _follow(self, importer: Path, source: Source, written: TextLiteral) -> None:
        target = importer.parent / written.value
        why = self._refusal(target, written.value)
        if why is None and target.resolve() not in self._done:
            data = _read(target, self.limits)
            if isinstance(data, bytes):
                self.add(target, str(target), data)
                return
            why = data
        if why is not None:
            message = say("meaning.cannot_be_imported", name=written.value, why=why)
            self.problems.append(source.diagnostic(codes.BAD_IMPORT, message, written.span))

    def _read_table(self, importer: Path, source: Source, written: TextLiteral) -> None:
        name = written.value
        target = importer.parent / name
        if Path(name).name != name or "\x00" in name or target.resolve().parent != importer.parent.resolve():
            why: str = say("meaning.beside_the_rules")
        else:
            rows = self._rows(target)
            if not isinstance(rows, str):
                self.tables.append(TableFile(source.name, name, str(target), rows))
                return
            why = rows
        message = say("meaning.cannot_be_read", name=name, why=why)
        self.problems.append(source.diagnostic(codes.TABLE_FILE, message, written.span))

    def _rows(self, target: Path) -> Rows | str:
        """Return the rows of a table, or why it cannot be read; a file that is named again is not read again."""
        if target not in self._tables:
            try:
                self._tables[target] = read_table(target, most=self.limits.table_rows)
            except (OSError, ConfigurationError) as error:
                self._tables[target] = _read_error(error)
        rows = self._tables[target]
        if isinstance(rows, str):
            return rows
        most = self.limits.table_rows - self._taken
        if len(rows) - 1 > most:
            return say("meaning.more_rows_than", most=most)
        self._taken += max(0, len(rows) - 1)
        return rows

    def _refusal(self, target: Path, written: str) -> str | None:
        """Return why a file may not be imported, or None."""
        if "\x00" in written:
            return say("meaning.no_such_name")
        try:
            real, base = target.resolve(), self.base.resolve()
        except (OSError, RuntimeError):
            return say("meaning.leads_nowhere")
        if not real.is_relative_to(base):
            return say("meaning.only_below")
        if real.exists() and not (real.is_file() or real.is_dir()):
            return say("meaning.no_regular_file_imported")  # a pipe would keep the reader waiting
        if real in self._open:
            return say("meaning.imports_itself" if real == self._open[-1] else "meaning.imported_in_circle")
        if len(self._open) >= _DEEPEST:
            return say("meaning.imports_too_deep", most=_DEEPEST)
        return None


_DEEPEST = 16


def _is_decoded(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
