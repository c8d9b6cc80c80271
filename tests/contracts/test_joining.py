"""Joining a host's transaction: what the host does and what the desk does are kept together, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from assignkit import Agent, ConfigurationError, Desk, ManualClock, MemoryStore, NotFoundError, RuleSet
from assignkit.repositories.sql import SqlStore
from tests.contracts.conftest import MakeStore

RULES = RuleSet.from_text('rule "All"\n  assign to team "East" by round robin\n')


@pytest.fixture
def leads(engine: sa.Engine) -> sa.Table:
    """A table of the host's own."""
    table = sa.Table("leads", sa.MetaData(), sa.Column("id", sa.Text(), primary_key=True))
    table.drop(engine, checkfirst=True)
    table.create(engine)
    return table


@pytest.fixture
def desk(make_store: MakeStore) -> Desk:
    made = Desk(RULES, make_store(), clock=ManualClock(datetime(2026, 11, 21, 9, tzinfo=UTC)), seed="test")
    for name in ("li", "wu"):
        made.agents.add(Agent(id=name, teams={"East"}))
    return made


def count(engine: sa.Engine, leads: sa.Table) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(leads)).scalar_one())


def test_both_are_kept_when_the_host_commits(engine: sa.Engine, leads: sa.Table, desk: Desk) -> None:
    heard: list[str] = []
    desk.subscribe(lambda event: heard.append(event.item_id))
    with engine.begin() as connection:
        connection.execute(leads.insert().values(id="c1"))
        joined = desk.within(connection)
        assert joined.assign({"id": "c1"}).outcome == "assigned"
        assert joined.assign({"id": "c2"}).outcome == "assigned"
        connection.execute(leads.insert().values(id="c2"))
        assert heard == []
    assert count(engine, leads) == 2
    assert {desk.customers.get(one).owner for one in ("c1", "c2")} == {"li", "wu"}
    desk.assign({"id": "c3"})
    assert heard == ["c1", "c2", "c3"]


def test_neither_is_kept_when_the_host_rolls_back(engine: sa.Engine, leads: sa.Table, desk: Desk) -> None:
    def fail() -> None:
        with engine.begin() as connection:
            desk.within(connection).assign({"id": "c1"})
            connection.execute(leads.insert().values(id="c1"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count(engine, leads) == 0
    assert desk.history("c1") == []
    assert desk.publications() == []
    assert desk.customers.find("c1") is None
    assert desk.assign({"id": "c1"}).outcome == "assigned"


def test_what_a_host_rolls_back_is_not_remembered(engine: sa.Engine, desk: Desk) -> None:
    desk.assign({"id": "c0"})
    seen: list[str | None] = []

    def fail() -> None:
        with engine.begin() as connection:
            joined = desk.within(connection)
            seen.extend(joined.assign({"id": f"x{number}"}).agent_id for number in range(3))
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            fail()
    seen.extend(desk.assign({"id": f"c{number}"}).agent_id for number in range(1, 4))
    assert seen[:3] == seen[3:6] == seen[6:]


def test_what_a_host_takes_back_to_its_own_savepoint_is_not_known_any_more(engine: sa.Engine, desk: Desk) -> None:
    with engine.begin() as connection:
        joined = desk.within(connection)
        with connection.begin_nested() as savepoint:
            assert joined.assign({"id": "first"}).outcome == "assigned"
            savepoint.rollback()
        first = joined.assign({"id": "c1"})
        assert desk._store.within(connection).publications.texts(RULES.version) is not None
        with connection.begin_nested() as savepoint:
            joined.assign_many([{"id": "c1"}, {"id": "c2"}, {"id": "c3"}])
            joined.release("c1", actor="boss", reason="back")
            savepoint.rollback()
        with pytest.raises(NotFoundError):
            joined.customers.get("c2")
        second = joined.assign({"id": "c2"})
    third = desk.assign({"id": "c3"})
    assert [first.agent_id, second.agent_id, third.agent_id] in (["li", "wu", "li"], ["wu", "li", "wu"])
    assert [event.number for event in desk._store.history.since(0)] == [1, 2, 3]


def test_what_fails_at_the_desk_leaves_the_host_its_transaction(engine: sa.Engine, leads: sa.Table, desk: Desk) -> None:
    with engine.begin() as connection:
        joined = desk.within(connection)
        connection.execute(leads.insert().values(id="c1"))
        with pytest.raises(NotFoundError):
            joined.reassign("c1", "nobody", actor="boss", reason="why")
        joined.assign({"id": "c2"})
    assert count(engine, leads) == 1
    assert desk.customers.get("c2").owner is not None


def test_it_is_over_with_the_transaction(engine: sa.Engine, desk: Desk) -> None:
    with engine.begin() as connection:
        joined = desk.within(connection)
        joined.assign({"id": "c1"})
    with pytest.raises(ConfigurationError, match="is over"):
        joined.assign({"id": "c2"})


def test_there_has_to_be_a_transaction(engine: sa.Engine, desk: Desk) -> None:
    with engine.connect() as connection, pytest.raises(ConfigurationError, match="no transaction to join"):
        desk.within(connection)


def test_a_closed_connection_has_nothing_to_join(engine: sa.Engine, desk: Desk) -> None:
    with engine.begin() as connection:
        pass
    with pytest.raises(ConfigurationError, match="the connection is closed"):
        desk.within(connection)


def test_what_is_joined_is_a_connection(engine: sa.Engine, desk: Desk) -> None:
    for given in (None, 5, engine, Session(engine)):
        with pytest.raises(ConfigurationError, match="its SQLAlchemy `Connection`"):
            desk.within(given)
    with Session(engine) as session, session.begin():
        assert desk.within(session.connection()).assign({"id": "c1"}).outcome == "assigned"
    assert desk.customers.get("c1").owner is not None


def test_a_store_in_memory_has_nothing_to_join(engine: sa.Engine) -> None:
    with engine.begin() as connection, pytest.raises(ConfigurationError, match="use a SqlStore"):
        Desk(RULES, MemoryStore()).within(connection)


def test_a_connection_to_another_database_is_refused(engine: sa.Engine) -> None:
    other = SqlStore("sqlite://" if engine.dialect.name != "sqlite" else "postgresql://nowhere/none")
    with engine.begin() as connection, pytest.raises(ConfigurationError, match="the store is in"):
        other.within(connection)
    other.close()
