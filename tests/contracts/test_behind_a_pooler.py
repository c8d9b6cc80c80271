"""Nothing breaks behind a pooler that lends sessions for one transaction each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from assignkit.repositories.sql import SqlStore
from assignkit.testing import DeskContract
from tests.campaigns.catalogue import CAMPAIGNS
from tests.campaigns.playing import Place, run
from tests.campaigns.pooler import Pooler, pooler_for
from tests.postgres import Server

_tenants = itertools.count()


@pytest.fixture(scope="module")
def pooler(postgres: Server) -> Iterator[Pooler]:
    with closing(SqlStore(postgres.url)) as store:
        store.migrate()
    with pooler_for(postgres) as running:
        yield running


class TestDesksBehindAPooler(DeskContract):
    @pytest.fixture
    def store(self, pooler: Pooler) -> Iterator[SqlStore]:
        with closing(SqlStore(pooler.url, tenant=f"pooled {next(_tenants)}")) as store:
            yield store


@pytest.mark.parametrize("name", ["relays", "publishing"])
def test_campaigns_are_kept_behind_a_pooler(pooler: Pooler, postgres: Server, name: str) -> None:
    lent = pooler.lent
    place = Place("postgresql", postgres.url, postgres)  # the audit looks past the pooler
    place.url = pooler.url
    try:
        assert run(CAMPAIGNS[name], place, seed=11, rounds=1, full=False)
    finally:
        place.close()
    assert pooler.lent > lent + 100


def test_the_pooler_forgets_what_a_session_was_told(pooler: Pooler) -> None:
    with psycopg.connect(pooler.url, autocommit=True) as connection:
        connection.execute("SET work_mem = '7MB'")
        found = [connection.execute("SHOW work_mem").fetchone() for _ in range(pooler.sessions)]
        assert found.count(("7MB",)) == 1  # in the session that was told, which comes round again
        connection.prepare_threshold = 0
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            connection.execute("SELECT %s::int", [1])
