"""Which rules were published, and their texts."""

from __future__ import annotations

import json

import sqlalchemy as sa

from assignkit.model.building import altered
from assignkit.model.publication import KeptTable, KeptTexts, PublishingAct
from assignkit.model.shadow import ShadowReport
from assignkit.repositories.sql.dialects import Database
from assignkit.repositories.sql.errors import OvertakenError
from assignkit.repositories.sql.mirroring import Mirror
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.statements import Statement, this
from assignkit.repositories.sql.tables import Tables

_COUNTER = "publications"


class PublicationStatements:
    """What is said to the database about published rules."""

    def __init__(self, tables: Tables, database: Database) -> None:
        dialect, texts, log, counters, seen = (
            database.dialect(),
            tables["rule_texts"],
            tables["publications"],
            tables["counters"],
            tables["shadows"],
        )
        counted = database.insert(counters).on_conflict_do_update(
            index_elements=list(counters.primary_key), set_={"value": counters.c.value + 1}
        )
        self.count_up = Statement(counted.returning(counters.c.value), dialect)
        self.insert = Statement(database.insert(log), dialect)
        self.keep = Statement(database.insert(texts).on_conflict_do_nothing(), dialect)
        kept = sa.select(database.document_text(texts.c.data)).where(this(texts.c.tenant), this(texts.c.version))
        self.texts = Statement(kept, dialect)
        above = log.c.number > sa.bindparam("above", type_=log.c.number.type)
        lines = sa.select(database.document_text(log.c.data)).where(this(log.c.tenant), above)
        self.since = Statement(lines.order_by(log.c.number), dialect)
        report = database.insert(seen)
        over = report.on_conflict_do_update(index_elements=list(seen.primary_key), set_={"data": report.excluded.data})
        self.keep_shadow = Statement(over, dialect)
        reports = sa.select(database.document_text(seen.c.data)).where(this(seen.c.tenant), this(seen.c.version))
        self.shadows = Statement(reports.order_by(seen.c.desk), dialect)


class SqlPublications:
    """Texts by version, and the log of publishing; its numbers come from a row that counts, as in the history."""

    def __init__(self, session: Session, statements: PublicationStatements) -> None:
        self._session = session
        self._knowledge = session.knowledge
        self._say = statements
        self._wrote = session.buffers.of("publications")  # whether this unit has written lines itself
        self._seen = session.buffers.of("publications seen")  # the number of the newest line that it knows

    def keep(self, version: str, texts: KeptTexts) -> None:
        """Keep the texts of a version; see `PublicationRepository.keep`."""
        self._session.count(self._say.keep, version=version, data=_json_of(texts))

    def texts(self, version: str) -> KeptTexts | None:
        """Return the texts of a version, or None; see `PublicationRepository.texts`."""
        row = self._session.row(self._say.texts, version=version)
        return None if row is None else _texts_of(row[0])

    def append(self, act: PublishingAct) -> PublishingAct:
        """Store the newest line of the log; see `PublicationRepository.append`.

        `OvertakenError` if the unit has read the log, and there are lines that it does not know.
        """
        if self._knowledge.assuming:
            self._knowledge.look()
        self._wrote.see("lines", value=True)
        if self._knowledge.mirror is not None:
            self._knowledge.mirror.lines = None
        number: int = self._session.rows(self._say.count_up, name=_COUNTER, value=1)[0][0]
        newest = self._seen.known.get(_COUNTER)
        if newest is not None and number != newest + 1:
            raise OvertakenError(what="log of publishing", expected=newest + 1, found=number)
        self._seen.see(_COUNTER, number)
        stored = altered(act, {"number": number})
        self._session.count(self._say.insert, number=number, data=stored.model_dump_json(exclude_none=True))
        return stored

    def since(self, number: int) -> list[PublishingAct]:
        """Return the lines with a higher number; see `PublicationRepository.since`."""
        lines = self._lines_above(number)
        if self._session.writing and (lines or number <= 0):
            self._seen.see(_COUNTER, lines[-1].number if lines else 0)
        return lines

    def _lines_above(self, number: int) -> list[PublishingAct]:
        mirror = None if self._wrote.known else self._knowledge.assumed() or self._looked()
        if mirror is None:
            return self._read(number)
        if mirror.lines is None:
            mirror.lines = self._read(0)
        return list(mirror.lines[max(number, 0) :])

    def _looked(self) -> Mirror | None:
        self._knowledge.look()
        return self._knowledge.remembered()

    def _read(self, number: int) -> list[PublishingAct]:
        return [PublishingAct.model_validate_json(row[0]) for row in self._session.rows(self._say.since, above=number)]

    def keep_shadow(self, desk: str, report: ShadowReport) -> None:
        """Keep what a desk has seen of a shadow; see `PublicationRepository.keep_shadow`."""
        data = report.model_dump_json()
        self._session.count(self._say.keep_shadow, version=report.shadow_version, desk=desk, data=data)

    def shadows(self, version: str) -> list[ShadowReport]:
        """Return what desks have seen of a shadow; see `PublicationRepository.shadows`."""
        return [
            ShadowReport.model_validate_json(row[0]) for row in self._session.rows(self._say.shadows, version=version)
        ]


def _json_of(texts: KeptTexts) -> str:
    tables = [(table.importer, table.written, table.name, table.rows) for table in texts.tables]
    return json.dumps({"schema": texts.schema, "files": texts.files, "tables": tables})


def _texts_of(data: str) -> KeptTexts:
    told = json.loads(data)
    files = tuple((name, text) for name, text in told["files"])
    tables = (
        KeptTable(importer, written, name, tuple(map(tuple, rows))) for importer, written, name, rows in told["tables"]
    )
    return KeptTexts(told["schema"], files, tuple(tables))
