"""A CRM with SQLAlchemy models keeps its own tables, and is decided in one transaction with them.

Run it: python examples/keep_your_own_tables_in_sql.py [URL of a database]
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Never

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from assignkit import (
    Agent,
    AlreadyExistsError,
    ConfigurationError,
    ConflictError,
    Customer,
    Desk,
    NotFoundError,
    Page,
    RuleSet,
)
from assignkit.repositories.listing import listed
from assignkit.repositories.sql import SqlStore

RULES = """
rule "Shanghai" when customer.province = "Shanghai"
  assign to team "East" by round robin
  otherwise hold in pool "Public"
rule "Elsewhere"
  hold in pool "Public"
pool "Public"
"""


class Base(DeclarativeBase):
    """The CRM's tables."""


class Employee(Base):
    """Somebody who works in sales."""

    __tablename__ = "employees"
    id: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str]
    max_accounts: Mapped[int | None]


class Account(Base):
    """A company that the CRM's users sell to."""

    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(primary_key=True)
    company: Mapped[str | None]
    province: Mapped[str | None]
    owner_id: Mapped[str | None]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - as SQLAlchemy has it


class Employees:
    """Employees as agents, made for each unit of work on its connection; the CRM alone writes them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._session = Session(connection)

    def find(self, id: str) -> Agent | None:
        """Return the agent, or None."""
        return _agent(self._session.get(Employee, id))

    def hold(self, id: str) -> Agent | None:
        """Return the agent, whom nobody changes until the unit of work ends."""
        return _agent(self._session.get(Employee, id, with_for_update={"read": True}))

    def get(self, id: str) -> Agent:
        """Return the agent; `NotFoundError` if there is none."""
        found = self.find(id)
        if found is None:
            raise NotFoundError(noun="agent", key=id)
        return found

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[Agent]:
        """Return agents."""
        found = [_agent(row) for row in self._session.scalars(sa.select(Employee))]
        return listed([agent for agent in found if agent is not None], filter, order, page)

    def add(self, record: Agent) -> Never:
        """Refuse: the CRM writes its own tables."""
        _refuse(record.id)

    def save(self, record: Agent) -> Never:
        """Refuse: the CRM writes its own tables."""
        _refuse(record.id)

    def remove(self, id: str) -> Never:
        """Refuse: the CRM writes its own tables."""
        _refuse(id)


class Accounts:
    """Accounts as customers. A decision writes their owner, in the same transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._session = Session(connection)

    def find(self, id: str) -> Customer | None:
        """Return the customer, or None."""
        row = self._session.get(Account, id)
        return None if row is None else _customer(row)

    def hold(self, id: str) -> Customer | None:
        """Return the customer, whom nobody changes until the unit of work ends."""
        row = self._session.get(Account, id, with_for_update=True)
        return None if row is None else _customer(row)

    def get(self, id: str) -> Customer:
        """Return the customer; `NotFoundError` if there is none."""
        return _customer(self._row(id))

    def list(
        self, filter: Mapping[str, Any] | None = None, order: str | Sequence[str] = "id", page: Page | None = None
    ) -> list[Customer]:
        """Return customers."""
        return listed(map(_customer, self._session.scalars(sa.select(Account))), filter, order, page)

    def add(self, record: Customer) -> Customer:
        """Write a new account."""
        if self._session.get(Account, record.id) is not None:
            raise AlreadyExistsError(noun="customer", key=record.id)
        row = Account(id=record.id, company=record.name, province=record.province, owner_id=record.owner)
        self._session.add(row)
        self._session.flush()  # at once; the unit of work commits
        return _customer(row)

    def save(self, record: Customer) -> Customer:
        """Write an account again, if nobody else has meanwhile."""
        row = self._row(record.id)
        if row.version != record.version:
            raise ConflictError(what=f"account `{row.id}`", expected=record.version, found=row.version)
        row.company, row.province, row.owner_id = record.name, record.province, record.owner
        self._session.flush()
        return _customer(row)

    def remove(self, id: str) -> None:
        """Delete an account."""
        self._session.delete(self._row(id))
        self._session.flush()

    def _row(self, id: str) -> Account:
        row = self._session.get(Account, id)
        if row is None:
            raise NotFoundError(noun="customer", key=id)
        return row


def _agent(row: Employee | None) -> Agent | None:
    if row is None:
        return None
    capacity = {} if row.max_accounts is None else {"customers": row.max_accounts}
    return Agent(id=row.id, teams=frozenset({row.team}), capacity=capacity)


def _customer(row: Account) -> Customer:
    return Customer(id=row.id, name=row.company, province=row.province, owner=row.owner_id, version=row.version)


def _refuse(id: str) -> Never:
    msg = f"employees are the CRM's own: change `{id}` there"
    raise ConfigurationError(msg)


def main(url: str = "sqlite://") -> dict[str, str | None]:
    """Make a tiny CRM, let its accounts be decided, and return who owns them in the CRM's own table."""
    logging.basicConfig(format="%(message)s")
    crm = logging.getLogger("crm")
    crm.setLevel(logging.INFO)
    in_memory: dict[str, Any] = {"poolclass": sa.StaticPool, "connect_args": {"check_same_thread": False}}
    engine = sa.create_engine(url, **(in_memory if url == "sqlite://" else {}))
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add_all([Employee(id="li", team="East", max_accounts=1), Employee(id="wu", team="East")])
        session.add_all([Account(id=f"c{number}", province="Shanghai") for number in range(3)])

    store = SqlStore(engine, agents=Employees, customers=Accounts)
    store.migrate()
    desk = Desk(RuleSet.from_text(RULES), store, seed="crm")
    for number in range(3):
        decision = desk.assign(f"c{number}")
        crm.info("c%d: %s %s", number, decision.outcome, decision.agent_id or decision.pool)

    with Session(engine) as session, session.begin():  # one transaction of the CRM's: the lead, and who gets it
        session.add(Account(id="lead", company="Bund Foods", province="Shanghai"))
        session.flush()
        desk.within(session.connection()).assign("lead")

    with Session(engine) as session:
        owners = {account.id: account.owner_id for account in session.scalars(sa.select(Account).order_by(Account.id))}
    crm.info("%s", owners)
    store.close()
    engine.dispose()
    return owners


if __name__ == "__main__":
    main(*sys.argv[1:])
