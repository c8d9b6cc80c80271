"""Statements on PostgreSQL that are sent together: they wait for the server once, not each of them.

This is libpq's pipeline, by `psycopg.pq`. psycopg's own asks the operating system whether an answer is there after each
statement that it sends, which takes a client longer than all the rest of a decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.waiting import Ready, Wait

Row = tuple[Any, ...]
Seen = dict[str, int | bytes]  # by text: how often it came, or the name by which it is prepared

_MOST_SEEN = 500
_EXISTS, _UNKNOWN = "42P05", "26000"  # a statement by that name is prepared already, or is not


class Answer:
    """What a statement gave, as a cursor has it."""

    __slots__ = ("_reader", "_result")

    def __init__(self, result: pq.abc.PGresult, reader: Any) -> None:  # noqa: ANN401 - either of psycopg's two
        self._result = result
        self._reader = reader

    @property
    def rowcount(self) -> int:
        """How many rows were written, or read."""
        return self._result.command_tuples or 0

    def fetchall(self) -> list[Row]:
        """Return all rows."""
        self._reader.set_pgresult(self._result)
        rows: list[Row] = self._reader.load_rows(0, self._result.ntuples, tuple)
        return rows

    def fetchone(self) -> Row | None:
        """Return the first row, or None."""
        return next(iter(self.fetchall()), None)


class Pipeline:
    """Statements that are sent in one go, in this order; after one that fails, those that follow are passed over.

    A statement that came often enough on this connection is prepared there; `seen` is kept with the connection.
    """

    def __init__(self, driver: psycopg.Connection[Any], seen: Seen) -> None:
        self._driver = driver
        self._server = driver.pgconn
        self._seen = seen
        self._encoding = driver.info.encoding
        self._expected: list[str | None] = []  # of each result: the text that it prepares, or None for an answer

    def add(self, text: str, values: Sequence[object] | None) -> None:
        """Queue a statement; its parameters go as texts, and the server knows their types."""
        if not self._expected:
            self._enter()
        sent = [None if value is None else self._told(value) for value in values or ()]
        known = self._seen.get(text, 0)
        if isinstance(known, bytes):
            self._server.send_query_prepared(known, sent)
        elif self._driver.prepare_threshold is not None and known >= self._driver.prepare_threshold:
            name = _name_of(text)
            if text not in self._expected:  # else what was queued before prepares it
                self._server.send_prepare(name, text.encode(self._encoding))
                self._expected.append(text)
            self._server.send_query_prepared(name, sent)
        else:
            if len(self._seen) < _MOST_SEEN:
                self._seen[text] = known + 1
            self._server.send_query_params(text.encode(self._encoding), sent)
        self._expected.append(None)

    def finish(self) -> list[Answer]:
        """Send everything and return the answers; raises the error of the first statement that failed."""
        results = self._leave()
        reader = Transformer(self._driver)
        for result in results:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise error_from_result(result, encoding=self._encoding)
        return [Answer(result, reader) for text, result in zip(self._expected, results, strict=True) if text is None]

    def abandon(self) -> None:
        """Leave on the way of an error; what was queued may have been carried out."""
        if self._server.status == pq.ConnStatus.OK and self._server.pipeline_status != pq.PipelineStatus.OFF:
            self._leave()

    def _enter(self) -> None:
        if not self._driver.autocommit and self._server.transaction_status == pq.TransactionStatus.IDLE:
            self._driver.execute("SELECT 1")  # the driver begins a host's transaction by itself
        self._server.enter_pipeline_mode()

    def _told(self, value: object) -> bytes:
        told = (value if isinstance(value, str) else str(value)).encode(self._encoding)
        if b"\0" in told:
            msg = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
            raise psycopg.DataError(msg)
        return told

    def _leave(self) -> list[pq.abc.PGresult]:
        self._server.pipeline_sync()
        results = self._driver.wait(_exchanged(self._server))
        self._server.exit_pipeline_mode()
        for text, result in zip(self._expected, results, strict=False):
            self._note_prepared(text, result)
        return results

    def _note_prepared(self, text: str | None, result: pq.abc.PGresult) -> None:
        failed = result.status == pq.ExecStatus.FATAL_ERROR
        state = result.error_field(pq.DiagnosticField.SQLSTATE) if failed else None
        if state == _UNKNOWN.encode():  # somebody else uses the connection as well, and let go of what we prepared
            self._seen.clear()
            self._driver.prepare_threshold = None
        elif text is not None and (result.status == pq.ExecStatus.COMMAND_OK or state == _EXISTS.encode()):
            self._seen[text] = _name_of(text)


def _exchanged(server: pq.abc.PGconn) -> Generator[Wait, Ready | int, list[pq.abc.PGresult]]:
    """Send what is queued, and return what comes back before the server says that this was all."""
    while server.flush():
        if (yield Wait.RW) & Ready.R:
            server.consume_input()
    found: list[pq.abc.PGresult] = []
    while True:
        while server.is_busy():
            if (yield Wait.R):
                server.consume_input()
        result = server.get_result()  # None stands between those of two statements
        if result is not None and result.status == pq.ExecStatus.PIPELINE_SYNC:
            return found
        if result is not None:
            found.append(result)


def _name_of(text: str) -> bytes:
    return b"assignkit_" + hashlib.blake2b(text.encode(), digest_size=12).hexdigest().encode()
